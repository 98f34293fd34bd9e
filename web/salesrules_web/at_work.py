"""What waits for the person who is logged in, and one record at work: its stage, its ways on, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from salesrules import deeds
from salesrules.leaving import Leaving, Waiting
from salesrules.pack.followed import OWNER
from salesrules.phrases import Called
from salesrules.whose import waiting_text
from salesrules.working import Due, Signature, Told, Working
from salesrules_web.asking import lang, me, the_key, the_working, the_workspace
from salesrules_web.hands import hands, receivers
from salesrules_web.hats import to_wear
from salesrules_web.looks import look_at
from salesrules_web.people import called
from salesrules_web.words import pack, t

at_work = Blueprint("at_work", __name__)
SHOWN = 50  # things of one kind on a page


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do with a record: what, since when, until when, by how many days it is late, and why."""

    entity: str
    key: str
    what: str
    since: date | None
    until: date | None
    late: int
    why: str
    task: str | None = None


@at_work.get("/work")
def mine() -> str:
    """What is due for the person, most urgent first, then what will be, and what asks for a signature."""
    working = the_working()
    found = working.agenda(me())
    due, coming = ([_item(working, each) for each in some[:SHOWN]] for some in (found.due, found.coming))
    signatures = [_to_sign(working, each) for each in found.signatures[:SHOWN]]
    signatures += [_to_sign(working, each, one.giver) for one, each in found.lent[:SHOWN]]
    waiting = Leaving(working).to_agree(me())
    return render_template(
        "my_work.html",
        agenda=found,
        due=due,
        coming=coming,
        signatures=signatures,
        agreeing=[_to_agree(working, each) for each in waiting[:SHOWN]],
        waiting=waiting,
        to_wear=to_wear(),
        shown=SHOWN,
    )


def _item(working: Working, found: Due) -> Item:
    times, clocks = working.times, {clock.id: clock for clock in working.clocks}
    until, today = times.day(found.at), working.today()
    what = deeds.doing_text(pack(), found, lang())
    why = deeds.clock_text(pack(), clocks[found.clock], lang())
    since = times.day(found.since)
    return Item(found.entity, found.key, what, since, until, (today - until).days, why, found.task)


def _to_sign(working: Working, found: Signature, giver: str | None = None) -> Item:
    what, why = deeds.signature_texts(pack(), found, lang())
    why = f"{why} · {t('history.for', person=called([giver])(giver))}" if giver is not None else why
    since = working.times.day(found.since) if found.since is not None else None
    return Item(found.entity, found.key, what, since, None, 0, why)


def _to_agree(working: Working, found: Waiting) -> Item:
    since = working.times.day(found.since)
    return Item(found.entity, found.key, t("page.agree"), since, None, 0, waiting_text(pack(), found, lang()))


@at_work.get("/work/<entity>")
def of_record(entity: str) -> str:
    """Where a record stands in its processes, each way on with all that is in the way, and its history."""
    key, working, entity = the_key(), the_working(), the_workspace().named("entity", entity)
    found, told = working.outlook(me(), entity, key), working.history(me(), entity, key)
    look_at(entity, key)
    people = [each.event.actor for each in told] + [task.person for one in found for task in one.tasks]
    passed = hands(entity, key)
    name = called([*people, *(str(each.fields[OWNER]) for each in told if each.fields.get(OWNER))])
    return render_template(
        "work_record.html",
        entity=pack().entities[entity],
        key=key,
        outlooks=found,
        history=_history(told, name),
        called=name,
        times=working.times,
        hands=passed,
        receivers=receivers() if passed.transfers else [],
        follows_up=the_workspace().can(me(), "update", entity, key),
        assigned=me().lent is None and any(one.entity == entity for one in pack().assignments.values()),
    )


def _history(told: Sequence[Told], name: Called) -> list[str]:
    """What happened, the newest first."""
    zone = ZoneInfo(pack().about.timezone)
    return [deeds.told_text(pack(), each, zone, lang(), name) for each in reversed(told)]
