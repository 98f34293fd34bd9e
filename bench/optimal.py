"""The best total of all waiting records at once: the plan of networkx beside that of OR-tools, and the choice after it.

No two people and no two kinds are alike here, so that the network is as large as it gets; `ways` are pairs of a kind
and a person. The last line has a value of skill and difficulty, as packs do, where people of one skill are one column.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from salesrules.work.assign.arrivals import Kind
from salesrules.work.assign.carried import SOLVERS
from salesrules.work.assign.lots import Lot, Passed, Room
from salesrules.work.assign.optimal import best_total

T = TypeVar("T")
SIZES = ((10, 30, 300), (30, 100, 1_000), (100, 300, 3_000), (300, 1_000, 10_000), (300, 1_000, 100_000))


def run() -> None:
    """Each size with each solver; both must give every record to the same person."""
    for kinds, people, records in SIZES:
        lots, waiting, room = apart(kinds, people, records)
        ways = sum(len(lot.passed) for lot in lots.values())
        print(f"{kinds} kinds, {people:,} people, {ways:,} ways, {records:,} records")
        compared(lots, waiting, room)
    lots, waiting, room = alike(300, 1_000, 100_000)
    print("300 kinds of 5 difficulties, 1,000 people of 5 skills, 100,000 records")
    compared(lots, waiting, room)


def compared(lots: dict[int, Lot], waiting: list[int], room: dict[int, int]) -> None:
    last, found = [0] * len(room), []
    for solver in SOLVERS:
        took, answer = worked(lambda solver=solver: best_total(waiting, lots, room, last, solver))
        found.append(answer)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"  {solver}: {took:.2f} s of processors, at most {peak:.2f} GB", flush=True)
    assert all(answer == found[0] for answer in found)
    print(f"  {sum(at is not None for at, _ in found[0]):,} given to people")


def apart(kinds: int, people: int, records: int) -> tuple[dict[int, Lot], list[int], dict[int, int]]:
    """A third of all pairs can go together, each at a value of its own."""
    draw = Random(7)
    lots = {}
    for kind in range(kinds):
        passed = [Passed(at, Room(), (draw.randint(0, 1_000),)) for at in range(people) if draw.random() < 0.33]
        lots[kind] = Lot(Kind(0, ()), 0, tuple(passed), ())
    return lots, *_asked(draw, kinds, people, records)


def alike(kinds: int, people: int, records: int) -> tuple[dict[int, Lot], list[int], dict[int, int]]:
    """The value goes by how far the skill is from the difficulty."""
    draw = Random(7)
    skills = [draw.randint(1, 5) for _ in range(people)]
    lots = {}
    for kind in range(kinds):
        passed = [Passed(at, Room(), (-abs(skill - kind % 5 - 1),)) for at, skill in enumerate(skills)]
        lots[kind] = Lot(Kind(0, ()), 0, tuple(passed), ())
    return lots, *_asked(draw, kinds, people, records)


def _asked(draw: Random, kinds: int, people: int, records: int) -> tuple[list[int], dict[int, int]]:
    fair = records // people
    return (
        [draw.randrange(kinds) for _ in range(records)],
        {at: draw.randint(fair // 2, fair * 2) for at in range(people)},
    )


def worked(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found
