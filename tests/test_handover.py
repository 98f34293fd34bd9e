"""What a leaver holds, and loads that have drifted apart: all is accounted for, and fewer moves will not do."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from random import Random

import pytest

from salesrules.deeds import told_text
from salesrules.issue import QuestionError
from salesrules.leaving import Leaving
from salesrules.whose import handed_texts
from salesrules.work.assign.rebalance import fewest_moves
from tests.assign_world import POOLS, small_world, write
from tests.test_assigning import about, opened

HANDOVER = """    when: owner is null
    rules:
      - {id: r0, candidates: "post.role = 'rep'", pick: least_loaded}"""
RULES = """handovers:
  leaver:
    label: {en: Leaver, zh: 离职}
    when: left_on <= today()
    rules:
      - {of: lead, when: hot, do: recycle, pool: waiting}
      - {of: lead, when: "difficulty >= 4", do: assign, by: leads}
      - {of: customer, do: assign, to: owner}
"""


def company(folder: Path, rules: str = RULES) -> Path:
    _, files = small_world(1)
    lead = ["L", "P-1", "north", "line_a", 1, None, None, 0]
    rows = [[f"L-{n}", *lead[1:]] for n in range(6)]
    rows[0][5] = rows[1][5] = "true"
    rows[2][4] = rows[3][4] = 5
    write(
        folder,
        {
            **files,
            "rules": HANDOVER,
            "person.csv": [
                files["person.csv"][0],
                ["P-1", 3, 9, 1, "2026-03-01"],
                ["P-2", 3, 9, 1, None],
                ["P-3", 3, 9, 1, None],
            ],
            "posts.csv": [files["posts.csv"][0], *([f"P-{n}", "rep", "*", "*", None, None] for n in (1, 2, 3))],
            "leave.csv": [files["leave.csv"][0]],
            "customer.csv": [["id", "owner"], ["C-1", "P-1"]],
            "lead.csv": [files["lead.csv"][0], *rows],
        },
    )
    path = folder / "rules/w/assignment.yaml"
    head = "# yaml-language-server: $schema=../../salesrules/schema/assignment.schema.json\n"
    path.write_text(head + POOLS.format(HANDOVER) + rules, encoding="utf-8")
    return folder


def test_every_record_of_a_leaver_is_accounted_for(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    found = Leaving(assigner.working).hand_over("P-1", dry=True)
    went = {one.key: (one.rule, one.to, one.pool) for one in found.records}
    assert went["L-0"] == went["L-1"] == (1, None, "waiting")
    assert {went["L-2"][1], went["L-3"][1]} == {"P-2", "P-3"}  # never back to who goes
    assert went["C-1"] == (3, None, None)  # the way leads back to who goes
    assert found.left == {"lead": 2}
    assert list(assigner.working.store.events()) == []


def test_why_nobody_takes_what_goes_into_a_pool(tmp_path: Path) -> None:
    people = company(tmp_path) / "data/person.csv"
    text = people.read_text(encoding="utf-8")
    people.write_text(text.replace("P-2,3,9,1,", "P-2,3,9,1,2026-03-01").replace("P-3,3,9,1,", "P-3,3,9,1,2026-03-01"))
    assigner = opened(tmp_path)
    found = Leaving(assigner.working).hand_over("P-1", dry=True)
    texts = [text.strip() for text in handed_texts(assigner.workspace.pack, found, "en")]
    (why,) = [text for text in texts if text.startswith("nobody could take them")]
    assert why.startswith("nobody could take them, such as L-")
    assert "3 considered" in why
    assert "3 gone" in why


def test_a_handover_is_written_as_facts(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    Leaving(assigner.working).hand_over("P-1")
    events = {event.key: (event.kind, dict(event.values)) for event in assigner.working.store.events()}
    assert events["L-0"] == ("recycled", {"owner": None, "pool": "waiting"})
    assert set(events) == {"L-0", "L-1", "L-2", "L-3"}
    assert about(assigner) == []


def test_ten_thousand_records_of_one_person_are_all_accounted_for(tmp_path: Path) -> None:
    """A third is put back, a third is given out, a third no rule takes."""
    leads = company(tmp_path) / "data/lead.csv"
    head = leads.read_text(encoding="utf-8").splitlines()[0]
    kinds = [("1", "true"), ("5", ""), ("1", "")]
    rows = [",".join([f"M-{n}", "P-1", "north", "line_a", *kinds[n % 3], "", "0"]) for n in range(10_000)]
    leads.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    door = Leaving(opened(tmp_path).working)
    found = door.hand_over("P-1")
    assert found.left == {"lead": 3333}
    assert Counter(one.rule for one in found.records if one.entity == "lead") == {1: 3334, 2: 3333}
    given = Counter(one.to for one in found.records if one.rule == 2)
    assert set(given) == {"P-2", "P-3"}
    assert abs(given["P-2"] - given["P-3"]) <= 1
    assert len({event.key for event in door.working.store.events()}) == 6667


SHARED = """handovers:
  leaver:
    when: left_on <= today()
    rules:
      - {of: lead, when: hot, do: recycle, pool: waiting, credit: {old: 100%}}
      - {of: lead, when: "difficulty >= 4", do: assign, by: leads, credit: {old: 30%, new: 70%, for: 90d}}
      - {of: lead, do: assign, to: owner}
