"""A process to the page of how records went through its stages, over those that the person reads."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from salesrules.staged import COLUMNS, stages_rows, stages_texts
from salesrules.working import StageReport
from salesrules_web.asking import lang, me, the_working
from salesrules_web.charts import Chart, chart
from salesrules_web.words import pack

staged = Blueprint("staged", __name__)


@staged.get("/stages/<process>")
def of_process(process: str) -> str:
    """What happened in each stage within the days that are named; a text that is no day names none."""
    found = the_working().stages(me(), process, _day("from"), _day("to"))
    rows = stages_rows(pack(), found, lang())
    return render_template(
        "staged.html",
        process=pack().processes[found.process],
        found=found,
        texts=list(stages_texts(pack(), found, lang())),
        columns=COLUMNS,
        rows=rows,
        chart=_chart(found, rows),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _chart(found: StageReport, rows: list[list[str]]) -> Chart | None:
    """How many records stand in each stage."""
    standing = [each.standing for each in found.stages]
    return chart([(row[0], there, f"{there:,}") for row, there in zip(rows, standing, strict=True)], standing)
