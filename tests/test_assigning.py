"""What is kept of a run, what holds of every run, and what happens when two run at once or one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesrules.assigning import Assigner
from salesrules.pack.pick import ToPool
from salesrules.pack.values import Duration
from salesrules.retracing import Retracing
from salesrules.store import Decision, Event, Store
from salesrules.whose import assigned_texts
from salesrules.work.assign.days import later
from salesrules.work.assign.rounds import Among, Turn
from salesrules.work.assign.run import Run, assign
from salesrules.working import Working
from salesrules.workspace import Workspace
from tests.assign_world import DAY, small_world, write
from tests.conftest import ROOT

NOON = datetime(2026, 3, 16, 12)
TURNS = """    when: owner is null
    limits: {open: candidate.capacity}
    order_by: [age]
    rules:
      - {id: r0, candidates: "post.role = 'rep'", pick: {weighted_round_robin: candidate.weight}}"""


def opened(folder: Path, now: datetime = NOON) -> Assigner:
    return Assigner(replace(Working.open(folder), now=lambda: now))


def company(folder: Path, rules: str = TURNS, leads: int = 30, capacity: int = 100) -> Path:
    """Three people of weights 1, 2 and 3 who can all get every lead."""
    _, files = small_world(1)
    columns = [None] * 6
    return write(
        folder,
        {
            **files,
            "rules": rules,
            "person.csv": [files["person.csv"][0], *([f"P-{n}", 3, capacity, n, None] for n in (1, 2, 3))],
            "posts.csv": [files["posts.csv"][0], *([f"P-{n}", "rep", "*", "*", None, None] for n in (1, 2, 3))],
            "leave.csv": [files["leave.csv"][0]],
            "customer.csv": [["id", "owner"]],
            "lead.csv": [files["lead.csv"][0], *([f"L-{n}", None, *columns] for n in range(leads))],
        },
    )


def about(found: Assigner) -> list[Decision]:
    return [one for one in found.working.store.decisions() if one.key]


def test_a_run_is_kept_with_its_reasons_and_replays_to_the_same_people(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    found = assigner.assign("lead")
    assert found.kept is not None
    assert Counter(one.person for one in about(assigner)) == {"P-1": 5, "P-2": 10, "P-3": 15}
    assert {event.kind for event in assigner.working.store.events()} == {"assigned"}
    assert Retracing(assigner.working).replay(found.kept).moved == []
    assert assigner.assign("lead").kept is None  # what was given out waits for its table to show it


def test_a_stored_decision_that_was_tampered_with_is_found_by_replay(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    run = assigner.assign("lead").kept
    assert run is not None
    first, *others = assigner.working.store.decisions()
    forged = replace(others[0], person="P-1" if others[0].person != "P-1" else "P-2")
    (tmp_path / "forged").mkdir()
    other = Retracing(replace(assigner.working, store=Store(_database(tmp_path / "forged" / "store.sqlite"))))
    other.working.store.append([], [first, forged, *others[1:]])
    assert [one.key for one in other.replay(run).moved] == [forged.key]


def _database(path: Path) -> Any:
    from salesrules.store.databases import open_database

    return open_database(str(path))


def test_turns_go_on_where_the_last_run_left_them(tmp_path: Path) -> None:
    """Two runs of 15 and then of the other 15 give what one of 30 gives."""
    assigner = opened(company(tmp_path))
    whole = {one.key: one.person for one in about_dry(assigner)}
    folder = company(tmp_path / "twice", leads=15)
    opened(folder).assign("lead", seed="s")
    later = opened(company(tmp_path / "twice", leads=30), NOON + timedelta(minutes=1))
    later.assign("lead", seed="s")
    assert Counter(one.person for one in about(later)) == Counter(whole.values())


def test_a_run_tells_how_far_anybody_is_from_the_share(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    found = assigner.assign("lead", dry=True, seed="s")
    told = [text for text in assigned_texts(assigner.workspace.pack, found, "en") if text.startswith("turns of ")]
    errors = {scope: error for scope, error in found.run.errors.items() if error}
    assert errors
    assert told == [
        f"turns of {scope}: nobody is more than {error:.2f} records from the share that was due"
        for scope, error in sorted(errors.items())
    ]


def about_dry(assigner: Assigner) -> list[Decision]:
    run = assigner.assign("lead", dry=True, seed="s").run
    blank = ("lead", "leads", "", "", "")
    return [
        Decision("", NOON, blank[0], key, blank[1], "", run.person(at), None, "", "")
        for at, key in enumerate(run.arrivals.keys)
    ]


def test_what_names_an_owner_who_is_not_in_the_tables_is_not_given_out(tmp_path: Path) -> None:
    folder = company(tmp_path, leads=6)
    people = folder / "data/person.csv"
    leads = folder / "data/lead.csv"
    leads.write_text(leads.read_text(encoding="utf-8").replace("L-2,,", "L-2,P-2,"), encoding="utf-8")
    assert [*opened(folder).assign("lead", dry=True).astray] == []
    people.write_text(people.read_text(encoding="utf-8").replace("P-2,3,100,", "P-2,3,many,"), encoding="utf-8")
    assigner = opened(folder)
    found = assigner.assign("lead")
    assert found.astray == ("L-2",)
    assert "L-2" not in found.run.arrivals.keys
    assert len(found.run.arrivals.keys) == 5
    texts = "\n".join(assigned_texts(assigner.workspace.pack, found, "en"))
    assert "1 record names an owner who is not in the tables, such as L-2, and is not given out" in texts


def test_what_is_on_its_way_to_somebody_is_theirs_when_loads_are_evened_out(tmp_path: Path) -> None:
    """P-3 was given three of six, which its table does not show; what P-1 has had before is moved to the others."""
    folder = company(tmp_path, leads=6)
    leads = folder / "data/lead.csv"
    more = "".join(f"M-{n},P-1,,,,,,\n" for n in range(6))
    leads.write_text(leads.read_text(encoding="utf-8") + more, encoding="utf-8")
    assigner = opened(folder)
    run = assigner.assign("lead").run
    given = Counter(run.person(at) for at in range(6))
    found = assigner.rebalance("lead", Fraction(0))
    assert given == {"P-1": 1, "P-2": 2, "P-3": 3}
    assert found.before == {"P-1": 7, "P-2": 2, "P-3": 3}
    assert found.after == {"P-1": 4, "P-2": 4, "P-3": 4}
    assert {(move.old, move.new) for move in found.moves} == {("P-1", "P-2"), ("P-1", "P-3")}
    assert all(move.key.startswith("M-") for move in found.moves)


def test_what_is_not_shown_within_a_day_is_given_out_again(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    assigner.assign("lead")
    later = opened(tmp_path, NOON + timedelta(days=1, seconds=1))
    assert len(later.assign("lead").run.arrivals.keys) == 30


def test_two_runs_at_once_never_give_out_the_same_record(tmp_path: Path) -> None:
    company(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(lambda: opened(tmp_path).assign("lead")) for _ in range(4)]:
            done.result()
    assert max(Counter(one.key for one in about(opened(tmp_path))).values()) == 1


def test_what_somebody_claimed_is_not_given_to_another(tmp_path: Path) -> None:
    """The table shows neither a claim nor that the record was put back; the log knows both."""
    assigner = opened(company(tmp_path, leads=3))
    claimed = Event(NOON, "lead", "L-0", "claimed", "P-1", {"owner": "P-1"}, "pool", "")
    back = [replace(claimed, key="L-1"), replace(claimed, key="L-1", kind="returned", values={"owner": None})]
    assigner.working.store.append([claimed, *back])
    found = assigner.assign("lead", dry=True)
    assert sorted(found.run.arrivals.keys) == ["L-1", "L-2"]
    load = dict(zip(found.run.people, found.run.load, strict=True))
    assert sum(load.values()) == 3
    assert load["P-1"] >= 1
    later = opened(tmp_path, NOON + timedelta(days=1, seconds=1))
    assert len(later.assign("lead", dry=True).run.arrivals.keys) == 3


@pytest.mark.parametrize(
    ("day", "time", "then"),
    [
        (date(2026, 1, 31), "1mo", date(2026, 2, 28)),
        (date(2026, 3, 31), "1mo", date(2026, 4, 30)),
        (date(2025, 11, 30), "3mo", date(2026, 2, 28)),
        (date(2026, 3, 16), "90d", date(2026, 6, 14)),
        (date(9999, 12, 1), "3mo", date.max),
    ],
)
def test_how_long_somebody_is_new_ends_with_the_month(day: date, time: str, then: date) -> None:
    assert later(day, Duration.of(time)) == then


KILLED = """
import os, signal, sys
from pathlib import Path
from salesrules.assigning import Assigner
from salesrules.retracing import Retracing
import salesrules.store.log as log
kept, calls = log._append, []
def append(connection, table, lines):
    if calls:
        os.kill(os.getpid(), signal.SIGKILL)
    calls.append(table)
    return kept(connection, table, lines)
