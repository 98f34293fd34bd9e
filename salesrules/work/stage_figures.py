"""Stays to the figures of each stage: who came, where they went on to, who stands there, and for how many days."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Literal

from salesrules.expr.worked import Worked
from salesrules.pack.stages import Process
from salesrules.work.stays import Stay

Way = Literal["forward", "back", "out"]
Between = Callable[[date, date], int]
_PARTS = (Fraction(1, 2), Fraction(9, 10))


@dataclass(frozen=True, slots=True)
class StageFigures:
    """What happened in a stage within some days, and how many stand there at the end of the day that is asked about.

    `seen` were found there when the log saw their stage first, `entered` came by a move. `forward`, `back` and `out`
    left: to a stage behind it in the list, to one before it, or to one that gives up or none at all. `median` and
    `ninetieth` are the days that half of those who left, and nine in ten, stayed at most; None where nobody left.
    """

    stage: str
    seen: int
    entered: int
    forward: int
    back: int
    out: int
    standing: int
    median: int | None
    ninetieth: int | None

    @property
    def left(self) -> int:
        """How many left."""
        return self.forward + self.back + self.out

    @property
    def conversion(self) -> Fraction | None:
        """The share that went forward of those who left, None where nobody did."""
        return Fraction(self.forward, self.left) if self.left else None


@dataclass(frozen=True, slots=True)
class StageReport:
    """How records went through the stages of a process in `[start, end)`, as the log had it at the end of `day`.

    `start` is None for all days of the log; `working` says whether days are working days. `records` are all of which
    the asker reads key and stage, `known` those of which the log had seen that they had a stage, or none; of these
    `seen` were in a stage when they were first seen, and `nowhere` stand in no stage.
    """

    process: str
    day: date
    start: date | None
    end: date
    working: bool
    records: int
    known: int
    seen: int
    nowhere: int
    stages: tuple[StageFigures, ...]


def stage_figures(
    process: Process,
    found: Sequence[Stay],
    records: int,
    day: date,
    start: date | None,
    end: date,
    worked: Worked | None,
) -> StageReport:
    """The figures of every stage, in the order of the process.

    Args: worked: the working time of the pack; where it does not know all the days of those who left, or there is
        none, calendar days are counted.
    """
    left = [stay for stay in found if stay.stage is not None and _within(stay.until, start, end)]
    working = worked is not None and all(_known(worked, stay) for stay in left)
    between = partial(_working_days, worked) if worked is not None and working else _calendar_days
    known = sum(stay.count for stay in found if stay.begins)
    seen = sum(stay.count for stay in found if stay.seen and stay.stage is not None)
    there = sum(stay.count for stay in found if stay.until is None and stay.stage is not None)
    stages = tuple(
        _of_stage(process, stage.id, [stay for stay in found if stay.stage == stage.id], start, end, between)
        for stage in process.stages
    )
    return StageReport(process.id, day, start, end, working, records, known, seen, known - there, stages)


def _of_stage(
    process: Process, stage: str, found: Sequence[Stay], start: date | None, end: date, between: Between
) -> StageFigures:
    came, ways, days = Counter[bool](), Counter[Way](), Counter[int]()
    for stay in found:
        if _within(stay.since, start, end):
            came[stay.seen] += stay.count
        if stay.until is not None and _within(stay.until, start, end):
            ways[_way(process, stage, stay.went)] += stay.count
            days[between(stay.since, stay.until)] += stay.count
    standing = sum(stay.count for stay in found if stay.until is None)
    half, most = (_most(days, part) for part in _PARTS)
    left = (ways["forward"], ways["back"], ways["out"])
    return StageFigures(stage, came[True], came[False], *left, standing, half, most)


def _way(process: Process, stage: str, went: str | None) -> Way:
    """Where a record went that left a stage."""
    order = {each.id: (at, each.gives_up) for at, each in enumerate(process.stages)}
    if went is None or order[went][1]:
        return "out"
    return "forward" if order[went][0] > order[stage][0] else "back"


def _within(day: date | None, start: date | None, end: date) -> bool:
    return day is not None and day < end and (start is None or start <= day)


def _known(worked: Worked, stay: Stay) -> bool:
    return stay.until is not None and worked.first <= stay.since and stay.until <= worked.last


def _working_days(worked: Worked, since: date, until: date) -> int:
    """The working days after a day up to another one; the first is not counted."""
    return max(0, bisect_right(worked.days, until) - bisect_right(worked.days, since))


def _calendar_days(since: date, until: date) -> int:
    return max(0, (until - since).days)


def _most(days: Counter[int], part: Fraction) -> int | None:
    """The fewest days within which at least a part of all lie (the nearest rank), None of nothing."""
    wanted, reached = part * days.total(), 0
    for count in sorted(days):
        reached += days[count]
        if reached >= wanted:
            return count
    return None
