"""Records that are handed over once those who are asked agree: nothing goes before, and nothing waits for the gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.leaving import Leaving
from salesrules.whose import handed_texts
from salesrules_web.live import live_in
from tests import working_company
from tests.test_leaver_signs import NOON, POSTS, opened
from tests.test_web_work import do
from tests.web_pages import entered, said
from tests.working_company import change
from tests.working_pages import pages

LAST = "    protect: {for: 7d, since: assign}\n"
HANDOVER = """handovers:
  leaver:
    when: id is null
    rules:
      - of: lead
        when: value > 0
        do: assign
        to: owner.manager
        confirm: [owner, owner.manager, owner.manager.manager]
        credit: {old: 20%, new: 80%}
      - {of: lead, do: recycle, pool: lead_pool, confirm: [owner]}
      - {of: deal, when: "stage = 'offer'", do: assign, to: owner.manager, confirm: [owner]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    working_company.make(tmp_path)
    change(tmp_path, LAST, LAST + HANDOVER, "rules/works/assignment.yaml")
    change(tmp_path, "li,rep,east,,", "li,rep,east,,2026-03-01", POSTS)
    return tmp_path


def lists(door: Leaving) -> dict[str, list[str]]:
    people = [door.working.workspace.person(id) for id in ("wang", "dai", "he")]
    return {one.id: [each.key for each in door.to_agree(one)] for one in people}


def facts(door: Leaving, key: str) -> list[tuple[str, str]]:
    return [(event.kind, event.actor) for event in door.working.store.events(key=key) if event.entity == "lead"]


def test_who_is_asked_and_who_is_not_there_to_be(folder: Path) -> None:
    door = opened(folder)
    found = door.hand_over("li", dry=True, handover="leaver")
    asks = {one.key: one.asks for one in found.records}
    assert asks == {"L-1": ("wang", "dai"), "L-2": (), "D-4": ("wang",), "D-5": ("wang",)}  # else who gets it
    texts = [text.strip() for text in handed_texts(door.working.workspace.pack, found, "en")]
    assert "1 of them once wang, dai agree" in texts
    assert "1 of them stay: nobody who has to agree works here" in texts
    assert door.working.store.last() == 0


def test_a_record_goes_when_the_last_of_them_agrees(folder: Path) -> None:
    door = opened(folder)
    wang, dai, he = (door.working.workspace.person(id) for id in ("wang", "dai", "he"))
    door.hand_over("li", handover="leaver")
    assert {id: sorted(keys) for id, keys in lists(door).items()} == {
        "wang": ["D-4", "D-5", "L-1"], "dai": ["L-1"], "he": [],
    }  # fmt: skip
    assert facts(door, "L-2") == []
    for person, key in ((he, "L-1"), (wang, "L-2"), (wang, "L-99")):
        with pytest.raises(AccessDenied, match=r"handover\.not_asked"):
            door.agree(person, "lead", key)
    door.agree(wang, "lead", "L-1")
    last = door.working.store.last()
    door.hand_over("li", handover="leaver")  # asked again the same, nobody has to agree twice
    assert door.working.store.last() == last
    assert lists(door)["dai"] == ["L-1"]
    assert "L-1" not in lists(door)["wang"]
    door.agree(dai, "lead", "L-1")
    assert facts(door, "L-1") == [
        ("handed", "salesrules"), ("observed", "salesrules"),
        ("agreed", "wang"), ("agreed", "dai"), ("assigned", "dai"),
    ]  # fmt: skip
    *_, went = door.working.store.events(entity="lead", key="L-1")
    assert went.values == {"owner": "wang", "#former": "li", "#credit old": "0.2", "#credit new": "0.8"}
    assert lists(door)["dai"] == []


def test_what_somebody_else_gets_meanwhile_waits_no_more(folder: Path) -> None:
    door = opened(folder)
    door.hand_over("li", handover="leaver")
    door.working.sync()  # the table is seen first, as it was
    assert lists(door)["dai"] == ["L-1"]
    change(folder, "L-1,li", "L-1,chen", "data/lead.csv")
    again = opened(folder)
    again.working.sync()
    assert lists(again)["dai"] == []


def test_nothing_goes_to_somebody_who_left_meanwhile(folder: Path) -> None:
    opened(folder).hand_over("li", handover="leaver")
    change(folder, "wang,manager,east,,", "wang,manager,east,,2026-03-10", POSTS)
    again = opened(folder)
    with pytest.raises(QuestionError, match=r"handover\.taker_gone"):
        again.agree(again.working.workspace.person("dai"), "lead", "L-1")


def test_the_verb_lists_and_agrees(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)

    def run(words: str) -> str:
        return CliRunner().invoke(main, [*words.split(), "--lang", "en"]).output

    run("handover li --by leaver")
    assert run("confirm --as dai") == "Lead L-1: to wang (leaver/1)\n1 wait for your agreement\n"
    assert run("confirm --as dai lead L-1") == "L-1: handover agreed to (leaver/1)\n"
    assert run("confirm --as dai") == "0 wait for your agreement\n"
    assert "handover asked for" in run("history --as wang lead L-1")


def test_the_page_of_my_work_asks_and_takes_the_answer(folder: Path) -> None:
    app = pages(folder, assigned=False)
    log = live_in(app).log
    assert log is not None
    Leaving(log).hand_over("li", handover="leaver")
    dai = entered(app, "dai", "en")
    assert "Waiting for your agreement" in said(dai.get("/work"))
    assert "handover agreed to" in said(do(dai, "/work/lead/confirm", key="L-1", back="mine"))
    assert "Waiting for your agreement" not in said(dai.get("/work"))


def test_what_the_table_shows_meanwhile_is_seen_before_somebody_agrees(folder: Path) -> None:
    door = opened(folder)
    door.hand_over("li", handover="leaver")
    door.working.store.close()
    change(folder, "D-4,li,east,offer", "D-4,he,east,offer")
    change(folder, "D-5,li,east,offer,true,false,1000000,0.40\n", "")
    door = opened(folder)
    wang = door.working.workspace.person("wang")
    for key in ("D-4", "D-5"):
        with pytest.raises(AccessDenied, match=r"handover\.not_asked"):
            door.agree(wang, "deal", key)


RENAMED = """assignments:
  new_leads:
    entity: lead
    when: rep is null
    sets: rep
    candidates: post.role = 'rep'
    rules: [{id: rest, pick: round_robin}]
    otherwise: {pool: lead_pool}
handovers:
  leaver:
    when: id is null
    rules: [{of: lead, do: assign, to: rep.manager, confirm: [rep.manager]}]
"""


def test_who_gets_a_record_is_not_told_where_its_holder_is_hidden(tmp_path: Path) -> None:
    """However the field is called that says whose a record is."""
    working_company.make(tmp_path)
    entities = tmp_path / "rules/works/entities.yaml"
    before, lead, after = entities.read_text("utf-8").partition("lead:")
    owner = "owner:  {type: ref, to: person, category: basics}"
    assert owner in after
    renamed = after.replace(owner, "rep:    {type: ref, to: person, category: money}", 1)
    entities.write_text(before + lead + renamed, "utf-8")
    change(tmp_path, "lead: owner = user}}", "lead: rep = user}}", "policies/works/slices.yaml")
    (tmp_path / "data/lead.csv").write_text("id,rep,region,value\nL-1,li,east,500\nL-4,,east,500\n", "utf-8")
    change(tmp_path, LAST, RENAMED, "rules/works/assignment.yaml")
    with (tmp_path / "policies/works/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,helper,read,lead,basics,patch,,,\n")
    door = opened(tmp_path)
    door.working.sync()
    door.hand_over("li", handover="leaver")
    told = [
        (each.event.kind, "#person" in each.others)
        for person in ("he", "wang")
        for each in door.working.history(door.working.workspace.person(person), "lead", "L-1")
        if each.event.kind == "handed"
    ]
    assert told == [("handed", False), ("handed", True)]
