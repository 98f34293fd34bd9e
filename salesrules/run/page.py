"""A question about records to one statement: what each row shows, which rows match, and the cells of a page of them.

The rows that are listed are kept first, as narrow as they can be: where a row stands, what it shows, by what it is
sorted. They are counted, a page of them is chosen, and only its rows are read in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.dialects import Dialect
from salesrules.expr.typed import Leaf
from salesrules.run.filter import with_nobody_below
from salesrules.run.masks import shown_end
from salesrules.run.query import Query, Values
from salesrules.run.question import Question
from salesrules.run.reads import field_at, open_on, reads_of

UNCOMPARED, MATCHED, NOT_EXPORTED = 0, 1, 2
"""What became of a listed row: it hides what the filter asks about, it matches, or none of it may be exported."""

_TEXTS = ("text", "member", "stage", "ref")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of those that match: `limit` of them after the first `offset`; all where `limit` is None."""

    limit: int | None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """The SQL of a page, with its values and how to read its rows.

    `together` are the categories of each bit of `shows`. A row is: counts as (shows, fate, rows), or null; the key of
    a record, null if the page is empty; the cells; flags. `read` and `out` say by which flag each cell is read, and
    is exported, counted from the first cell.
    """

    sql: str
    values: dict[str, Any]
    together: tuple[frozenset[str], ...]
    read: tuple[int, ...]
    out: tuple[int, ...]


def page_statement(
    snapshot: Snapshot, principal: Principal, asked: Question, action: str, page: Page, dialect: Dialect
) -> Statement:
    """The statement for one page, `action` being `read` or `export`."""
    values = Values()
    together = categories_together(snapshot, principal, asked.entity)
    rows = Query(snapshot, principal, asked.entity, dialect, values)
    listed = _listed(rows, snapshot, principal, asked, action, together)
    cells = _Cells(rows.beside(asked.entity, "t"), snapshot, asked, together, action)
    names, select, read, out = cells.select()
    order = ", ".join([*(f"late{i}, sort{i} {_way(o.descending)}" for i, o in enumerate(asked.order)), "key"])
    limit = f"LIMIT {page.limit:d} OFFSET {page.offset:d}" if page.limit is not None else ""
    sql = f"""
        WITH "#listed" AS MATERIALIZED ({listed}),
        "#counts" AS (
            SELECT array_agg(ARRAY[shows, fate, rows]) AS counts
            FROM (SELECT shows, fate, count(*) AS rows FROM "#listed" GROUP BY shows, fate) AS each
        ),
        "#page" AS (SELECT * FROM "#listed" WHERE fate = {MATCHED} ORDER BY {order} {limit}),
        "#cells" AS ({select})
        SELECT counts, key, {", ".join(names)} FROM "#counts" LEFT JOIN "#cells" ON TRUE ORDER BY {order}
    """
    return Statement(sql, values.by_name, together, read, out)


def categories_together(snapshot: Snapshot, principal: Principal, entity: str) -> tuple[frozenset[str], ...]:
    """The categories of an entity in groups of those that the same lines open: what one of them shows, all do."""
    found: dict[Any, set[str]] = {}
    for category in sorted({field.category for field in snapshot.program.pack.entities[entity].fields.values()}):
        cell = snapshot.cell(principal, entity, "read", category)
        lines = (frozenset((line.grant.slice, id(line.hat)) for line in side) for side in (cell.allows, cell.denies))
        found.setdefault(tuple(lines), set()).add(category)
    return tuple(frozenset(categories) for categories in found.values())


def _way(descending: bool) -> str:
    return "DESC NULLS LAST" if descending else "ASC NULLS LAST"


