"""Who stands in for another signs as that one could, for the days and records that are lent, and does nothing else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.deputing import Deputing
from salesrules.issue import AccessDenied, QuestionError
from salesrules.working import Working
from salesrules_web.live import live_in
from tests import pool_company, working_company
from tests.test_web_work import do
from tests.web_pages import entered, said
from tests.working_company import change
from tests.working_pages import pages
from tests.workspace_files import SCHEMA

NOON = datetime(2026, 3, 12, 4, 0)
TODAY, LATER = date(2026, 3, 12), date(2026, 3, 20)
PLAIN = "  holidays: {from: [manager], what: [read, approve], never: [export], max: 14d}\n"
AGREED = "  holidays: {from: manager, what: approve, max: 14d, approve: director, longer: {approve: director}}\n"
DEALS = ["D-1", "D-4", "D-5", "D-8"]


def make(folder: Path, rules: str = PLAIN, separation: str = "") -> Path:
    working_company.make(folder)
    text = SCHEMA.format("separation") + separation + "delegation:\n" + rules
    (folder / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    return folder


def opened(folder: Path, now: datetime = NOON) -> Deputing:
    return Deputing(replace(Working.open(folder), now=lambda: now))


def person(door: Deputing, id: str, day: date = TODAY) -> Any:
    return door.working.workspace.person(id, day)


def lend(door: Deputing, giver: str, to: str, **more: Any) -> None:
    given = {"actor": person(door, giver), "begins": TODAY, "until": LATER, **more}
    door.delegate(giver=giver, to=to, **given)


def waits(door: Deputing, id: str, day: date = TODAY) -> set[tuple[str, str]]:
    return {(one.key, one.approval) for _, one in door.working.agenda(person(door, id, day)).lent}


def signed(door: Deputing, id: str, key: str) -> set[tuple[str, str | None]]:
    """What somebody's signing writes: the approvals, and in whose place; nothing where it is refused."""
    with suppress(AccessDenied, QuestionError):
        return {
            (str(event.values["#approval"]), event.values.get("#for"))
            for event in door.working.approve(person(door, id), "deal", key)
        }
    return set()


PAIRS = [*product(["wang"], ["sun", "he", "li", "chen"]), ("sun", "wang"), ("he", "chen")]


@pytest.mark.parametrize(("giver", "taker"), PAIRS)
def test_who_stands_in_signs_what_the_other_could_and_nothing_of_their_own(
    tmp_path: Path, giver: str, taker: str
) -> None:
    """By hand: wang can give the manager's approval of D-4 and D-5, which li owns; nobody else here can give any."""
    door = opened(make(tmp_path))
    if giver not in ("wang", "sun"):
        with pytest.raises(QuestionError, match=r"delegation\.no_rule"):
            lend(door, giver, taker)
        return
    lend(door, giver, taker)
    expected = {("D-4", "manager"), ("D-5", "manager")} if giver == "wang" and taker != "li" else set()
    assert waits(door, taker) == expected
    for key in DEALS:
        own = {("manager", None)} if taker == "wang" and key in ("D-4", "D-5") else set()
        assert signed(door, taker, key) == own | {(id, giver) for at, id in expected if at == key}


def test_nothing_else_opens_to_who_stands_in(tmp_path: Path) -> None:
    door = opened(make(tmp_path))
    workspace, chen = door.working.workspace, person(door, "chen")
    before = workspace.see(chen, "deal", None)
    lend(door, "wang", "chen")
    assert workspace.see(person(door, "chen"), "deal", None) == before
    for action in ("read", "export", "advance", "approve"):
        with pytest.raises(AccessDenied, match="no_record"):
            workspace.can(person(door, "chen"), action, "deal", "D-4")
    with pytest.raises(AccessDenied, match="no_record"):
        door.working.history(person(door, "chen"), "deal", "D-4")
    (event,) = door.working.approve(person(door, "chen"), "deal", "D-4")
    assert (event.actor, event.values["#for"]) == ("chen", "wang")


DAYS = [(date(2026, 3, 11), False), (TODAY, True), (date(2026, 3, 19), True), (LATER, False)]


def test_it_begins_and_ends_by_itself(tmp_path: Path) -> None:
    door = opened(make(tmp_path))
    lend(door, "wang", "he")
    for day, in_force in DAYS:
        assert bool(waits(door, "he", day)) is in_force
        assert bool(door.listed(person(door, "he", day))) is (day < LATER)
    lend(door, "wang", "he", until=TODAY)  # what is said last counts
    assert waits(door, "he") == set()
    assert signed(door, "he", "D-4") == set()


