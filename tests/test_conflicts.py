"""Ownership conflicts: what counts as the same, who is favoured by the rule of which day, and who decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from salesrules.issue import AccessDenied, QuestionError
from salesrules.pooling import Pooling
from salesrules.store import Event
from salesrules.working import Working
from tests import pool_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4)
RULE = "conflicts:\n  lead: {same_when: [normalize(phone)], first: ends, valid_for: 30d, judge: manager}\n"
LEADS = """\
id,owner,region,value,phone,ends
L-1,,nj,500,137 1111,2026-03-05
L-2,,sh,500,１３７1111,2026-03-01
L-3,,sh,500,1392222,2026-03-01
L-4,,sz,500,1371111,2026-01-01
L-5,,nj,500,,
L-6,,sh,500,,
L-7,,sz,500,1392222,
"""


def world(folder: Path, *, log: bool = True, rule: str = RULE, **owners: str) -> Path:
    """The log knows since noon who has what; keys are written with an underscore."""
    pool_company.make(folder, log=log)
    file = folder / "rules/works/assignment.yaml"
    file.write_text(file.read_text().replace("delay: 2h", "delay: 0h") + rule)
    leads = LEADS
    for key, person in owners.items():
        leads = leads.replace(f"{key.replace('_', '-')},,", f"{key.replace('_', '-')},{person},")
    (folder / "data/lead.csv").write_text(leads)
    working = replace(Working.open(folder), now=lambda: NOON)
    working.sync()
    if log:
        working.store.append(
            Event(NOON, "lead", key.replace("_", "-"), "assigned", "x", {"owner": person})
            for key, person in owners.items()
        )
    return folder


def at(folder: Path, *when: int) -> Pooling:
    return Pooling(replace(Working.open(folder), now=lambda: datetime(2026, 3, *when)))  # type: ignore[arg-type]


def told(door: Pooling, person: str) -> list[tuple[list[tuple[str, str]], int, str | None]]:
    """The sides of each case, how many more there are, and whom the rule favours."""
    found = door.conflicts(door.working.workspace.person(person))
    return [(sorted((p.person, p.key) for p in case.parties), case.hidden, case.favoured) for case in found]


def contested(door: Pooling) -> int:
    return sum(event.kind == "contested" for event in door.working.store.events())


def test_two_who_have_the_same_are_in_conflict_once(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_1="li", L_2="he", L_5="li", L_6="he"), 12, 5)  # what is empty is not the same
    door.working.run_clocks()
    assert told(door, "wang") == [([("he", "L-2"), ("li", "L-1")], 0, "he")]  # the first of March comes first
    assert contested(door) == 2
    door.working.run_clocks()
    at(tmp_path, 13, 5).working.run_clocks()
    assert contested(door) == 2


def test_one_who_has_both_is_in_none(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_1="li", L_2="li"), 12, 5)
    door.working.run_clocks()
    assert contested(door) == 0


def test_who_is_on_a_side_knows_that_side_and_strangers_know_nothing(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_1="li", L_2="zhao"), 12, 5)
    door.working.run_clocks()
    assert told(door, "li") == [([("li", "L-1")], 1, None)]
    assert told(door, "he") == told(door, "chen") == told(door, "sun") == []  # sun manages the south


def test_a_claim_of_what_somebody_has_already_is_refused_and_noted(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_2="he"), 12, 5)
    li = door.working.workspace.person("li")
    (dry,) = door.claim(li, "lead", ["L-1"], dry=True)
    assert [each.what for each in dry.against] == ["conflict"]
    assert contested(door) == 0
    (found,) = door.claim(li, "lead", ["L-1"])
    assert (found.done, [each.what for each in found.against]) == (False, ["conflict"])
    assert told(door, "wang") == [([("he", "L-2"), ("li", "L-1")], 0, "he")]
    door.claim(li, "lead", ["L-1"])
    assert contested(door) == 2
    offers = {o.key: [each.what for each in o.against] for o in door.pool(li, "lead_pool").offers}
    assert (offers["L-1"], offers["L-3"]) == (["conflict"], [])


def test_a_claim_that_is_too_old_does_not_stand(tmp_path: Path) -> None:
    folder = world(tmp_path, L_1="li", L_4="chen")
    change(folder, "L-4,chen,sz", "L-4,chen,sh", "data/lead.csv")
    door = at(folder, 12, 5)
    door.working.run_clocks()
    assert told(door, "wang") == [([("chen", "L-4"), ("li", "L-1")], 0, "li")]  # of January, and 30 days are over


@pytest.mark.parametrize(("rule_of", "favoured"), [("event_date", "he"), ("today", "li")])
def test_the_rule_of_the_day_that_the_pack_says_decides(tmp_path: Path, rule_of: str, favoured: str) -> None:
    rule = RULE.replace("judge: manager", f"judge: manager, rule_of: {rule_of}")
    folder = world(tmp_path, rule=rule, L_1="li", L_2="he")
    at(folder, 12, 5).working.run_clocks()
    change(folder, "valid_for: 30d", "valid_for: 10d", "rules/works/assignment.yaml")  # the pack changes afterwards
    assert told(at(folder, 12, 6), "wang") == [([("he", "L-2"), ("li", "L-1")], 0, favoured)]


def test_the_judge_gives_all_to_one_side(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_1="li", L_2="he"), 12, 5)
    door.working.run_clocks()
    wang = door.working.workspace.person("wang")
    (case,) = door.conflicts(wang)
    for person in ("sun", "li", "ops"):  # another area, a side, no judge
        with pytest.raises(AccessDenied) as refused:
            door.judge(door.working.workspace.person(person), case.id, "li")
        with pytest.raises(AccessDenied) as unknown:
            door.judge(door.working.workspace.person(person), "lead-99", "li")
        assert [i.code for i in refused.value.issues] == [i.code for i in unknown.value.issues] == ["conflict.unknown"]
    with pytest.raises(QuestionError):
        door.judge(wang, case.id, "chen")
    assert {event.key for event in door.judge(wang, case.id, "he", "first on site")} == {"L-1", "L-2"}
    assert told(door, "wang") == told(door, "li") == []
    owners = door.working.states.engine.rows('SELECT "#key", owner FROM work."state lead" WHERE owner IS NOT NULL')
    assert sorted(owners) == [("L-1", "he"), ("L-2", "he")]
    last = list(door.working.store.events(entity="lead", key="L-1"))[-1]
    assert (last.kind, last.actor, last.values["#note"]) == ("judged", "wang", "first on site")
    door.working.run_clocks()
    assert contested(door) == 2


def test_where_the_table_is_right_a_verdict_waits_a_day_for_it(tmp_path: Path) -> None:
    folder = world(tmp_path, log=False, L_1="li", L_2="he")
    door = at(folder, 12, 5)
    door.working.run_clocks()
    wang = door.working.workspace.person("wang")
    door.judge(wang, door.conflicts(wang)[0].id, "he")
    door.working.run_clocks()
    assert told(door, "wang") == []
    late = at(folder, 13, 6)
    late.working.run_clocks()
    assert len(told(late, "wang")) == 1  # the table never showed it


def test_the_history_tells_of_a_conflict_without_the_days_of_it(tmp_path: Path) -> None:
    door = at(world(tmp_path, L_1="li", L_2="he"), 12, 5)
    door.working.run_clocks()
    found = door.working.history(door.working.workspace.person("li"), "lead", "L-1")
    (event,) = [each for each in found if each.event.kind == "contested"]
    assert set(event.others) == {"#case", "#person"}


def test_who_may_not_know_the_owner_is_not_told_the_side(tmp_path: Path) -> None:
    folder = world(tmp_path, L_1="li", L_2="he")
    grants = folder / "policies/works/grants.csv"
    text = grants.read_text().replace("allow,helper,read,lead,basics,patch", "allow,helper,read,lead,money,patch")
    grants.write_text(text)
    door = at(folder, 12, 5)
    door.working.run_clocks()
    found = door.working.history(door.working.workspace.person("zhao"), "lead", "L-1")
    (event,) = [each for each in found if each.event.kind == "contested"]
    assert set(event.others) == {"#case"}
