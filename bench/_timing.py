"""Runs two pieces of work in turn and gives the ratio of their medians, so that a slow machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Least:
    """The least seconds that some work took of several runs: by the clock, and of the processors' time."""

    clock: float
    processors: float


def side_by_side(ours: Callable[[], object], theirs: Callable[[], object], runs: int = 15) -> tuple[float, float]:
    """Median seconds of each, run alternately after one warm-up."""
    ours()
    theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, found in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            work()
            found.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def least_of(
    works: Mapping[str, Callable[[], object]], runs: int, processors: Callable[[], float] = time.process_time
) -> dict[str, Least]:
    """The least that each of several works took, run in turn after one warm-up: what others do on the machine adds.

    Args: processors: the seconds of processor time so far; that of this process, if nothing is said.
    """
    for work in works.values():
        work()
    found = {name: Least(float("inf"), float("inf")) for name in works}
    for _ in range(runs):
        for name, work in works.items():
            clock, before = time.perf_counter(), processors()
            work()
            took = time.perf_counter() - clock, processors() - before
            found[name] = Least(min(found[name].clock, took[0]), min(found[name].processors, took[1]))
    return found


def line(name: str, ours: float, theirs: float, against: str) -> str:
    """One line of a report: ours, theirs, and the ratio."""
    return f"{name}: {ours * 1000:.2f} ms, {against} {theirs * 1000:.2f} ms, ratio {ours / theirs:.2f}"
