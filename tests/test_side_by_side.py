"""What is told of two people who could both have got a record: what each had in hand, turns, and when the last came."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from salesrules.assigning import Assigner
from salesrules.contested import review_texts
from salesrules.retracing import Retracing
from salesrules.whose import recalled_texts
from tests.test_appeals import company as contested_company
from tests.test_appeals import opened as opened_appeals
from tests.test_appeals import who
from tests.test_assigning import NOON, company, opened
from tests.test_kept import TEAMS, sealing
from tests.working_company import change

RULE = """    when: owner is null
    order_by: [age]
    rules:
      - {{id: r0, candidates: "post.role = 'rep'", pick: {pick}}}"""


def at(folder: Path, minutes: int, sealed: bool) -> Assigner:
    found = sealing(folder) if sealed else opened(folder)
    return replace(found, working=replace(found.working, now=lambda: NOON + timedelta(minutes=minutes)))


@pytest.mark.parametrize("sealed", [False, True])
def test_of_two_the_figures_are_those_of_the_moment(sealed: bool, tmp_path: Path) -> None:
    """Two runs of least loaded: who got each record never had more in hand than any other, and both are counted."""
    company(tmp_path, RULE.format(pick="least_loaded"), leads=4)
    at(tmp_path, 0, sealed).assign("lead", seed="s")
    company(tmp_path, RULE.format(pick="least_loaded"), leads=9)
    found = at(tmp_path, 60, sealed)
    found.assign("lead", seed="s")
    held: Counter[str] = Counter()
    last: dict[str, int] = {}
    runs: dict[str, int] = {}
    asked = 0
    for one in (one for one in found.working.store.decisions() if one.key):
        number = runs.setdefault(one.run, len(runs))
        assert one.person is not None
        for other in sorted({"P-1", "P-2", "P-3"} - {one.person}):
            told = Retracing(found.working).recalled(one, other)
            mine, theirs = told.stood
            assert (mine.id, theirs.id) == (one.person, other)
            assert (mine.held, theirs.held) == (held[one.person], held[other])
            assert mine.held == told.choice.number <= theirs.held
            moments = tuple(last.get(id) for id in (one.person, other))
            shown = [s.last and (s.last - NOON.replace(tzinfo=UTC)) // timedelta(minutes=1) for s in told.stood]
            assert (*shown,) == moments
            assert {mine.ahead, theirs.ahead} == {None}
            asked += 1
        held[one.person] += 1
        last[one.person] = 60 * number
    assert asked == 18


def test_turns_are_told_as_they_were_before_the_run(tmp_path: Path) -> None:
    """Of four records for weights 1, 2 and 3 the shares are 2/3, 4/3 and 2: nobody is ahead before the first run."""
    company(tmp_path, leads=4)
    at(tmp_path, 0, False).assign("lead", seed="s")
    got = Counter(one.person for one in opened(tmp_path).working.store.decisions() if one.key)
    company(tmp_path, leads=7)
    found = at(tmp_path, 60, False)
    would = found.would("lead", "L-4", "P-1", seed="s")
    found.assign("lead", seed="s")
    retracing, share = Retracing(found.working), {"P-1": 2 / 3, "P-2": 4 / 3, "P-3": 2.0}
    for key, ahead in (("L-0", dict.fromkeys(share, 0.0)), ("L-4", {id: got[id] - share[id] for id in share})):
        last = retracing.last("lead", key)
        assert last is not None
        other = "P-1" if last.person != "P-1" else "P-2"
        for one in retracing.recalled(last, other).stood:
            assert one.ahead == pytest.approx(ahead[one.id])
    kept = retracing.last("lead", "L-4")
    assert would is not None
    assert kept is not None
    assert len(would.stood) == 2
    assert would.stood == retracing.recalled(kept, "P-1").stood


def test_a_part_in_a_team_counts_as_the_last(tmp_path: Path) -> None:
    folder = company(tmp_path, TEAMS.replace("difficulty = 3", "true"), leads=1)
    at(folder, 0, False).assign("lead", seed="s")
    company(tmp_path, TEAMS.replace("difficulty = 3", "true"), leads=2)
    found = at(folder, 60, False)
    found.assign("lead", seed="s")
    first, second = (one for one in found.working.store.decisions() if one.key)
    retracing = Retracing(found.working)
    helper = next(id for id in retracing.recalled(first).choice.shares if id != first.person)
    shares = retracing.recalled(second).choice.shares
    (out,) = {"P-1", "P-2", "P-3"} - set(shares)
    told = {one.id: one.last for one in retracing.recalled(second, out).stood}
    assert told == {
        id: NOON.replace(tzinfo=UTC) if id in (first.person, helper) else None for id in (second.person, out)
    }


def test_what_another_holds_is_for_those_who_audit(tmp_path: Path) -> None:
    root = contested_company(tmp_path)
    change(root, "allow,rep,audit,lead,*,patch,,,\n", "", "policies/works/grants.csv")
    appealing = opened_appeals(root)
    Assigner(appealing.working).assign("lead", seed="s")
    keys = [one.key for one in appealing.working.store.decisions("lead") if one.key and one.person == "chen"]
    pack, li, judge = appealing.working.workspace.pack, who(appealing, "li"), who(appealing, "ju")
    key = keys[0]
    own, all_ = (appealing.retracing.why(one, "lead", key, "li") for one in (li, judge))
    assert own is not None
    assert all_ is not None
    assert ([one.id for one in own.stood], [one.id for one in all_.stood]) == (["li"], ["chen", "li"])
    told = [text.strip() for text in recalled_texts(pack, all_, "en")][-2:]
    assert told == [
        f"{one.id}: {one.held} in hand at that moment, 0 of them from earlier in the same run; had never got anything"
        for one in all_.stood
    ]
    appealing.appeal(li, "lead", key, "mine")
    (review,) = appealing.reviews(judge)
    texts = [text.strip() for text in review_texts(pack, review, "zh")]
    assert f"li：当时手上 {all_.stood[1].held} 条，其中 0 条是这次分配先前分到的；之前从未分到过" in texts
