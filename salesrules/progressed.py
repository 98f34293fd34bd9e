"""What became of what an assignment gave out, to a sentence and the texts of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.phrases import Called
from salesrules.retracing import FATES, Progress, ProgressReport
from salesrules.work.clock.times import Times

By = Literal["rule", "team", "person"]
WAYS: tuple[By, ...] = get_args(By)
COLUMNS = ("given", *FATES, "oldest")
"""The figures of a line, in the order of a table."""


def progress_text(pack: Pack, found: ProgressReport, lang: str) -> str:
    """Which assignment gave out how many records since when."""
    assignment = pack.assignments[found.assignment]
    words = {"assignment": assignment.label.in_(lang) if assignment.label is not None else assignment.id}
    words |= {"entity": pack.entities[assignment.entity].label.in_(lang), "since": found.since.isoformat()}
    return say("progress.head", lang, count=f"{found.whole.given:,}", **words)


def progress_rows(found: ProgressReport, by: By, times: Times, lang: str, called: Called = str) -> list[list[str]]:
    """A line for each rule, person or team, most untouched first, and one for all of them; `called` names people."""
    name: Callable[[str], str] = str if by == "rule" else called
    lines = [
        [name(id) if id != "-" else say("fairness.no_team", lang), *_texts(one, times)] for id, one in _lines(found, by)
    ]
    return [*lines, [say("progress.all", lang), *_texts(found.whole, times)]]


def _lines(found: ProgressReport, by: By) -> list[tuple[str, Progress]]:
    of: Mapping[By, Mapping[str, Progress]] = {"rule": found.rules, "person": found.people, "team": found.teams}
    return sorted(of[by].items(), key=lambda line: (-line[1].untouched, line[0]))


def _texts(one: Progress, times: Times) -> list[str]:
    counts = [f"{getattr(one, name):,}" for name in COLUMNS[:-1]]
    return [*counts, times.day(one.oldest).isoformat() if one.oldest is not None else ""]
