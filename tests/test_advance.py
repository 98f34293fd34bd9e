"""Moving records along a process: who may, and everything that stands in the way at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.run.answer import Mark
from salesrules.store import Event
from salesrules.work.passage import Passage
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, 0)  # a Thursday, twelve o'clock in Shanghai


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def opened(folder: Path, now: datetime = NOON) -> Working:
    return replace(Working.open(folder), now=lambda: now)


def unmet(found: Passage) -> list[tuple[str, str]]:
    return [(each.what, each.id) for each in found.unmet]


ASKED = [  # who moves which deal where, and what is in the way
    ("li", "D-1", "trial", [("task", "call")]),
    ("li", "D-1", "offer", [("no_way", "offer"), ("task", "call")]),
    ("li", "D-2", "trial", [("exit", "talk"), ("task", "call"), ("task", "visit")]),  # no amount: asked for in doubt
    ("li", "D-2", "lost", []),  # given up, whatever is still to be done
    (
        "li",
        "D-2",
        "offer",
        [("no_way", "offer"), ("exit", "talk"), ("task", "call"), ("task", "visit"), ("enter", "offer")],
    ),
    ("li", "D-3", "offer", [("task", "call"), ("task", "visit")]),  # small: the trial is passed over
    ("li", "D-3", "trial", [("task", "call"), ("task", "visit"), ("skip", "trial")]),
    ("li", "D-4", "won", [("approval", "manager")]),
    ("li", "D-5", "won", [("approval", "manager"), ("approval", "director")]),
    ("li", "D-5", "lost", []),
    ("li", "D-4", "offer", [("here", "offer")]),
    ("li", "D-7", "talk", []),  # in no stage: it begins at the beginning
    ("li", "D-7", "offer", [("no_way", "offer")]),
    ("li", "D-8", "talk", [("no_way", "talk")]),
    ("wang", "D-4", "won", [("right", "advance")]),  # reads it, and owns it not
    ("he", "D-4", "lost", []),
]


@pytest.mark.parametrize("person", sorted({case[0] for case in ASKED}))
def test_everything_in_the_way_is_named_at_once(folder: Path, person: str) -> None:
    working = opened(folder)
    who = working.workspace.person(person)
    for _, key, to, expected in [case for case in ASKED if case[0] == person]:
        (found, *_) = working.advance(who, "deal", [key], to, dry=True)
        assert (key, to, unmet(found)) == (key, to, expected)
        assert not found.done
        assert working.workspace.can(who, "advance", "deal", key) is (("right", "advance") not in unmet(found))
    assert working.store.last() == 0  # a dry run writes nothing


@pytest.mark.parametrize(("person", "key"), [("li", "D-6"), ("li", "D-99"), ("chen", "D-1"), ("sun", "D-4")])
def test_a_record_that_is_not_yours_is_not_there(folder: Path, person: str, key: str) -> None:
    working = opened(folder)
    with pytest.raises(AccessDenied, match=f"no_record: no such record, or not yours: deal {key}"):
        working.advance(working.workspace.person(person), "deal", [key], "lost")
    assert [event.kind for event in working.store.events()] in ([], ["observed"])


def test_the_term_that_is_false_is_told_with_its_value_to_those_who_read_it(folder: Path) -> None:
    working = opened(folder)
    told = {}
    for person in ("li", "he"):
        (found, *_) = working.advance(working.workspace.person(person), "deal", ["D-2"], "trial", dry=True)
        terms = found.unmet[0].terms
        told[person] = [(term.written.text, term.holds, term.values) for term in terms]
    agreed = ("agreed", False, (("agreed", False),))
    assert told["li"] == [agreed, ("amount > 0", None, (("amount", None),))]
    assert told["he"] == [agreed, ("amount > 0", Mark.HIDDEN, (("amount", Mark.HIDDEN),))]


def test_what_may_go_goes_and_the_rest_says_why(folder: Path) -> None:
    working = opened(folder)
    found = working.advance(working.workspace.person("li"), "deal", ["D-4", "D-5", "D-7"], "lost")
    assert [(each.key, each.done, unmet(each)) for each in found] == [
        ("D-4", True, []),
        ("D-5", True, []),
        ("D-7", False, [("no_way", "lost")]),
    ]
    written = [event for event in working.store.events() if event.kind == "advanced"]
    assert [(event.key, event.actor, event.at.replace(tzinfo=None), event.rule) for event in written] == [
        ("D-4", "li", NOON, "sales.offer"),
        ("D-5", "li", NOON, "sales.offer"),
    ]
    assert written[0].values == {"stage": "lost", "#from": "offer", "#process": "sales"}
    assert len(written[0].release) == 16
    assert working.store.verify().broken == ()


def test_where_the_table_is_right_a_move_is_a_proposal_until_it_shows(folder: Path) -> None:
    working = opened(folder)
    who = working.workspace.person("li")
    (found, *_) = working.advance(who, "deal", ["D-4"], "lost")
    assert (found.done, found.proposed) == (True, True)
    (again,) = working.advance(who, "deal", ["D-4"], "lost")
    assert unmet(again) == [("waits", "lost")]
    (later,) = opened(folder, datetime(2026, 3, 13, 4, 1)).advance(who, "deal", ["D-4"], "lost")  # it has lapsed
    assert later.done
    change(folder, "D-4,li,east,offer", "D-4,li,east,lost")
    (shown,) = opened(folder).advance(who, "deal", ["D-4"], "lost")
    assert unmet(shown) == [("here", "lost")]


def test_where_the_log_is_right_a_move_counts_at_once(folder: Path) -> None:
    change(folder, 'file = "deal.csv"', 'file = "deal.csv"\nmaster = {stage = "log"}', "salesrules.toml")
    working = opened(folder)
    who = working.workspace.person("li")
    (found, *_) = working.advance(who, "deal", ["D-4"], "talk")
    assert (found.start, found.done, found.proposed) == (None, True, False)  # nothing is known from the table
    (lost,) = working.advance(who, "deal", ["D-4"], "lost")
    assert (lost.start, lost.done) == ("talk", True)
    assert [unmet(each) for each in opened(folder).advance(who, "deal", ["D-4"], "lost")] == [[("here", "lost")]]


NAMED = {
    "talk": "talk",
    "Talk": "talk",
    "沟通": "talk",
    "begin": "talk",
    "Price": "offer",
    "出价": "offer",
    "Prize": "won",
}


@pytest.mark.parametrize("name", NAMED)
def test_a_stage_goes_by_its_id_its_label_or_a_step(folder: Path, name: str) -> None:
    working = opened(folder)
    (found, *_) = working.advance(working.workspace.person("li"), "deal", ["D-1"], name, dry=True)
    assert found.to == NAMED[name]


@pytest.mark.parametrize(
    ("entity", "to", "process", "said"),
    [
        ("deal", "price", None, "work.two_stages: `price` is a step of several lists.*`offer` .sales., `won` .sales."),
        ("deal", "talkk", None, "work.unknown_stage: .* did you mean `talk`"),
        ("deal", "talk", "salez", "ask.unknown_process: .* did you mean `sales`"),
        ("deel", "talk", None, "ask.unknown_entity: .* did you mean `deal`"),
        ("lead", "talk", None, "work.no_process"),
    ],
)
def test_what_means_nothing_is_said(folder: Path, entity: str, to: str, process: str | None, said: str) -> None:
    working = opened(folder)
    with pytest.raises(QuestionError, match=said):
        working.advance(working.workspace.person("li"), entity, ["D-1"], to, process, dry=True)


def test_a_failure_in_the_middle_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = opened(folder)
    who = working.workspace.person("li")
    working.advance(who, "deal", ["D-4"], "lost")
    written = working.store.last()
    write = Working.write

    def failing(self: Working, events: object) -> None:
        write(self, events)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Working, "write", failing)
        with pytest.raises(KeyboardInterrupt):
            working.advance(who, "deal", ["D-5"], "lost")
    assert working.store.last() == written
    (found, *_) = working.advance(who, "deal", ["D-5"], "lost")
    assert found.done


def test_the_log_may_lie_in_postgresql(folder: Path, postgres: Any, postgres_url: str) -> None:
    postgres.execute("CREATE DATABASE works")
    url = make_url(postgres_url).set(database="works").render_as_string(hide_password=False)
    with (folder / "salesrules.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[store]\nurl = "{url}"\n')
    working = opened(folder)
    assert len(working.sync()) == 12
    (found, *_) = working.advance(working.workspace.person("li"), "deal", ["D-4"], "lost")
    assert found.done
    other = opened(folder)  # another process reads the same log
    assert unmet(other.advance(other.workspace.person("li"), "deal", ["D-4"], "lost", dry=True)[0]) == [
        ("waits", "lost")
    ]
    assert other.store.verify().rows == {"event": 13, "decision": 0}
    assert not (folder / ".salesrules" / "store.sqlite").exists()
    working.store.close()
    other.store.close()


def run(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, [*words, "--workspace", str(folder)])
    return result.exit_code, result.output


def test_the_verb_tells_it_in_both_languages(folder: Path) -> None:
    code, text = run(folder, "advance", "--as", "li", "deal", "D-2", "--to", "trial", "--dry-run", "--lang", "en")
    assert code == 5
    assert text.splitlines() == [
        "D-2: Talk → Trial is not possible yet, 3 in the way",
        "  the condition to leave Talk does not hold",
        "    agreed and amount > 0 (rules/works/stages.yaml:9:20)",
        "      agreed: false; agreed is no",
        "      amount > 0: unknown, a value is missing; amount is empty",
        "  a required task is not done: Call",
        "  a required task is not done: Go",
    ]
    where = ("--where", "stage = 'offer'")
    code, text = run(folder, "advance", "--as", "li", "deal", *where, "--to", "输单", "--lang", "zh")
    assert (code, text.splitlines()[0]) == (0, "D-4：报价 → 输单")
    assert text.splitlines()[-1] == "共 2 条：已推进 2 条，可以推进 0 条，不能推进 0 条"
    assert run(folder, "advance", "--as", "li", "deal", "--to", "lost")[0] == 2
    assert run(folder, "advance", "--as", "li", "deal", "D-1", *where, "--to", "lost")[0] == 2


@pytest.mark.parametrize(("alias", "stage"), [("", None), ("  sales: {offer: trial}\n", "trial")])
def test_a_stage_that_the_pack_has_no_more_is_its_alias_or_none_and_told(
    folder: Path, alias: str, stage: str | None
) -> None:
    """Deals stand in it by the log; the record stays, and there is a way on from where it counts."""
    change(folder, 'file = "deal.csv"', 'file = "deal.csv"\ncolumns = {stage = "-"}', "salesrules.toml")
    working = opened(folder)
    for key in ("D-4", "D-5"):
        working.write([Event(working.now(), "deal", key, "advanced", "li", {"stage": "offer"}, "", working.release)])
    path = folder / "rules/works/stages.yaml"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition("      - id: offer\n")
    after = rest[rest.index("      - {id: won") :]
    lines = (before + after).replace("next: [offer, lost]", "next: [won, lost]").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "is: offer" not in line), encoding="utf-8")
    if alias:
        names = folder / "rules/works/dimensions.yaml"
        names.write_text(names.read_text(encoding="utf-8") + "aliases:\n" + alias, encoding="utf-8")
    working = opened(folder)
    li = working.workspace.person("li")
    seen = working.workspace.see(li, "deal", columns="id,stage", where="id in ('D-4', 'D-5')")
    assert [row[1] for row in seen.rows] == [stage, stage]
    told = [(reject.reason, reject.rows, reject.example) for reject in working.workspace.rejects]
    assert told == ([] if stage else [("reject.stage_gone", 2, "offer")])
    (found, *_) = working.advance(li, "deal", ["D-4"], "won" if stage else "talk", dry=True)
    assert found.start == stage
    assert found.unmet == ()