log._append = append
Assigner.open(Path(sys.argv[1])).assign("lead")
"""


def test_a_run_that_is_killed_has_not_happened(tmp_path: Path) -> None:
    """Killed after its events are written, and before its decisions are."""
    company(tmp_path)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assigner = opened(tmp_path)
    assert list(assigner.working.store.events()) == []
    assert list(assigner.working.store.decisions()) == []
    assert len(assigner.assign("lead").run.arrivals.keys) == 30


def test_why_tells_an_auditor_of_each_person_and_others_nothing(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path, capacity=2))
    assigner.assign("lead")
    waiting = next(one for one in about(assigner) if one.person is None)
    assert waiting.pool == "waiting"
    person = assigner.workspace.person("P-1", DAY)
    owned = next(one for one in about(assigner) if one.person == "P-1")
    with pytest.raises(Exception, match="no_record"):
        Retracing(assigner.working).why(person, "lead", owned.key)  # its table does not say yet that it is theirs


def run(folder: Path, seed: str = "s") -> Run:
    workspace = Workspace.open(folder)
    return assign(workspace.engine, workspace.snapshot, workspace.snapshot.program.assignments["leads"], DAY, seed)


def natures(found: Run) -> dict[str, Any]:
    """What each record's person is, without who it is."""

    def nature(at: int) -> Any:
        place = found.chosen[at]
        if place < 0:
            return None
        one = found.panel.lineup.people[place]
        posts = [(hat.post.role, sorted((k, v or "") for k, v in hat.post.scope.items())) for hat in one.hats]
        return posts, one.principal.row["skill"], one.principal.row["capacity"], one.principal.row["weight"]

    return {key: nature(at) for at, key in enumerate(found.arrivals.keys)}


