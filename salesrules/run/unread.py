"""A question for a KPI to counts of the rows behind it that the asker may sum up but not read, kind by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.engines.engine import Engine
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Aggregate, Leaf, Typed, leaves, nodes, parts
from salesrules.meaning import PERSON
from salesrules.meaning.reads import Read, reads_of
from salesrules.pack.entities import Field
from salesrules.run.blocks import Counts, Labels
from salesrules.run.query import Query
from salesrules.run.reads import Needed, closed, each_of, met_on, needed

_OF_ONE_ROW = ("min", "max", "median", "quantile")


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of rows of one kind in one group, all of them unread in something that the KPI needs.

    `lasting` are for the blocks, the rows themselves first. Of those unread in what the question needs, `hidden` are
    all, and `inside` those that may be summed up; of these again, `beyond` are those that hide what no block knows of,
    `holding` those on which each condition of the formula holds, `alone` those that could be the one row whose value
    is told, and `small` those that must not be few.
    """

    lasting: Counts
    hidden: Counts
    inside: Counts
    beyond: Counts
    holding: Counts
    alone: Counts
    small: Counts


@dataclass(frozen=True, slots=True)
class Unread:
    """The counts by kind of row and group of the question; `cuts` are places in a kind, the most wanted first.

    A kind is what a row has under the fields that the asker may group the KPI by, whether it may be summed up at all,
    and whether the conditions of the formula hold on it.
    """

    rows: tuple[tuple[Labels, Labels, Counted], ...]
    cuts: tuple[tuple[int, ...], ...]
    smallest: int


def count_unread(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: Sequence[Typed]
) -> Unread:
    """Count in one statement, unless the asker reads all that could be summed up."""
    pack, entity = snapshot.program.pack, measure.entity
    asked = needed(pack, entity, measure.touched, *by)
    if not any(snapshot.cell(principal, r.entity, "aggregate", r.category).allows for each in asked for r in each):
        return Unread((), (), 0)
    query = Query(snapshot, principal, entity, engine.dialect)
    fields = _groupings(snapshot, principal, entity)
    always = needed(pack, entity, measure.touched)
    lasting = tuple(dict.fromkeys((*always, *each_of(reads_of(pack, entity, *fields, keys=True)))))
    terms = [
        [query.expression(tree) for tree in fields],
        [met_on(query, (each,), "aggregate") for each in lasting],
        [f"coalesce({query.expression(tree)}, FALSE)" for tree in _conditions(measure.formula)],
        [query.expression(tree) for tree in by],
        [met_on(query, (each,), "read") for each in dict.fromkeys((*lasting, *asked))],
        ["TRUE", *_values(query, measure.formula, of_one_row=False)],
        _values(query, measure.formula, of_one_row=True),
        [met_on(query, asked, "aggregate")],
    ]
    names = [[f"{letter}{at}" for at in range(len(part))] for letter, part in zip("fahgrtoi", terms, strict=True)]
    columns = ", ".join(
        f"{sql} AS {name}" for part, of in zip(terms, names, strict=True) for sql, name in zip(part, of, strict=True)
    )
    field, allowed, holds, group, read, counted, alone, (inside,) = names
    shut = dict(zip(dict.fromkeys((*lasting, *asked)), (f"NOT {name}" for name in read), strict=True))
    counts = _conditions_of_counts(lasting, asked, shut, holds, counted, alone, inside)
    sql = (
        f"SELECT {', '.join([*field, *allowed, *holds, *group])}, "
        + ", ".join(f"count(*) FILTER (WHERE {condition})" for part in counts for condition in part)
        + f" FROM (SELECT {columns} FROM {query.source} WHERE {met_on(query, always, 'aggregate')}) AS each"
        + f" WHERE {' OR '.join(shut.values())} GROUP BY {', '.join([*field, *allowed, *holds, *group])}"
    )
    kind, widths = len(field) + len(allowed) + len(holds), [len(part) for part in counts]
    rows = []
    for row in engine.rows(sql, query.values):
        rest = iter(row[kind + len(group) :])
        rows.append((row[:kind], row[kind : kind + len(group)], Counted(*(tuple(islice(rest, n)) for n in widths))))
    ways, others = range(len(field)), range(len(field), kind)
    smallest = max(pack.categories[r.category].smallest_group for each in lasting for r in each)
    return Unread(tuple(rows), (*((at,) for at in (*others, *ways)), *combinations(ways, 2)), smallest)


def _conditions_of_counts(
    lasting: Needed,
    asked: Needed,
    shut: dict[frozenset[Read], str],
    holds: list[str],
    counted: list[str],
    alone: list[str],
    inside: str,
) -> tuple[list[str], ...]:
    """What each count of a `Counted` is of, part by part."""
    hidden = f"({' OR '.join(shut[each] for each in asked)})"
    within = f"{inside} AND {hidden}"
    beyond = " OR ".join(shut[each] for each in asked if each not in lasting) or "FALSE"
    return (
        [" OR ".join(shut[each] for each in lasting), *(f"{shut[each]} AND {t}" for each in lasting for t in counted)],
        [hidden],
        [within],
        [f"{within} AND ({beyond})"],
        [f"{within} AND {condition}" for condition in holds],
        [f"{within} AND {term}" for term in alone],
        [f"{inside} AND {shut[each]} AND {t}" for each in asked for t in counted],
    )


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
