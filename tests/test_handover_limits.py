"""Several rules, several leavers and a run, all before any table shows it: nobody gets more than the limits allow."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesrules.assigning import Assigner
from salesrules.leaving import HandedOver, Leaving
from salesrules.store import Event
from salesrules.whose import handed_texts
from tests.assign_world import POOLS, small_world, write
from tests.test_assigning import NOON, TURNS, opened

LIMITED = """    when: owner is null
    limits: {open: candidate.capacity, per_day: 9}
    order_by: [age]
    rules:
      - {id: skilled, when: difficulty >= 3, candidates: candidate.skill >= difficulty, pick: least_loaded}
      - {id: r0, candidates: "post.role = 'rep'", pick: {weighted_round_robin: candidate.weight}}"""
LEAVER = """handovers:
  leaver:
    label: {en: Leaver, zh: 离职}
    when: left_on <= today()
    rules:
      - {of: lead, when: "age = 0", do: assign, to: customer.owner}
      - {of: lead, when: hot, do: recycle, pool: waiting}
      - {of: lead, when: difficulty >= 4, do: assign, by: leads}
      - {of: lead, when: difficulty >= 1, do: assign, by: leads}
"""
AGREED = """handovers:
  leaver:
    label: {en: Leaver, zh: 离职}
    when: left_on <= today()
    rules:
      - {of: lead, do: assign, by: leads, confirm: [customer.owner]}
