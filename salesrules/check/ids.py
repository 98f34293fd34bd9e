"""Facts about ids: they can be written in expressions, and databases can tell them apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from salesrules.expr.parse import RESERVED
from salesrules.issue import Issue, Span
from salesrules.pack.pack import Pack

_WORD = re.compile(r"[^\W\d]\w*\Z")
_Named = tuple[str, Span]


def ids_are_words(pack: Pack) -> Iterator[Issue]:
    """What expressions name is a word of letters, digits and _, normalised, and none of the language's own."""
    for id, span in chain(*_tables(pack), _named(pack.kpis.values()), _named(pack.tables.values())):
        if not _WORD.match(id) or unicodedata.normalize("NFC", id) != id:
            yield Issue("name.not_a_word", span, {"name": id})
        elif id.lower() in RESERVED:
            yield Issue("name.reserved", span, {"name": id})


def ids_differ_by_more_than_case(pack: Pack) -> Iterator[Issue]:
    """Databases take `Name` and `name` for one column; an entity and a dimension of one name for one tree."""
    for group in _groups(pack):
        first: dict[str, _Named] = {}
        for id, span in group:
            other, place = first.setdefault(id.casefold(), (id, span))
            if place != span:
                code = "name.same" if other == id else "name.same_but_case"
                yield Issue(code, span, {"name": id, "other": other}, other=place)


def _groups(pack: Pack) -> Iterator[list[_Named]]:
    """The ids that share a space of names: tables of data, columns of an entity, categories, slices, KPIs and so on."""
    yield from _tables(pack)
    yield _named(pack.categories.values())
    yield _named(pack.modules.values())
    yield _named(pack.slices.values())
    yield _named(pack.kpis.values())
    yield _named(pack.tables.values())
    yield _named(pack.processes.values())


def _tables(pack: Pack) -> Iterator[list[_Named]]:
    """The ids of what lies in the database: entities and dimensions together, then the columns of each entity."""
    yield _named(chain(pack.entities.values(), pack.dimensions.values()))
    for entity in pack.entities.values():
        yield [*_named(entity.fields.values()), *((name, many.span) for name, many in entity.many.items())]


class _Noun(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def span(self) -> Span: ...


def _named(nouns: Iterable[_Noun]) -> list[_Named]:
    return [(noun.id, noun.span) for noun in nouns]
