"""A table of members, a row each or a path each, to Members with the line that each stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.pack.dimensions import Dimension, Member, MemberTable
from salesrules.pack.label import Label
from salesrules.pack.word import Word
from salesrules.sources.org.periods import period, wrong_days
from salesrules.sources.raw.files import relation
from salesrules.sources.raw.lines import row_places
from salesrules.sources.rows.tables import DAYS, all_values, read_raw
from salesrules.sources.settings.bindings import Binding

_KNOWN = ("id", "parent", "label", "label_en", "label_zh", "names", "calendar", "from", "to", "becomes")
_BETWEEN = "|"  # stands between several names or successors in one cell


def members_from(
    engine: DuckDB, dimension: Dimension, table: MemberTable, binding: Binding, scratch: Path
) -> tuple[Member, ...]:
    """The members that the rows of a table are; a member may have several, each with its days.

    A column that is no part of a member is an attribute of it.
    Raises: PackError with every cell that cannot be read, or if nothing says which member lies below which.
    """
    if table.levels:
        return _labelled(dimension, table, tuple(_from_paths(engine, dimension, table, binding, scratch)))
    header = relation(engine, binding, scratch).columns
    if "parent" not in (*header, *binding.columns) and len(dimension.levels) != 1:
        # an empty column would make the tree flat, and what lies within a member would lie outside of it
        words = {"dimension": dimension.id, "file": binding.shown}
        raise PackError([Issue("dimension.no_parent_column", table.span, words)])
    mapped = set(binding.columns.values())
    attributes = [name for name in header if name not in _KNOWN and name not in mapped]
    attributes += [name for name in binding.columns if name not in _KNOWN]
    wanted = {name: name == "id" for name in (*_KNOWN, *attributes)}
    rows = _rows(engine, binding, wanted, scratch)
    spans = row_places(binding, table.file, len(rows))
    issues = [issue for row, span in zip(rows, spans, strict=True) for issue in _wrong(row, span, dimension)]
    if issues:
        raise PackError(issues)
    members = tuple(_member(row, span, attributes) for row, span in zip(rows, spans, strict=True))
    return _labelled(dimension, table, members)


def _labelled(dimension: Dimension, table: MemberTable, members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The members with the labels that the pack itself has for them.

    Raises: PackError with every label of what is no member.
    """
    ids = {member.id for member in members}
    unknown = [word for word in table.labels if word not in ids]
    if unknown:
        words = {"dimension": dimension.id}
        raise PackError(
            [
                Issue("dimension.unknown_member", word.span, {"name": str(word), **words}, near=nearest(word, ids))
                for word in unknown
            ]
        )
    return tuple(replace(member, label=table.labels.get(Word(member.id), member.label)) for member in members)


def _rows(engine: DuckDB, binding: Binding, wanted: dict[str, bool], scratch: Path) -> list[dict[str, Any]]:
    read_raw(engine, "raw members", binding, wanted, scratch, DAYS)
    rows = all_values(engine, "raw members")
    engine.rows('DROP TABLE "raw members"')
    return rows


def _wrong(row: Mapping[str, Any], span: Span, dimension: Dimension) -> Iterator[Issue]:
    """What of a row cannot be read."""
    if row["id"] is None:
        yield Issue("table.bad_cell", span, {"found": "", "column": "id", "table": dimension.id})
    wrong = list(wrong_days(row, span, dimension.id))
    yield from wrong
    start, end = (None, None) if wrong else period(row)
    if start is not None and end is not None and end <= start:
        words = {"name": row["id"] or "", "start": str(start), "end": str(end)}
        yield Issue("dimension.ends_before_start", span, words)


def _member(row: Mapping[str, Any], span: Span, attributes: Sequence[str]) -> Member:
    start, end = period(row)
    en, zh = (row[f"label_{lang}"] or row["label"] for lang in ("en", "zh"))
    return Member(
        row["id"],
        span,
        parent=Word(row["parent"], span) if row["parent"] else None,
        label=Label(en or zh, zh or en) if en or zh else None,
        names=tuple(_parts(row["names"])),
        attributes={name: row[name] for name in attributes if row[name] is not None},
        calendar=Word(row["calendar"], span) if row["calendar"] else None,
        from_=start,
        to=end,
        becomes=tuple(Word(part, span) for part in _parts(row["becomes"])),
    )


def _parts(text: str | None) -> list[str]:
    return [part for each in (text or "").split(_BETWEEN) if (part := each.strip())]


def _from_paths(
    engine: DuckDB, dimension: Dimension, table: MemberTable, binding: Binding, scratch: Path
) -> Iterator[Member]:
    """Members from rows that are paths from the top down; records may name the lowest by the column `value`."""
    wanted = dict.fromkeys((*table.levels, *([table.value] if table.value else [])), True)
    parents: dict[str, str | None] = {}
    names: dict[str, list[str]] = {}
    for row in _rows(engine, binding, wanted, scratch):
        path = [row[level] for level in table.levels]
        for parent, id in zip([None, *path], path, strict=False):  # one more above than below
            if parents.setdefault(id, parent) != parent:
                words = {"name": id, "dimension": dimension.id}
                raise PackError([Issue("dimension.two_parents", dimension.span, words)])
        if table.value and row[table.value]:
            names.setdefault(path[-1], []).append(row[table.value])
    for id, parent in parents.items():
        above = Word(parent, table.span) if parent is not None else None
        yield Member(id, table.span, above, names=tuple(names.get(id, ())))