EDITS = {  # what ends it before its day
    "the giver left": ("data/post.csv", "wang,manager,east,,", "wang,manager,east,,2026-03-12"),
    "the giver has another post": ("data/post.csv", "wang,manager,east,,", "wang,rep,east,,"),
    "the giver may approve no more": ("policies/works/grants.csv", "allow,manager,approve,deal,*,patch,,,\n", ""),
    "the rule is gone": ("policies/works/separation.yaml", "holidays", "summers"),
    "the rule lends no more": ("policies/works/separation.yaml", "never: [export]", "never: [export, approve]"),
    "the rule asks for others": ("policies/works/separation.yaml", "max: 14d", "max: 14d, to: [director]"),
}


@pytest.mark.parametrize("why", EDITS)
def test_nobody_lends_more_than_they_hold_now(tmp_path: Path, why: str) -> None:
    door = opened(make(tmp_path))
    lend(door, "wang", "he")
    assert waits(door, "he") != set()
    file, old, new = EDITS[why]
    change(tmp_path, old, new, file)
    again = opened(tmp_path)
    assert waits(again, "he") == set()
    assert signed(again, "he", "D-4") == set()


def test_what_is_lent_is_not_lent_on_and_is_for_named_records_only(tmp_path: Path) -> None:
    door = opened(make(tmp_path, "  holidays: {from: [manager, helper], what: approve, max: 14d}\n"))
    lend(door, "wang", "he")
    lend(door, "he", "chen")  # a rule lets helpers lend, and he has nothing of his own
    assert waits(door, "chen") == set()
    lend(door, "wang", "he", entities=["lead"])
    assert waits(door, "he") == set()
    assert signed(door, "he", "D-4") == set()


REFUSED = [
    (PLAIN, "li", {"giver": "wang"}, AccessDenied, "delegation.not_yours"),
    (PLAIN, "dai", {"giver": "wang"}, AccessDenied, "delegation.not_yours"),  # a rule that asks for no role
    (AGREED, "wang", {"giver": "wang"}, AccessDenied, "delegation.not_yours"),
    (AGREED, "dai", {"giver": "wang", "to": "dai"}, AccessDenied, "delegation.not_yours"),  # not for oneself
    (PLAIN, "wang", {"giver": "wang", "to": "wang"}, QuestionError, "delegation.to_oneself"),
    (PLAIN, "wang", {"giver": "wang", "to": "nobody"}, QuestionError, "access.nobody_there"),
    (PLAIN, "wang", {"giver": "wang", "only": ["read", "export"]}, QuestionError, "delegation.not_lent"),
    (PLAIN, "wang", {"giver": "wang", "only": []}, QuestionError, "delegation.not_lent"),
    (PLAIN, "wang", {"giver": "wang", "only": ["aprove"]}, QuestionError, "ask.unknown_action"),
    (PLAIN, "wang", {"giver": "wang", "until": date(2026, 3, 27)}, QuestionError, "delegation.too_long"),
    (PLAIN, "wang", {"giver": "wang", "entities": ["deals"]}, QuestionError, "ask.unknown_entity"),
]


@pytest.mark.parametrize(("rules", "actor", "more", "error", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_allowed_is_refused(
    tmp_path: Path, rules: str, actor: str, more: dict[str, Any], error: type[Exception], code: str
) -> None:
    door = opened(make(tmp_path, rules))
    with pytest.raises(error) as refused:
        door.delegate(**{"actor": person(door, actor), "to": "he", "begins": TODAY, "until": LATER, **more})
    assert [issue.code for issue in refused.value.issues] == [code]  # type: ignore[attr-defined]
    assert door.working.store.last() == 0


def test_who_agrees_may_and_longer_if_the_rule_says_so(tmp_path: Path) -> None:
    door = opened(make(tmp_path, AGREED))
    lend(door, "wang", "he", actor=person(door, "dai"), until=date(2026, 6, 1))
    assert waits(door, "he", date(2026, 5, 31)) != set()
    assert [one.taker for one in door.listed(person(door, "dai"))] == ["he"]
    assert door.listed(person(door, "li")) == ()


def test_two_powers_that_are_kept_apart_are_not_brought_together(tmp_path: Path) -> None:
    apart = "separation:\n  own: {label: {en: Own, zh: 自}, never_both: [advance deal, approve deal]%s}\n"
    strict = PLAIN.replace("14d}", "14d, unless: separation}")
    for rules, also in ((strict, ""), (PLAIN, ", also_through: [delegation]")):
        door = opened(make(tmp_path, rules, apart % also))
        with pytest.raises(QuestionError, match=r"delegation\.separated"):
            lend(door, "wang", "he")  # who may advance deals
    change(tmp_path, "allow,helper,advance,deal,*,patch,,,\n", "", "policies/works/grants.csv")
    lend(opened(tmp_path), "wang", "he")


def test_the_verbs_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make(tmp_path))
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)
    monkeypatch.setattr("salesrules.workspace.Workspace.today", lambda self: TODAY)

    def run(words: str, lang: str = "en") -> str:
        return CliRunner().invoke(main, [*words.split(), "--lang", lang]).output

    line = "he signs in the place of wang from 2026-03-12 until 2026-03-20 (holidays)"
    assert run("delegate --as wang wang --to he --until 2026-03-20").strip() == line
    assert run("delegate --as he").splitlines() == [line, "1 in force or to come"]
    assert "in the place of wang you can approve it until 2026-03-20 (delegation rule holidays)" in run(
        "why --as he deal D-4 --action approve"
    )
    assert run("approve --as he deal D-4") == "D-4: approved in place of wang (sales.offer.manager)\n"
    assert "he  审批通过：经理、代 wang" in run("history --as wang deal D-4", "zh")
    assert "--until" in run("delegate --as wang wang --to he")
    over = "delegate --as wang wang --to he --until 2026-03-12"
    assert run(over) == "ended: he no longer stands in for wang\n"
    assert run("delegate --as wang wang --to he --until 2026-03-20").strip() == line
    assert run(over, "zh") == "已结束：he 不再代管 wang 的工作\n"