@pytest.mark.parametrize("seed", range(100, 112))
def test_what_holds_of_every_run(seed: int, tmp_path: Path) -> None:
    world, files = small_world(seed)
    found = run(write(tmp_path / "one", files))
    people = [one.id for one in found.panel.lineup.people]
    assert {found.person(at) for at in range(len(found.chosen))}.isdisjoint(world.away)
    for at, key in enumerate(found.arrivals.keys):
        person = found.person(at)
        if person is not None:
            record = world.records[key]
            assert any(world.reads(record, world.people[person], post) is True for post in world.posts[person])
    if world.open is not None:
        for place, id in enumerate(people):
            rooms = [world.open(r, world.people[id], h) or 0 for r in world.records.values() for h in world.posts[id]]
            assert found.given[place] == 0 or found.load[place] <= max(rooms)
    again = {
        k: ([v[0], *Random(seed).sample(v[1:], len(v) - 1)] if k.endswith(".csv") else v) for k, v in files.items()
    }
    shuffled = run(write(tmp_path / "two", again))
    assert [shuffled.person(at) for at in range(len(shuffled.chosen))] == [
        found.person(at) for at in range(len(found.chosen))
    ]


@pytest.mark.parametrize("turn", ["rule", "team", "organisation"])
@pytest.mark.parametrize("seed", range(400, 406))
def test_nothing_waits_that_somebody_could_get(seed: int, turn: str, tmp_path: Path) -> None:
    """Whatever counts as a turn: having more than the share keeps nobody from what no other could get."""
    _, files = small_world(seed)
    rules = files["rules"]
    for pick in ("pick: round_robin", "pick: {weighted_round_robin: candidate.weight}"):
        rules = rules.replace(pick, f"{pick}\n        turn: {turn}")
    found = run(write(tmp_path, {**files, "rules": rules}))
    for at, kind in enumerate(found.arrivals.kind):
        lot = found.lots.get(kind)
        if found.chosen[at] < 0 and lot is not None and lot.people & ~found.out[at]:
            pick = found.assigning.rules[lot.kind.rule].pick
            assert pick == "sticky_owner" or isinstance(pick, ToPool)


