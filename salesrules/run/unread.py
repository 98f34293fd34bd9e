"""A question for a KPI to the rows behind it that the asker may sum up but not read, and to what is counted of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.expr.dialects import Dialect
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Aggregate, Leaf, Typed, leaves, nodes, parts
from salesrules.meaning import PERSON
from salesrules.meaning.reads import Read, reads_of
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack
from salesrules.run.kinds import OUTSIDE, Count, Kinds
from salesrules.run.query import Query
from salesrules.run.reads import Needed, closed, each_of, met_on, needed

_ADDING = ("sum", "avg")
_OF_ONE_ROW = ("min", "max", "median", "quantile")


@dataclass(frozen=True, slots=True)
class Unread:
    """The rows as a SELECT, and conditions on its columns, each of which is counted.

    `labels` are columns of text: what a row has under each field that the asker may group the KPI by, where that may be
    summed up. `strata` are the conditions of the formula. `group` are columns too: the group that a row is in.

    `hiding` are rows that hide anything that any question may need, `counted` those of them that hide one cell and
    bring something to the figure, with the fields that need this cell, as in `Count`. `unread` are those that hide what
    this question needs, and `inside` those that count in it; of both, `beyond` are rows that hide what is not counted
    whatever is asked, and `alone` those that could be the one row whose value is told.
    """

    select: str
    values: Mapping[str, Any]
    ways: tuple[Leaf, ...]
    labels: tuple[str, ...]
    strata: tuple[str, ...]
    group: tuple[str, ...]
    hiding: str
    counted: tuple[tuple[str, frozenset[int] | None], ...]
    unread: str
    inside: str
    beyond: str
    alone: tuple[str, ...]
    smallest: int

    @property
    def kinds(self) -> Kinds:
        """Rows with the same labels, on which the same conditions hold, are one kind."""
        labels = {f"l{at}": label for at, label in enumerate(self.labels)}
        stratum = " || ".join(f"CASE WHEN {condition} THEN '1' ELSE '0' END" for condition in self.strata) or "''"
        counts = {f"n{at}": f"count(*) FILTER (WHERE {term})" for at, (term, _) in enumerate(self.counted)}
        columns = ", ".join(
            f"{sql} AS {name}" for name, sql in {**labels, "stratum": stratum, "n": "count(*)", **counts}.items()
        )
        by = ", ".join([*labels, "stratum"])
        select = f"SELECT {columns} FROM ({self.select}) AS each WHERE {self.hiding} GROUP BY {by}"
        of_cells = tuple(Count(name, fields) for name, (_, fields) in zip(counts, self.counted, strict=True))
        return Kinds(select, self.values, tuple(labels), "stratum", "n", of_cells, self.smallest)


def unread_rows(
    snapshot: Snapshot, principal: Principal, measure: Measure, by: Sequence[Typed], dialect: Dialect
) -> Unread:
    """The rows behind a KPI in groups by some paths."""
    pack, entity, formula = snapshot.program.pack, measure.entity, measure.formula
    query, columns = Query(snapshot, principal, entity, dialect), _Columns()
    ways = tuple(_groupings(snapshot, principal, entity))
    always, asked = needed(pack, entity, measure.touched), needed(pack, entity, measure.touched, *by)
    of_ways = {way: each_of(reads_of(pack, entity, way, keys=True)) for way in ways}
    lasting = tuple(dict.fromkeys((*always, *(each for way in ways for each in of_ways[way]))))
    # named before anything that hangs on the groups, so that these columns are the same in every question
    labels = tuple(columns.name(_label(query, needed(pack, entity, frozenset(), way), way)) for way in ways)
    strata = _once(columns.name(f"coalesce({query.expression(tree)}, FALSE)") for tree in _conditions(formula))
    group = tuple(columns.named(f"g{at}", query.expression(tree)) for at, tree in enumerate(by))
    shut = {each: f"NOT {columns.name(met_on(query, (each,), 'read'))}" for each in (*lasting, *asked)}
    counted = ["TRUE", *map(columns.name, _values(query, formula, of_one_row=False))]
    of_one_row = [columns.name(sql) for sql in _values(query, formula, of_one_row=True)]
    # sums of values that the asker reads, over rows whose group or filter is hidden: few ways add up to such a sum
    added = each_of(_added(pack, entity, formula))
    shown = " AND ".join(columns.name(met_on(query, (each,), "read")) for each in added)
    beside = [shut[each] for each in asked if each not in added]
    if added and beside:
        of_one_row.append(f"({shown} AND {_any(beside)})")
    inside = columns.name(met_on(query, asked, "aggregate"))
    known = met_on(query, always, "aggregate")
    return Unread(
        columns.select(f"{query.source} WHERE {known}"),
        query.values,
        ways,
        labels,
        strata,
        group,
        hiding=_any(shut[each] for each in lasting),
        counted=tuple(
            (f"{shut[each]} AND {term}", None if each in always else _fields(each, of_ways.values()))
            for each in lasting
            for term in counted
        ),
        unread=_any(shut[each] for each in asked),
        inside=inside,
        beyond=f"{inside} AND {_any(shut[each] for each in asked if each not in lasting)}",
        alone=_once(f"{inside} AND {term}" for term in of_one_row),
        smallest=max(pack.categories[read.category].smallest_group for each in lasting for read in each),
    )


def _added(pack: Pack, entity: str, formula: Typed) -> frozenset[Read]:
    """The cells whose values a formula adds up."""
    sums = [node for node in nodes(formula) if isinstance(node, Aggregate) and node.function in _ADDING]
    return reads_of(pack, entity, *(node.argument for node in sums))


def _label(query: Query, cells: Needed, way: Leaf) -> str:
    """What a row has under a field, as a text that is never null; OUTSIDE where that may not be summed up."""
    label = f"coalesce('=' || CAST({query.expression(way)} AS VARCHAR), 'none')"
    return f"CASE WHEN {met_on(query, cells, 'aggregate')} THEN {label} ELSE '{OUTSIDE}' END"


def _fields(cells: frozenset[Read], of_ways: Iterable[Needed]) -> frozenset[int]:
    return frozenset(at for at, each in enumerate(of_ways) if cells in each)


def _any(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(_once(conditions)) or 'FALSE'})"


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


class _Columns:
    """The columns of a SELECT: equal expressions are one of them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def select(self, source: str) -> str:
        """All of them, of the rows of a source."""
        return f"SELECT {', '.join(f'{sql} AS {name}' for sql, name in self._names.items())} FROM {source}"

    def name(self, sql: str) -> str:
        """The column of an expression."""
        return self._names.setdefault(sql, f"c{len(self._names)}")

    def named(self, name: str, sql: str) -> str:
        """A column with a name of its own."""
        return self._names.setdefault(f"({sql})", name)


