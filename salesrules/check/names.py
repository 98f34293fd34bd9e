"""Names and shares to Issues: what most facts come down to, a name that stands for something, parts of a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from salesrules.issue import Issue, Span, nearest
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.pack import Pack
from salesrules.pack.values import ALL
from salesrules.pack.word import Word


def unless_known(code: str, word: Word | None, known: Collection[str], **words: str) -> Iterator[Issue]:
    """An issue at the word if nothing is called so; a key that was left out is no issue."""
    if word is not None and word not in known:
        yield Issue(code, word.span, {"name": word, **words}, near=nearest(word, known))


def all_known(code: str, found: Iterable[Word], known: Collection[str], **words: str) -> Iterator[Issue]:
    """An issue at each word that nothing is called by."""
    for word in found:
        yield from unless_known(code, word, known, **words)


def unless_total(code: str, span: Span, shares: Iterable[Decimal], wanted: Decimal = ALL) -> Iterator[Issue]:
    """An issue if shares do not add up to what they should, both as a percent."""
    total = sum(shares, Decimal(0))
    if total != wanted:
        yield Issue(code, span, {"total": _percent(total), "wanted": _percent(wanted)})


def unless_parts(code: str, span: Span, parts: Collection[tuple[str, Decimal]]) -> Iterator[Issue]:
    """The issue of `unless_total` if parts of a whole do not add up to it, and one at each part below nothing."""
    yield from unless_total(code, span, (part for _, part in parts))
    for name, part in parts:
        if part < 0:
            place = name.span if isinstance(name, Word) else span
            yield Issue("share.negative", place, {"name": name, "share": _percent(part)})


def each_once(code: str, found: Iterable[tuple[str, Span]]) -> Iterator[Issue]:
    """An issue at each id that stands a second time, with the first place."""
    first: dict[str, Span] = {}
    for id, span in found:
        if id in first:
            yield Issue(code, span, {"name": id}, other=first[id])
        first.setdefault(id, span)


def members_of(pack: Pack, dimension: str | None) -> frozenset[str] | None:
    """The member ids of a dimension, or None where only the data knows them."""
    if dimension == "role":
        return frozenset(pack.roles)
    if dimension is None or dimension not in pack.dimensions:
        return None
    members = pack.dimensions[dimension].members
    return None if isinstance(members, MemberTable) else frozenset(member.id for member in members)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