def test_who_claims_for_somebody_they_stand_in_for_is_told_what_for_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_company.make(tmp_path)
    text = SCHEMA.format("separation") + "delegation:\n  any: {from: [rep], what: [read], max: 14d}\n"
    (tmp_path / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)
    monkeypatch.setattr("salesrules.workspace.Workspace.today", lambda self: TODAY)

    def run(words: str) -> str:
        return CliRunner().invoke(main, [*words.split(), "--lang", "en"]).output

    said = "--for says who is to get it: nobody claims in the place of somebody else, li included"
    assert said not in run("claim --as he --for li lead L-1")
    assert "stands in for li" in run("delegate --as li li --to he --until 2026-03-20 --only read")
    assert said in run("claim --as he --for li lead L-1")


def test_the_pages_offer_what_is_lent(tmp_path: Path) -> None:
    app = pages(make(tmp_path), assigned=False)
    log = live_in(app).log
    assert log is not None
    today = log.workspace.today()
    lend(Deputing(log), "wang", "he", actor=log.workspace.person("wang"), begins=today, until=today + timedelta(2))
    he = entered(app, "he", "en")
    page = said(he.get("/work"))
    assert "2 to sign" in page
    assert "in place of wang" in page
    assert "approved: Manager, in place of wang" in said(do(he, "/work/deal/approve", key="D-4", back="mine"))
    assert "1 to sign" in said(he.get("/work"))
    assert "Sign" in said(he.get("/work/deal?key=D-5"))


def test_who_may_make_it_longer_lends_nothing_of_others(tmp_path: Path) -> None:
    longer = "  holidays: {from: [manager], what: [approve], max: 14d, longer: {approve: director}}\n"
    door = opened(make(tmp_path, longer))
    with pytest.raises(AccessDenied, match=r"delegation\.not_yours"):
        lend(door, "wang", "he", actor=person(door, "dai"))
    assert signed(door, "he", "D-4") == set()


def test_who_lent_takes_it_back_without_anybody(tmp_path: Path) -> None:
    door = opened(make(tmp_path, AGREED))
    lend(door, "wang", "he", actor=person(door, "dai"))
    lend(door, "wang", "he", until=TODAY)
    assert signed(door, "he", "D-4") == set()


def apart(of: str) -> str:
    return f"separation:\n  s: {{label: {{en: S, zh: 分}}, never_both: [{of}], also_through: [delegation]}}\n"


def test_a_power_that_comes_later_ends_what_was_lent_and_it_can_be_taken_back(tmp_path: Path) -> None:
    folder = make(tmp_path, PLAIN, apart("approve deal, advance deal"))
    change(folder, "he,helper,east,,", "he,rep,south,,", "data/post.csv")
    change(folder, "allow,rep,advance,deal,*,mine,,,\n", "", "policies/works/grants.csv")
    door = opened(folder)
    lend(door, "wang", "he")
    assert signed(door, "he", "D-4") == {("manager", "wang")}
    door.working.store.close()
    change(folder, "he,rep,south,,", "he,helper,east,,", "data/post.csv")
    door = opened(folder)
    assert signed(door, "he", "D-5") == set()
    with pytest.raises(QuestionError, match=r"delegation\.separated"):
        lend(door, "wang", "he")
    lend(door, "wang", "he", until=TODAY)
    assert door.listed(person(door, "he")) == ()


