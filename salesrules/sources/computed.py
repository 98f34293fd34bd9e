"""Computations to columns of the typed tables, so that a computed field is a column like any other from there on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal, quoted, to_sql
from salesrules.expr.typed import Leaf, leaves
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.meaning.computed import Classified, Computation, Staged
from salesrules.pack.entities import Entity
from salesrules.sources.joins import Joins
from salesrules.sources.members import EVERYTHING
from salesrules.sources.places import Places
from salesrules.sources.storage import member_type
from salesrules.sources.tables import KEY, line_column
from salesrules.sources.trees import read_tree

_PLACES = ("lft", "rgt", "depth")


def compute(engine: DuckDB, tables: Mapping[str, Entity], computed: Sequence[Computation], day: date) -> None:
    """Add every computed field to its table, and beside a classified one the line that said it, from 0.

    Args: computed: each after those that it reads. day: that of the trees which `within` asks.

    Raises: PackError with every line that names no member.
    """
    if issues := [issue for each in computed for issue in _unknown(engine, each)]:
        raise PackError(issues)
    for each in computed:
        if isinstance(each, Classified):
            _classify(engine, tables, each, day)
        else:
            _follow(engine, each)


def hangs_on_the_day(computed: Sequence[Computation]) -> bool:
    """Whether a line asks where something lies in a tree, which may be elsewhere on another day."""
    conditions = (condition for each in computed for condition in each.conditions)
    return any(leaf.part in _PLACES for condition in conditions for leaf in leaves(condition))


def _unknown(engine: DuckDB, each: Computation) -> Iterator[Issue]:
    """The members that are none: the pack could not know where they are read from a table."""
    dimension = str(each.field.dimension)
    known = read_tree(engine, dimension).names - {EVERYTHING}
    said: dict[str, Span] = (
        {rule.is_: rule.is_.span for _, rule in each.lines}
        if isinstance(each, Classified)
        else dict.fromkeys(each.members.values(), each.field.span)
    )
    for name, span in said.items():
        if name not in known:
            words = {"name": str(name), "dimension": dimension}
            yield Issue("dimension.unknown_member", span, words, near=nearest(name, known))


def _classify(engine: DuckDB, tables: Mapping[str, Entity], each: Classified, day: date) -> None:
    rows = Joins(tables, each.entity, "t", Places(day, frozenset()))

    def name_of(leaf: Leaf) -> str:
        if leaf.root == "row":
            return rows.column(leaf.path, leaf.part)
        return _place(engine, leaf, day)

    conditions = [f"({to_sql(condition, name_of)}) IS TRUE" for condition in each.conditions]
    number = _case(zip(conditions, map(str, range(len(conditions))), strict=True))
    members = _case(
        (f"{quoted(line_column(each.field.id))} = {at}", literal(str(rule.is_)))
        for at, (_, rule) in enumerate(each.lines)
    )
    line = quoted(line_column(each.field.id))
    lined = f"SELECT t.*, CAST({number} AS INTEGER) AS {line} FROM {rows.clause}"
    _rewrite(engine, each, f"SELECT *, {_member(each, members)} FROM ({lined})")


def _follow(engine: DuckDB, each: Staged) -> None:
    ranks: dict[str, int] = {}
    for member in each.members.values():
        ranks.setdefault(member, len(ranks))
    stage = quoted(each.way.stage)
    rank = _case((f"{stage} = {literal(id)}", str(ranks[member])) for id, member in each.members.items())
    member = _case((f"rank = {at}", literal(name)) for name, at in ranks.items())
    if each.way.reference is None:
        ranked = f"SELECT *, {rank} AS rank FROM {quoted(each.entity)}"
        _rewrite(engine, each, f"SELECT * EXCLUDE (rank), {_member(each, member)} FROM ({ranked})")
        return
    furthest = f"SELECT {quoted(each.way.reference)} AS id, max({rank}) AS rank FROM {quoted(each.through)} GROUP BY 1"
    joined = f"{quoted(each.entity)} AS t LEFT JOIN ({furthest}) AS furthest ON furthest.id = t.{quoted(KEY)}"
    _rewrite(engine, each, f"SELECT t.*, {_member(each, member)} FROM {joined}")


def _case(lines: Iterator[tuple[str, str]]) -> str:
    """What the first true condition says, null where none is."""
    whens = [f"WHEN {condition} THEN {value}" for condition, value in lines]
    return f"CASE {' '.join(whens)} END" if whens else "NULL"


def _member(each: Computation, value: str) -> str:
    return f"CAST({value} AS {member_type(str(each.field.dimension))}) AS {quoted(each.field.id)}"


def _rewrite(engine: DuckDB, each: Computation, select: str) -> None:
    engine.rows(f"CREATE OR REPLACE TABLE {quoted(each.entity)} AS {select}")


def _place(engine: DuckDB, leaf: Leaf, day: date) -> str:
    """The place of a declared member or record, null where it is not there on the day."""
    place = read_tree(engine, leaf.root.removeprefix("member:")).on(day).get(leaf.path[0])
    found = place[_PLACES.index(leaf.part)] if place is not None else None
    return f"CAST({literal(found)} AS {DUCKDB.types['integer']})"
