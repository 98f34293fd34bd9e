"""Pools: who may look in, what is kept back, and every limit on who takes what, from the log alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from salesrules.issue import AccessDenied, PackError, QuestionError
from salesrules.pooling import Pooling
from salesrules.run.answer import Mark, Masked
from salesrules.store import Event
from salesrules.working import Working
from tests import pool_company
from tests.conftest import ROOT
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4)  # a Thursday, twelve o'clock in Shanghai


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The log is right about who has a lead, and saw all of them at noon."""
    return begun(pool_company.make(tmp_path, log=True))


@pytest.fixture
def bound(tmp_path: Path) -> Path:
    """The same where the table is right."""
    return begun(pool_company.make(tmp_path))


def begun(folder: Path) -> Path:
    replace(opened(folder), now=lambda: NOON).sync()
    return folder


@cache
def opened(folder: Path) -> Working:
    """Opened once; what stands in its rows is as it was then, and `opened.cache_clear` opens anew."""
    return Working.open(folder)


def at(folder: Path, *when: int) -> Pooling:
    """The door at a moment of March, in UTC."""
    return Pooling(replace(opened(folder), now=lambda: datetime(2026, 3, *when)))  # type: ignore[arg-type]


def again(folder: Path, *when: int) -> Pooling:
    """The same, opened anew: with the rights of who has become an owner."""
    opened.cache_clear()
    return at(folder, *when)


def claim(door: Pooling, person: str, *keys: str, dry: bool = False) -> list[list[str]]:
    """What is against each claim."""
    found = door.claim(door.working.workspace.person(person), "lead", keys, dry)
    return [[each.what for each in one.against] for one in found]


def owners(door: Pooling) -> dict[str, str | None]:
    states = door.working.states
    states.refresh()
    return dict(states.engine.rows('SELECT "#key", owner FROM work."state lead" WHERE owner IS NOT NULL ORDER BY 1'))


def said(folder: Path, kind: str, when: datetime, person: str | None, *keys: str) -> None:
    values = {"owner": person}
    opened(folder).store.append(Event(when, "lead", key, kind, "x", values, "lead_pool/east") for key in keys)


# who may look in


@pytest.mark.parametrize(
    ("person", "waits", "can"),
    [
        ("li", ["L'8", "L-1", "L-2", "L-3", "L-6", "L-7"], 6),
        ("he", ["L'8", "L-1"], 2),  # of the same part, but a member only of what lies in the city
        ("chen", ["L-4"], 0),  # no row of the table tells a limit in the south
        ("zhao", [], 0),  # reads them and has a grant to claim, but is no member
        ("ops", ["L'8", "L-1", "L-2", "L-3", "L-4", "L-5", "L-6", "L-7"], 0),  # the manager of all parts, and of none
        ("eo", ["L'8", "L-1", "L-2", "L-3", "L-6", "L-7"], 0),  # a role that includes the manager's, in one part
        ("dai", [], 0),  # reads all of them, and is neither
    ],
)
def test_who_looks_into_a_pool(folder: Path, person: str, waits: list[str], can: int) -> None:
    door = at(folder, 12, 6)
    found = door.pool(door.working.workspace.person(person), "lead_pool")
    assert [offer.key for offer in found.offers] == waits
    assert (found.total, found.claimable) == (len(waits), can)
    assert sorted(found.shown.keys) == waits


def test_what_names_an_owner_who_is_not_in_the_tables_waits_in_no_pool(tmp_path: Path) -> None:
    folder = pool_company.make(tmp_path)
    change(folder, "L-1,,", "L-1,gone,", "data/lead.csv")
    door = at(begun(folder), 12, 6)
    found = door.pool(door.working.workspace.person("li"), "lead_pool")
    assert "L-1" not in [offer.key for offer in found.offers]
    assert claim(door, "li", "L-1") == [["astray"]]