def test_two_people_do_not_lend_what_nobody_may_have_at_once(tmp_path: Path) -> None:
    both = "  holidays: {from: [manager, director], what: [approve], max: 14d}\n"
    folder = make(tmp_path, both, apart("approve deal, approve lead"))
    change(
        folder,
        "allow,director,approve,deal,*,all,,,",
        "allow,director,approve,lead,*,all,,,",
        "policies/works/grants.csv",
    )
    door = opened(folder)
    lend(door, "wang", "he")
    with pytest.raises(QuestionError, match=r"delegation\.separated"):
        lend(door, "dai", "he")
    lend(door, "dai", "he", begins=LATER, until=date(2026, 3, 25))  # on other days


def test_it_is_taken_back_also_while_the_other_has_no_post(tmp_path: Path) -> None:
    folder = make(tmp_path)
    lend(opened(folder), "wang", "he")
    away = "he,helper,east,,2026-03-14\nhe,helper,east,2026-03-17,"
    change(folder, "he,helper,east,,", away, "data/post.csv")
    days = [date(2026, 3, 15), date(2026, 3, 18)]
    gone, back = (opened(folder, NOON.replace(day=day.day)) for day in days)
    with pytest.raises(AccessDenied, match=r"delegation\.not_yours"):
        lend(gone, "wang", "he", actor=person(gone, "li", days[0]), begins=days[0], until=days[0])
    lend(gone, "wang", "he", actor=person(gone, "wang", days[0]), begins=days[0], until=days[0])
    back.working.states.refresh()
    assert waits(back, "he", days[1]) == set()


def test_nothing_is_lent_for_days_that_are_over(tmp_path: Path) -> None:
    door = opened(make(tmp_path))
    lend(door, "wang", "he")
    with pytest.raises(QuestionError, match=r"delegation\.past"):
        lend(door, "wang", "he", begins=date(2026, 1, 1), until=TODAY)
    assert waits(door, "he") != set()


def test_what_was_never_lent_is_not_taken_back_and_only_who_could_learns_of_it(tmp_path: Path) -> None:
    door = opened(make(tmp_path))
    with pytest.raises(QuestionError, match=r"delegation\.nothing_to_end"):
        lend(door, "wang", "he", until=TODAY)
    with pytest.raises(AccessDenied, match=r"delegation\.not_yours"):
        lend(door, "wang", "he", actor=person(door, "li"), until=TODAY)
    assert [event for event in door.working.store.events() if event.kind == "delegated"] == []


def test_it_is_ended_on_a_day_to_come(tmp_path: Path) -> None:
    door, days = opened(make(tmp_path)), [date(2026, 3, day) for day in (17, 18, 20)]
    lend(door, "wang", "he")
    lend(door, "wang", "he", begins=days[1], until=days[1])
    (said,) = door.listed(person(door, "he"))
    assert (said.begins, said.until) == (TODAY, days[1])
    assert [bool(waits(door, "he", day)) for day in (TODAY, *days)] == [True, True, False, False]
    with pytest.raises(QuestionError, match=r"delegation\.nothing_to_end"):
        lend(door, "wang", "he", begins=days[2], until=days[2])  # nor is it lent for longer
    with pytest.raises(AccessDenied, match=r"delegation\.not_yours"):
        lend(door, "wang", "he", actor=person(door, "li"), begins=days[2], until=days[2])
    assert door.listed(person(door, "he")) == (said,)
    lend(door, "wang", "chen", begins=days[0], until=LATER)
    lend(door, "wang", "chen", until=TODAY)  # before it has begun
    assert door.listed(person(door, "chen")) == ()


def test_a_signature_that_was_given_is_told_and_not_as_one_that_is_not_needed(tmp_path: Path) -> None:
    """To who may approve; who may not learns no more than before."""
    door = opened(make(tmp_path))
    lend(door, "wang", "he")
    assert signed(door, "he", "D-4") == {("manager", "wang")}
    for taker, told in (
        ("wang", r"work\.signed_for: D-4 .* manager was signed by he in the place of wang at 2026-03-12 12:00"),
        ("li", r"work\.nothing_to_approve"),
    ):
        with pytest.raises(QuestionError, match=told):
            door.working.approve(person(door, taker), "deal", "D-4")
    own = opened(make(tmp_path / "own"))
    assert signed(own, "wang", "D-4") == {("manager", None)}
    with pytest.raises(QuestionError, match=r"work\.signed_already: D-4 .* manager was signed by wang at"):
        own.working.approve(person(own, "wang"), "deal", "D-4")