def _listed(
    rows: Query,
    snapshot: Snapshot,
    principal: Principal,
    asked: Question,
    action: str,
    together: Sequence[frozenset[str]],
) -> str:
    """Every row that the asker reads some of and that matches, or that hides what the filter asks about."""
    pack, entity = snapshot.program.pack, asked.entity
    parts = [f"{rows.row} AS place", f"{rows.dialect.by_characters.format(rows.column(()))} AS key"]
    parts += [f"{rows.allowed('read', (), entity, min(c))} AS shows{i}" for i, c in enumerate(together)]
    compared = open_on(rows, reads_of(pack, entity, asked.where))
    matches = "TRUE"
    if asked.where is not None:
        where = with_nobody_below(pack, asked.where, lambda leaf: snapshot.value(principal, principal.hats[0], leaf))
        # a filter that failed on a row it must not look at would tell about it
        matches = f"CASE WHEN {compared} THEN {rows.expression(where)} END"
    parts += [f"{compared} AS compared", f"{matches} AS matches", f"{_exported(rows, asked, together, action)} AS out"]
    sorts = []
    for i, order in enumerate(asked.order):
        parts += [f"{open_on(rows, reads_of(pack, entity, order.path))} AS known{i}"]
        parts += [f"{_sortable(rows, order.path)} AS sort{i}"]
        sorts += [f"CASE WHEN known{i} THEN 0 ELSE 1 END AS late{i}", f"CASE WHEN known{i} THEN sort{i} END AS sort{i}"]
    shows = " + ".join(f"CASE WHEN shows{i} THEN {1 << i} ELSE 0 END" for i in range(len(together)))
    fate = f"CASE WHEN NOT compared THEN {UNCOMPARED} WHEN out THEN {MATCHED} ELSE {NOT_EXPORTED} END"
    kept = ", ".join(["place", "key", f"{shows} AS shows", f"{fate} AS fate", *sorts])
    any_shown = " OR ".join(f"shows{i}" for i in range(len(together)))
    source = f"SELECT {', '.join(parts)} FROM {rows.source}"
    return f"SELECT {kept} FROM ({source}) AS seen WHERE ({any_shown}) AND (NOT compared OR matches)"


def _sortable(rows: Query, leaf: Leaf) -> str:
    """A column in the order that its kind has on every engine."""
    column = rows.column(leaf.path)
    return rows.dialect.by_characters.format(column) if leaf.kind.name in _TEXTS else column


def _exported(rows: Query, asked: Question, together: Sequence[frozenset[str]], action: str) -> str:
    """Whether anything of a row may leave: of what is only read, everything."""
    if action != "export":
        return "TRUE"
    everything = sorted(category for categories in together for category in categories)
    return " OR ".join(rows.allowed(action, (), asked.entity, category) for category in everything)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The columns of a page: whether each is open, and what it then holds."""

    rows: Query
    snapshot: Snapshot
    asked: Question
    together: tuple[frozenset[str], ...]
    action: str

    def select(self) -> tuple[list[str], str, tuple[int, ...], tuple[int, ...]]:
        """The names of what is selected, the query for the rows of the page, and the flags of each cell: read, out."""
        entity, columns = self.asked.entity, self.asked.columns
        read = out = [self._open(leaf) for leaf in columns]
        if self.action == "export":
            out = [open_on(self.rows, reads_of(self._pack, entity, leaf), "export") for leaf in columns]
        cells = [self._cell(*each) for each in zip(columns, read, out, strict=True)]
        flags = list(dict.fromkeys([*read, *out]))
        named = {f"cell{i}": cell for i, cell in enumerate(cells)} | {f"flag{i}": flag for i, flag in enumerate(flags)}
        parts = ", ".join(f"{expression} AS {name}" for name, expression in named.items())
        source = f'{self.rows.source} JOIN "#page" AS p ON p.place = {self.rows.row}'
        at = [tuple(len(columns) + flags.index(flag) for flag in side) for side in (read, out)]
        return list(named), f"SELECT p.*, {parts} FROM {source}", at[0], at[1]

    @property
    def _pack(self) -> Any:
        return self.snapshot.program.pack

    def _open(self, leaf: Leaf) -> str:
        """Whether a cell is read; for fields of the record itself that was looked at already."""
        reads = reads_of(self._pack, self.asked.entity, leaf)
        if any(read.path for read in reads):
            return open_on(self.rows, reads)
        bits = {i for i, categories in enumerate(self.together) for read in reads if read.category in categories}
        return " AND ".join(f"(p.shows & {1 << i}) > 0" for i in sorted(bits)) or "TRUE"

    def _cell(self, leaf: Leaf, read: str, out: str) -> str:
        holder, field = field_at(self._pack, self.asked.entity, leaf.path)
        column = self.rows.column(leaf.path)
        value = f"WHEN {' AND '.join(f'({flag})' for flag in dict.fromkeys((read, out)))} THEN {column}"
        end = shown_end(field, column) if self.action == "read" else None
        masked = f" WHEN {self._seen(leaf, holder)} THEN coalesce({end}, '')" if end is not None else ""
        return f"CASE {value}{masked} END"

    def _seen(self, leaf: Leaf, holder: str) -> str:
        """Whether the record that a cell belongs to is listed for the asker, and the way to it is open."""
        if len(leaf.path) == 1:
            return "TRUE"
        at = leaf.path[:-1]
        fields = self._pack.entities[holder].fields.values()
        ways = [self.rows.allowed("read", at, holder, c) for c in sorted({field.category for field in fields})]
        to_it = reads_of(self._pack, self.asked.entity, Leaf(leaf.kind, "row", at))
        return f"{open_on(self.rows, to_it)} AND ({' OR '.join(ways)})"
