"""A question for a KPI to the rows behind it that the asker may sum up but not read, and to what is counted of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.expr.dialects import Dialect
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Aggregate, Leaf, Typed, leaves, nodes, parts
from salesrules.meaning import PERSON
from salesrules.meaning.reads import reads_of
from salesrules.pack.entities import Field
from salesrules.run.blocks import Kinds
from salesrules.run.query import Query
from salesrules.run.reads import closed, each_of, met_on, needed

_OF_ONE_ROW = ("min", "max", "median", "quantile")


@dataclass(frozen=True, slots=True)
class Unread:
    """The rows as a SELECT, and conditions on its columns, each of which is counted.

    `labels` are columns of text: whether a row may be summed up under each field that the asker may group the KPI by,
    whether the conditions of the formula hold on it, and what it has under these fields; the last alone are `fields`.
    `group` are columns too: the group that a row is in.

    `lasting` are counted for the blocks, the rows that lie in one first. Where `unread` in what the question needs,
    those `inside` may be summed up; of these, `beyond` are those that hide what no block knows of, `holding` those on
    which each condition of the formula holds, `alone` those that could be the one row whose value is told, and `small`
    those that must not be few.
    """

    select: str
    values: Mapping[str, Any]
    labels: tuple[str, ...]
    fields: tuple[str, ...]
    group: tuple[str, ...]
    lasting: tuple[str, ...]
    unread: str
    inside: str
    beyond: str
    holding: tuple[str, ...]
    alone: tuple[str, ...]
    small: tuple[str, ...]
    smallest: int

    @property
    def kinds(self) -> Kinds:
        """What blocks are made of: rows with the same labels are one kind."""
        counts = {f"n{at}": condition for at, condition in enumerate(self.lasting)}
        columns = [*self.labels, *(f"count(*) FILTER (WHERE {condition}) AS {n}" for n, condition in counts.items())]
        select = f"SELECT {', '.join(columns)} FROM ({self.select}) AS each WHERE {self.lasting[0]}"
        if self.labels:
            select += f" GROUP BY {', '.join(self.labels)}"
        cuts = (*((label,) for label in self.labels), *combinations(self.fields, 2))
        return Kinds(select, self.values, cuts, tuple(counts), self.smallest)


def unread_rows(
    snapshot: Snapshot, principal: Principal, measure: Measure, by: Sequence[Typed], dialect: Dialect
) -> Unread:
    """The rows behind a KPI in groups by some paths."""
    pack, entity, formula = snapshot.program.pack, measure.entity, measure.formula
    query, columns = Query(snapshot, principal, entity, dialect), _Columns()
    ways = _groupings(snapshot, principal, entity)
    always, asked = needed(pack, entity, measure.touched), needed(pack, entity, measure.touched, *by)
    lasting = tuple(dict.fromkeys((*always, *each_of(reads_of(pack, entity, *ways, keys=True)))))
    holds = [f"coalesce({query.expression(tree)}, FALSE)" for tree in _conditions(formula)]
    # named before anything that hangs on the groups, so that blocks know these columns in every question
    flags = _once(columns.name(sql) for sql in (*(met_on(query, (each,), "aggregate") for each in lasting), *holds))
    fields = _once(columns.name(query.expression(tree)) for tree in ways)
    group = tuple(columns.named(f"g{at}", query.expression(tree)) for at, tree in enumerate(by))
    shut = {each: f"NOT {columns.name(met_on(query, (each,), 'read'))}" for each in (*lasting, *asked)}
    counted = ["TRUE", *map(columns.name, _values(query, formula, of_one_row=False))]
    of_one_row = [columns.name(sql) for sql in _values(query, formula, of_one_row=True)]
    inside, held = columns.name(met_on(query, asked, "aggregate")), [columns.name(sql) for sql in holds]
    known = met_on(query, always, "aggregate")
    return Unread(
        columns.select(f"{query.source} WHERE {known}"),
        query.values,
        labels=_once((*flags, *fields)),
        fields=fields,
        group=group,
        lasting=_once(
            (_any(shut[e] for e in lasting), *(f"{shut[e]} AND {term}" for e in lasting for term in counted))
        ),
        unread=_any(shut[each] for each in asked),
        inside=inside,
        beyond=f"{inside} AND {_any(shut[each] for each in asked if each not in lasting)}",
        holding=_once(f"{inside} AND {condition}" for condition in held),
        alone=_once(f"{inside} AND {term}" for term in of_one_row),
        small=_once(f"{inside} AND {shut[each]} AND {term}" for each in asked for term in counted),
        smallest=max(pack.categories[read.category].smallest_group for each in lasting for read in each),
    )


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
    """The fields that blocks are cut by, of a record and of those that it refers to, the most wanted first.

    Choices that posts are bound to, other choices with the fewest members first, yes or no, and people. The later ones
    find blocks that cannot be cut any more, unless there are many rows.
    """
    pack, known = snapshot.program.pack, snapshot.program.meanings.vocabulary.fields
    scopes = {dimension for role in pack.roles.values() for dimension in role.scope}

    def place(field: Field) -> tuple[bool, bool, int]:
        members = len(snapshot.organisation.trees[field.dimension].names) if field.dimension else 2
        return field.dimension not in scopes, field.to == PERSON, members

    own = list(pack.entities[entity].fields.values())
    paths: list[tuple[Field, ...]] = [(f,) for f in own if f.type in ("member", "boolean") or f.to == PERSON]
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
    return list(dict.fromkeys(found))
