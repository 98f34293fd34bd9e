"""Cells and expressions to the SQL of one question: joins for its paths, parameters for what all rows share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from salesrules.access.snapshot import Cell, Hat, Line, Principal, Snapshot
from salesrules.expr.dialects import Dialect
from salesrules.expr.sql import to_sql
from salesrules.expr.typed import Leaf, Lookup, Related, Typed
from salesrules.run.joins import Joins
from salesrules.sources.beside import tables_of
from salesrules.sources.lookups import lookup_sql

_KINDS = {"lft": "integer", "rgt": "integer", "depth": "integer", "day": "date"}  # of the parts of a leaf


class Beside:
    """The rows beside one record, for a condition that asks about them; what is not theirs is of the record outside."""

    def __init__(self, rows: Joins, by: str, outside: Callable[[Leaf], str], owner: str) -> None:
        self._rows = rows
        self._outside = outside
        self._tie = f"{rows.column((by,))} = {owner}"

    def name_of(self, leaf: Leaf) -> str:
        """The column of a leaf."""
        return self._rows.column(leaf.path, leaf.part) if leaf.root == "many" else self._outside(leaf)

    def source(self) -> str:
        """The rows that point at the record."""
        return f"FROM {self._rows.clause} WHERE {self._tie}"


class Query:
    """The FROM clause and the values of one statement, growing as its parts are printed."""

    def __init__(self, snapshot: Snapshot, principal: Principal, entity: str, dialect: Dialect) -> None:
        self._snapshot = snapshot
        self._principal = principal
        self._dialect = dialect
        self._tables = tables_of(snapshot.program.pack)
        self._rows = Joins(self._tables, entity, "t")
        self._beside = 0
        self.values: dict[str, Any] = {}

    @property
    def source(self) -> str:
        """The entity's table with every join that was needed."""
        return self._rows.clause

    def column(self, path: tuple[str, ...], part: str = "value") -> str:
        """The column at the end of a path from the row."""
        return self._rows.column(path, part)

    def expression(self, tree: Typed, at: tuple[str, ...] = (), hat: Hat | None = None) -> str:
        """An expression of the record at the end of the path `at`."""

        def name_of(leaf: Leaf) -> str:
            if leaf.root == "row":
                return self.column((*at, *leaf.path), leaf.part)
            value = self._snapshot.value(self._principal, hat or self._principal.hats[0], leaf)
            return self._parameter(value, _KINDS.get(leaf.part, leaf.kind.name))

        def related(node: Related) -> Beside:
            self._beside += 1
            rows = Joins(self._tables, node.entity, f"m{self._beside}")
            return Beside(rows, node.by, name_of, self.column((*at, *node.rows.path)))

        def lookup(node: Lookup, keys: Sequence[str]) -> str:
            table = self._snapshot.program.pack.tables[node.table]
            return lookup_sql(table, keys, self._parameter(self._principal.day, "date"), self._dialect)

        return to_sql(tree, name_of, self._dialect, related, lookup)

    def _parameter(self, value: Any, kind: str) -> str:
        """A parameter that says its type, because not every engine guesses that of a null."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"CAST(${name} AS {self._dialect.types[kind]})" if kind in self._dialect.types else f"${name}"

    def allowed(self, action: str, at: tuple[str, ...], entity: str, category: str) -> str:
        """A condition that is true where the principal may do this to a category of the record at `at`, else false."""
        cell = self._snapshot.cell(self._principal, entity, action, category)
        condition = self._cell(cell, at)
        if action == "aggregate":  # reading gives aggregating
            condition = f"({condition} OR {self.allowed('read', at, entity, category)})"
        if action == "export":  # what is exported is read
            condition = f"({condition} AND {self.allowed('read', at, entity, category)})"
        return condition

    def _cell(self, cell: Cell, at: tuple[str, ...]) -> str:
        if not cell.allows:
            return "FALSE"
        condition = f"({self._any(cell.allows, at)}) IS TRUE"
        return f"({condition} AND ({self._any(cell.denies, at)}) IS FALSE)" if cell.denies else f"({condition})"

    def _any(self, lines: tuple[Line, ...], at: tuple[str, ...]) -> str:
        return " OR ".join(self.expression(line.condition, at, line.hat) for line in lines)
