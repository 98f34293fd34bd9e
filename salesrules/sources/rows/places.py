"""Trees to columns beside the records: the place of each member and reference, so that `within` needs no join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.lex import Flaw, tokens_of
from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Entity, Field
from salesrules.pack.pack import Pack
from salesrules.sources.org.trees import tree_name
from salesrules.sources.rows.tables import count_rows

_DAY = "#carried"
_BITS = 10  # of each place; more cells than that would be smaller than what an engine skips at once
_MOST = 3  # places that one order can keep together
_AT_ONCE = 122_880  # rows that DuckDB reads or skips together: of fewer it skips none, in whatever order they lie


@dataclass(frozen=True, slots=True)
class Places:
    """A day, and the trees whose places on that day stand beside the records themselves.

    `written` says that references stand beside the records as they are written, even if they lead nowhere.
    """

    day: date
    carried: frozenset[str]
    written: bool = False


def place_column(field: str) -> str:
    """The column beside a member or reference that has its `lft`."""
    return f"#lft {field}"


def carry(engine: DuckDB, pack: Pack, tables: Mapping[str, Entity], day: date) -> None:
    """Put the places of a day beside the records, and records that lie close in their trees close together.

    A place is null where the member is not in its tree on that day.
    """
    for table in tables.values():
        trees = {field.id: tree for field in table.fields.values() if (tree := _tree_of(pack, table, field))}
        if trees:
            _carry(engine, table.id, trees, _asked(pack, table.id, trees), day)
    engine.insert(_DAY, {"day": [day]})


def carry_none(engine: Engine) -> None:
    """Note that the records carry no places: those that are read in place are not ours to add to."""
    engine.insert(_DAY, {"day": []}, {"day": "DATE"})


def carried_day(engine: Engine) -> date | None:
    """The day whose places the records of a database carry, if they do."""
    found = engine.rows(f"SELECT day FROM {quoted(_DAY)}")
    return found[0][0] if found else None


def _tree_of(pack: Pack, table: Entity, field: Field) -> str | None:
    """The tree that a field points into; a key is the record itself, of which there are few where they form a tree."""
    if field.type == "member":
        return str(field.dimension)
    grows = field.type == "ref" and field.to is not None and pack.tree_of(field.to) is not None
    return str(field.to) if grows and field.id not in table.key else None


def _asked(pack: Pack, entity: str, fields: Iterable[str]) -> list[str]:
    """The fields that slices name most: their places decide which records lie together."""
    said: Counter[str] = Counter()
    for slice_ in pack.slices.values():
        condition = slice_.on(entity)
        said.update(_names(condition.text) if condition is not None else ())
    return [name for name, _ in said.most_common() if name in set(fields)][:_MOST]


def _names(text: str) -> set[str]:
    try:
        return {token.text for token in tokens_of(text) if token.kind == "name"}
    except Flaw:  # the checks have said so
        return set()


def _carry(engine: DuckDB, table: str, trees: Mapping[str, str], asked: Sequence[str], day: date) -> None:
    joins, columns = [], []
    for at, (field, tree) in enumerate(trees.items()):
        on = f"p{at}.id = t.{quoted(field)} AND {literal(day)} BETWEEN p{at}.first AND p{at}.last"
        joins.append(f"LEFT JOIN {quoted(tree_name(tree))} AS p{at} ON {on}")
        columns.append(f"CAST(p{at}.lft AS INTEGER) AS {quoted(place_column(field))}")
    select = f"SELECT t.*, {', '.join(columns)} FROM {quoted(table)} AS t {' '.join(joins)}"
    is_worth = asked and count_rows(engine, table) > _AT_ONCE
    order = f" ORDER BY {_morton({name: _widest(engine, trees[name]) for name in asked})}" if is_worth else ""
    engine.rows(f"CREATE OR REPLACE TABLE {quoted(table)} AS {select}{order}")


def _widest(engine: DuckDB, tree: str) -> int:
    """The largest place of a tree."""
    return int(engine.rows(f"SELECT coalesce(max(lft), 1) FROM {quoted(tree_name(tree))}")[0][0])


def _morton(widest: Mapping[str, int]) -> str:
    """The places, each cut to so many bits, with their bits in turn: what is close in all of them is close in this.

    Source: Morton, A computer oriented geodetic data base, 1966.
    """
    bits = []
    for at, (name, most) in enumerate(widest.items()):
        place = f"coalesce(CAST({quoted(place_column(name))} AS BIGINT) * {(1 << _BITS) - 1} // {most}, 0)"
        bits += [f"((({place}) >> {bit}) & 1) << {bit * len(widest) + at}" for bit in range(_BITS)]
    return " | ".join(f"({bit})" for bit in bits)
