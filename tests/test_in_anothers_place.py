"""Who asks and acts in the place of another does so as that one could, within what is lent, and the log says so."""

from __future__ import annotations

import inspect
import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.appealing import Appealing
from salesrules.assigning import Assigner
from salesrules.cli import main
from salesrules.conducting import Conducting
from salesrules.deputing import Deputing
from salesrules.issue import AccessDenied, SalesrulesError
from salesrules.leaving import Leaving
from salesrules.pooling import Pooling
from salesrules.retracing import Retracing
from salesrules.work.kinds import ONLY
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace
from tests.test_stand_ins import LATER, NOON, TODAY, lend, make, opened, person
from tests.working_company import change

WIDE = (
    "  holidays: {from: [manager, rep], what: [read, aggregate, export, advance, update, approve, audit], max: 14d}\n"
)
MORE = """allow,manager,export,deal,basics,patch,,,
allow,manager,audit,deal,*,patch,,,
allow,manager,advance,deal,*,patch,,,
allow,manager,read,person,*,all,,,
"""


def wide(folder: Path, separation: str = "") -> Deputing:
    folder = make(folder, WIDE, separation)
    with (folder / "policies/works/grants.csv").open("a", encoding="utf-8") as file:
        file.write(MORE)
    return opened(folder)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Deputing:
    """For what changes no record: every test says anew what is lent, and what was said last counts."""
    return wide(tmp_path_factory.mktemp("works"))


def refusal(code: str, ask: Any) -> None:
    with pytest.raises(SalesrulesError) as refused:
        ask()
    assert [issue.code for issue in refused.value.issues] == [code]


def test_lists_decisions_and_files_are_those_of_the_other_and_never_mixed(door: Deputing) -> None:
    workspace, wang, chen = door.working.workspace, person(door, "wang"), person(door, "chen")
    own = workspace.see(chen, "deal", None)
    lend(door, "wang", "chen", only=["read", "export"])
    for_wang = door.in_place_of(chen, "wang")
    assert workspace.see(for_wang, "deal", None) == workspace.see(wang, "deal", None)
    assert workspace.export(for_wang, "deal", None) == workspace.export(wang, "deal", None)
    assert workspace.see(person(door, "chen"), "deal", None) == own != workspace.see(wang, "deal", None)
    assert workspace.can(wang, "advance", "deal", "D-4")
    assert workspace.can(wang, "approve", "deal", "D-4")
    for action, yes in {"read": True, "export": True, "advance": False, "approve": False}.items():
        assert workspace.can(for_wang, action, "deal", "D-4") is yes
    assert workspace.may_audit(wang, "deal")
    assert not workspace.may_audit(for_wang, "deal")
    refusal("access.no_audit", lambda: workspace.can(for_wang, "read", "deal", "D-4", about="li"))


LENT = [  # what is lent and for which records, and what opens then: deals to read, their files, leads to read
    (["read"], [], (True, False, True)),
    (["read", "export"], ["deal"], (True, True, False)),
    (["export"], [], (False, False, False)),  # what is exported is read
    (["approve"], [], (False, False, False)),
]


@pytest.mark.parametrize(("only", "entities", "opens"), LENT)
def test_no_other_action_and_no_other_record_opens(
    door: Deputing, only: list[str], entities: list[str], opens: tuple[bool, ...]
) -> None:
    lend(door, "wang", "he", only=only, entities=entities)
    workspace, for_wang = door.working.workspace, door.in_place_of(person(door, "he"), "wang")
    seen = workspace.entities(for_wang)
    assert ("deal" in seen, rows_to_export(workspace, for_wang) > 0, "lead" in seen) == opens
    assert workspace.see(for_wang, "deal").total == (7 if "deal" in seen else 0)
    assert workspace.audited(for_wang) == ()


def rows_to_export(workspace: Workspace, asker: Principal) -> int:
    with suppress(AccessDenied):
        return len(workspace.export(asker, "deal").rows)
    return 0


