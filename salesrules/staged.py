"""How records went through the stages of a process, to sentences and the texts of a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.working import StageFigures, StageReport

COLUMNS = ("seen", "entered", "forward", "back", "out", "standing", "median", "ninetieth", "conversion")
"""The figures of a stage, in the order of a table."""


def stages_texts(pack: Pack, found: StageReport, lang: str) -> Iterator[str]:
    """Over how many records the figures are, what is not known of them, and which days are counted."""
    process = pack.processes[found.process]
    words = {"process": process.label.in_(lang), "entity": pack.entities[process.entity].label.in_(lang)}
    last = (found.end - timedelta(1) if found.end > date.min else found.end).isoformat()
    code = "stages.of_all_days" if found.start is None else "stages.of_days"
    yield say(code, lang, start=str(found.start), last=last, count=f"{found.records:,}", **words)
    if found.known < found.records:
        yield say("stages.unknown", lang, count=f"{found.records - found.known:,}")
    if found.seen:
        yield say("stages.first_seen", lang, count=f"{found.seen:,}")
    if found.nowhere:
        yield say("stages.in_none", lang, count=f"{found.nowhere:,}")
    if found.working:
        yield say("stages.working_days", lang, calendar=str(pack.about.calendar))
    else:
        yield say("stages.calendar_days", lang)


def stages_rows(pack: Pack, found: StageReport, lang: str) -> list[list[str]]:
    """The label of each stage and its figures as texts, under `COLUMNS`."""
    labels = {stage.id: stage.label.in_(lang) for stage in pack.processes[found.process].stages}
    return [[labels[each.stage], *(_text(each, name) for name in COLUMNS)] for each in found.stages]


def _text(found: StageFigures, name: str) -> str:
    value: int | Fraction | None = getattr(found, name)
    if value is None:
        return ""
    return f"{float(value):.1%}" if isinstance(value, Fraction) else f"{value:,}"
