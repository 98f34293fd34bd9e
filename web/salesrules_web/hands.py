"""Records to the ways in which the person may pass them on, and changes of owner to words about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from salesrules import deeds
from salesrules.issue import AccessDenied, QuestionError
from salesrules.pooling import Against, OwnerChange, Pooling
from salesrules.reasons import Sentence
from salesrules_web.asking import lang, me, the_working
from salesrules_web.people import called
from salesrules_web.told import Word
from salesrules_web.words import pack

_WHOEVER_GETS_IT = ("right", "unowned", "waits")  # what is against a transfer to anybody at all


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be chosen."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Hands:
    """Whether a record may be given back now, and to somebody else, as far as that does not lie with who gets it.

    `pool` is what people call the pool that it goes back to.
    """

    pool: str | None = None
    transfers: bool = False


def hands(entity: str, key: str) -> Hands:
    """What the person may do with the owner of a record; nothing where its entity has no pool that runs."""
    door = Pooling(the_working())
    if not any(pool.entity == entity for pool in door.pools()):
        return Hands()
    try:
        (back,) = door.give_back(me(), entity, [key], dry=True)
        (on,) = door.transfer(me(), entity, [key], me().id, dry=True)
    except (AccessDenied, QuestionError):
        return Hands()
    home = pack().pools[back.pool].label.in_(lang()) if back.pool is not None and not back.against else None
    return Hands(home, not any(each.what in _WHOEVER_GETS_IT for each in on.against))


def receivers() -> list[Person]:
    """Whom a record may be given to, of those that the person reads, by name; empty where only ids help."""
    ids = Pooling(the_working()).receivers(me())
    name = called(ids)
    return sorted((Person(id, name(id)) for id in ids), key=lambda one: one.name)


def against_texts(found: Sequence[Against]) -> list[str]:
    """Each thing that keeps a record from the person."""
    name = called([me().id])(me().id)
    return [deeds.against_text(pack(), each, name, zone(), lang()) for each in found]


def change_words(found: Sequence[OwnerChange]) -> list[Word]:
    """One word about all that was done, one about all that was not."""
    name = called([change.to for change in found])
    words = []
    for refused in (False, True):
        some = [change for change in found if bool(change.against) == refused]
        named = [replace(change, to=name(change.to)) if change.to is not None else change for change in some]
        texts = [text for change in named for text in deeds.change_texts(pack(), change, zone(), lang())]
        words += [Word(refused, tuple(texts))] if texts else []
    return words


def gone_word(texts: Sequence[str]) -> Word:
    """That records are not there, or not for the person to know of."""
    return Word(True, tuple(Sentence(0, text) for text in texts))


def zone() -> ZoneInfo:
    """Where the pack is, for moments that people read."""
    return ZoneInfo(pack().about.timezone)