def test_a_path_leads_through_nothing_that_is_not_lent(door: Deputing) -> None:
    workspace, wang = door.working.workspace, person(door, "wang")
    asked = {"where": "owner.manager = 'wang'", "columns": "id,owner.manager"}
    assert workspace.see(wang, "deal", **asked).total > 0
    lend(door, "wang", "he", only=["read"], entities=["deal"])
    for_wang = door.in_place_of(person(door, "he"), "wang")
    refusal("access.list_refused", lambda: workspace.see(for_wang, "deal", where=asked["where"]))


def test_a_deny_of_a_post_that_is_not_lent_stays(tmp_path: Path) -> None:
    """Wang is a helper as well, from whom the money of deals is kept; helpers lend nothing."""
    make(tmp_path)
    change(tmp_path, "wang,manager,east,,", "wang,manager,east,,\nwang,helper,east,,", "data/post.csv")
    with (tmp_path / "policies/works/grants.csv").open("a", encoding="utf-8") as file:
        file.write("deny,helper,read,deal,money,all,,,\ndeny,helper,approve,deal,*,all,,,\n")
    door = opened(tmp_path)
    lend(door, "wang", "chen", only=["read", "approve"])
    workspace, for_wang = door.working.workspace, door.in_place_of(person(door, "chen"), "wang")
    assert workspace.can(for_wang, "read", "deal", "D-4", "region")
    assert not workspace.can(for_wang, "read", "deal", "D-4", "amount")
    assert door.working.agenda(person(door, "chen")).lent == ()


def test_there_is_one_answer_to_who_may_not_whether_the_other_is_there_or_not(door: Deputing) -> None:
    lend(door, "wang", "he", only=["read"], begins=TODAY + timedelta(1))  # not yet
    lend(door, "li", "he", only=["read"], entities=["deal"])
    texts = set()
    for giver in ("wang", "dai", "nobody", "he", "sun", ""):
        with pytest.raises(AccessDenied) as refused:
            door.in_place_of(person(door, "he"), giver)
        texts.add(str(refused.value.issues[0].text("en")).replace(f"`{giver}`", "`X`"))
    assert len(texts) == 1
    for_li = door.in_place_of(person(door, "he"), "li")
    refusal("delegation.own_alone", lambda: door.in_place_of(for_li, "wang"))  # nothing is lent on


def test_it_begins_and_ends_by_itself_also_for_days_that_are_past(door: Deputing) -> None:
    lend(door, "wang", "he", only=["read"])
    assert door.in_place_of(person(door, "he"), "wang").id == "wang"
    over = Deputing(replace(door.working, now=lambda: NOON + timedelta(8)))
    for day in (TODAY, LATER):
        refusal("delegation.nobody", lambda day=day: over.in_place_of(person(over, "he", day), "wang"))
    refusal("delegation.nobody", lambda: door.in_place_of(person(door, "he", LATER), "wang"))
    refusal("delegation.nobody", lambda: door.in_place_of(person(door, "he", date(2026, 3, 11)), "wang"))


EDITS = {  # what closes it at once
    "the giver left": ("data/post.csv", "wang,manager,east,,", "wang,manager,east,,2026-03-12"),
    "the giver has another post": ("data/post.csv", "wang,manager,east,,", "wang,director,,,"),
    "the taker left": ("data/post.csv", "he,helper,east,,", "he,helper,east,,2026-03-12"),
    "the rule is gone": ("policies/works/separation.yaml", "holidays", "summers"),
    "the rule lends no more": ("policies/works/separation.yaml", "never: [export]", "never: [export, read]"),
    "the rule asks for others": ("policies/works/separation.yaml", "max: 14d", "max: 14d, to: [director]"),
}


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("lent") / "works")
    found = opened(folder)
    lend(found, "wang", "he", only=["read"])
    assert found.in_place_of(person(found, "he"), "wang").lent is not None
    found.working.store.close()
    return folder


@pytest.mark.parametrize("why", EDITS)
def test_nobody_lends_more_than_they_hold_now(lent: Path, tmp_path: Path, why: str, door: Deputing) -> None:
    folder = tmp_path / "works"
    copytree(lent, folder)
    file, old, new = EDITS[why]
    change(folder, old, new, file)
    again = opened(folder)
    refusal("delegation.nobody", lambda: again.in_place_of(person(door, "he"), "wang"))


