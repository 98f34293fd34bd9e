"""A Wish to what is closed to it: the lines decide on the row to be as they do on any row that is there.

For one question the row stands in a temporary view over its table, so that there is one way to decide and no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from salesrules.access.snapshot import Snapshot
from salesrules.access.why import reason
from salesrules.engines.engine import Answering, Engine, Session
from salesrules.expr.sql import literal, quoted
from salesrules.issue import AccessDenied, Issue, QuestionError, Span
from salesrules.meaning import PERSON
from salesrules.pack.computed import is_computed
from salesrules.pack.entities import Entity, Field
from salesrules.run.decided import Asked, decide
from salesrules.run.records import record_leaves
from salesrules.run.wish import SET, Wish
from salesrules.sources.org.trees import tree_name
from salesrules.sources.rows.given import GIVEN, read_given
from salesrules.sources.rows.places import place_column
from salesrules.sources.rows.tables import KEY, line_column, lost_column

_SUPPOSED = "#supposed"
NEW = " new"  # no key of a source starts with a blank, so it tells nothing about the keys that are taken
_NEW_NUMBER = -(2**53) - 1  # what no source may hold


@dataclass(frozen=True, slots=True)
class Closed:
    """A category that keeps a wish from coming true, and the row on which it is closed."""

    category: str
    row: Literal["new", "before", "after"]


def closed_to(engine: Engine, snapshot: Snapshot, wish: Wish) -> tuple[Closed, ...]:
    """What is closed of a wish; nothing if it may come true.

    Every field that is set counts as changed: whether its value was the same before is not told.
    Raises: QuestionError with every value that cannot be read, and references to records that the asker does not see,
        whether they are there or not; AccessDenied for a record to update that is not there or not seen.
    """
    if snapshot.organisation.carried is None:
        raise QuestionError([Issue("ask.not_in_place", Span(wish.entity))])
    entity = snapshot.program.pack.entities[wish.entity]
    categories = tuple(sorted({entity.fields[name].category for name in wish.values}))
    found: list[Closed] = []
    if wish.key is not None:
        asked = Asked(wish.asker, wish.asker, "update", wish.entity, wish.key, categories)
        found += [Closed(each.category, "before") for each in decide(engine, snapshot, asked) if not each.allowed]
    with engine.together() as run:
        session = Session(run)
        issues = list(_suppose(engine, session, snapshot, wish))
        if issues:
            raise QuestionError(issues)
        key = NEW if wish.key is None else wish.key
        row = record_leaves(session, snapshot, wish.asker, wish.entity, key)
    for category in categories:
        if not reason(snapshot, wish.asker, wish.action, wish.entity, key, category, row).allowed:
            found.append(Closed(category, "new" if wish.key is None else "after"))
    return tuple(found)


def _suppose(engine: Engine, session: Answering, snapshot: Snapshot, wish: Wish) -> Iterator[Issue]:
    """Put the row to be in the place of its table, unless something is wrong with it."""
    pack = snapshot.program.pack
    entity = pack.entities[wish.entity]
    unread = read_given(session, entity, wish.values, pack.about.timezone)
    for name in unread:
        words = {"text": wish.values[name], "name": name, "type": entity.fields[name].type}
        yield Issue("ask.set_unread", SET, words)
    if unread:
        return
    lost = list(_not_seen(engine, session, snapshot, wish))
    yield from lost
    if not lost:
        _stand_in(session, snapshot, wish, entity)


def _not_seen(engine: Engine, session: Answering, snapshot: Snapshot, wish: Wish) -> Iterator[Issue]:
    """The references to records that the asker does not see; one's own name everybody knows."""
    for field in _set(snapshot, wish):
        if field.type != "ref" or field.to is None:
            continue
        key = session.rows(f"SELECT {quoted(field.id)} FROM {quoted(GIVEN)}")[0][0]
        if key is None or (field.to, key) == (PERSON, wish.asker.id):
            continue
        try:
            decide(engine, snapshot, Asked(wish.asker, wish.asker, "read", field.to, key, ()))
        except AccessDenied:
            yield Issue("ask.no_reference", SET, {"name": field.id, "entity": field.to, "key": key})


