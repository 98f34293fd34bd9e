"""Runs two pieces of work in turn and gives the ratio of their medians, so that a slow machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


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


def line(name: str, ours: float, theirs: float, against: str) -> str:
    """One line of a report: ours, theirs, and the ratio."""
    return f"{name}: {ours * 1000:.2f} ms, {against} {theirs * 1000:.2f} ms, ratio {ours / theirs:.2f}"