def test_a_rule_that_is_made_wider_lends_no_more_than_was_said(door: Deputing) -> None:
    """And what was said before it could be said lends to approve alone."""
    lend(door, "wang", "he")
    lend(door, "wang", "chen", only=["read"])
    said = door.working.store.events(entity="person", key="wang")
    old = [event for event in said if event.values["#person"] == "he"][-1]
    values = {name: value for name, value in old.values.items() if name != ONLY}
    door.working.write([replace(old, values=values)])
    chen, he = (door.in_place_of(person(door, taker), "wang").lent for taker in ("chen", "he"))
    assert chen is not None
    assert he is not None
    assert (chen.actions, he.actions) == (frozenset({"read"}), frozenset({"approve"}))


def test_what_is_done_says_who_and_in_whose_place(tmp_path: Path) -> None:
    door = wide(tmp_path)
    lend(door, "wang", "he", only=["read", "advance", "approve"])
    working, for_wang = door.working, door.in_place_of(person(door, "he"), "wang")
    (signed,) = working.approve(for_wang, "deal", "D-4")
    assert (signed.actor, signed.values["#for"]) == ("he", "wang")
    (moved,) = working.advance(for_wang, "deal", ["D-4"], "lost")
    assert moved.done
    event = [*working.store.events(entity="deal", key="D-4")][-1]
    assert (event.kind, event.actor, event.values["#for"]) == ("advanced", "he", "wang")
    refusal("work.no_follow_up", lambda: working.follow_up(for_wang, "deal", "D-4"))  # which is not lent
    lend(door, "wang", "he", until=TODAY)
    refusal("delegation.nobody", lambda: working.advance(for_wang, "deal", ["D-5"], "lost"))  # as it is at that moment


def test_nobody_does_anything_to_a_record_of_their_own_for_another(tmp_path: Path) -> None:
    """Li owns D-4 and may not approve it, as wang could."""
    door = wide(tmp_path)
    lend(door, "wang", "li", only=["read", "advance", "approve"])
    working, for_wang = door.working, door.in_place_of(person(door, "li"), "wang")
    before = working.store.last()
    refusal("delegation.own_record", lambda: working.approve(for_wang, "deal", "D-4"))
    refusal("delegation.own_record", lambda: working.advance(for_wang, "deal", ["D-4"], "lost"))
    events = [*working.store.events(entity="deal", key="D-4")]
    assert {event.kind for event in events} <= {"created", "observed"}
    assert working.store.last() >= before


def test_who_signs_without_reading_learns_of_no_other_record(tmp_path: Path) -> None:
    door = wide(tmp_path)
    lend(door, "wang", "chen")
    for_wang = door.in_place_of(person(door, "chen"), "wang")
    told = set()
    for key in ("D-1", "D-6", "none"):  # one that waits for nobody, one that is out of sight, one that is not there
        with pytest.raises(AccessDenied) as refused:
            door.working.approve(for_wang, "deal", key)
        told.add(refused.value.issues[0].text("en").replace(key, "KEY"))
    assert len(told) == 1
    assert [event.key for event in door.working.approve(for_wang, "deal", "D-4")] == ["D-4"]


OPEN = {
    Workspace: {name for name in dir(Workspace) if not name.startswith("_")},  # all of it goes by the lines of cells
    Working: {"advance", "follow_up", "task_done", "approve", "history", "outlook", "stages"}
    | {"asker"},  # which only says who asks of what, and is asked nothing
    Pooling: {"counted", "look_at"},
    Appealing: {"decides"},  # which goes by the lines of decisions: none is lent
}
GIVEN = {  # what a door is asked for beside who asks
    **{"entity": "deal", "key": "D-4", "keys": ["D-4"], "name": "lead_pool", "to": "li", "day": TODAY, "case": "X"},
    **{"id": 1, "template": "salesforce", "because": "so", "note": "so", "outcome": "upheld", "giver": "wang"},
    **{"begins": TODAY, "until": LATER, "found": None},
}


