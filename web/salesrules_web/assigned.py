"""Why a record went to whom it did, how evenly an assignment gives out work, and what became of that."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from salesrules import progressed, whose
from salesrules.appealing import Appealing
from salesrules.assigning import Spread
from salesrules.pack.assignment import Assignment, Fairness
from salesrules.phrases import field_text
from salesrules.retracing import Balance, Retracing
from salesrules_web.asking import lang, me, the_key, the_working, the_workspace
from salesrules_web.charts import Chart, chart
from salesrules_web.looks import look_at
from salesrules_web.people import called
from salesrules_web.words import column_heading, pack, t

assigned = Blueprint("assigned", __name__)
_BARS = 60  # of the busiest and the idlest people


@dataclass(frozen=True, slots=True)
class Share:
    """How a group of people shares: its name, and the spread over them."""

    name: str
    spread: Spread


@assigned.get("/assigned/<entity>")
def of_record(entity: str) -> str:
    """The last decision about a record with its reasons; why not oneself, or anybody else for those who audit."""
    entity = the_workspace().named("entity", entity)
    key, about = the_key(), request.args.get("person", "").strip() or None
    found = Retracing(the_working()).why(me(), entity, key, about)
    look_at(entity, key)
    people = [] if found is None else [found.decision.person, *(id for id, _ in found.choice.others)]
    people += [about, *(found.choice.shares if found is not None else ())]
    return render_template(
        "assigned.html",
        entity=pack().entities[entity],
        key=key,
        found=found,
        about=about,
        contests=Appealing(the_working()).contests(me(), entity, key),
        audits=the_workspace().may_audit(me(), entity),
        called=called(people),
        whose=whose,
    )


@assigned.get("/fairness/<assignment>")
def fairness(assignment: str) -> str:
    """How the work of an assignment is spread, for those who audit assignments."""
    the_workspace().must_audit(me(), "assignment")
    found = Retracing(the_working()).balance(assignment)
    people = [id for one in (found.load, found.assigned) if one is not None for id, _ in one.ranked]
    name = called([*people, *(team for team, _ in found.teams)])
    return render_template(
        "how_even.html",
        assignment=_noun(found.assigning.id),
        found=found,
        chart=_bars(found.load) if found.load is not None else None,
        teams=[Share(name(team) if team != "-" else t("fairness.no_team"), one) for team, one in found.teams],
        by=_by(found.assigning.entity, found.limit),
        classes=[Share(_class(found, name), one) for name, one in found.classes],
        rules=[Share(rule, one) for rule, one in found.rules],
        called=name,
        whose=whose,
    )


@assigned.get("/progress/<assignment>")
def progress(assignment: str) -> str:
    """What became of what an assignment gave out, for those who audit assignments."""
    the_workspace().must_audit(me(), "assignment")
    found, times = Retracing(the_working()).progress(assignment), the_working().times
    name = called([*found.people, *found.teams])
    lying = [(name(id), one.untouched, f"{one.untouched:,}") for id, one in found.people.items() if one.untouched]
    lying = sorted(lying, key=lambda bar: (-bar[1], bar[0]))[:_BARS]
    return render_template(
        "went_on.html",
        assignment=_noun(found.assignment),
        text=progressed.progress_text(pack(), found, lang()),
        columns=progressed.COLUMNS,
        tables={by: progressed.progress_rows(found, by, times, lang(), name) for by in progressed.WAYS},
        chart=chart(lying, [number for _, number, _ in lying]),
    )


def _by(entity: str, limit: Fairness | None) -> str:
    """What records are told apart by: a field by its label, anything else as it is written."""
    text = limit.by.text if limit is not None and limit.by is not None else ""
    return column_heading(entity, text)


def _class(found: Balance, name: str) -> str:
    """A class of records: a member or a stage by its label."""
    by = found.limit.by.text if found.limit is not None and found.limit.by is not None else ""
    field = pack().entities[found.assigning.entity].fields.get(by)
    return (field_text(pack(), field, name, lang()) if field is not None else name) or t("page.empty")


def _noun(id: str) -> Assignment:
    return pack().assignments[id]


def _bars(found: Spread) -> Chart | None:
    """What people have, the busiest first; of very many people both ends."""
    ranked = found.ranked[::-1]
    shown = ranked if len(ranked) <= _BARS else (*ranked[: _BARS // 2], *ranked[-_BARS // 2 :])
    name = called(id for id, _ in shown)
    groups = [(name(id), float(number), whose.number_text(number)) for id, number in shown]
    return chart(groups, [number for _, number, _ in groups])
