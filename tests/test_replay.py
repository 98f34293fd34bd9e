"""What the rules of now would have made of past runs: nothing else without a change, and every record once with one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.assigning import Assigner
from salesrules.cli import main
from salesrules.issue import QuestionError
from salesrules.retracing import Retracing
from tests.assign_world import small_world, write
from tests.test_assigning import NOON, TURNS, company, opened

DAILY = """    when: owner is null
    limits: {{per_day: "{}"}}
    order_by: [age]
    fairness: {{measure: max_to_min, of: assigned, at_most: 1.5, window: 30d}}
    rules: [{{id: {}, pick: least_loaded}}]"""


def given_out(folder: Path, runs: list[tuple[str, int]]) -> Assigner:
    """A run a day under each of these rules, of so many leads; the tables show by then who got which."""
    for day, (rules, leads) in enumerate(runs):
        assigner = opened(company(folder, rules, leads), NOON + timedelta(days=day))
        owners = {one.key: one.person for one in assigner.working.store.decisions() if one.key and one.person}
        _show(folder, owners)
        opened(folder, NOON + timedelta(days=day)).assign("lead", seed="s")
    return opened(folder, NOON + timedelta(days=len(runs)))


def _show(folder: Path, owners: dict[str, str]) -> None:
    file = folder / "data" / "lead.csv"
    head, *lines = file.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    file.write_text("\n".join([head, *(",".join([id, owners.get(id, ""), *rest]) for id, _, *rest in cells)]) + "\n")


@pytest.mark.parametrize("seed", range(5))
def test_without_a_change_nothing_would_have_gone_elsewhere(tmp_path: Path, seed: int) -> None:
    _, files = small_world(seed, records=30)
    whole = files["lead.csv"]
    for day, records in enumerate((10, 20, 30)):
        write(tmp_path, {**files, "lead.csv": whole[: records + 1]})
        opened(tmp_path, NOON + timedelta(hours=8 * day)).assign("lead", seed="s")
    found = Retracing(opened(tmp_path, NOON + timedelta(days=2)).working).hindsight("lead")
    assert found.replay.runs == 3
    assert found.replay.moved == []
    assert found.replay.given[0] == found.replay.given[1]
    assert found.replay.load[0] == found.replay.load[1]


def test_turns_and_work_in_hand_go_on_under_the_rules_of_now(tmp_path: Path) -> None:
    """Two runs taken again by other weights give what those weights would have given."""
    assigner = given_out(tmp_path, [(TURNS, 12), (TURNS, 30)])
    assert Counter(one.person for one in assigner.working.store.decisions() if one.key) == {
        "P-1": 5,
        "P-2": 10,
        "P-3": 15,
    }
    other = opened(company(tmp_path, TURNS.replace("candidate.weight", "4 - candidate.weight"), 30))
    given = Retracing(other.working).hindsight("lead").replay.given
    assert given == ({"P-1": 5, "P-2": 10, "P-3": 15}, {"P-1": 15, "P-2": 10, "P-3": 5})


@pytest.mark.parametrize(("then", "now"), [(4, 10), (10, 4), (1, 3)])
def test_every_record_is_told_once_whether_it_would_have_gone_earlier_or_later(
    tmp_path: Path, then: int, now: int
) -> None:
    """Three people who get so many a day each: 15 records on the first day, 30 by the second."""
    given_out(tmp_path, [(DAILY.format(then, "all"), 15), (DAILY.format(then, "all"), 30)])
    found = Retracing(opened(company(tmp_path, DAILY.format(now, "all"), 30)).working).hindsight("lead").replay
    assert len({one.key for one in found.arrivals}) == len(found.arrivals) == 30
    for limit, fates in ((then, [one.then for one in found.arrivals]), (now, [one.now for one in found.arrivals])):
        first = min(15, 3 * limit)
        assert sum(fate.person is not None for fate in fates) == first + min(30 - first, 3 * limit)


def test_what_is_gone_is_left_out_and_said(tmp_path: Path) -> None:
    given_out(tmp_path, [(TURNS, 12)])
    found = Retracing(opened(company(tmp_path, TURNS, 10)).working).hindsight("lead").replay
    assert (found.gone, len(found.arrivals)) == (2, 10)


def test_the_verb_says_what_a_change_of_rules_would_change(tmp_path: Path) -> None:
    given_out(tmp_path, [(DAILY.format(4, "all"), 3), (DAILY.format(4, "all"), 6)])
    first = 'rules: [{id: strong, when: "true", candidates: "candidate.weight = 3", pick: least_loaded}]'
    rules = DAILY.format(4, "all").rpartition("rules:")[0] + first
    company(tmp_path, rules, 6)
    said = [
        CliRunner().invoke(
            main, ["replay", "lead", "--since", "2026-03-01", "--workspace", str(tmp_path), "--lang", lang]
        )
        for lang in ("en", "zh")
    ]
    assert [one.exit_code for one in said] == [1, 1]
    english, chinese = (one.stdout.splitlines() for one in said)
    assert english[0] == (
        "leads (Lead): 2 runs since 2026-03-01 gave out 6 records; by the rules of now 4 would have gone elsewhere"
    )
    assert english[1:3] == [
        "  all, which is no rule any more: 6 then, 0 now",
        "  strong (rules/w/assignment.yaml:11:13): 0 then, 6 now",
    ]
    assert english[3].endswith("by `all` then, P-3 by `strong` now")
    assert english[-2:] == [
        "that is more unequal than 1.5, the limit of the pack (rules/w/assignment.yaml:10:15)",
        "nothing that is given out already moves: rules are for what comes in; `rebalance` and `handover` are for what "
        "people have",
    ]
    assert chinese[0] == "leads（线索）：2026-03-01 以来 2 次分配共分出 6 条；按现在的规则，4 条会分给别人"


def test_one_run_is_asked_about_by_its_name(tmp_path: Path) -> None:
    assigner = given_out(tmp_path, [(TURNS, 12), (TURNS, 30)])
    (first, *_) = [one.run for one in assigner.working.store.decisions()]
    asked = ["replay", "lead", "--run", first, "--workspace", str(tmp_path), "--lang", "en"]
    said = CliRunner().invoke(main, asked)
    assert said.stdout.splitlines()[0] == (
        "leads (Lead): the run gave out 12 records; by the rules of now 0 would have gone elsewhere"
    )
    assert CliRunner().invoke(main, [*asked, "--since", "2026-03-01"]).exit_code == 2
    assert CliRunner().invoke(main, [*asked[:3], "nothing", *asked[4:]]).exit_code == 2


def test_a_run_of_another_assignment_is_none_of_this_one(tmp_path: Path) -> None:
    assigner = given_out(tmp_path, [(TURNS, 12)])
    (first, *_) = [one.run for one in assigner.working.store.decisions()]
    path = tmp_path / "rules/w/assignment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("assignments:\n  leads:", "assignments:\n  others:", 1), encoding="utf-8")
    with pytest.raises(QuestionError, match=r"assign\.unknown_run"):
        Retracing(opened(tmp_path).working).hindsight("others", run=first)