def test_every_door_says_whether_it_is_open_in_the_place_of_another(door: Deputing) -> None:
    """What is somebody's own is refused: their lists, claims, appeals, conflicts; nothing is forgotten here."""
    lend(door, "wang", "he", only=["read", "advance", "update", "approve"])
    for_wang, working = door.in_place_of(person(door, "he"), "wang"), door.working
    kinds = (Pooling, Assigner, Retracing, Appealing, Conducting, Leaving)
    doors = (working, *(kind(working) for kind in kinds), door)
    refused = []
    for each in doors:
        for name, method in inspect.getmembers(type(each), inspect.isfunction):
            parameters = inspect.signature(method).parameters
            asker = next((one for one, given in parameters.items() if given.annotation == "Principal"), None)
            if name.startswith("_") or asker is None or name in OPEN.get(type(each), ()):
                continue
            needed = [one for one, p in parameters.items() if p.default is p.empty and one not in ("self", asker)]
            before = working.store.last()
            refusal("delegation.own_alone", lambda: method(each, for_wang, **{one: GIVEN[one] for one in needed}))  # noqa: B023
            assert working.store.last() == before
            refused.append(name)
    assert len(refused) > 20, refused


APART = (
    "advance deal, approve deal",
    "read deal, update lead",
    "aggregate lead, update deal",
    "export deal, create deal",
)
SEPARATED = [  # what is lent, to whom, and whether it is refused
    (["advance", "approve"], "chen", True),  # both come from wang
    (["approve"], "chen", True),  # who advances deals of his own
    (["approve"], "dai", False),
    (["read"], "li", True),  # who updates leads
    (["update"], "dai", True),  # who reads deals
    (["advance"], "dai", True),  # who approves them
    (["aggregate"], "li", False),
    (["read"], "he", False),
    (["export"], "he", False),
]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Deputing:
    words = "label: {{en: S, zh: 分}}, never_both: [{}], also_through: [delegation]"
    rules = [f"  s{at}: {{{words.format(of)}}}\n" for at, of in enumerate(APART)]
    return wide(tmp_path_factory.mktemp("strict"), "separation:\n" + "".join(rules))


@pytest.mark.parametrize(("only", "taker", "refused"), SEPARATED)
def test_all_that_is_lent_counts_where_powers_are_kept_apart(
    strict: Deputing, only: list[str], taker: str, refused: bool
) -> None:
    if refused:
        refusal("delegation.separated", lambda: lend(strict, "wang", taker, only=only))
    else:
        lend(strict, "wang", taker, only=only)


def test_the_verbs_say_in_whose_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)
    monkeypatch.setattr("salesrules.workspace.Workspace.today", lambda self: TODAY)

    def run(words: str, lang: str = "en") -> Any:
        return CliRunner().invoke(main, [*words.split(), "--lang", lang])

    line = "chen stands in for wang from 2026-03-12 until 2026-03-20 (holidays): read, export, approve, only Deal"
    lent = "delegate --as wang wang --to chen --until 2026-03-20 --only approve,read,export --of deal"
    assert run(lent).output.strip() == line
    assert run("delegate --as chen").output.splitlines() == [line, "1 in force or to come"]
    seen = run("see --as chen --for wang deal --columns id")
    assert seen.stderr == "in the place of wang: read, export, approve, only Deal\n"
    assert seen.stdout == run("see --as wang deal --columns id").stdout != run("see --as chen deal --columns id").stdout
    assert run("see --as chen --for wang deal --columns id", "zh").stderr == "代管 wang：查看、导出、审批，仅限商机\n"
    told = json.loads(run("see --as chen --for wang deal --columns id --output json").stdout)
    assert (told["by"], told["in_place_of"]) == ("chen", "wang")
    assert run("can --as chen --for wang read deal D-4 --field amount").exit_code == 0
    assert run("can --as chen --for wang advance deal D-4").exit_code == 5
    why = "deal D-4 --field amount"
    told, own = (run(f"why --as {who} {why}").stdout for who in ("chen --for wang", "wang"))
    assert (own.startswith(told), "other roles" in told, "other roles" in own) == (True, False, True)  # wang audits
    assert run("see --as chen --for ghost deal").exit_code == 5
    assert "nobody does this in the place of wang" in run("why --as chen --for wang deal D-4 --owner").stderr
    assert (
        run("approve --as chen --for wang deal D-4").stdout == "D-4: approved in place of wang (sales.offer.manager)\n"
    )
    assert "approved: Manager, in place of wang" in run("history --as chen --for wang deal D-4").stdout
