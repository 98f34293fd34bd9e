"""A table under an alias to the clause that reads it, joined along the references that its columns asked for."""

from __future__ import annotations

from collections.abc import Mapping

from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Entity
from salesrules.sources.org.trees import tree_name
from salesrules.sources.rows.places import Places, place_column
from salesrules.sources.rows.tables import KEY, lost_column, written_column
from salesrules.sources.rows.typed import day_column


class Joins:
    """Rows of one table, growing as their columns are named."""

    def __init__(self, tables: Mapping[str, Entity], table: str, alias: str, places: Places) -> None:
        self._tables = tables
        self._table = table
        self._alias = alias
        self._places = places
        self._joins: dict[str, str] = {}

    @property
    def clause(self) -> str:
        """What stands after FROM: the table with every join that was needed so far."""
        return f"{self._named_table(self._table)} AS {self._alias} " + " ".join(self._joins.values())

    def row(self, place: str | None) -> str:
        """What tells the rows apart: the column of the engine that has the place of a row, or the key of the row.

        Args: place: the name of this column, which a field may have too; None where there is none.
        """
        taken = any(field.lower() == place for field in self._tables[self._table].fields)
        return self.column(()) if place is None or taken else f"{self._alias}.{place}"

    def column(self, path: tuple[str, ...], part: str = "value") -> str:
        """The column at the end of a path from the row, the key of the row itself where it is empty.

        Args: part: `day` of a timestamp, `lost` for whether a reference leads nowhere, `written` for a reference that
        may lead nowhere, or the place in its tree for `lft`, `rgt` and `depth`.
        """
        if not path:
            return f"{self._alias}.{quoted(KEY)}"
        alias, at = self._alias, self._table
        for depth, step in enumerate(path[:-1]):
            target = self._tables[at].fields[step].to
            if target is None:  # the key of an entity refers to the row itself
                continue
            name = self._named(f"to {'.'.join(path[: depth + 1])}")
            on = f"{name}.{quoted(KEY)} = {alias}.{self._written(at, step)}"
            self._joins.setdefault(name, f"LEFT JOIN {self._named_table(target)} AS {name} ON {on}")
            alias, at = name, target
        if part == "day":
            return f"{alias}.{quoted(day_column(path[-1]))}"
        if part == "lost":
            return f"{alias}.{quoted(lost_column(path[-1]))}"
        if part == "written":
            return f"{alias}.{self._written(at, path[-1])}"
        if part == "value":
            return f"{alias}.{quoted(path[-1])}"
        return self._place(path, alias, at, part)

    def beside(self, table: str, column: str) -> str:
        """A column of another table, given as SQL, that has at most one row for each key of the rows."""
        name = self._named("beside")
        self._joins.setdefault(name, f"LEFT JOIN {table} AS {name} ON {name}.{quoted(KEY)} = {self.column(())}")
        return f"{name}.{quoted(column)}"

    def _named_table(self, table: str) -> str:
        """What a table is called now: its own name, unless it goes by another while it is made."""
        return quoted(self._tables[table].id)

    def _written(self, table: str, field: str) -> str:
        is_apart = self._places.written and self._tables[table].fields[field].to
        return quoted(written_column(field) if is_apart else field)

    def _place(self, path: tuple[str, ...], alias: str, table: str, part: str) -> str:
        """The place in the tree of the day: beside the record itself, or from the table of the tree."""
        entity = self._tables[table]
        field = entity.fields[path[-1]]
        tree = str(field.to or field.dimension or table)
        if part == "lft" and tree in self._places.carried and field.id not in entity.key:
            return f"{alias}.{quoted(place_column(field.id))}"
        name = self._named(f"{'.'.join(path)} in its tree")
        day = f"{literal(self._places.day)} BETWEEN {name}.first AND {name}.last"
        on = f"{name}.id = {alias}.{self._written(table, field.id)} AND {day}"
        self._joins.setdefault(name, f"LEFT JOIN {quoted(tree_name(tree))} AS {name} ON {on}")
        return f"{name}.{part}"

    def _named(self, text: str) -> str:
        """A name that no alias of this query or of one inside it has: aliases have no space."""
        return quoted(f"{self._alias} {text}")
