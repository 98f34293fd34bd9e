"""Rows that hide something to kinds of them: how many rows have the same labels under every field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from salesrules.engines.engine import Engine, Statements
from salesrules.run.leverage import Codes, Numbers

OUTSIDE = ""
"""The label of a row that is not counted in a grouping, because what it is grouped by may not be summed up."""


@dataclass(frozen=True, slots=True)
class Count:
    """A column of how many rows hide a cell, and the fields, by place, that need it; None if the figure does."""

    column: str
    fields: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Kinds:
    """A SELECT of kinds of rows: columns of text, those of the most wanted field first, and counts.

    `stratum` is text too: rows of two strata are told apart by the formula itself. `rows` is the count of the rows;
    the others are those that hide one cell and bring something to the figure, and of none of these may fewer than
    `smallest` be told by groupings that look at that cell.
    """

    select: str
    values: Mapping[str, Any]
    labels: tuple[str, ...]
    stratum: str
    rows: str
    counts: tuple[Count, ...]
    smallest: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Kinds as numbers: for each field the code of the label of every kind and what codes stand for, and the rows.

    `counted` are the rows of each kind that must not be told singly, in each stratum and by each count once, with the
    fields by which a grouping tells of them; None if all do.
    """

    codes: tuple[Codes, ...]
    names: tuple[tuple[str, ...], ...]
    rows: Numbers
    counted: tuple[tuple[frozenset[int] | None, Numbers], ...]


def read_kinds(engine: Engine, kinds: Kinds) -> Cells:
    """Read them; the text stays where it is, but for each label once."""
    texts = (*kinds.labels, kinds.stratum)
    with engine.together() as rows:
        rows(f"CREATE TEMPORARY TABLE kinds AS {kinds.select}", kinds.values)
        names = [sorted(name for (name,) in rows(f"SELECT DISTINCT {text} FROM kinds")) for text in texts]
        found = np.array(_numbers(rows, kinds, texts, names), np.int64).reshape(-1, len(texts) + 1 + len(kinds.counts))
    *codes, stratum = found.T[: len(texts)]
    rows_of, *counts = found.T[len(texts) :].astype(np.float64)
    counted: dict[bytes, tuple[frozenset[int] | None, Numbers]] = {}
    for count, numbers in zip(kinds.counts, counts, strict=True):
        for at in range(len(names[-1])):
            each = numbers * (stratum == at)
            if each.any():
                fields, _ = counted.get(each.tobytes(), (frozenset(), each))
                both = None if fields is None or count.fields is None else fields | count.fields
                counted[each.tobytes()] = both, each
    return Cells(tuple(codes), tuple(map(tuple, names[:-1])), rows_of, tuple(counted.values()))


def _numbers(rows: Statements, kinds: Kinds, texts: tuple[str, ...], names: list[list[str]]) -> list[tuple[int, ...]]:
    """The code of each text of each kind, and its counts."""
    joins = " ".join(
        f"JOIN (SELECT unnest(CAST($name{at} AS VARCHAR[])) AS name, unnest(CAST($code{at} AS INTEGER[])) AS code)"
        f" AS of{at} ON of{at}.name = kinds.{text}"
        for at, text in enumerate(texts)
    )
    values: dict[str, Any] = {f"name{at}": each for at, each in enumerate(names)}
    values |= {f"code{at}": list(range(len(each))) for at, each in enumerate(names)}
    codes = ", ".join(f"of{at}.code" for at in range(len(texts)))
    counts = ", ".join([kinds.rows, *(count.column for count in kinds.counts)])
    return rows(f"SELECT {codes}, {counts} FROM kinds {joins}", values)
