"""Records whose way up their tree ends in a lost reference to Issues, each with how many lie below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Issue
from salesrules.pack.pack import Pack
from salesrules.sources.cell_places import cell_places
from salesrules.sources.reads import REJECTED
from salesrules.sources.relations import AT
from salesrules.sources.tables import KEY
from salesrules.sources.trees import below


def uprooted(engine: Engine, pack: Pack, root: Path) -> Iterator[Issue]:
    """What has no place in the trees that records form, out of a database that `build` has filled.

    Args: root: the folder that the places of files start from.
    """
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        noted = _noted(engine, entity.id, parent) if parent else []
        if not noted or parent is None:
            continue
        parents = dict(engine.rows(f"SELECT {quoted(KEY)}, {quoted(parent)} FROM {quoted(entity.id)}"))
        spans = cell_places(engine, entity.id, [(at, parent) for at, _ in noted], root)
        for (_, key), span in zip(noted, spans, strict=True):
            words = {"name": key, "field": parent, "entity": entity.id, "below": str(len(below(parents, [key])) - 1)}
            yield Issue("tree.lost", span, words)


def _noted(engine: Engine, entity: str, parent: str) -> list[tuple[int, str]]:
    """The place and the key of each record whose reference upwards was emptied."""
    table, rejected = quoted(entity), quoted(REJECTED)
    wrong = f"entity = {literal(entity)} AND field = {literal(parent)} AND reason = 'reject.dangling'"
    places = f"SELECT place FROM {rejected} WHERE {wrong}"
    sql = f"SELECT {quoted(AT)}, {quoted(KEY)} FROM {table} WHERE {quoted(AT)} IN ({places}) ORDER BY 1"
    return [(at, key) for at, key in engine.rows(sql)]