def test_a_page_has_the_cells_of_its_records(folder: Path) -> None:
    door = at(folder, 12, 6)
    found = door.pool(door.working.workspace.person("li"), "线索池", 2, 1)
    assert (found.total, [offer.key for offer in found.offers], found.shown.keys) == (6, ["L-1", "L-2"], ("L-1", "L-2"))


def phone(folder: Path, person: str, key: str) -> object:
    opened.cache_clear()
    workspace = opened(folder).workspace
    answer = workspace.see(workspace.person(person), "lead", None, columns="phone")
    return dict(zip(answer.keys, answer.rows, strict=True))[key][0]


def test_contact_is_hidden_until_the_claim_although_a_grant_shows_it(folder: Path) -> None:
    assert isinstance(phone(folder, "li", "L-1"), Mark | Masked)
    assert isinstance(phone(folder, "wang", "L-1"), Mark | Masked)
    assert phone(folder, "dai", "L-1") == "13700001111"  # left out by `except`
    assert claim(at(folder, 12, 6), "li", "L-1") == [[]]
    assert phone(folder, "li", "L-1") == "13700001111"
    assert phone(folder, "wang", "L-1") == "13700001111"
    assert isinstance(phone(folder, "li", "L-2"), Mark | Masked)


# claims


def test_everything_that_is_against_a_claim_is_told_at_once(folder: Path) -> None:
    store = opened(folder).store
    he = {"owner": "he"}
    store.append(Event(NOON, "lead", key, "claimed", "he", he, "lead_pool/east") for key in ("L-1", "L'8", "L-7"))
    store.append([Event(datetime(2026, 3, 12, 5), "lead", "L-1", "returned", "he", {"owner": None})])
    door = at(folder, 12, 5)
    (found,) = door.claim(door.working.workspace.person("he"), "lead", ["L-1"])
    told = {each.what: (each.value, each.limit, each.until) for each in found.against}
    assert told == {
        "per_day": (3, 2, None),
        "hold_max": (2, 2, None),
        "delay": (None, None, datetime(2026, 3, 12, 6)),
        "cooldown": (None, None, datetime(2026, 3, 14, 16)),  # midnight of the 15th in Shanghai
    }
    assert not found.done
    assert claim(door, "he", "L'8") == [["has_it", "per_day", "hold_max", "delay"]]
    assert claim(door, "zhao", "L-1") == [["not_member", "delay"]]
    assert claim(door, "zhao", "L-7") == [["owned", "not_member", "delay"]]


def test_the_limits_count_what_is_taken_in_the_same_run(folder: Path) -> None:
    door = at(folder, 12, 6)
    assert claim(door, "li", "L-1", "L-2", "L'8", dry=True) == [[], [], ["per_day", "hold_max"]]
    assert claim(door, "li", "L-1", "L-2", "L'8") == [[], [], ["per_day", "hold_max"]]
    assert owners(door) == {"L-1": "li", "L-2": "li"}
    assert claim(at(folder, 13, 6), "li", "L'8") == [["hold_max"]]  # another day
    assert claim(at(folder, 13, 6), "li", "L-3") == [[]]  # worth so much that it does not count


def test_a_day_begins_at_midnight_where_the_pack_is(folder: Path) -> None:
    assert claim(at(folder, 12, 15, 59), "li", "L-3", "L-1") == [[], []]
    assert claim(at(folder, 12, 15, 59), "li", "L-2") == [["per_day"]]
    assert claim(at(folder, 12, 16, 0), "li", "L-2") == [[]]


def test_days_have_23_hours_when_the_clocks_go_forward(tmp_path: Path) -> None:
    folder = pool_company.make(tmp_path, log=True)
    change(folder, "timezone: Asia/Shanghai", "timezone: Europe/Berlin", "rules/works/pack.yaml")
    begun(folder)
    assert claim(at(folder, 27, 12), "li", "L-1") == [[]]
    door = again(folder, 27, 12)
    door.give_back(door.working.workspace.person("li"), "lead", ["L-1"])
    assert claim(again(folder, 29, 21, 59), "li", "L-1", dry=True) == [["cooldown"]]
    assert claim(at(folder, 29, 22, 0), "li", "L-1", dry=True) == [[]]  # midnight of the 30th, summer time