@pytest.mark.parametrize("seed", range(200, 212))
def test_other_ids_change_nothing(seed: int, tmp_path: Path) -> None:
    _, files = small_world(seed)

    def renamed(cell: Any) -> Any:
        return f"Q{7 * int(cell[2:]) % 11}" if isinstance(cell, str) and cell.startswith("P-") else cell

    other = {k: ([[renamed(c) for c in row] for row in v] if k.endswith(".csv") else v) for k, v in files.items()}
    assert natures(run(write(tmp_path / "two", other))) == natures(run(write(tmp_path / "one", files)))


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_turns_of_the_same_people_are_never_a_record_off(seed: int, alone: bool) -> None:
    """With heaps and, where others count in the scope as well, with a look at each."""
    draw = Random(seed)
    weights = [draw.randint(1, 9) for _ in range(draw.randint(2, 24))]
    total, places = sum(weights), range(len(weights))
    last, counts = [0] * len(weights), [0] * len(weights)
    turn = Turn({}, [str(at) for at in places], last, alone)
    among = Among(places, weights)
    for number in range(1, 400):
        at, _, _ = turn.next(among)
        counts[at] += 1
        last[at] = number
        assert all(abs(counts[i] - number * weights[i] / total) < 1 for i in places)


def test_absence_leaves_no_debt() -> None:
    """Who was away for a hundred records gets a twelfth of the next, as before, and none to catch up."""
    for many in (3, 12):
        last = [0] * many
        turn = Turn({}, [str(at) for at in range(many)], last)
        everyone, without = Among(range(many), None), Among(range(many - 1), None)
        away, back = range(10 * many + 1, 100 + 10 * many + 1), Counter()
        for number in range(1, away.stop + 10 * many):
            at, _, _ = turn.next(without if number in away else everyone)
            last[at] = number
            back[at] += number >= away.stop
        assert set(back.values()) == {10}
        assert len(back) == many


@pytest.mark.parametrize("seed", range(30))
def test_heaps_and_a_look_at_each_give_the_same(seed: int) -> None:
    """People come and go, some of them for good, some sets are disjoint and some are not; other rules give as well."""
    draw = Random(seed)
    many = draw.randint(10, 40)
    weights = [draw.choice([1, 1, 2, 3, 7]) for _ in range(many)]
    sets = [sorted(draw.sample(range(many), draw.randint(1, many))) for _ in range(draw.choice([1, 2, 3]))]
    sets += [list(range(0, many, 2)), list(range(1, many, 2))]
    start = {str(at): draw.choice([0, 0, 0.5, -1.25]) for at in range(many)}
    last = [0] * many
    turns = [Turn(start, [str(at) for at in range(many)], last, alone) for alone in (True, False)]
    among = [[Among(each, [weights[at] for at in each]) for each in sets] for _ in turns]
    for number in range(1, 600):
        which = draw.randrange(draw.choice([1, len(sets)]))
        if draw.random() < 0.02 and len(sets[which]) > 1:  # somebody is full
            sets[which] = [at for at in sets[which] if at != sets[which][0]]
            for one in among:
                one[which] = Among(sets[which], [weights[at] for at in sets[which]], one[which])
        (at, due, tied), (same, looked, why) = (turn.next(one[which]) for turn, one in zip(turns, among, strict=True))
        assert (at, tied) == (same, why)
        assert due == pytest.approx(looked, abs=1e-5)
        last[at] = number
        if draw.random() < 0.2:
            last[draw.randrange(many)] = number  # from another rule
    assert turns[0].ahead() == pytest.approx(turns[1].ahead(), abs=1e-6)


def test_somebody_gets_a_record_even_if_all_have_their_share_already() -> None:
    """Another rule gave one of two very many: what only that one can get is not left lying."""
    assert Turn({"a": 4.0, "b": -4.0}, ["a", "b"], [0, 0]).next(Among([0], None))[0] == 0
