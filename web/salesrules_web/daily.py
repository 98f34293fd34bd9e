"""A day to the page of what was planned for it and done, by the person who is logged in and all who report to them."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from salesrules import deeds
from salesrules.working import Day, Working
from salesrules_web.asking import lang, me, the_working
from salesrules_web.people import called
from salesrules_web.words import pack

daily = Blueprint("daily", __name__)


@daily.get("/day")
def of_day() -> str:
    """What was planned for a day and done on it; today if none is named, or one that is no day."""
    working = the_working()
    day = _day(working.today())
    found = working.day(me(), day, team=True)
    own = next(each for each in found if each.person == me().id)
    return render_template(
        "plan_and_work.html",
        day=day,
        today=working.today(),
        tasks=_texts(working, own),
        team=found if len(found) > 1 else (),
        called=called([each.person for each in found]),
    )


def _day(today: date) -> date:
    try:
        return min(today, date.fromisoformat(request.args.get("day", "")))
    except ValueError:
        return today


def _texts(working: Working, own: Day) -> list[str]:
    clocks = {clock.id: clock for clock in working.clocks}
    return [sentence.text for sentence in deeds.day_texts(pack(), own, clocks, working.times, lang())[1:]]
