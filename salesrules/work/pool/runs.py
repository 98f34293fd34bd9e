"""A pool to what keeps it from running, although the checks have passed it."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.pack.followed import owned
from salesrules.pack.pack import Pack
from salesrules.pack.pools import Pool
from salesrules.work.pool.parts import split_by


def cannot_run(pack: Pack, pool: Pool) -> Iterator[str]:
    """The code of each thing that stands in the way."""
    entity = pack.entities[str(pool.entity)]
    if not owned(entity) or len(entity.key) != 1:
        yield "pool.no_owner"
    if pool.per is not None and split_by(pack, entity, pool.per.partition("/")[0]) is None:
        yield "pool.no_place"
