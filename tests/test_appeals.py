"""Appeals: who may, what recomputing says of the same decision and of those that are alike, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.appealing import Appealing
from salesrules.assigning import Assigner
from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.working import Working
from tests import working_pages
from tests.working_company import change
from tests.working_pages import NOON

# five more leads wait; of two in hand, Li can hold three and Chen five
LEADS = "".join(f"L-{number},,east,500\n" for number in range(5, 10))
GRANTS = """allow,auditor,audit,decision,*,all,,,
allow,judge,read,lead,*,all,,,
allow,judge,audit,lead,*,all,,,
allow,judge,audit,decision,*,all,,,
allow,judge,approve,decision,*,all,,,
allow,rep,approve,decision,*,all,,,
allow,rep,audit,lead,*,patch,,,
"""
RULE = "    rules:\n      - {id: rest, pick: least_loaded}"
LIMITED = "    limits: {open: \"case when candidate.id = 'li' then 3 else 5 end\"}\n" + RULE


def company(folder: Path) -> Path:
    root = working_pages.make(folder)
    change(root, RULE, LIMITED, "rules/works/assignment.yaml")
    change(root, "posts:", "  judge: {label: {en: Judge, zh: 评审}}\nposts:", "rules/works/roles.yaml")
    change(root, "zhao,,赵", "zhao,,赵\nju,,居", "data/person.csv")
    for name, text in (
        ("data/lead.csv", LEADS),
        ("policies/works/grants.csv", GRANTS),
        ("data/post.csv", "ju,judge,,,\nzhao,judge,,,\n"),
    ):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return root


@pytest.fixture
def appealing(tmp_path: Path) -> Iterator[Appealing]:
    """Six leads were given out: Li has all that Li can hold."""
    found = opened(company(tmp_path))
    Assigner(found.working).assign("lead", seed="s")
    yield found
    found.working.store.close()


def opened(root: Path, hours: int = 0) -> Appealing:
    return Appealing(replace(Working.open(root), now=lambda: NOON + timedelta(hours=hours)))


def who(appealing: Appealing, id: str):  # type: ignore[no-untyped-def]
    return appealing.working.workspace.person(id)


def lost(appealing: Appealing, person: str) -> list[str]:
    """The leads that a person did not get, in the order of the run."""
    decisions = appealing.working.store.decisions("lead")
    return [one.key for one in decisions if one.key and one.person != person]


def test_an_appeal_lists_the_decision_its_replay_and_those_that_are_alike(appealing: Appealing) -> None:
    """Of all that Li lost, each was lost because Li held three, or because Chen had fewer: asked one by one."""
    li, judge = who(appealing, "li"), who(appealing, "ju")
    checks = {}
    for key in lost(appealing, "li"):
        found = appealing.retracing.why(judge, "lead", key, "li")
        assert found is not None
        assert found.person is not None
        checks[key] = found.person.check
    assert set(checks.values()) == {"open", "outrun"}
    for key, check in checks.items():
        appealing.appeal(li, "lead", key, "I had room")
        review = appealing.reviews(judge)[-1]
        assert (review.appeal.key, review.appeal.person, review.appeal.because) == (key, "li", "I had room")
        assert (review.stands, review.now) == (True, review.found.decision.person)
        assert set(review.alike) == {other for other in checks if other != key and checks[other] == check}
    assert len(appealing.reviews(judge)) == len(checks)


def test_recomputing_follows_the_rules_of_now_and_the_work_in_hand_of_then(
    appealing: Appealing, tmp_path: Path
) -> None:
    """Once the tables show who got what, the same comes out; with more room for Li, Li would get some of it."""
    given = {one.key: one.person for one in appealing.working.store.decisions("lead") if one.key}
    for key in lost(appealing, "li"):
        appealing.appeal(who(appealing, "li"), "lead", key, "I had room")
    for key, person in given.items():
        change(tmp_path, f"{key},,east", f"{key},{person or ''},east", "data/lead.csv")

    def recomputed() -> dict[str, tuple[str | None, bool | None]]:
        return {one.appeal.key: (one.now, one.stands) for one in opened(tmp_path, 1).reviews(who(appealing, "ju"))}

    assert recomputed() == {key: (given[key], True) for key in lost(appealing, "li")}
    change(tmp_path, "then 3 else", "then 9 else", "rules/works/assignment.yaml")
    assert "li" in {now for now, _ in recomputed().values()}
    assert all(stands is (now == given[key]) for key, (now, stands) in recomputed().items())
    change(tmp_path, "  new_leads:", "  other_leads:", "rules/works/assignment.yaml")
    assert {*recomputed().values()} == {(None, None)}


def test_appeals_are_decided_by_somebody_else_with_the_right(appealing: Appealing) -> None:
    key = lost(appealing, "li")[0]
    appeal = appealing.appeal(who(appealing, "li"), "lead", key, "mine")
    for person, code in (("li", "appeal.involved"), ("chen", "appeal.unknown"), ("he", "appeal.no_approve")):
        with pytest.raises((AccessDenied, QuestionError), match=code):
            appealing.close(who(appealing, person), appeal.id, "dismissed", "because")
    judge = who(appealing, "ju")
    for id, outcome, because, code in (
        (appeal.id, "dismissed", " ", "appeal.no_reason"),
        (appeal.id, "dismised", "x", "ask.unknown_outcome"),
        (appeal.id + 1, "dismissed", "x", "appeal.unknown"),
    ):
        with pytest.raises(QuestionError, match=code):
            appealing.close(judge, id, outcome, because)
    event = appealing.close(judge, appeal.id, "upheld", "the rule was wrong")
    assert (event.actor, event.values["#outcome"]) == ("ju", "upheld")
    assert appealing.reviews(judge) == ()
    with pytest.raises(QuestionError, match=r"appeal\.unknown"):
        appealing.close(judge, appeal.id, "dismissed", "again")
    assert appealing.appeal(who(appealing, "li"), "lead", key, "once more").id > appeal.id


def test_who_got_the_record_does_not_decide(appealing: Appealing, tmp_path: Path) -> None:
    """Chen got it; Chen audits it and may close appeals, and not this one."""
    with (tmp_path / "policies/works/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,rep,audit,lead,*,all,,,\n")
    again = opened(tmp_path)
    key = next(one.key for one in again.working.store.decisions("lead") if one.person == "chen")
    appeal = again.appeal(who(again, "li"), "lead", key, "mine")
    with pytest.raises(AccessDenied, match=r"appeal\.involved"):
        again.close(who(again, "chen"), appeal.id, "dismissed", "because")


@pytest.mark.parametrize(
    ("person", "key", "because", "code"),
    [
        ("li", "L-5", "  ", "appeal.no_reason"),
        ("li", "L-1", "why", "appeal.undecided"),
        ("li", "L-3", "why", "access.no_record"),
        ("li", "L-99", "why", "access.no_record"),
    ],
)
def test_who_may_not_ask_why_may_not_appeal(
    appealing: Appealing, person: str, key: str, because: str, code: str
) -> None:
    with pytest.raises((AccessDenied, QuestionError), match=code):
        appealing.appeal(who(appealing, person), "lead", key, because)
    assert [event.kind for event in appealing.working.store.events() if event.kind == "appealed"] == []


def test_one_appeal_at_a_time_whose_reason_is_told_to_auditors_only(appealing: Appealing) -> None:
    key = lost(appealing, "li")[0]
    working = appealing.working
    appealing.appeal(who(appealing, "li"), "lead", key, "mine")
    with pytest.raises(QuestionError, match=r"appeal\.open_already"):
        appealing.appeal(who(appealing, "li"), "lead", key, "mine")
    (told,) = [one for one in working.history(who(appealing, "wang"), "lead", key) if one.event.kind == "appealed"]
    assert dict(told.others) == {}
    with pytest.raises(AccessDenied, match=r"appeal\.no_audit"):
        appealing.reviews(who(appealing, "he"))


def test_the_verbs(tmp_path: Path) -> None:
    root = company(tmp_path)
    key = "L-9"

    def run(*words: str) -> list[str]:
        result = CliRunner().invoke(main, [*words, "--workspace", str(root), "--lang", "en"])
        return [str(result.exit_code), *result.output.splitlines()]

    run("assign", "lead", "--seed", "s")
    noted = run("appeal", "--as", "li", "lead", key, "--because", "I had room")
    assert noted[0] == "0"
    id = noted[1].split()[1]
    told = run("appeals", "--as", "ju")
    assert told[1].startswith(f"appeal {id}, ")
    assert told[1].endswith(": li about Lead L-9: I had room")
    assert "  recomputed: the same person would get it" in told
    assert told[-1] == "1 open"
    assert run("appeals", "--as", "ju", "--close", id)[0] == "2"
    closed = run("appeals", "--as", "ju", "--close", id, "--outcome", "dismissed", "--because", "all alike")
    assert closed == ["0", f"appeal {id} is decided: dismissed"]
    assert run("appeals", "--as", "ju") == ["0", "0 open"]
    assert run("appeals", "--as", "he")[0] == "5"
    assert "appeal decided: dismissed" in "\n".join(run("history", "--as", "wang", "lead", key))
