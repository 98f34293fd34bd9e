"""What became of proposals where the table is right: one case a way in which it can end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import QuestionError
from salesrules.store import Event
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def opened(folder: Path, hours: float = 0) -> Working:
    return replace(Working.open(folder), now=lambda: NOON + timedelta(hours=hours))


def outcomes(working: Working, person: str = "dai") -> list[tuple[str, str | None, str, str | None]]:
    found = working.reconcile(working.workspace.person(person))
    return [(each.key, each.value, each.outcome, each.found) for each in found]


def test_every_proposal_ends_in_one_way(folder: Path) -> None:
    working = opened(folder)
    li = working.workspace.person("li")
    working.advance(li, "deal", ["D-2", "D-4", "D-5"], "lost")
    chen = working.workspace.person("chen")
    working.advance(chen, "deal", ["D-6"], "lost")
    everything = ["D-2", "D-4", "D-5", "D-6"]
    assert outcomes(working) == [(key, "lost", "open", None) for key in everything]
    assert outcomes(working, "chen") == [("D-6", "lost", "open", None)]
    change(folder, "D-4,li,east,offer", "D-4,li,east,lost")
    change(folder, "D-5,li,east,offer", "D-5,li,east,won")
    working = opened(folder, 1)
    assert outcomes(working) == [(key, "lost", "open", None) for key in everything]  # nobody has looked yet
    working.sync()
    done = [("D-4", "lost", "done", "lost"), ("D-5", "lost", "otherwise", "won")]
    assert outcomes(working) == [("D-2", "lost", "open", None), *done, ("D-6", "lost", "open", None)]
    later = opened(folder, 25)
    assert outcomes(later) == [("D-2", "lost", "lapsed", None), *done, ("D-6", "lost", "lapsed", None)]
    later.advance(li, "deal", ["D-2"], "lost")
    assert outcomes(later)[0] == ("D-2", "lost", "replaced", None)
    assert outcomes(later)[-1] == ("D-2", "lost", "open", None)


def test_what_is_not_followed_by_the_table_is_no_proposal(folder: Path) -> None:
    change(folder, 'file = "deal.csv"', 'file = "deal.csv"\nmaster = {stage = "log"}', "salesrules.toml")
    working = opened(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-1"], "talk")
    assert outcomes(working) == []


HEADS = {
    "fxiaoke": "\ufeff唯一性ID,销售阶段",
    "zoho": "Record Id,Stage",
    "salesforce": "Id,StageName",
    "hubspot": "Record ID,Deal Stage",
}


@pytest.mark.parametrize("template", HEADS)
def test_what_is_open_leaves_as_the_file_that_a_crm_takes(folder: Path, template: str) -> None:
    grants = "allow,rep,read,deal,*,mine,,,"
    change(folder, grants, f"{grants}\nallow,rep,export,deal,basics,mine,,,", "policies/works/grants.csv")
    aliases = "\naliases:\n  sales: {Closed Lost: lost}\n"
    path = folder / "rules/works/dimensions.yaml"
    path.write_text(path.read_text(encoding="utf-8") + aliases, encoding="utf-8")
    working = opened(folder)
    li = working.workspace.person("li")
    working.advance(li, "deal", ["D-4", "D-2"], "lost")
    working.advance(working.workspace.person("chen"), "deal", ["D-6"], "lost")
    found = working.moves(li, "deal", template)
    assert found.content.decode().splitlines() == [HEADS[template], "D-2,Closed Lost", "D-4,Closed Lost"]
    assert (found.records, found.to_nobody) == (2, 0)
    dai = working.workspace.person("dai")  # reads all deals and may export none
    assert (found.closed, working.moves(dai, "deal", template).records) == ({}, 0)
    assert working.moves(dai, "deal", template).closed == {"stage": 3}
    for key in ("D-2", "D-4"):  # what the CRM then writes is read back as done
        text = (folder / "data/deal.csv").read_text(encoding="utf-8").splitlines()
        (line,) = [line for line in text if line.startswith(f"{key},")]
        cells = line.split(",")
        change(folder, line, ",".join([*cells[:3], "Closed Lost", *cells[4:]]))
    later = opened(folder, 1)
    later.sync()
    assert outcomes(later, "li") == [("D-2", "lost", "done", "lost"), ("D-4", "lost", "done", "lost")]
    assert later.moves(li, "deal", template).records == 0


def test_a_record_that_goes_back_to_nobody_is_counted_and_not_written(folder: Path) -> None:
    grants = "allow,rep,read,deal,*,mine,,,"
    change(folder, grants, f"{grants}\nallow,rep,export,lead,basics,mine,,,", "policies/works/grants.csv")
    working = opened(folder)
    working.sync()
    back = replace(working, now=lambda: NOON + timedelta(days=14))
    assert [due.key for due in back.run_clocks() if due.do == "recycle"] == ["L-1", "L-2"]
    found = back.moves(working.workspace.person("li"), "lead", "zoho")
    assert (found.content, found.records, found.to_nobody) == (b"Record Id\r\n", 0, 2)


def test_the_verb_counts_them(folder: Path) -> None:
    working = Working.open(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-2", "D-4"], "lost")
    words = ["export", "moves", "--as", "li", "deal", "--template", "zoho", "--workspace", str(folder), "--lang", "en"]
    told = CliRunner().invoke(main, [*words, "--file", str(folder / "moves.csv")]).output.splitlines()
    assert told[1:] == ["left out: 2 open proposals, because you may not export stage"]
    words = ["reconcile", "--as", "li", "--workspace", str(folder), "--lang", "en"]
    lines = CliRunner().invoke(main, words).output.splitlines()
    assert [line[18:] for line in lines[:2]] == [
        "Deal D-2: stage should become Lost (li): open",
        "Deal D-4: stage should become Lost (li): open",
    ]
    assert lines[2] == "2 proposals: 0 done, 0 done otherwise, 0 not done within a day, 2 open, 0 replaced"


def test_a_crm_is_told_who_gets_a_record_in_its_own_words(folder: Path) -> None:
    """Here it knows people by a field of theirs; who has none, or may not be exported, is left out and counted."""
    grants = "allow,director,read,deal,*,all,,,"
    more = "\nallow,director,export,deal,basics,all,,,\nallow,director,export,person,basics,but_sun,,,"
    change(folder, grants, grants + more, "policies/works/grants.csv")
    path = folder / "policies/works/slices.yaml"
    rows = "\n  but_sun: {label: {en: All but Sun, zh: 除孙外}, rows: {person: id <> 'sun'}}\n"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + rows, encoding="utf-8")
    working = Working.open(folder)
    for key, person in {"D-1": "he", "D-2": "dai", "D-4": "sun", "D-5": "chen"}.items():
        working.write([Event(working.now(), "deal", key, "assigned", "wang", {"owner": person}, "", working.release)])
    dai = working.workspace.person("dai")
    found = working.moves(dai, "deal", "hubspot", "manager")
    assert found.content.decode().splitlines() == ["Record ID,Owner", "D-1,wang", "D-5,sun"]
    assert (found.records, found.to_unknown) == (2, 2)
    assert working.moves(dai, "deal", "hubspot").records == 4
    with pytest.raises(QuestionError):
        working.moves(dai, "deal", "hubspot", "mail")
    words = ["export", "moves", "--as", "dai", "deal", "--template", "zoho", "--people", "manager"]
    told = CliRunner().invoke(
        main, [*words, "--file", str(folder / "m.csv"), "--workspace", str(folder), "--lang", "en"]
    )
    assert told.output.splitlines()[-1] == (
        "left out: 2 records that go to people without `manager`, or whose `manager` you may not export"
    )
