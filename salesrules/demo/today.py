"""A demo workspace that has lived to the records that commands can be tried on, found in its data of the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from salesrules.appealing import Appealing
from salesrules.conducting import Conducting
from salesrules.demo import Made
from salesrules.issue import say
from salesrules.pooling import OwnerChange, Pooling
from salesrules.retracing import Retracing
from salesrules.work.outlook import Outlook
from salesrules.working import Working
from salesrules.workspace import Principal

FILE = "today.sh"
"""The file of a demo workspace that gives a shell the names of the records."""
_DIRECTOR = "P-0006"
_LOOKED_AT = 500
"""So many records of a person are looked through at most."""
_WIDTH = 48


@dataclass(frozen=True, slots=True)
class Example:
    """Variables of a shell with their values, and the code of the words about them."""

    values: Mapping[str, str]
    about: str

    def line(self, made: Made, lang: str) -> str:
        """What a shell reads, with the words as a comment."""
        names = " ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{names:{_WIDTH}}# {say(self.about, lang, rep=made.rep, manager=made.manager)}"


def examples(working: Working, made: Made) -> tuple[Example, ...]:
    """The first record of each kind, in the order in which a person sees them; none of a kind that is not there."""
    rep, manager, director = (working.workspace.person(id) for id in (made.rep, made.manager, _DIRECTOR))
    found = (
        _hands(Pooling(working), rep, manager),
        _contested(working, rep),
        _under_way(working, rep),
        _to_sign(working, manager),
        _charged(Conducting(working), director),
        _gone(working, director),
        (Example({"NEXT_WEEK": (working.today() + timedelta(days=7)).isoformat()}, "demo.to_end"),),
    )
    return tuple(chain.from_iterable(found))


def _keys(working: Working, person: Principal, entity: str, where: str = "") -> tuple[str, ...]:
    return working.workspace.see(person, entity, _LOOKED_AT, where=where).keys


def _hands(pooling: Pooling, rep: Principal, manager: Principal) -> Iterator[Example]:
    """A lead to claim, one to give back and a customer to pass on, with nothing against it."""
    waiting = tuple(offer.key for offer in pooling.pool(rep, "lead_pool").offers)
    own = _keys(pooling.working, rep, "lead", "owner = user")
    others = _keys(pooling.working, manager, "customer", f"owner is not null and owner <> '{rep.id}'")
    wishes = (
        ("LEAD", "demo.to_claim", pooling.claim(rep, "lead", waiting, dry=True)),
        ("HELD", "demo.to_return", pooling.give_back(rep, "lead", own, dry=True)),
        ("CUSTOMER", "demo.to_transfer", pooling.transfer(manager, "customer", others, rep.id, dry=True)),
    )
    for name, about, changes in wishes:
        yield from (Example({name: one.key}, about) for one in _free(changes)[:1])


def _free(changes: tuple[OwnerChange, ...]) -> list[OwnerChange]:
    return [one for one in changes if not one.against]


def _contested(working: Working, rep: Principal) -> Iterator[Example]:
    """A lead that somebody else was given, and about which the person may ask."""
    retracing, appealing = Retracing(working), Appealing(working)
    for key in _keys(working, rep, "lead"):
        last = retracing.last("lead", key)
        if last is not None and last.person not in (None, rep.id) and not appealing.contests(rep, "lead", key):
            yield Example({"GIVEN": key}, "demo.to_contest")
            return


def _under_way(working: Working, rep: Principal) -> Iterator[Example]:
    """A deal with a task that is still to be done and a stage to go to."""
    for key in _keys(working, rep, "opportunity", "owner = user"):
        for found in working.outlook(rep, "opportunity", key):
            if tasks := [task.id for task in found.tasks if task.yours and not task.done and _goes_on(found)]:
                values = {"DEAL": key, "TASK": tasks[0], "NEXT": found.ways[0].to}
                yield Example(values, "demo.to_advance")
                return


def _goes_on(found: Outlook) -> bool:
    return bool(found.ways) and found.waits is None


def _to_sign(working: Working, manager: Principal) -> Iterator[Example]:
    """A deal that waits for the signature of the manager."""
    waiting = [one.key for one in working.agenda(manager).signatures if one.entity == "opportunity"]
    yield from (Example({"SIGN": key}, "demo.to_sign") for key in waiting[:1])


def _charged(conducting: Conducting, director: Principal) -> Iterator[Example]:
    """A violation that is open, with who is charged."""
    for one in conducting.violations(director, team=True).told[:1]:
        yield Example({"CHARGED": one.person, "VIOLATION": str(one.id)}, "demo.to_answer")


def _gone(working: Working, director: Principal) -> Iterator[Example]:
    """Somebody who has left and whose work stayed."""
    for id in _keys(working, director, "person", "left_on < today()"):
        if _keys(working, director, "opportunity", f"owner = '{id}'"):
            yield Example({"LEAVER": id}, "demo.to_hand_over")
            return
