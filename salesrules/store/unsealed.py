"""A Batch to the facts that it is made of, one by one: what a small run is kept as, and what a segment stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesrules.store.chain import from_json
from salesrules.store.facts import Batch, Decision, Event

_TEXTS = ("key", "rule", "person", "pool", "values")


def header(batch: Batch, more: Mapping[str, Any] | None = None) -> Decision:
    """The decision that holds what all records of a run share; it is about none of them."""
    detail = {**batch.shared, **(more or {})}
    texts = (batch.run, batch.at, batch.entity, "", batch.assignment, "", None, None, batch.release, batch.seed)
    return Decision(*texts, detail)


def unsealed(batch: Batch) -> tuple[list[Event], list[Decision]]:
    """The events of a batch, and its decisions with the one before them that holds what they share."""
    events, decisions = [], [header(batch)]
    for row in _rows(batch):
        key, rule, person, pool, values = (row.pop(name) for name in _TEXTS)
        by = f"{batch.assignment}/{rule}"
        events.append(Event(batch.at, batch.entity, key, batch.kind, batch.actor, from_json(values), by, batch.release))
        texts = (batch.run, batch.at, batch.entity, key, batch.assignment, rule, person, pool)
        decisions.append(Decision(*texts, batch.release, batch.seed, row))
    return events, decisions


def _rows(batch: Batch) -> Iterator[dict[str, Any]]:
    names = list(batch.columns)
    columns = (each.tolist() if hasattr(each, "tolist") else each for each in batch.columns.values())
    return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