def _groupings(snapshot: Snapshot, principal: Principal, entity: str) -> list[Leaf]:
    """The fields by which unread rows may be told in groups, of a record and of those that it refers to.

    The most wanted first: choices that posts are bound to, other choices with the fewest members first, yes or no,
    stages, and people. Of the later ones fewer groups are let through.
    """
    pack, known = snapshot.program.pack, snapshot.program.meanings.vocabulary.fields
    scopes = {dimension for role in pack.roles.values() for dimension in role.scope}

    def place(field: Field) -> tuple[bool, bool, int]:
        members = len(snapshot.organisation.trees[field.dimension].names) if field.dimension else 2
        return field.dimension not in scopes, field.to == PERSON, members

    own = list(pack.entities[entity].fields.values())
    paths: list[tuple[Field, ...]] = [(f,) for f in own if f.type in ("member", "boolean", "stage") or f.to == PERSON]
    beyond: list[tuple[Field, ...]] = [
        (f, there) for f in own if f.to for there in pack.entities[f.to].fields.values() if there.dimension
    ]
    found = []
    for path in sorted([*paths, *beyond], key=lambda path: place(path[-1])):
        at = entity if len(path) == 1 else path[0].to
        leaf = Leaf(known[str(at)][path[-1].id], "row", tuple(field.id for field in path))
        if not closed(snapshot, principal, needed(pack, entity, frozenset(), leaf), "aggregate"):
            found.append(leaf)
    return found


def _conditions(formula: Typed) -> list[Typed]:
    """The filters of a formula, and what its arguments ask: each parts the rows in two."""
    found: dict[Typed, None] = {}
    for aggregate in nodes(formula):
        if isinstance(aggregate, Aggregate):
            ahead = [*parts(aggregate)]
            while ahead:
                node = ahead.pop()
                if node.kind == BOOLEAN:
                    found[node] = None
                else:
                    ahead.extend(parts(node))
    return list(found)


def _values(query: Query, formula: Typed, of_one_row: bool) -> list[str]:
    """Conditions on the rows that bring a value to an aggregate; those `of_one_row` answer with one of these values."""
    found = []
    for node in nodes(formula):
        if isinstance(node, Aggregate) and (node.function in _OF_ONE_ROW) == of_one_row:
            where = f"({query.expression(node.where)}) IS TRUE" if node.where is not None else "TRUE"
            read = [leaf for leaf in leaves(node.argument) if leaf.root == "row"] if node.argument else []
            values = [node.argument, *(leaf for leaf in read if not leaf.part.startswith("many "))]
            found += [f"({where} AND {query.expression(v)} IS NOT NULL)" for v in values if v is not None] or [where]
            if node.argument is not None and node.function in _ADDING:  # who knows that others add nothing knows these
                found.append(f"({where} AND {query.expression(node.argument)} <> 0)")
    return list(dict.fromkeys(found))
