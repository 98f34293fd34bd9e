"""Records whose way up their tree ends in a lost reference to Issues, each with how many lie below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, Span
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.sources.org.trees import below
from salesrules.sources.raw.cell_places import cell_places
from salesrules.sources.raw.relations import AT
from salesrules.sources.rows.tables import KEY, lost_column


def uprooted(engine: Engine, pack: Pack, root: Path) -> Iterator[Issue]:
    """What has no place in the trees that records form; where they are read in place, at the entity in the pack.

    Args: root: the folder that the places of files start from.
    """
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        if parent is None:
            continue
        table, lost = quoted(entity.id), f"coalesce({quoted(lost_column(parent))}, FALSE)"
        keys = [key for (key,) in engine.rows(f"SELECT {quoted(KEY)} FROM {table} WHERE {lost} ORDER BY 1")]
        parents = dict(engine.rows(f"SELECT {quoted(KEY)}, {quoted(parent)} FROM {table}")) if keys else {}
        for key, span in zip(keys, parent_places(engine, entity, parent, keys, root), strict=True):
            words = {"name": key, "field": parent, "entity": entity.id, "below": str(len(below(parents, [key])) - 1)}
            yield Issue("tree.lost", span, words)


def parent_places(engine: Engine, entity: Entity, parent: str, keys: Sequence[str], root: Path) -> list[Span]:
    """Where each of these records says what is above it."""
    if not keys or AT not in engine.columns(quoted(entity.id)):
        return [entity.span] * len(keys)
    places = dict(engine.rows(f"SELECT {quoted(KEY)}, {quoted(AT)} FROM {quoted(entity.id)}"))
    return cell_places(engine, entity.id, [(places[key], parent) for key in keys], root)
