"""Cells and expressions to the SQL of one question: joins for its paths, parameters for what all rows share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any

from salesrules.access.snapshot import Cell, Hat, Line, Principal, Snapshot
from salesrules.expr.dialects import Dialect
from salesrules.expr.sql import to_sql
from salesrules.expr.typed import Leaf, Lookup, Related, Typed, leaves
from salesrules.meaning.reads import Read
from salesrules.run.as_written import as_written
from salesrules.run.implied import besides, strictest, widest
from salesrules.run.projected import state_table
from salesrules.sources.org.lookups import lookup_sql
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.joins import Joins

_KINDS = {"lft": "integer", "rgt": "integer", "depth": "integer", "day": "date"}  # of the parts of a leaf
_TEXTS = ("text", "member", "stage", "ref")


class Beside:
    """The rows beside one record, for a condition that asks about them; what is not theirs is of the record outside."""

    def __init__(self, rows: Joins, outside: Callable[[Leaf], str], tie: str) -> None:
        self._rows = rows
        self._outside = outside
        self._tie = tie

    def name_of(self, leaf: Leaf) -> str:
        """The column of a leaf."""
        return self._rows.column(leaf.path, leaf.part) if leaf.root == "many" else self._outside(leaf)

    def source(self) -> str:
        """The rows that point at the record."""
        return f"FROM {self._rows.clause} WHERE {self._tie}"


class Values:
    """The values of one statement by name; equal ones share a name, so that equal conditions are equal text."""

    def __init__(self) -> None:
        self.by_name: dict[str, Any] = {}
        self._names: dict[tuple[type, Any], str] = {}

    def name(self, value: Any) -> str:
        """The name of the parameter that has a value."""
        name = self._names.setdefault((type(value), value), f"p{len(self._names)}")
        self.by_name[name] = value
        return name


class Query:
    """The FROM clause and the values of one statement, growing as its parts are printed."""

    def __init__(
        self,
        snapshot: Snapshot,
        principal: Principal,
        entity: str,
        dialect: Dialect,
        shared: Values | None = None,
        alias: str = "t",
    ) -> None:
        """Args: shared: the values of a statement that this is a part of; alias: what the rows are called in it."""
        self._snapshot = snapshot
        self._principal = principal
        self._tables = tables_of(snapshot.program.pack)
        self._entity = entity
        self.dialect = dialect
        self._places = snapshot.organisation.on(principal.day)
        self._rows = Joins(self._tables, entity, alias, self._places)
        self._beside = 0
        self._shared = Values() if shared is None else shared
        self._null_is_false = False

    @property
    def source(self) -> str:
        """The entity's table with every join that was needed."""
        return self._rows.clause

    @property
    def values(self) -> dict[str, Any]:
        """The values of the statement by the names of their parameters."""
        return self._shared.by_name

    def beside(self, entity: str, alias: str) -> Query:
        """Another part of the same statement, over rows of their own."""
        return Query(self._snapshot, self._principal, entity, self.dialect, self._shared, alias)

    def asking(self, principal: Principal) -> Query:
        """The same part of the same statement, going on about another person."""
        other = copy(self)
        other._principal = principal
        return other

    @property
    def in_where(self) -> Query:
        """The same part of the same statement, going on where null leaves a row out as false does.

        Its conditions may stand alone, or joined by AND and OR, in a WHERE, and nowhere else. What need not tell null
        from false is quicker.
        """
        other = copy(self)
        other._null_is_false = True
        return other

    @property
    def row(self) -> str:
        """What tells the rows apart: the place where the engine keeps a row, or its key if there is no such column."""
        return self._rows.row(self.dialect.place)

    @property
    def key(self) -> str:
        """The key of the row, in the order of its characters on every engine."""
        return self.dialect.by_characters.format(self.column(()))

    def sortable(self, tree: Typed) -> str:
        """An expression of the row that has one order on every engine: texts that of their characters."""
        sql = self.expression(tree)
        return self.dialect.by_characters.format(sql) if tree.kind.name in _TEXTS else sql

    def column(self, path: tuple[str, ...], part: str = "value") -> str:
        """The column at the end of a path from the row."""
        return self._rows.column(path, part)

    def place(self, part: str) -> str:
        """The place of the row itself in the tree of its kind; a record that others point at has one key."""
        (key,) = self._tables[self._entity].key
        return self.column((key,), part)

    def state(self, name: str) -> str:
        """A column of what the log says of the row."""
        return self._rows.beside(state_table(self._entity), name)

    def expression(self, tree: Typed, at: tuple[str, ...] = (), hat: Hat | None = None) -> str:
        """An expression of the record at the end of the path `at`."""

        def name_of(leaf: Leaf) -> str:
            if leaf.root == "row":
                return self.column((*at, *leaf.path), leaf.part)
            if leaf.root == "state":
                return self.state(leaf.path[0])
            value = self._snapshot.value(self._principal, hat or self._principal.hats[0], leaf)
            return self._parameter(value, _KINDS.get(leaf.part, leaf.kind.name))

        def related(node: Related) -> Beside:
            self._beside += 1
            rows = Joins(self._tables, node.entity, f"m{self._beside}", self._places)
            return Beside(rows, name_of, self._tie(rows, node.by, (*at, *node.rows.path)))

        def lookup(node: Lookup, keys: Sequence[str]) -> str:
            table = self._snapshot.program.pack.tables[node.table]
            return lookup_sql(table, keys, self._parameter(self._principal.day, "date"), self.dialect)

        return to_sql(as_written(tree) if self._places.written else tree, name_of, self.dialect, related, lookup)

    def _tie(self, rows: Joins, by: str, path: tuple[str, ...]) -> str:
        """Where rows beside the record at the end of a path name it: one side must be a record that is there."""
        if path:
            return f"{rows.column((by,))} = {self.column(path, 'written')}"
        return f"{rows.column((by,), 'written')} = {self.column(())}"

    def _parameter(self, value: Any, kind: str) -> str:
        name, type_ = f"${self._shared.name(value)}", self.dialect.types.get(kind)
        return self.dialect.parameter.format(name, type_) if type_ else name

    def allowed(self, action: str, at: tuple[str, ...] | None, entity: str, category: str) -> str:
        """A condition that is true where the principal may do this to a category of the record at `at`, else false.

        Args: at: None for a record that is lost, so that all its fields are unknown.
        """
        cell = self._snapshot.cell(self._principal, entity, action, category)
        condition = self._cell(cell, at)
        if action == "aggregate":  # reading gives aggregating
            read = self.allowed("read", at, entity, category)
            condition = f"({condition} OR {read})" if cell.allows else read
        if action == "export":  # what is exported is read
            condition = f"({condition} AND {self.allowed('read', at, entity, category)})"
        return condition

    def read_besides(self, entity: str, category: str, known: str | None) -> str:
        """A condition that is true where a category of the row is read, else false; `known` is one that is read there.

        It is `TRUE` where nothing is left to ask.
        """
        cell = self._snapshot.cell(self._principal, entity, "read", category)
        if known is None:
            return self._cell(cell, ())
        rest = besides(cell, self._snapshot.cell(self._principal, entity, "read", known))
        if rest.allows or not cell.allows:
            return self._cell(rest, ())
        return f"(({self._any(rest.denies, ())}) IS FALSE)" if rest.denies else "TRUE"

    def open_at(self, action: str, at: tuple[str, ...], entity: str, category: str) -> str:
        """A condition that is true where a cell at the end of a path is open, else false.

        An empty reference has no record whose cells could be closed. One that was emptied because its record is not
        there has: nobody knows what that record was like, so only what is opened on any record at all is open on it.
        """
        allowed = self.allowed(action, at, entity, category)
        if not at:
            return allowed
        unknown = self.allowed(action, None, entity, category)
        return f"CASE WHEN {self.lost(at)} THEN {unknown} ELSE {self.column(at)} IS NULL OR {allowed} END"

    def enough(self, action: str, cells: Iterable[Read], every: bool) -> list[Read]:
        """The cells that it is enough to look at, to know whether every one of these is open, or any."""
        return (strictest if every else widest)(self._snapshot, self._principal, action, cells)

    def _cell(self, cell: Cell, at: tuple[str, ...] | None) -> str:
        if not cell.allows:
            return "FALSE"
        condition = f"({self._any(cell.allows, at)})"
        if not self._null_is_false:
            condition += " IS TRUE"
        return f"({condition} AND ({self._any(cell.denies, at)}) IS FALSE)" if cell.denies else f"({condition})"

    def _any(self, lines: tuple[Line, ...], at: tuple[str, ...] | None) -> str:
        once = {(one.grant.slice, id(one.hat)): one for one in lines}  # several grants may name one slice
        return " OR ".join(self._line(line, at) for line in once.values())

    def _line(self, line: Line, at: tuple[str, ...] | None) -> str:
        if at is None and any(leaf.root == "row" for leaf in leaves(line.condition)):
            return "CAST(NULL AS BOOLEAN)"
        return self.expression(line.condition, at or (), line.hat)

    def lost(self, path: tuple[str, ...]) -> str:
        """A condition that is true where a reference along a path from the row names a record that is not there."""
        parts, entity = [], self._entity
        for depth, step in enumerate(path, start=1):
            field = self._tables[entity].fields[step]
            if field.type == "ref":
                parts.append(f"coalesce({self.column(path[:depth], 'lost')}, FALSE)")
            entity = field.to or entity
        return " OR ".join(parts) or "FALSE"
