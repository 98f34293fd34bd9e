"""What is kept of a run says what the run knew, and says the same whether it stands in rows or was sealed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salesrules.assigning import Assigner
from salesrules.retracing import Retracing
from salesrules.run.projected import state_table
from salesrules.store import Decision, Event, Store, Wanted
from salesrules.store.databases import open_database
from salesrules.store.seals import RUN
from salesrules.work.assign.choice import Choice, choice, read_choice
from salesrules.work.assign.logged import shared_of
from salesrules.work.assign.recalled import UNTOLD, Person, Recalled, without
from tests.assign_world import small_world, write
from tests.conftest import ROOT
from tests.test_assigning import NOON, company, opened
from tests.test_segments import batch

TEAMS = """    when: owner is null
    limits: {open: candidate.capacity, per_day: "6"}
    order_by: [age]
    rules:
      - {id: r0, when: "difficulty = 3", candidates: "post.role = 'rep'", pick: {team: {lead: 60%, helper: 40%}}}
      - {id: r1, candidates: "post.role = 'rep'", pick: {score: {skill: {weight: 100%, of: candidate.skill}}}}"""


def sealing(folder: Path) -> Assigner:
    """The same workspace, in whose log every run is sealed, and nearly every event."""
    found = opened(folder)
    working = found.working
    return replace(found, working=replace(working, store=Store(open_database(working.store.place), 1, 2)))


def worlds(tmp_path: Path, seed: int) -> Iterator[Assigner]:
    """One world twice: in rows, and sealed."""
    _, files = small_world(seed)
    yield opened(write(tmp_path / "rows", files))
    yield sealing(write(tmp_path / "sealed", files))


def later(found: Assigner, minutes: int) -> Assigner:
    moment: datetime = NOON + timedelta(minutes=minutes)
    return replace(found, working=replace(found.working, now=lambda: moment))


def told(found: Assigner) -> list[Any]:
    """All that can be asked of the log about runs: the reasons of each decision, why not, replays and the spread."""
    answers: list[Any] = []
    retracing = Retracing(found.working)
    people = sorted(found.workspace.snapshot.organisation.people)
    for one in found.working.store.decisions():
        if one.key:
            header = found.working.store.header(run=one.run)
            assert header is not None
            answers.append((replace(one, detail={}), read_choice(one, shared_of(header))))
            answers += [retracing.recalled(one, person).person for person in people]
            answers.append(retracing.last("lead", one.key))
    runs = Counter(one.run for one in found.working.store.decisions())
    answers += [(run, retracing.replay(run).moved) for run in sorted(runs)]
    balance = retracing.balance("lead")
    answers.append((balance.assigned, balance.rules, balance.load))
    return answers


@pytest.mark.parametrize("seed", [1, 3, 103, 205])
def test_rows_and_segments_answer_alike(seed: int, tmp_path: Path) -> None:
    """After three runs: the second gives out nothing again, the third what was not shown for a day."""
    answers = []
    for found in worlds(tmp_path, seed):
        kept = [later(found, minutes).assign("lead", seed="s").kept for minutes in (0, 60, 60 * 30)]
        assert kept[0] is not None
        assert found.working.store.verify().broken == ()
        sealed = [event.key for event in found.working.store.events(entity=RUN)]
        assert sealed in ([], [run for run in kept if run is not None])
        events = [replace(event, seq=0) for event in found.working.store.events() if event.entity != RUN]
        answers.append((kept, told(later(found, 60 * 31)), events))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("seed", range(300, 312))
def test_what_is_kept_says_what_the_run_knew(seed: int, tmp_path: Path) -> None:
    _, files = small_world(seed)
    check(opened(write(tmp_path, files)))


def test_what_is_kept_of_teams_and_scores_says_what_the_run_knew(tmp_path: Path) -> None:
    folder = company(tmp_path, TEAMS)
    check(opened(folder))


def check(found: Assigner) -> None:
    run = found.assign("lead", seed="s").run
    header = found.working.store.header()
    assert header is not None
    shared = shared_of(header)
    decisions = {one.key: one for one in found.working.store.decisions() if one.key}
    assert set(decisions) == set(run.arrivals.keys)
    now = replace(found.assign("lead", dry=True), run=run)
    for at, key in enumerate(run.arrivals.keys):
        one = decisions[key]
        assert read_choice(one, shared) == choice(run, at)
        assert (one.person, one.pool) == (run.person(at), run.pool(at))
        asked = one.person or "P-1"
        assert Retracing(found.working).recalled(one, asked).person == found.told(now, key, asked).person


@pytest.mark.parametrize("open_", [opened, sealing])
def test_who_had_a_part_in_a_team_had_it_that_day(open_: Callable[[Path], Assigner], tmp_path: Path) -> None:
    """Three people can have two a day each, and each record takes two of them: three a day, in however many runs."""
    rules = TEAMS.replace('per_day: "6"', 'per_day: "2"').replace("difficulty = 3", "true")
    folder = company(tmp_path, rules, leads=2)
    open_(folder).assign("lead")
    company(tmp_path, rules, leads=6)
    found = later(open_(folder), 5).assign("lead").run
    assert sum(found.today) == 4
    assert sum(place >= 0 for place in found.chosen) == 1


def test_reasons_of_an_older_log_are_read(tmp_path: Path) -> None:
    """Decisions that have all their reasons of their own, as they were once written."""
    found = opened(company(tmp_path))
    run = found.assign("lead", seed="s").kept
    first, one, *_ = found.working.store.decisions()
    whole = {"rule": "r0", "pick": "least_loaded", "considered": 3, "stopped": [["open", 1]], "left": 2, "kind": 0}
    older = replace(one, run="older", detail={**whole, "number": 2.0, "others": [["P-2", 1.5]], "tied": 1})
    packed = dict(first.detail)
    found.working.store.append([], [replace(first, run="older", detail=packed), older])
    chosen = Retracing(found.working).recalled(next(found.working.store.decisions(run="older", key=one.key))).choice
    assert (chosen.considered, chosen.stopped, chosen.left) == (3, (("open", 1),), 2)
    assert (chosen.number, chosen.others, chosen.tied) == (2.0, (("P-2", 1.5),), 1)
    assert run is not None
    assert found.working.store.decision_counts(("run",), Wanted(key=one.key)) == {(run,): 1, ("older",): 1}


def test_reasons_that_speak_of_unread_fields_are_not_told() -> None:
    stopped = (("candidate.id <> 'A' or amount < 5", 1), ("active", 2), ("amounts = 1", 3))
    chosen = Choice("r", "score", 4, stopped, 1, 0, parts={"deal": 1.0})
    decision = Decision("run", NOON, "deal", "D", "a", "r", "B", None, "", "")
    told = Recalled(decision, chosen, Person("A", stopped[0][0], values=(("amount", 77_123),)))
    cut = without(told, ["amount"])
    assert (cut.choice.stopped, cut.choice.parts) == ((("active", 2), ("amounts = 1", 3)), {})
    assert cut.person == Person("A", UNTOLD)
    assert without(told, []) == told


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.test_kept import sealing
import salesrules.store.log as log
real, at = log._append, []
def killing(*args):
    at.append(args)
    if len(at) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args)
log._append = killing
sealing(Path(sys.argv[1])).assign("lead")
"""


