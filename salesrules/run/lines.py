"""Grant lines on a record to what each says there, term by term, as far as an asker may know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from salesrules.access.snapshot import Hat, Line, Snapshot
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Leaf, leaves
from salesrules.meaning import PERSON
from salesrules.meaning.reads import Read, reads_of
from salesrules.meaning.terms import Term, terms_of
from salesrules.run.answer import Mark
from salesrules.run.decided import Asked
from salesrules.run.explanation import Holds, LineHere, TermHere
from salesrules.run.knowable import beyond_one_record, known_on, reads_of_person, shown_leaves
from salesrules.run.query import Query


def lines_here(
    engine: Engine, snapshot: Snapshot, asked: Asked, lines: Sequence[tuple[Line, bool | None]]
) -> tuple[LineHere, ...]:
    """Each line with the terms of its slice; what a line says in all is told where its terms tell it."""
    program = snapshot.program
    here = []
    for line, holds in lines:
        slice_ = terms_of(program.pack, program.meanings, line.grant.slice, asked.entity)
        terms = tuple(term_here(engine, snapshot, asked, line.hat, term) for term in slice_.terms)
        told = _told(holds, slice_.tie, [term.holds for term in terms])
        here.append(LineHere(line.grant, told, slice_.written, slice_.of, slice_.tie, terms))
    return tuple(here)


def _told(holds: bool | None, tie: str, terms: list[Holds]) -> Holds:
    """What the slice says if it follows from the terms that are told; one of them can be enough."""
    return holds if Mark.HIDDEN not in terms or (tie == "or") in terms else Mark.HIDDEN


def term_here(engine: Engine, snapshot: Snapshot, asked: Asked, hat: Hat, term: Term) -> TermHere:
    """A term on the record: read with full rights, and told where each cell behind it may be known.

    Args: hat: the post of the one asked about under which it is asked.
    """
    pack, tree, shown = snapshot.program.pack, term.meaning, shown_leaves(term.meaning)
    query = Query(snapshot, asked.subject, asked.entity, engine.dialect)
    watch = query.asking(asked.asker)
    columns = [query.expression(tree, hat=hat), known_on(watch, reads_of(pack, asked.entity, tree))]
    for leaf in shown:
        columns += [query.column(leaf.path), known_on(watch, reads_of(pack, asked.entity, leaf))]
    sql = f"SELECT {', '.join(columns)} FROM {query.source} WHERE {query.column(())} = $key"
    ((holds, known, *cells),) = engine.rows(sql, {**query.values, "key": asked.key})
    known = known and not beyond_one_record(snapshot, asked.asker, tree)
    known = known and _knows_person(engine, snapshot, asked, reads_of_person(pack, tree))
    names = [".".join(leaf.path) for leaf in shown]
    values = ((name, v if may else Mark.HIDDEN) for name, v, may in zip(names, cells[::2], cells[1::2], strict=True))
    return TermHere(term.written, holds if known else Mark.HIDDEN, (*values, *_of_post(snapshot, asked, hat, term)))


def _knows_person(engine: Engine, snapshot: Snapshot, asked: Asked, reads: frozenset[Read]) -> bool:
    """Whether the asker may know these cells of the person whom the question is about."""
    if not reads:
        return True
    query = Query(snapshot, asked.asker, PERSON, engine.dialect)
    sql = f"SELECT {known_on(query, reads)} FROM {query.source} WHERE {query.column(())} = $key"
    return bool(engine.rows(sql, {**query.values, "key": asked.subject.id})[0][0])


def _of_post(snapshot: Snapshot, asked: Asked, hat: Hat, term: Term) -> Iterator[tuple[str, Any]]:
    """What the post that brings the line is bound to, where the term asks for it."""
    read = [leaf for leaf in leaves(term.meaning) if leaf.root == "post" and leaf.path[0] != "person"]
    for leaf in dict.fromkeys(replace(leaf, part="value") for leaf in read):
        yield _name(leaf), snapshot.value(asked.subject, hat, leaf)


def _name(leaf: Leaf) -> str:
    return ".".join((leaf.root, *leaf.path))