def _set(snapshot: Snapshot, wish: Wish) -> list[Field]:
    fields = snapshot.program.pack.entities[wish.entity].fields
    return [fields[name] for name in wish.values]


def _stand_in(session: Answering, snapshot: Snapshot, wish: Wish, entity: Entity) -> None:
    database = quoted(session.rows("SELECT current_database()")[0][0])
    table = f"{database}.main.{quoted(entity.id)}"
    of_row = "FALSE" if wish.key is None else f"e.{quoted(KEY)} = {literal(wish.key)}"
    columns = {row[0] for row in session.rows(f"DESCRIBE SELECT * FROM {table}")}
    cells = {name: sql for name, sql in _cells(session, snapshot, wish, entity) if name in columns}
    changed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in cells.items())
    rows = f"{quoted(GIVEN)} AS n LEFT JOIN {table} AS e ON {of_row}"
    session.rows(f"CREATE TEMPORARY TABLE {quoted(_SUPPOSED)} AS SELECT e.* REPLACE ({changed}) FROM {rows}")
    others = f"SELECT * FROM {table} AS e WHERE NOT ({of_row})"
    together = f"{others} UNION ALL SELECT * FROM {quoted(_SUPPOSED)}"
    session.rows(f"CREATE TEMPORARY VIEW {quoted(entity.id)} AS {together}")
    above = snapshot.program.pack.tree_of(entity.id)
    if above is not None and (wish.key is None or above in wish.values):
        _grow(session, database, entity.id, above, wish.key)


def _cells(session: Answering, snapshot: Snapshot, wish: Wish, entity: Entity) -> Iterator[tuple[str, str]]:
    """What the row has of its own by column; what is not among it is null in a new row, and as it was in another."""
    pack, is_new = snapshot.program.pack, wish.key is None
    for field in entity.fields.values():
        if is_computed(pack, entity.id, field):  # it may follow from what is set, so nobody knows
            for name in (field.id, line_column(field.id), place_column(field.id)):
                yield name, f"CASE WHEN FALSE THEN e.{quoted(name)} END"  # null, of the type of the column
        if field.type == "ref" and (is_new or field.id in wish.values):
            yield lost_column(field.id), "FALSE"
    for name, *_ in session.rows(f"DESCRIBE SELECT * FROM {quoted(GIVEN)}"):
        yield name, f"n.{quoted(name)}"
    for field in _set(snapshot, wish):
        tree = str(field.to or field.dimension)
        if field.type in ("ref", "member") and tree in snapshot.organisation.trees:
            yield place_column(field.id), _place(tree, field.id, snapshot.organisation.carried)
    if is_new:
        yield KEY, literal(NEW)
        if len(entity.key) == 1 and entity.fields[entity.key[0]].type in ("text", "integer"):
            is_number = entity.fields[entity.key[0]].type == "integer"
            yield entity.key[0], str(_NEW_NUMBER) if is_number else literal(NEW)


def _place(tree: str, field: str, day: date | None) -> str:
    on = f"p.id = n.{quoted(field)} AND {literal(day)} BETWEEN p.first AND p.last"
    return f"(SELECT CAST(p.lft AS INTEGER) FROM {quoted(tree_name(tree))} AS p WHERE {on})"


def _grow(session: Answering, database: str, entity: str, above: str, key: str | None) -> None:
    """Put the row where the one above it begins, or before all if there is none; it holds no other.

    Places are numbered without a gap, so a row to be has no interval of its own.
    """
    tree = f"{database}.main.{quoted(tree_name(entity))}"
    own = literal(NEW if key is None else key)
    parent = session.rows(f"SELECT {quoted(above)} FROM {quoted(_SUPPOSED)}")[0][0]
    others = f"SELECT * FROM {tree} WHERE id <> {own}"
    placed = f"SELECT {own}, lft, NULL, depth + 1, first, last FROM {tree} WHERE id = {literal(parent)}"
    if parent is None:
        placed = f"SELECT {own}, 0, NULL, 0, {literal(date.min)}, {literal(date.max)}"
    session.rows(f"CREATE TEMPORARY VIEW {quoted(tree_name(entity))} AS {others} UNION ALL {placed}")
