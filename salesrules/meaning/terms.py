"""A slice on an entity to the terms that it is written as, each with its text, its place and its meaning."""

from __future__ import annotations

from dataclasses import dataclass, replace

from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.lex import tokens_of
from salesrules.expr.parse import parse, via
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression, Node, Operation
from salesrules.expr.typed import Typed, below
from salesrules.meaning import Meanings
from salesrules.meaning.slices import led_to
from salesrules.pack.pack import Pack

_PRINCIPAL = frozenset({"user", "post"})


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a condition as it is written; the meaning is that on the record that the slice is asked about."""

    written: Expression
    meaning: Typed


@dataclass(frozen=True, slots=True)
class Terms:
    """A condition as it is written, and what `and` or `or` tie together at its top; one term where neither does.

    `of` is the entity that the text is about: where the slice says `via opportunity`, that of the end of the way.
    """

    written: Expression
    of: str
    tie: str
    terms: tuple[Term, ...]


def terms_of(pack: Pack, meanings: Meanings, slice_: str, entity: str) -> Terms:
    """The terms of a slice that has a meaning on an entity."""
    condition, at, path = _followed(pack, slice_, entity)
    known = {id: meanings.slices[id, at] for id in pack.slices if (id, at) in meanings.slices}
    found = terms_in(condition, Scope(meanings.vocabulary, at, _PRINCIPAL, slices=known))
    return replace(found, terms=tuple(replace(term, meaning=below(term.meaning, path)) for term in found.terms))


def terms_in(condition: Expression, scope: Scope) -> Terms:
    """The terms of a condition that has a meaning in a scope."""
    node, _ = parse(condition)
    assert node is not None  # it has a meaning, so it can be read
    tied = isinstance(node, Operation) and node.symbol in ("and", "or")
    found = []
    for part in node.operands if isinstance(node, Operation) and tied else (node,):
        written = _text_of(condition, part) if tied else condition
        tree, _ = resolve(written, scope, BOOLEAN)
        assert tree is not None
        found.append(Term(written, tree))
    tie = node.symbol if isinstance(node, Operation) and tied else "and"
    return Terms(condition, scope.entity, tie, tuple(found))


def _followed(pack: Pack, slice_: str, entity: str) -> tuple[Expression, str, tuple[str, ...]]:
    """The condition at the end of `via`, the entity that it is of, and the path that leads there."""
    path: tuple[str, ...] = ()
    while True:
        condition = pack.slices[slice_].on(entity)
        assert condition is not None
        step = via(condition)
        if step is None:
            return condition, entity, path
        path, target = (*path, *step.parts), led_to(pack, entity, step.parts)
        assert target is not None
        entity = target


def _text_of(condition: Expression, node: Node) -> Expression:
    """The text of a part; a node does not know the brackets at its ends, so they are counted."""
    tokens = [token for token in tokens_of(condition.text) if token.kind != "end"]
    first = next(at for at, token in enumerate(tokens) if token.start >= node.start)
    last = max(at for at, token in enumerate(tokens) if token.end <= node.end)
    depth = least = 0
    for token in tokens[first : last + 1]:
        depth += (token.word == "(") - (token.word == ")")
        least = min(least, depth)
    start, end = tokens[first + least].start, tokens[last + depth - least].end
    return Expression(condition.text[start:end], condition.at(start, end))