"""


def test_how_credit_is_shared_is_kept_with_the_fact(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path, SHARED))
    found = Leaving(assigner.working).hand_over("P-1")
    events = {event.key: dict(event.values) for event in assigner.working.store.events()}
    old = {"#former": "P-1", "#credit old": "1", "#credit new": "0"}
    assert events["L-0"] == {"owner": None, "pool": "waiting", **old}
    until = {"#credit old": "0.3", "#credit new": "0.7", "#credit until": "2026-06-14"}
    assert events["L-2"] == {"owner": events["L-2"]["owner"], "#former": "P-1", **until}
    assert set(events) == {"L-0", "L-1", "L-2", "L-3"}  # the rest leads back to who goes
    said = [text.strip() for text in handed_texts(assigner.workspace.pack, found, "en")]
    assert "later results until 2026-06-14: 30% for the former owner, 70% for the new one" in said
    assert "later results: 100% for the former owner, 0% for the new one" in said


def test_history_says_how_credit_is_shared(tmp_path: Path) -> None:
    people = company(tmp_path, SHARED) / "data/person.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("2026-03-01", ""), encoding="utf-8")
    assigner = opened(tmp_path)
    Leaving(assigner.working).hand_over("P-1", handover="leaver")
    *_, told = assigner.working.history(assigner.workspace.person("P-1"), "lead", "L-2")
    text = told_text(assigner.workspace.pack, told, assigner.working.zone, "zh")
    assert text.endswith("2026-06-14 之前的业绩：原负责人 30%，新负责人 70%")


@pytest.mark.parametrize(
    ("person", "handover", "code"),
    [("P-2", None, "handover.none"), ("P-9", None, "handover.unknown_person"), ("P-1", "mover", "handover.unknown")],
)
def test_a_handover_that_cannot_be_is_told(tmp_path: Path, person: str, handover: str | None, code: str) -> None:
    with pytest.raises(QuestionError) as refused:
        Leaving(opened(company(tmp_path)).working).hand_over(person, dry=True, handover=handover)
    assert [issue.code for issue in refused.value.issues] == [code]


@pytest.mark.parametrize("seed", range(12))
def test_no_smaller_set_of_moves_brings_loads_into_the_band(seed: int) -> None:
    """Against every way to place six records on three people."""
    draw = Random(seed)
    people, kinds = ["a", "b", "c"], (0, 1)
    able = {kind: [id for id in people if draw.random() < 0.7] for kind in kinds}
    records = [(f"r{n}", draw.choice("aab"), draw.choice(kinds)) for n in range(6)]
    groups: dict[tuple[str, int], list[str]] = {}
    for key, owner, kind in records:
        groups.setdefault((owner, kind), []).append(key)

    def cost(owners: tuple[str, ...]) -> tuple[int, int]:
        outside = sum(max(0, 2 - owners.count(id)) + max(0, owners.count(id) - 2) for id in people)
        return outside, sum(new != old for new, (_, old, _) in zip(owners, records, strict=True))

    ways = product(*([*dict.fromkeys([owner, *able[kind]])] for _, owner, kind in records))
    moved = {move.key: move.new for move in fewest_moves(groups, able, people, 2, 2)}
    placed = tuple(moved.get(key, owner) for key, owner, _ in records)
    assert all(key not in moved or moved[key] in able[kind] for key, _, kind in records)
    assert cost(placed) == min(map(cost, ways))