"""
GONE, PEOPLE = ("P-1", "P-2"), ("P-3", "P-4", "P-5")


def company(folder: Path, leads: list[list[Any]], rules: str, handover: str, capacity: list[int]) -> Path:
    """Two people who left, and three who stay and can all get every lead, of which the first has a customer."""
    _, files = small_world(1)
    people = [[id, 5, 99, 1, "2026-03-01"] for id in GONE]
    people += [[id, 5, most, n, None] for n, (id, most) in enumerate(zip(PEOPLE, capacity, strict=True), start=1)]
    tables = {"posts.csv": [[id, "rep", "*", "*", None, None] for id, *_ in people], "person.csv": people}
    tables |= {"leave.csv": [], "customer.csv": [["C-1", "P-3"]], "lead.csv": leads}
    rows = {name: [files[name][0], *rows] for name, rows in tables.items()}
    write(folder, {**files, "rules": rules, **rows})
    path = folder / "rules/w/assignment.yaml"
    head = "# yaml-language-server: $schema=../../salesrules/schema/assignment.schema.json\n"
    path.write_text(head + POOLS.format(rules) + handover, encoding="utf-8")
    return folder


def lead(
    number: int, owner: str | None, difficulty: int = 1, hot: str = "", customer: str = "", age: int = 1
) -> list[Any]:
    return [f"L-{number}", owner, "north", "line_a", difficulty, hot, customer, age]


def drawn(seed: int) -> list[list[Any]]:
    """Forty leads of everybody, of nobody, and of two who left."""
    draw = Random(seed)
    owners = [*GONE * 3, *PEOPLE, None]
    kinds = ((draw.randint(1, 5), draw.choice(["true", "", ""]), draw.choice(["C-1", ""])) for _ in range(40))
    return [lead(n, draw.choice(owners), *kind, draw.choice([0, 1, 1, 1])) for n, kind in enumerate(kinds)]


def came_of(events: list[Event]) -> dict[str, str | None]:
    """Who got each record, None where it went into a pool."""
    went = [event for event in events if event.kind in ("assigned", "recycled") and "owner" in event.values]
    return {event.key: event.values["owner"] for event in went}


@pytest.mark.parametrize("seed", range(2))
def test_two_leavers_and_a_run_keep_to_the_limits_before_any_table_shows_it(tmp_path: Path, seed: int) -> None:
    leads, capacity = drawn(seed), [Random(seed).randint(4, 16) for _ in PEOPLE]
    assigner = opened(company(tmp_path, leads, LIMITED, LEAVER, capacity))
    door, store = Leaving(assigner.working), assigner.working.store
    for person in GONE:
        dry, found = door.hand_over(person, dry=True), door.hand_over(person)
        assert dry.records == found.records
        keys = [one.key for one in found.records]
        assert sorted(keys) == sorted({*keys})
        held = [row[0] for row in leads if row[1] == person]
        assert len(keys) + found.left.get("lead", 0) == len(held)
        assert {*keys} <= {*held}
        again = door.hand_over(person)
        assert not any(one.goes for one in again.records)  # what went is on its way
        assert again.away.get("lead", 0) == sum(one.goes for one in found.records)
    assigner.assign("lead")
    went = came_of(list(store.events()))
    owners = {row[0]: went.get(row[0], row[1]) for row in leads}
    before, after = Counter(row[1] for row in leads), Counter(owners.values())
    by_path = sum(row[1] in GONE and row[7] == 0 and row[6] == "C-1" for row in leads)
    for person, most in zip(PEOPLE, capacity, strict=True):
        more = by_path if person == "P-3" else 0  # a rule with a path asks no limit
        assert after[person] <= max(most, before[person]) + more
        assert Counter(went.values())[person] <= 9 + more


def test_turns_go_on_from_rule_to_rule(tmp_path: Path) -> None:
    """Three and three more records in turns by the weights 1, 2 and 3: after six everybody has the exact share."""
    leads = [lead(n, "P-1", 4 if n < 3 else 1) for n in range(6)]
    door = Leaving(opened(company(tmp_path, leads, TURNS, LEAVER, [50, 50, 50])).working)
    found = door.hand_over("P-1", dry=True)
    assert [one.rule for one in found.records] == [3, 3, 3, 4, 4, 4]
    assert Counter(one.to for one in found.records) == {"P-3": 1, "P-4": 2, "P-5": 3}


def test_what_was_handed_over_counts_until_the_table_shows_it_and_lapses_after_a_day(tmp_path: Path) -> None:
    leads = [lead(n, "P-1") for n in range(4)] + [lead(4, None)]
    folder = company(tmp_path, leads, TURNS, LEAVER, [1, 1, 2])
    assigner = opened(folder)
    found = Leaving(assigner.working).hand_over("P-1")
    went = {one.key: one.to for one in found.records}
    assert Counter(went.values()) == {"P-3": 1, "P-4": 1, "P-5": 2}

    def gets(at: Assigner) -> list[str | None]:
        run = at.assign("lead", dry=True).run
        return [run.person(0)]

    assert gets(assigner) == [None]  # everybody has as many as fit
    later = opened(folder, NOON + timedelta(hours=25))
    assert gets(later) == ["P-5"]  # nothing came of it: all is with the leaver again
    assert len(Leaving(later.working).hand_over("P-1", dry=True).records) == 4
    shown = [[row[0], went.get(row[0], row[1]), *row[2:]] for row in leads]
    assert gets(opened(company(folder, shown, TURNS, LEAVER, [1, 1, 2]))) == [None]  # once, not twice
    elsewhere = [[row[0], "P-2" if row[1] else None, *row[2:]] for row in leads]
    assert gets(opened(company(folder, elsewhere, TURNS, LEAVER, [1, 1, 2]))) == ["P-5"]  # the table went its own way


def test_fairness_by_value_counts_what_is_on_its_way(tmp_path: Path) -> None:
    fair = "    fairness: {measure: max_to_min, of: load, value: difficulty, at_most: 9, window: 30d}\n    rules"
    leads = [*(lead(n, "P-1", 2) for n in range(4)), lead(4, None)]
    assigner = opened(company(tmp_path, leads, TURNS.replace("    rules", fair), LEAVER, [1, 1, 2]))
    Leaving(assigner.working).hand_over("P-1")
    spread = assigner.assign("lead", dry=True).spread
    assert spread is not None
    assert (spread.people, spread.most, spread.least[1]) == (3, ("P-5", 4), 2)


def test_what_waits_for_somebody_to_agree_takes_up_room_once(tmp_path: Path) -> None:
    leads = [lead(n, "P-1", customer="C-1") for n in range(2)] + [lead(n, "P-2", customer="C-1") for n in range(2, 4)]
    door = Leaving(opened(company(tmp_path, leads, TURNS, AGREED, [0, 0, 3])).working)
    first = door.hand_over("P-1")
    assert [one.to for one in first.records] == ["P-5", "P-5"]
    last = door.working.store.last()
    assert door.hand_over("P-1").records == first.records  # its own requests take no room from themselves
    assert door.working.store.last() == last
    assert Counter(one.to for one in door.hand_over("P-2").records) == {"P-5": 1, None: 1}


def test_two_handovers_at_once_see_each_other(tmp_path: Path) -> None:
    leads = [lead(n, GONE[n % 2]) for n in range(12)]
    folder = company(tmp_path, leads, TURNS, LEAVER, [2, 2, 3])
    doors = {person: Leaving(opened(folder).working) for person in GONE}
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda person: doors[person].hand_over(person), GONE))
    went = Counter(one.to for each in found for one in each.records)
    assert went == {"P-3": 2, "P-4": 2, "P-5": 3, None: 5}


def test_what_is_on_its_way_to_or_from_somebody_who_goes_is_told(tmp_path: Path) -> None:
    leads = [lead(n, "P-1") for n in range(3)]
    folder = company(tmp_path, leads, TURNS, LEAVER, [0, 0, 9])
    Leaving(opened(folder).working).hand_over("P-1")
    people = folder / "data/person.csv"
    people.write_text(
        people.read_text(encoding="utf-8").replace("P-5,5,9,3,", "P-5,5,9,3,2026-03-15"), encoding="utf-8"
    )
    door = Leaving(opened(folder).working)

    def said(found: HandedOver) -> list[str]:
        return [text.strip() for text in handed_texts(door.working.workspace.pack, found, "en")][1:]

    assert said(door.hand_over("P-1", dry=True)) == ["Lead: 3 are on their way to others already"]
    coming = "Lead: 3 are on their way to P-5: hand over again once the table shows them"
    assert coming in said(door.hand_over("P-5", dry=True))


def test_a_field_that_is_not_called_owner_is_followed_as_well(tmp_path: Path) -> None:
    leads = [lead(n, "P-1") for n in range(2)] + [lead(n, "P-2") for n in range(2, 4)]
    folder = company(tmp_path, leads, TURNS.replace("owner is null", "keeper is null"), LEAVER, [1, 1, 1])
    for name in ("data/lead.csv", "rules/w/assignment.yaml", "rules/w/entities.yaml", "policies/w/slices.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        own = text.index("lead:") if name.endswith("entities.yaml") else 0
        (folder / name).write_text(text[:own] + text[own:].replace("owner", "keeper"), encoding="utf-8")
    rules = folder / "rules/w/assignment.yaml"
    text = rules.read_text(encoding="utf-8").replace(
        "    entity: lead\n    when", "    entity: lead\n    sets: keeper\n    when"
    )
    rules.write_text(text.replace("customer.keeper", "customer.owner"), encoding="utf-8")
    door = Leaving(opened(folder).working)
    found = [one.to for person in GONE for one in door.hand_over(person).records]
    assert sorted(found, key=str) == [None, "P-3", "P-4", "P-5"]