def test_who_gave_a_record_up_waits_and_others_do_not(folder: Path) -> None:
    door = at(folder, 12, 6)
    assert claim(door, "li", "L-1") == [[]]
    (back,) = again(folder, 12, 7).give_back(door.working.workspace.person("li"), "lead", ["L-1"])
    assert (back.against, back.done, back.pool, back.part) == ((), True, "lead_pool", "east")
    assert owners(at(folder, 12, 7)) == {}
    assert claim(again(folder, 14, 15, 59), "li", "L-1") == [["cooldown"]]
    assert claim(at(folder, 12, 8), "he", "L-1", dry=True) == [[]]
    assert claim(at(folder, 14, 16), "li", "L-1") == [[]]


def test_what_a_clock_or_a_handover_took_back_cools_down_too(folder: Path) -> None:
    said(folder, "assigned", NOON, "li", "L-1")
    said(folder, "recycled", datetime(2026, 3, 13, 4), None, "L-1")
    assert claim(at(folder, 14, 4), "li", "L-1") == [["cooldown"]]


def test_a_hole_in_the_table_closes(folder: Path) -> None:
    door = at(folder, 12, 6)
    (found,) = door.claim(door.working.workspace.person("chen"), "lead", ["L-4"])
    assert [(each.what, each.id) for each in found.against] == [("no_limit", "hold_max")]


def test_a_record_that_lies_nowhere_is_in_no_part(folder: Path) -> None:
    grants = folder / "policies/works/grants.csv"
    opened.cache_clear()
    grants.write_text(grants.read_text() + "allow,rep,read,lead,basics,all,,,\nallow,rep,claim,lead,*,all,,,\n")
    assert claim(at(folder, 12, 6), "li", "L-5") == [["apart"]]
    assert claim(at(folder, 12, 6), "li", "L-4") == [["not_member"]]  # nor in another one's part


def test_a_key_with_a_quote_is_a_key(folder: Path) -> None:
    assert claim(at(folder, 12, 6), "he", "L'8") == [[]]
    assert owners(at(folder, 12, 6)) == {"L'8": "he"}


def refusal(door: Pooling, do: str, person: str, key: str) -> list[tuple[str, object]]:
    who = door.working.workspace.person(person)
    others: Sequence[str] = ("li",) if do in ("assign", "transfer") else ()
    with pytest.raises(AccessDenied) as caught:
        getattr(door, do)(who, "lead", [key], *others)
    return [(issue.code, str(issue.text()).replace(key, "KEY")) for issue in caught.value.issues]


@pytest.mark.parametrize("do", ["claim", "assign", "give_back", "transfer"])
def test_a_record_that_is_not_seen_is_refused_as_one_that_is_not_there(folder: Path, do: str) -> None:
    door = at(folder, 12, 6)
    last = door.working.store.last()
    assert refusal(door, do, "chen", "L-1") == refusal(door, do, "chen", "nothing")
    assert door.working.store.last() == last


# two at once


