"""A handover that lends: who stands in gets no more than the person may lend, the records stay, and it is said why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.deputing import Deputing
from salesrules.leaving import Leaving
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from salesrules.whose import handed_texts
from salesrules.working import Working
from tests.test_stand_ins import LATER, NOON, PLAIN, TODAY, apart, make, waits
from tests.working_company import change

LAST = "    protect: {for: 7d, since: assign}\n"
AWAY = """handovers:
  away:
    when: on_leave(candidate, today())
    rules:
      - {of: lead, when: value > 0, do: assign, to: owner.manager}
      - {of: lead, do: delegate, to: owner.manager, for: 9d}
      - {of: deal, do: delegate, to: owner.manager, for: leave.days}
"""
ON_LEAVE = "posts: {file: data/post.csv}\nleave: {file: data/leave.csv}\n"
AGREED = "  holidays: {from: manager, what: approve, max: 14d, approve: director}\n"
REPS = PLAIN.replace("[manager]", "[manager, rep]")


def company(folder: Path, rules: str = REPS, leave: str = "wang,2026-03-10,2026-03-18", separation: str = "") -> Path:
    """The boss of li is wang, and that of wang is dai."""
    make(folder, rules, separation)
    change(folder, LAST, LAST + AWAY, "rules/works/assignment.yaml")
    change(folder, "posts: {file: data/post.csv}\n", ON_LEAVE, "rules/works/roles.yaml")
    (folder / "data/leave.csv").write_text(f"person,from,to\n{leave}\n", encoding="utf-8")
    return folder


def opened(folder: Path, now: datetime = NOON) -> Leaving:
    return Leaving(replace(Working.open(folder), now=lambda: now))


def said(door: Leaving, person: str, dry: bool = False, lang: str = "en") -> list[str]:
    found = door.hand_over(person, dry, "away")
    return [text.strip() for text in handed_texts(door.working.workspace.pack, found, lang)]


def test_who_stands_in_signs_until_the_person_is_back(tmp_path: Path) -> None:
    company(tmp_path, PLAIN)
    change(tmp_path, "wang,dai", "wang,sun", "data/person.csv")
    door = opened(tmp_path)
    lines = said(door, "wang", dry=True)
    assert lines == [
        "wang hands over 0 records by `away` (rules/works/assignment.yaml:9:3)",
        "Lead: 0 stay, Deal: 0 stay; sun stands in for wang until 2026-03-18, by delegation rule `holidays`"
        " (rules/works/assignment.yaml:13:9)",
    ]
    assert door.working.store.last() == 0
    assert door.hand_over("wang", dry=True).handover.id == "away"  # it is for who is on leave
    assert said(door, "wang") == lines
    deputing = Deputing(door.working)
    assert waits(deputing, "sun") == {("D-4", "manager"), ("D-5", "manager")}
    assert waits(deputing, "sun", date(2026, 3, 18)) == set()
    (event,) = [one for one in door.working.store.events() if one.kind == "delegated"]
    assert (event.actor, event.key, event.rule) == ("salesrules", "wang", "holidays")
    last = door.working.store.last()
    assert "already" in said(door, "wang")[1]
    assert door.working.store.last() == last


def test_records_stay_and_others_go_by_the_rules_before(tmp_path: Path) -> None:
    door = opened(company(tmp_path, leave="li,2026-03-12,"))
    found = door.hand_over("li")
    assert [(one.key, one.rule, one.to) for one in found.records] == [
        *((key, 3, None) for key in ("D-1", "D-2", "D-3", "D-4", "D-5", "D-7", "D-8")),
        ("L-1", 1, "wang"),
        ("L-2", 2, None),
    ]
    kinds = {(event.kind, event.key) for event in door.working.store.events() if event.kind != "observed"}
    assert kinds == {("assigned", "L-1")}  # nobody knows when li is back, so nothing is lent
    (lent,) = found.lent
    assert lent.problem is not None
    assert lent.problem.code == "handover.lends_without_end"


REFUSED = [
    # who goes, the rules of delegation, what is edited, and the code of what stands in the way
    ("wang", "  h: {from: rep, to: rep, what: approve, max: 14d}\n", (), "delegation.no_rule"),
    ("wang", PLAIN.replace("14d", "5d"), (), "delegation.too_long"),
    ("wang", AGREED, (), "delegation.not_yours"),
    ("wang", PLAIN, ("wang,manager,east,,", "wang,manager,east,,2026-03-01", "data/post.csv"), "access.nobody_there"),
    ("wang", PLAIN, ("dai,director,,,", "dai,director,,,2026-03-01", "data/post.csv"), "access.nobody_there"),
    ("wang", PLAIN, ("wang,dai", "wang,", "data/person.csv"), "handover.lends_to_nobody"),
    ("wang", PLAIN, ("2026-03-18", "2026-03-12", "data/leave.csv"), "handover.lends_without_end"),
]


@pytest.mark.parametrize(("who", "rules", "edit", "code"), REFUSED)
def test_what_may_not_be_lent_is_said_with_what_to_do(
    tmp_path: Path, who: str, rules: str, edit: tuple[str, str, str], code: str
) -> None:
    company(tmp_path, rules)
    if edit:
        change(tmp_path, *edit)
    door = opened(tmp_path)
    found = door.hand_over(who, handover="away")
    assert {one.problem.code for one in found.lent if one.problem is not None} == {code}
    assert all(one.stands_in is None for one in found.lent)
    assert all(event.kind != "delegated" for event in door.working.store.events())
    texts = handed_texts(door.working.workspace.pack, found, "en")
    assert any("nothing is lent" in text and "salesrules delegate" in text for text in texts)


def test_two_powers_that_are_kept_apart_are_not_lent(tmp_path: Path) -> None:
    company(tmp_path, separation=apart("approve deal, advance deal"))
    change(tmp_path, "wang,dai", "wang,he", "data/person.csv")  # who may advance deals
    change(tmp_path, "he,wang", "he,", "data/person.csv")
    (lent,) = opened(tmp_path).hand_over("wang").lent
    assert lent.problem is not None
    assert lent.problem.code == "delegation.separated"


@pytest.mark.parametrize(
    ("until", "entities", "outcome"),
    [
        (date(2026, 3, 18), (), "known"),
        (date(2026, 3, 18), ("deal",), "lent"),
        (date(2026, 3, 14), ("deal", "lead"), "lent"),
        (LATER, ("deal",), "handover.lent_otherwise"),
        (date(2026, 3, 14), (), "handover.lent_otherwise"),
    ],
)
def test_what_was_said_before_is_never_cut_short(
    tmp_path: Path, until: date, entities: tuple[str, ...], outcome: str
) -> None:
    door = opened(company(tmp_path, PLAIN))
    wang = door.working.workspace.person("wang", TODAY)
    Deputing(door.working).delegate(wang, "wang", "dai", TODAY, until, None, entities)
    (lent,) = door.hand_over("wang").lent
    assert (lent.problem.code if lent.problem is not None else "known" if lent.known else "lent") == outcome
    said = [event for event in door.working.store.events() if event.kind == "delegated"]
    assert len(said) == 1 + (outcome == "lent")


def test_the_verb_says_it_in_both_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(company(tmp_path, "  h: {from: rep, to: rep, what: approve, max: 14d}\n"))
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)
    monkeypatch.setattr("salesrules.workspace.Workspace.today", lambda self: TODAY)
    dry = ["handover", "wang", "--by", "away", "--dry-run", "--lang"]
    lines = CliRunner().invoke(main, [*dry, "en"]).output.splitlines()
    assert lines[1] == (
        "  Lead: 0 stay, Deal: 0 stay, and nothing is lent (rules/works/assignment.yaml:13:9): no delegation rule lets"
        " wang lend anything to dai; such a rule stands in `policies/works/separation.yaml` under `delegation`, with a"
        " role of wang in `from`; name somebody else in `to`, or say who stands in with `salesrules delegate`"
    )
    assert "没有安排代管" in CliRunner().invoke(main, [*dry, "zh"]).output


MISTAKES = [
    # what a rule that lends says, and the code of what is wrong with it
    ("to: owner.manager, for: 9d", []),
    ("to: owner.manager.manager, for: 2mo", []),
    ("to: owner.manager, for: leave.days", []),
    ("to: owner, for: 9d", ["handover.lends_to_one"]),
    ("to: 'coalesce(owner.manager, owner)', for: 9d", ["handover.lends_to_one"]),
    ("to: owner.manager, for: 9h", ["handover.lends_for_days"]),
    ("to: owner.manager", ["handover.needs"]),
    ("to: owner.manager, for: 9d, when: value > 1, confirm: [owner]", ["handover.lends_all", "handover.lends_all"]),
    ("by: leads, for: 9d", ["handover.lends_all", "handover.unknown_assignment"]),
]


def test_a_rule_lends_all_to_one_person_for_days(tmp_path: Path) -> None:
    company(tmp_path)
    lines = [
        f"  h{n}: {{when: id is null, rules: [{{of: lead, do: delegate, {says}}}]}}"
        for n, (says, _) in enumerate(MISTAKES)
    ]
    rules = tmp_path / "rules/works/assignment.yaml"
    text, _, _ = rules.read_text(encoding="utf-8").partition("handovers:\n")
    rules.write_text(text + "\n".join(["handovers:", *lines]) + "\n", encoding="utf-8")
    first = text.count("\n") + 2
    found: dict[int, list[str]] = {n: [] for n in range(len(MISTAKES))}
    for issue in read_program(read_settings(tmp_path)).issues:
        found[issue.span.line - first].append(issue.code)
    assert [sorted(codes) for codes in found.values()] == [codes for _, codes in MISTAKES]


def test_who_is_no_longer_there_gets_nothing(tmp_path: Path) -> None:
    """Li reports to wang, whose only post is over: the records stay, and the line says so."""
    company(tmp_path, leave="li,2026-03-12,2026-03-20")
    change(tmp_path, "wang,manager,east,,", "wang,manager,east,,2026-03-01", "data/post.csv")
    door = opened(tmp_path)
    assert "Lead: 1 stay, the rule leads to nobody who works here (rules/works/assignment.yaml:12:9)" in said(
        door, "li"
    )
    assert [event.key for event in door.working.store.events() if event.kind == "assigned"] == []


ENDS = [
    ("wang,2026-03-10,2026-03-14\nwang,2026-03-14,2026-03-20", date(2026, 3, 20)),
    ("wang,2026-03-16,2026-03-20\nwang,2026-03-01,2026-03-16", date(2026, 3, 20)),
    ("wang,2026-03-10,2026-03-14\nwang,2026-03-15,2026-03-20", date(2026, 3, 14)),  # there for a day between
    ("wang,2026-03-10,2026-03-20\nwang,2026-03-11,2026-03-14", date(2026, 3, 20)),
    ("wang,2026-03-10,2026-03-14\nwang,2026-03-14,", None),
]


@pytest.mark.parametrize(("leave", "back"), ENDS)
def test_leaves_that_follow_each_other_are_one_absence(tmp_path: Path, leave: str, back: date | None) -> None:
    (found,) = opened(company(tmp_path, PLAIN, leave=leave)).hand_over("wang", True, "away").lent
    assert found.lending.until == back
