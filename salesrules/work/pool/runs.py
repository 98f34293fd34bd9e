"""A pool to what keeps it from running, although the checks have passed it."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.access.snapshot import Snapshot
from salesrules.expr.typed import Leaf, Lookup, Related, Typed, nodes
from salesrules.expr.worked import DAYS, HOURS
from salesrules.pack.followed import owned
from salesrules.pack.pack import Pack
from salesrules.pack.pools import Pool
from salesrules.work.pool.parts import split_by

_AT_HAND = ("row", "candidate", "post", "today", "state", "many")


def cannot_run(snapshot: Snapshot, pool: Pool) -> Iterator[str]:
    """The code of each thing that stands in the way."""
    pack, trees = snapshot.program.pack, snapshot.program.meanings.conditions
    entity = pack.entities[str(pool.entity)]
    if not owned(entity) or len(entity.key) != 1:
        yield "pool.no_owner"
    if pool.per is not None and split_by(pack, entity, pool.per.partition("/")[0]) is None:
        yield "pool.no_place"
    said = (pool.members, pool.claim.per_day, pool.claim.hold_max, pool.claim.not_counted)
    if any(_beyond(pack, trees[each]) for each in said if each is not None):
        yield "pool.not_yet"


def _beyond(pack: Pack, tree: Typed) -> bool:
    """Whether an expression asks for what is not at hand when a pool is looked into."""
    return any(
        (isinstance(node, Leaf) and node.root not in _AT_HAND and not node.root.startswith("member:"))
        or (isinstance(node, Leaf) and (node.kind.name == "list" or node.part.startswith("each ")))
        or (isinstance(node, Lookup) and node.table not in (*pack.tables, DAYS, HOURS))
        or (isinstance(node, Related) and node.rows.root != "row")
        for node in nodes(tree)
    )
