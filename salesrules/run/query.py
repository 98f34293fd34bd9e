"""Cells and expressions to the SQL of one question: joins for its paths, parameters for what all rows share."""

from __future__ import annotations

from typing import Any

from salesrules.access.snapshot import Cell, Hat, Line, Principal, Snapshot
from salesrules.expr.sql import quoted, to_sql
from salesrules.expr.typed import Leaf, Typed
from salesrules.sources.tables import KEY


class Query:
    """The FROM clause and the values of one statement, growing as its parts are printed."""

    def __init__(self, snapshot: Snapshot, principal: Principal, entity: str) -> None:
        self._snapshot = snapshot
        self._principal = principal
        self._entity = entity
        self._joins: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    @property
    def source(self) -> str:
        """The entity's table with every join that was needed."""
        return f"{quoted(self._entity)} AS t " + " ".join(self._joins.values())

    def column(self, path: tuple[str, ...], part: str = "value") -> str:
        """The column at the end of a path from the row; its place in its tree for the parts lft and rgt."""
        fields = self._snapshot.program.pack.entities
        alias, at = "t", self._entity
        for depth, step in enumerate(path[:-1]):
            target = fields[at].fields[step].to
            if target is None:  # the key of an entity refers to the row itself
                continue
            name = quoted("to " + ".".join(path[: depth + 1]))  # no path is called like the table `t`
            on = f"{name}.{quoted(KEY)} = {alias}.{quoted(step)}"
            self._joins.setdefault(name, f"LEFT JOIN {quoted(target)} AS {name} ON {on}")
            alias, at = name, target
        value = f"{alias}.{quoted(path[-1])}"
        if part == "value":
            return value
        field = fields[at].fields[path[-1]]
        tree = quoted(f"{'.'.join(path)} in its tree")
        table = quoted(f"tree {field.to or field.dimension or at}")
        self._joins.setdefault(tree, f"LEFT JOIN {table} AS {tree} ON {tree}.id = {value}")
        return f"{tree}.{part}"

    def expression(self, tree: Typed, at: tuple[str, ...] = (), hat: Hat | None = None) -> str:
        """An expression of the record at the end of the path `at`."""

        def name_of(leaf: Leaf) -> str:
            if leaf.root == "row":
                return self.column((*at, *leaf.path), leaf.part)
            name = f"p{len(self.values)}"
            self.values[name] = self._snapshot.value(self._principal, hat or self._principal.hats[0], leaf)
            return f"${name}"

        return to_sql(tree, name_of)

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
