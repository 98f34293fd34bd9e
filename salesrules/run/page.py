"""A question about records to one statement: what each row shows, which rows match, and the cells of a page of them.

The rows that are listed are kept first, as narrow as they can be: where a row stands, what it shows, by what it is
sorted. They are counted, a page of them is chosen, and only its rows are read in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.dialects import Dialect
from salesrules.expr.typed import Leaf
from salesrules.meaning.reads import field_at, reads_of
from salesrules.pack.pack import Pack
from salesrules.run.filter import with_nobody_below
from salesrules.run.masks import shown_end
from salesrules.run.query import Query, Values
from salesrules.run.question import Question
from salesrules.run.reads import open_on
from salesrules.run.shown import Shown, shown_by

UNCOMPARED, MATCHED, NOT_EXPORTED = 0, 1, 2
"""What became of a listed row: it hides what the filter asks about, it matches, or none of it may be exported."""


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
    rows = Query(snapshot, principal, asked.entity, dialect, values)
    shown = shown_by(snapshot, principal, asked.entity, rows)
    listed, sorts, judged = _listed(snapshot, principal, asked, action, shown, rows)
    cells = _Cells(rows.beside(asked.entity, "t"), snapshot, asked, shown, action)
    names, select, read, out = cells.select()
    order = ", ".join([*sorts, "key"])
    told = (*shown.names, "fate")
    matched = f"WHERE fate = {MATCHED}" if judged else ""
    limit = f"LIMIT {page.limit:d} OFFSET {page.offset:d}" if page.limit is not None else ""
    sql = f"""
        WITH "#listed" AS MATERIALIZED ({listed}),
        "#counts" AS (
            SELECT array_agg(ARRAY[{shown.bits}, fate, rows]) AS counts
            FROM (SELECT {", ".join(told)}, count(*) AS rows FROM "#listed" GROUP BY {", ".join(told)}) AS each
        ),
        "#page" AS (SELECT * FROM "#listed" {matched} ORDER BY {order} {limit}),
        "#cells" AS ({select})
        SELECT counts, key, {", ".join(names)} FROM "#counts" LEFT JOIN "#cells" ON TRUE ORDER BY {order}
    """
    return Statement(sql, values.by_name, shown.together, read, out)


def _listed(
    snapshot: Snapshot, principal: Principal, asked: Question, action: str, shown: Shown, rows: Query
) -> tuple[str, list[str], bool]:
    """Every row that the asker reads some of and that matches, or that hides what the filter asks about.

    Returns: the query, what its rows are sorted by, and whether any of them may have another fate than to match.
    """
    pack, entity = snapshot.program.pack, asked.entity
    named = {"place": rows.row, "key": rows.key, **dict(zip(shown.names, shown.flags.values(), strict=True))}
    keep, fates = "", []
    if asked.where is not None:
        # in full: an engine may ask it before it asks whether the row is listed
        compared = open_on(rows, reads_of(pack, entity, asked.where))
        where = with_nobody_below(pack, asked.where, lambda leaf: snapshot.value(principal, principal.hats[0], leaf))
        # a filter that failed on a row it must not look at would tell about it
        named |= {"compared": compared, "matches": f"CASE WHEN {compared} THEN {rows.expression(where)} END"}
        keep = "WHERE NOT compared OR matches"
        fates.append(f"WHEN NOT compared THEN {UNCOMPARED}")
    if action == "export":
        named["out"] = _exported(rows, asked, shown)
        fates.append(f"WHEN NOT out THEN {NOT_EXPORTED}")
    fate = f"CASE {' '.join(fates)} ELSE {MATCHED} END" if fates else f"{MATCHED}"
    sorted_by, sorts, order = _sorts(pack, asked, shown, rows)
    parts = [f"{sql} AS {name}" for name, sql in (named | sorted_by).items()]
    source = f"SELECT {', '.join(parts)} FROM {rows.source} WHERE {shown.listed}"
    kept = ", ".join(["place", "key", *shown.names, f"{fate} AS fate", *sorts])
    return f"SELECT {kept} FROM ({source}) AS seen {keep}", order, bool(fates)


def _sorts(pack: Pack, asked: Question, shown: Shown, rows: Query) -> tuple[dict[str, str], list[str], list[str]]:
    """What a list is sorted by: columns of its rows, what is kept of them, and the order of what is kept.

    A value that is not known does not sort: the order would tell it.
    """
    named, kept, order = {}, [], []
    for i, sort in enumerate(asked.order):
        named[f"sort{i}"] = rows.sortable(sort.path)
        known = shown.open_on(rows, reads_of(pack, asked.entity, sort.path))
        if known == "TRUE":
            kept.append(f"sort{i}")
        else:
            named[f"known{i}"] = known
            kept.append(f"CASE WHEN known{i} THEN 0 ELSE 1 END AS late{i}")
            kept.append(f"CASE WHEN known{i} THEN sort{i} END AS sort{i}")
            order.append(f"late{i}")
        order.append(f"sort{i} {_way(sort.descending)}")
    return named, kept, order


def _way(descending: bool) -> str:
    return "DESC NULLS LAST" if descending else "ASC NULLS LAST"


def _exported(rows: Query, asked: Question, shown: Shown) -> str:
    """Whether anything of a row may leave."""
    everything = sorted(category for categories in shown.together for category in categories)
    return " OR ".join(rows.allowed("export", (), asked.entity, category) for category in everything)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The columns of a page: whether each is open, and what it then holds."""

    rows: Query
    snapshot: Snapshot
    asked: Question
    shown: Shown
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
    def _pack(self) -> Pack:
        return self.snapshot.program.pack

    def _open(self, leaf: Leaf) -> str:
        """Whether a cell is read; for fields of the record itself that was looked at already."""
        reads = reads_of(self._pack, self.asked.entity, leaf)
        if any(read.path for read in reads):
            return open_on(self.rows, reads)
        return " AND ".join(f"p.shows{group}" for group in self.shown.groups(reads)) or "TRUE"

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
