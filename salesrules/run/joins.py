"""A table under an alias to the clause that reads it, joined along the references that its columns asked for."""

from __future__ import annotations

from collections.abc import Mapping

from salesrules.expr.sql import quoted
from salesrules.pack.entities import Entity
from salesrules.sources.tables import KEY, day_column, lost_column


class Joins:
    """Rows of one table, growing as their columns are named."""

    def __init__(self, tables: Mapping[str, Entity], table: str, alias: str) -> None:
        self._tables = tables
        self._table = table
        self._alias = alias
        self._joins: dict[str, str] = {}

    @property
    def clause(self) -> str:
        """What stands after FROM: the table with every join that was needed so far."""
        return f"{quoted(self._table)} AS {self._alias} " + " ".join(self._joins.values())

    def column(self, path: tuple[str, ...], part: str = "value") -> str:
        """The column at the end of a path from the row, the key of the row itself where it is empty.

        Args: part: `day` of a timestamp, `lost` for whether a reference leads nowhere, or the place in its tree for
        `lft`, `rgt` and `depth`.
        """
        if not path:
            return f"{self._alias}.{quoted(KEY)}"
        alias, at = self._alias, self._table
        for depth, step in enumerate(path[:-1]):
            target = self._tables[at].fields[step].to
            if target is None:  # the key of an entity refers to the row itself
                continue
            name = self._named(f"to {'.'.join(path[: depth + 1])}")
            on = f"{name}.{quoted(KEY)} = {alias}.{quoted(step)}"
            self._joins.setdefault(name, f"LEFT JOIN {quoted(target)} AS {name} ON {on}")
            alias, at = name, target
        if part == "day":
            return f"{alias}.{quoted(day_column(path[-1]))}"
        if part == "lost":
            return f"{alias}.{quoted(lost_column(path[-1]))}"
        value = f"{alias}.{quoted(path[-1])}"
        return value if part == "value" else self._place(path, self._tables[at], value, part)

    def _place(self, path: tuple[str, ...], entity: Entity, value: str, part: str) -> str:
        field = entity.fields[path[-1]]
        tree = self._named(f"{'.'.join(path)} in its tree")
        table = quoted(f"tree {field.to or field.dimension or entity.id}")
        self._joins.setdefault(tree, f"LEFT JOIN {table} AS {tree} ON {tree}.id = {value}")
        return f"{tree}.{part}"

    def _named(self, text: str) -> str:
        """A name that no alias of this query or of one inside it has: aliases have no space."""
        return quoted(f"{self._alias} {text}")
