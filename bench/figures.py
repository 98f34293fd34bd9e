"""Figures for somebody who may sum up all rows and read none, against the same figures for somebody who reads them all.

The first time a person asks for a KPI, it is found out which groups of the rows that they do not read may be told; that
is kept, so that every other question about it only looks whether its groups are among them.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from bench._timing import least_of
from salesrules.demo import make
from salesrules.run.kinds import Cells
from salesrules.run.released import released
from salesrules.workspace import Principal, Workspace

SIZES = ("normal", "large")
RUNS = 5
FIELDS = (3, 6, 14, 2, 5, 7, 200, 20)  # how many groups each has
DIRECTOR = "sales_director"  # reads everything that the auditor sums up


def run(sizes: tuple[str, ...] = SIZES) -> None:
    """The overview, and one KPI in groups, at each size of the demo company."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = make(Path(folder), size=size)
            workspace = Workspace.open(Path(folder))
            print(f"{made.opportunities:,} opportunities, {made.rows:,} rows in all")
            director = next(p for p in workspace.people() if DIRECTOR in p.roles)
            measure(workspace, workspace.person(made.auditor), director)
    unlike(1_000_000)


def unlike(rows: int) -> None:
    """What may be told of rows that anybody may sum up and nobody read, no two of which are alike."""
    draw = np.random.default_rng(1)
    names = tuple(tuple(f"={label:03}" for label in range(size)) for size in FIELDS)
    codes = tuple(draw.integers(0, size, rows) for size in FIELDS)
    everyone, valued = np.ones(rows), (draw.random(rows) < 0.9).astype(np.float64)
    cells = Cells(codes, names, everyone, ((None, everyone), (None, valued)))
    for fields, pairs in (("one field", False), ("two fields", True)):
        started = time.process_time()
        told = released(cells, 5, pairs)
        spent, groups = time.process_time() - started, sum(map(len, told.groups.values()))
        print(f"{rows:,} unlike rows by {fields}: {groups:,} groups told, {spent:.1f} s of the processors")


def measure(workspace: Workspace, auditor: Principal, director: Principal) -> None:
    """Every KPI that both may ask for, for the first time and again; and one by region and product."""
    kpis = [kpi for kpi in workspace.kpis(auditor) if kpi in workspace.kpis(director)]
    first = {kpi: _seconds(workspace, auditor, kpi) for kpi in kpis}
    slowest = max(first, key=first.__getitem__)
    for what, of in (("by the clock", 0), ("of the processors", 1)):
        total = sum(seconds[of] for seconds in first.values())
        print(f"  {len(kpis)} KPIs for the first time: {total:.2f} s {what}, {slowest} {first[slowest][of]:.2f}")
    for name, by in (("over all", ()), ("by region and product", ("customer.region", "product"))):
        works = {who.id: lambda who=who, by=by: workspace.kpi(who, "win_rate", by) for who in (auditor, director)}
        times = least_of(works, RUNS)
        ours, theirs = times[auditor.id].processors, times[director.id].processors
        words = f"{ours * 1000:.0f} ms of the processors, read {theirs * 1000:.0f} ms, ratio {ours / theirs:.1f}"
        print(f"  win rate {name}, again: {words}")


def _seconds(workspace: Workspace, who: Principal, kpi: str) -> tuple[float, float]:
    """By the clock, and of the processors' time."""
    clock, processors = time.perf_counter(), time.process_time()
    workspace.kpi(who, kpi)
    return time.perf_counter() - clock, time.process_time() - processors
