"""A pack and its settings to the engine that holds its records: the cache, or the database of a client."""

from __future__ import annotations

from collections.abc import Sequence

from salesrules.engines.engine import Engine
from salesrules.issue import Issue, PackError
from salesrules.meaning.computed import Computation
from salesrules.pack.pack import Pack
from salesrules.sources.cache import open_data
from salesrules.sources.settings.bindings import Settings
from salesrules.sources.settings.in_place_settings import in_place


def open_records(pack: Pack, settings: Settings, computed: Sequence[Computation]) -> Engine:
    """The records of a pack, wherever they lie.

    Args: computed: the fields that no column holds, each after those that it reads.

    Raises: PackError if a source cannot be read.
    """
    database = in_place(pack, settings)
    if database is None:
        return open_data(pack, settings, computed)
    try:  # who reads files only needs no driver
        from salesrules.sources.client.in_place import open_in_place
    except ImportError as error:
        words = {"file": database.name, "extra": "postgres"}
        raise PackError([Issue("source.needs_extra", database.span, words)]) from error
    return open_in_place(pack, settings, database, computed)