@pytest.mark.parametrize("when", [1, 2])
def test_a_sealed_run_that_is_killed_has_not_happened(when: int, tmp_path: Path) -> None:
    """Killed when its segment is written, and when its events are and its decisions are not."""
    company(tmp_path)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(when)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    found = sealing(tmp_path)
    assert (list(found.working.store.events()), list(found.working.store.decisions())) == ([], [])
    run = found.assign("lead").kept
    assert run is not None
    assert found.working.store.verify().broken == ()
    assert Retracing(found.working).replay(run).moved == []


def test_a_run_that_is_sealed_while_the_state_is_read_is_taken_in_next_time(tmp_path: Path) -> None:
    """Sealed by another process while a part of the log is handed over: its facts come with those that follow."""
    company(tmp_path)
    found = sealing(tmp_path)
    states, store = found.working.states, found.working.store
    states.refresh()
    store.append([Event(NOON, "lead", "L-0", "followed_up", "li")])
    last = store.last()
    other = Store(open_database(store.place), 1, 2)
    states._store = Meanwhile(store, lambda: other.keep(batch()))  # type: ignore[assignment]
    assert states.refresh() == last < store.last()
    states._store = store
    assert states.refresh() == store.last()
    table = f'SELECT "#key", "owner wanted" FROM {state_table("lead")} ORDER BY 1'
    seen = states.engine.rows(table)
    assert ("L-2'\"客", "李") in seen
    states.recompute()
    assert states.engine.rows(table) == seen
    other.close()


class Meanwhile:
    """A store that hands over its events while something else is done to it."""

    def __init__(self, store: Store, done: Callable[[], Any]) -> None:
        self._store, self._done = store, done

    def events_behind(self, after: int) -> Iterator[Any]:
        for part in self._store.events_behind(after):
            self._done()
            yield part