def test_of_two_processes_that_claim_a_record_one_gets_it(folder: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from salesrules.cli import main; main()",
        "claim",
        "lead",
        "L-1",
        "--workspace",
        str(folder),
        "--as",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C"}
    both = [
        subprocess.Popen([*command, person], env=environment, stdout=subprocess.PIPE, text=True)
        for person in ("li", "he")
    ]
    said = [process.communicate()[0] for process in both]
    assert sorted(process.returncode for process in both) == [0, 5], said
    claimed = [event for event in opened(folder).store.events(entity="lead", key="L-1") if event.kind == "claimed"]
    assert len(claimed) == 1


def test_who_opened_the_pool_before_somebody_claimed_is_told_so(folder: Path) -> None:
    early = at(folder, 12, 6)
    late = again(folder, 12, 6)
    assert claim(early, "li", "L-1") == [[]]
    assert claim(late, "he", "L-1") == [["owned"]]


# where the table is right


def test_a_claim_is_a_proposal_where_the_table_is_right(bound: Path) -> None:
    door = at(bound, 12, 6)
    (found,) = door.claim(door.working.workspace.person("li"), "lead", ["L-1"])
    assert (found.done, found.proposed) == (True, True)
    assert claim(door, "he", "L-1") == [["waits"]]
    assert claim(door, "li", "L-1") == [["waits", "hold_max"]]  # with L-7 two
    assert isinstance(phone(bound, "li", "L-1"), Mark | Masked)  # not before the table shows it
    assert "L-1" not in [offer.key for offer in door.pool(door.working.workspace.person("he"), "lead_pool").offers]
    assert claim(at(bound, 13, 6), "he", "L-1", dry=True) == [[]]  # a day later it has lapsed
    change(bound, "L-1,,nj", "L-1,li,nj", "data/lead.csv")
    assert phone(bound, "li", "L-1") == "13700001111"
    assert claim(at(bound, 13, 6), "he", "L-1") == [["right"]]  # that somebody has it is not told to who may not claim


def test_what_is_proposed_counts_against_the_limit(bound: Path) -> None:
    assert claim(at(bound, 12, 6), "li", "L-1") == [[]]
    assert claim(at(bound, 12, 17), "li", "L-2") == [["hold_max"]]  # another day
    assert claim(at(bound, 13, 17), "li", "L-2", dry=True) == [[]]  # lapsed


def test_the_cooldown_begins_when_the_table_shows_it(bound: Path) -> None:
    door = at(bound, 12, 6)
    (back,) = door.give_back(door.working.workspace.person("li"), "lead", ["L-7"])
    assert (back.done, back.proposed) == (True, True)
    change(bound, "L-7,li,sh", "L-7,,sh", "data/lead.csv")
    opened.cache_clear()
    at(bound, 14, 6).working.sync()
    (found,) = at(bound, 16, 6).claim(door.working.workspace.person("li"), "lead", ["L-7"])
    assert [(each.what, each.until) for each in found.against] == [("cooldown", datetime(2026, 3, 16, 16))]


# giving


def given(door: Pooling, do: str, person: str, key: str, to: str) -> list[str]:
    (found,) = getattr(door, do)(door.working.workspace.person(person), "lead", [key], to)
    return [each.what for each in found.against]


def test_the_manager_of_the_pool_gives_out(folder: Path) -> None:
    door = at(folder, 12, 5)
    assert given(door, "assign", "ops", "L-1", "he") == []  # neither delay nor claims of the day
    assert given(door, "assign", "eo", "L-2", "li") == []
    assert given(door, "assign", "eo", "L-6", "he") == ["not_member"]
    assert given(door, "assign", "dai", "L-6", "li") == ["not_manager"]  # a grant alone does not do
    assert given(door, "assign", "ops", "L-1", "li") == ["owned"]
    assert given(door, "assign", "ops", "L'8", "li") == []
    assert given(door, "assign", "ops", "L-6", "li") == ["hold_max"]
    assert given(door, "assign", "ops", "L-4", "chen") == ["no_limit"]
    assert owners(door) == {"L'8": "li", "L-1": "he", "L-2": "li"}
    assert claim(at(folder, 12, 6), "he", "L'8", dry=True) == [["owned"]]


def test_the_manager_of_one_part_gives_nothing_out_of_another(folder: Path) -> None:
    assert given(at(folder, 12, 5), "assign", "eo", "L-4", "chen") == ["not_manager", "no_limit"]


def test_a_record_of_one_owner_goes_to_another(folder: Path) -> None:
    said(folder, "claimed", NOON, "li", "L-1", "L-2")
    door = at(folder, 12, 6)
    assert given(door, "transfer", "li", "L-1", "he") == ["right"]
    assert given(door, "transfer", "wang", "L-1", "li") == ["has_it"]
    assert given(door, "transfer", "wang", "L-6", "he") == ["unowned"]
    assert given(door, "transfer", "wang", "L-1", "he") == []
    assert owners(door) == {"L-1": "he", "L-2": "li"}
    said(folder, "claimed", NOON, "he", "L'8")
    assert given(at(folder, 12, 6), "transfer", "wang", "L-2", "wang") == []  # who is no member has no limit there
    said(folder, "claimed", NOON, "li", "L-2", "L-6")
    assert given(at(folder, 12, 6), "transfer", "wang", "L-1", "li") == ["hold_max"]


def test_nobody_can_be_given_what_is_for_people_who_work_here(folder: Path) -> None:
    door = at(folder, 12, 6)
    for to in ("nobody", "o'brien"):
        with pytest.raises(QuestionError) as caught:
            given(door, "assign", "ops", "L-1", to)
        assert [issue.code for issue in caught.value.issues] == ["access.nobody_there"]


def test_who_has_no_right_cannot_give_back(folder: Path) -> None:
    said(folder, "claimed", NOON, "li", "L-1")
    door = at(folder, 12, 6)
    (found,) = door.give_back(door.working.workspace.person("wang"), "lead", ["L-1"])
    assert [each.what for each in found.against] == ["right"]
    (found,) = door.give_back(door.working.workspace.person("li"), "lead", ["L-2"])
    assert [each.what for each in found.against] == ["right"]


def test_all_of_it_stands_in_the_history(folder: Path) -> None:
    claim(at(folder, 12, 6), "he", "L-1")
    given(at(folder, 12, 7), "transfer", "wang", "L-1", "li")
    door = again(folder, 12, 8)
    door.give_back(door.working.workspace.person("li"), "lead", ["L-1"])
    told = door.working.history(door.working.workspace.person("wang"), "lead", "L-1")
    assert [(one.event.kind, one.event.actor, one.event.rule) for one in told][1:] == [
        ("claimed", "he", "lead_pool/east"),
        ("transferred", "wang", "lead_pool/east"),
        ("returned", "li", "lead_pool/east"),
    ]


# questions that cannot be put


_LABEL = "label: {en: x, zh: 某}"


@pytest.mark.parametrize(
    ("pool", "code"),
    [
        ("entity: person", "pool.no_owner"),
        ("entity: deal, per: stage_of", "pool.no_place"),
    ],
)
def test_a_pool_that_cannot_run_says_why(folder: Path, pool: str, code: str) -> None:
    opened.cache_clear()
    file, dimensions = folder / "rules/works/assignment.yaml", folder / "rules/works/dimensions.yaml"
    dimensions.write_text(dimensions.read_text() + f"  stage_of: {{{_LABEL}, members: {{a: {{}}}}}}\n")
    file.write_text(file.read_text().splitlines()[0] + f"\npools:\n  lead_pool: {{{_LABEL}, {pool}}}\n")
    door = at(folder, 12, 6)
    with pytest.raises(QuestionError) as caught:
        door.pool(door.working.workspace.person("li"), "lead_pool")
    assert [issue.code for issue in caught.value.issues] == [code]


def test_what_cannot_be_asked_of_a_candidate_is_said_before_anything_runs(folder: Path) -> None:
    change(folder, "within(region, post.region)", "not on_leave(candidate, today())", "rules/works/assignment.yaml")
    with pytest.raises(PackError) as caught:
        Working.open(folder)
    assert [issue.code for issue in caught.value.issues] == ["run.not_yet"]


def test_what_has_no_pool_is_not_claimed(folder: Path) -> None:
    door = at(folder, 12, 6)
    li = door.working.workspace.person("li")
    for ask in (lambda: door.claim(li, "deal", ["D-1"]), lambda: door.pool(li, "led_pool")):
        with pytest.raises(QuestionError) as caught:
            ask()
        assert caught.value.issues[0].code in ("pool.none", "pool.unknown")
