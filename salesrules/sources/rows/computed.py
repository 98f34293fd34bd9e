"""Computations to columns of the typed tables, so that a computed field is a column like any other from there on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted, to_sql
from salesrules.expr.typed import Leaf, leaves
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.meaning.computed import Classified, Computation, Staged
from salesrules.pack.entities import Entity
from salesrules.sources.org.members import EVERYTHING
from salesrules.sources.org.trees import read_tree
from salesrules.sources.rows.joins import Joins
from salesrules.sources.rows.places import Places
from salesrules.sources.rows.storage import member_type
from salesrules.sources.rows.tables import KEY, line_column

_PLACES = ("lft", "rgt", "depth")


def compute(engine: DuckDB, tables: Mapping[str, Entity], computed: Sequence[Computation], day: date) -> None:
    """Add every computed field to its table, and beside a classified one the line that said it, from 0.

    Args: computed: each after those that it reads. day: that of the trees which `within` asks.

    Raises: PackError with every line that names no member.
    """
    must_be_known(engine, computed)
    for each in computed:
        select = with_field(engine, tables, each, day)
        engine.rows(f"CREATE OR REPLACE TABLE {quoted(each.entity)} AS {select}")


def must_be_known(engine: Engine, computed: Sequence[Computation]) -> None:
    """Refuse lines that name no member of the database.

    Raises: PackError with all of them.
    """
    if issues := [issue for each in computed for issue in _unknown(engine, each)]:
        raise PackError(issues)


def with_field(engine: Engine, tables: Mapping[str, Entity], each: Computation, day: date) -> str:
    """The query for the rows of a table with one computed field more.

    Args: tables: each with the name that it goes by now, and with every field that this one reads.
    """
    if isinstance(each, Classified):
        return _classified(engine, tables, each, day)
    return _followed(engine, tables, each)


def hangs_on_the_day(computed: Sequence[Computation]) -> bool:
    """Whether a line asks where something lies in a tree, which may be elsewhere on another day."""
    conditions = (condition for each in computed for condition in each.conditions)
    return any(leaf.part in _PLACES for condition in conditions for leaf in leaves(condition))


def _unknown(engine: Engine, each: Computation) -> Iterator[Issue]:
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


def _classified(engine: Engine, tables: Mapping[str, Entity], each: Classified, day: date) -> str:
    rows = Joins(tables, each.entity, "t", Places(day, frozenset()))

    def name_of(leaf: Leaf) -> str:
        if leaf.root == "row":
            return rows.column(leaf.path, leaf.part)
        return _place(engine, leaf, day)

    conditions = [f"({to_sql(condition, name_of, engine.dialect)}) IS TRUE" for condition in each.conditions]
    number = _case(zip(conditions, map(str, range(len(conditions))), strict=True))
    line = quoted(line_column(each.field.id))
    members = ", ".join(literal(str(rule.is_)) for _, rule in each.lines)
    member = f"(ARRAY[{members}])[{line} + 1]" if members else "NULL"  # the conditions are asked once
    lined = f"SELECT t.*, CAST({number} AS INTEGER) AS {line} FROM {rows.clause}"
    return f"SELECT lined.*, {_member(engine, each, member)} FROM ({lined}) AS lined"


def _followed(engine: Engine, tables: Mapping[str, Entity], each: Staged) -> str:
    table, through = (quoted(tables[name].id) for name in (each.entity, each.through))
    stage = quoted(each.way.stage)
    if each.way.reference is None:
        member = _case((f"t.{stage} = {literal(id)}", literal(name)) for id, name in each.members.items())
        return f"SELECT t.*, {_member(engine, each, member)} FROM {table} AS t"
    ranks: dict[str, int] = {}
    for name in each.members.values():
        ranks.setdefault(name, len(ranks))
    rank = _case((f"{stage} = {literal(id)}", str(ranks[name])) for id, name in each.members.items())
    furthest = f"SELECT {quoted(each.way.reference)} AS id, max({rank}) AS rank FROM {through} GROUP BY 1"
    member = _case((f"furthest.rank = {at}", literal(name)) for name, at in ranks.items())
    joined = f"{table} AS t LEFT JOIN ({furthest}) AS furthest ON furthest.id = t.{quoted(KEY)}"
    return f"SELECT t.*, {_member(engine, each, member)} FROM {joined}"


def _case(lines: Iterator[tuple[str, str]]) -> str:
    """What the first true condition says, null where none is."""
    whens = [f"WHEN {condition} THEN {value}" for condition, value in lines]
    return f"CASE {' '.join(whens)} END" if whens else "NULL"


def _member(engine: Engine, each: Computation, value: str) -> str:
    type_ = member_type(str(each.field.dimension)) if engine.dialect.choices else engine.dialect.types["member"]
    return f"CAST({value} AS {type_}) AS {quoted(each.field.id)}"


def _place(engine: Engine, leaf: Leaf, day: date) -> str:
    """The place of a declared member or record, null where it is not there on the day."""
    place = read_tree(engine, leaf.root.removeprefix("member:")).on(day).get(leaf.path[0])
    found = place[_PLACES.index(leaf.part)] if place is not None else None
    return f"CAST({literal(found)} AS {engine.dialect.types['integer']})"
