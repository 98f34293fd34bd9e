"""What people ask of the log is answered alike before its old events are sealed and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from salesrules.assigning import Assigner
from salesrules.run.projected import state_table
from salesrules.store import Store
from salesrules.store.databases import open_database
from salesrules.store.old_rows import seal_old_rows
from salesrules.working import Working
from tests import test_appeals, test_conflicts, test_reconcile, working_company


def proposed(folder: Path) -> None:
    """Work on deals: what was done, what was proposed, and what a clock did."""
    working = test_reconcile.opened(working_company.make(folder))
    li, chen = (working.workspace.person(person) for person in ("li", "chen"))
    working.sync()
    working.follow_up(li, "deal", "D-1", "catalogue")
    working.task_done(li, "deal", "D-1", "call")
    working.advance(li, "deal", ["D-2", "D-4", "D-5"], "lost")
    working.advance(chen, "deal", ["D-6"], "lost")
    test_reconcile.opened(folder, 100).run_clocks()


def asked_of_work(folder: Path) -> list[Any]:
    working = test_reconcile.opened(folder, 101)
    dai = working.workspace.person("dai")
    return [
        *([working.history(dai, "deal", f"D-{n}") for n in range(1, 9)]),
        *(working.due(dai), working.agenda(dai), working.messages(), working.unseen()),
        *(working.stages(dai, "sales"), working.day(dai, working.today(), True), test_reconcile.outcomes(working)),
        *rebuilt(working),
    ]


def rebuilt(working: Working) -> list[Any]:
    """Whether the log is whole, and the state of all records, which must be the same computed again from nothing."""
    tables = [f"SELECT * FROM {state_table(entity)} ORDER BY ALL" for entity in working.states.watched]
    known = [working.states.engine.rows(table) for table in tables]
    working.states.recompute()
    assert [working.states.engine.rows(table) for table in tables] == known
    return [working.verify(), list(working.store.events()), known]


def contested(folder: Path) -> None:
    """Two who have the same, noted by the clocks; the rule of the first day decides."""
    rule = test_conflicts.RULE.replace("judge: manager", "judge: manager, rule_of: event_date")
    test_conflicts.at(test_conflicts.world(folder, rule=rule, L_1="li", L_2="he"), 12, 5).working.run_clocks()


def asked_of_conflicts(folder: Path) -> list[Any]:
    door = test_conflicts.at(folder, 13, 5)
    told = [door.working.history(door.working.workspace.person(person), "lead", "L-1") for person in ("li", "wang")]
    cases = [test_conflicts.told(door, person) for person in ("wang", "li", "he")]
    assert any(cases)
    return [told, cases, *rebuilt(door.working)]


def appealed(folder: Path) -> None:
    """A run, and appeals against two of its decisions."""
    appealing = test_appeals.opened(test_appeals.company(folder))
    Assigner(appealing.working).assign("lead", seed="s")
    for key in test_appeals.lost(appealing, "li")[:2]:
        appealing.appeal(test_appeals.who(appealing, "li"), "lead", key, "I had room")


def asked_of_appeals(folder: Path) -> list[Any]:
    appealing = test_appeals.opened(folder, 1)
    judge = test_appeals.who(appealing, "ju")
    whys = [appealing.retracing.why(judge, "lead", key, "li") for key in test_appeals.lost(appealing, "li")]
    reviews = appealing.reviews(judge)
    assert whys
    assert reviews
    return [reviews, whys, *rebuilt(appealing.working)]


ASKED: dict[str, tuple[Callable[[Path], None], Callable[[Path], list[Any]]]] = {
    "work": (proposed, asked_of_work),
    "conflicts": (contested, asked_of_conflicts),
    "appeals": (appealed, asked_of_appeals),
}


@pytest.mark.parametrize("what", ASKED)
def test_answers_are_alike_before_and_after_sealing(what: str, tmp_path: Path) -> None:
    made, asked = ASKED[what]
    made(tmp_path)
    before = asked(tmp_path)
    working = Working.open(tmp_path)
    count = working.store.last()
    with closing(Store(open_database(working.store.place))) as store, store.alone(), store._connected() as connection:
        seal_old_rows(connection, 4, count)
        left = connection.exec_driver_sql("SELECT count(*) FROM salesrules_event").scalar()
    assert left is not None
    assert left <= 4 < count
    assert asked(tmp_path) == before
