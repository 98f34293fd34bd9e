"""Why: each line with its slice term by term, to sales people what they may know, to auditors all of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.demo import make
from salesrules.issue import SalesrulesError
from salesrules.meaning.terms import terms_of
from salesrules.reasons import explanation_texts
from salesrules.run.answer import Mark
from salesrules.run.explanation import Explanation
from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests.conftest import ROOT
from tests.small_packs import ACTIONS, DAY, SHAPE, any_value, small_world, write
from tests.truth import World, categories, hats, holds, lines, may
from tests.views import Views

SEEDS = (40, 41, 42, 43)


def asked(views: Views, person: str, about: str | None = None) -> Iterator[tuple[Any, Explanation]]:
    """Every explanation that a person gets about the rows of a world."""
    principal = views.principal(person)
    assert principal is not None
    for entity in SHAPE:
        for key in list(views.world.rows[entity])[:3]:
            for action in ("read", "export", "update", "assign"):
                try:
                    found = views.workspace.why(principal, action, entity, key, about=about)
                except SalesrulesError:
                    continue
                for each in found:
                    yield (entity, key, action, each.category), each


def people(world: World) -> list[str]:
    return [person for person in world.rows["person"] if hats(world, person)]


def test_what_is_told_is_the_truth(tmp_path: Path) -> None:
    """Each line is one of the person's, and what is said of it, of its terms and of the cell is so."""
    assert sum(told_truly(seed, tmp_path / str(seed)) for seed in SEEDS) > 40


def told_truly(seed: int, folder: Path) -> int:
    """How many lines were told in full and held against the truth."""
    world = small_world(seed)
    views, told = Views(world, Workspace.open(write(world, folder)), seed), 0
    for person in people(world):
        for (entity, key, action, category), found in asked(views, person):
            row = world.rows[entity][key]
            assert found.allowed == may(world, person, action, entity, category, row)
            of = [action, "read"] if action == "export" else [action]
            said = sorted(
                str(holds(world, grant["slice"], person, post, entity, row)) + grant["slice"] + grant["effect"]
                for each in of
                for post, grant in lines(world, person, each, entity, category)
            )
            assert len(found.lines) == len(said)
            if all(line.holds is not Mark.HIDDEN for line in found.lines):
                assert sorted(f"{line.holds}{line.grant.slice}{line.grant.effect}" for line in found.lines) == said
            for line in found.lines:
                states = [term.holds for term in line.terms]
                if Mark.HIDDEN not in states:
                    one, other = (False, True) if line.tie == "and" else (True, False)
                    assert line.holds is (one if one in states else None if None in states else other)
                    told += 1
    return told


def hidden_changed(world: World, person: str, draw: Random) -> World:
    """The world with other values in one cell that the person does not read, slices or not."""
    keys = {entity: list(rows) for entity, rows in world.rows.items()}
    closed = [
        (entity, key, field)
        for entity, rows in world.rows.items()
        for key, row in rows.items()
        for field in row
        if field not in ("id", "manager", "up")
        and not may(world, person, "read", entity, world.fields[entity][field][0], row)
    ]
    rows = {entity: {key: dict(row) for key, row in found.items()} for entity, found in world.rows.items()}
    for entity, key, field in draw.sample(closed, min(len(closed), draw.choice([1, 1, 3]))):
        rows[entity][key][field] = any_value(draw, *SHAPE[entity][field], keys)
    return replace(world, rows=rows)


def answers(world: World, person: str) -> dict[Any, Any]:
    """Everything that is allowed to a person: the one thing that a hidden cell may change."""
    return {
        (entity, key, action, category): may(world, person, action, entity, category, row)
        for entity, rows in world.rows.items()
        for key, row in rows.items()
        for action in ACTIONS
        for category in categories(world, entity)
    }


@pytest.mark.parametrize("seed", [pytest.param(SEEDS[0], marks=pytest.mark.long), SEEDS[1]])
def test_a_hidden_cell_that_changes_no_answer_changes_no_reason(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "today", lambda _: DAY)
    world, draw, compared = small_world(seed), Random(seed), 0
    before = Views(world, Workspace.open(write(world, tmp_path / "before")), seed)
    for number, person in enumerate(people(world)[:3]):
        known = answers(world, person)
        others = (hidden_changed(world, person, draw) for _ in range(30))
        others = (o for o in others if o.rows != world.rows and hats(o, person) and answers(o, person) == known)
        for turn, other in enumerate([found for found, _ in zip(others, range(2), strict=False)]):
            after = Views(other, Workspace.open(write(other, tmp_path / f"{number} {turn}")), seed)
            assert list(asked(before, person)) == list(asked(after, person))
            assert pages(before, person) == pages(after, person)
            compared += 1
    assert compared >= 2


def pages(views: Views, person: str) -> list[str]:
    """The pages of why, without what is drawn anew for each session."""
    client = create_app(views.workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login?lang=en").text)
    assert token is not None
    client.post("/login", data={"person": person, "csrf_token": token[1]})
    found = []
    for entity in SHAPE:
        for key in [*list(views.world.rows[entity])[:3], "no such key"]:
            answer = client.get(f"/why/{entity}", query_string={"key": key})
            found.append(re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text))
    return found


def test_values_are_shown_where_the_asker_reads_them(tmp_path: Path) -> None:
    found = [shown_and_hidden(seed, tmp_path / str(seed)) for seed in SEEDS]
    assert min(sum(shown for shown, _ in found), sum(hidden for _, hidden in found)) > 10


def shown_and_hidden(seed: int, folder: Path) -> tuple[int, int]:
    """How many values of fields of a record itself are shown, and how many are not."""
    world, shown, hidden = small_world(seed), 0, 0
    views = Views(world, Workspace.open(write(world, folder)), seed)
    for person in people(world):
        for (entity, key, *_), found in asked(views, person):
            for name, value in (pair for line in found.lines for term in line.terms for pair in term.values):
                if name in SHAPE[entity] and name != "id":
                    category = world.fields[entity][name][0]
                    open_ = may(world, person, "read", entity, category, world.rows[entity][key])
                    assert open_ == (value is not Mark.HIDDEN)
                    shown, hidden = shown + open_, hidden + (not open_)
    return shown, hidden


def test_terms_are_the_text_between_the_ties(tmp_path: Path) -> None:
    """Each term of a written condition stands in it as it is shown, brackets closed."""
    seen = 0
    for seed in SEEDS:
        world = small_world(seed)
        program = Workspace.open(write(world, tmp_path / str(seed))).snapshot.program
        for slice_, entity in program.meanings.slices:
            found = terms_of(program.pack, program.meanings, slice_, entity)
            for term in found.terms:
                text = term.written.text
                assert text in found.written.text
                assert text.count("(") == text.count(")")
                seen += len(found.terms) > 1
    assert seen > 15


# People of the demo company: an auditor who may audit everything, and a representative.

AUDITOR, REP, CELL = "P-0001", "P-0005", ("customer", "C-00018", "--field", "phone")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("why")
    make(root, 7, "small")
    return root


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--workspace", str(folder), "--lang", "en"])


def test_a_representative_is_told_in_which_term_it_fails(folder: Path) -> None:
    first, *told = run(folder, "why", "--as", REP, *CELL).stdout.splitlines()
    assert first == "may not read Phone of Customer C-00018 (Contact details)"
    mine = "  Sales representative is allowed to read it in slice Mine: false here (policies/standard/grants.csv:3:1)"
    assert told[(at := told.index(mine)) : at + 3] == [
        mine,
        "    Mine on Customer: owner = user (policies/standard/slices.yaml:6:17)",
        "      owner = user: false; owner is P-0039",
    ]
    assert "other roles" not in run(folder, "why", "--as", REP, *CELL).stdout


def test_an_auditor_is_told_of_somebody_else_all_of_it(folder: Path) -> None:
    told = run(folder, "why", "--as", AUDITOR, "--person", REP, *CELL).stdout.splitlines()
    assert told[0] == "P-0005 may not read Phone of Customer C-00018 (Contact details)"
    assert (
        "  nearest: policies/standard/grants.csv:3:1 gives it in slice Mine, "
        "which is false here because of `owner = user`" in told
    )
    assert "    Regional manager in slice My patch (policies/standard/grants.csv:6:1)" in told
    assert not any("depends on" in line or "hidden" in line for line in told)
    assert run(folder, "can", "--as", AUDITOR, "--person", REP, "read", *CELL).exit_code == 5
    assert run(folder, "can", "--as", AUDITOR, "--person", "P-0039", "read", *CELL).exit_code == 0


def test_an_auditor_is_told_what_a_cell_was_computed_from(folder: Path) -> None:
    told = run(folder, "why", "--as", AUDITOR, "--person", REP, "customer", "C-00018", "--field", "segment").stdout
    lines = told.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("its value"))
    assert re.match(r"  by line \d,", lines[at + 1])
    assert re.fullmatch(r"  year_purchase: [\d,.]+", lines[at + 2])


def test_reading_alone_is_said_to_give_no_export(folder: Path) -> None:
    told = run(folder, "why", "--as", REP, "customer", "C-00018", "--action", "export").stdout
    assert "no grant gives export, and reading alone does not" in told


@pytest.mark.parametrize("verb", [("why",), ("can", "read")])
@pytest.mark.parametrize("key", ["C-00018", "C-00000", "no such key"])
@pytest.mark.parametrize("person", [AUDITOR, "P-0039", "nobody"])
def test_without_the_right_it_is_one_refusal(folder: Path, verb: tuple[str, ...], key: str, person: str) -> None:
    refused = run(folder, *verb, "--as", REP, "customer", key, "--person", person)
    said = "access.no_audit: no grant lets you ask what others may do to this: customer"
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1].partition(": ")[2]) == (5, "", said)


def test_the_right_on_some_fields_is_no_right_on_others(folder: Path, tmp_path: Path) -> None:
    own = with_grants(folder, tmp_path, lambda text: text.replace("audit,customer,*,all", "audit,customer,contact,all"))
    asked = ("why", "--as", AUDITOR, "--person", REP, "customer", "C-00018")
    assert run(own, *asked, "--field", "phone").exit_code == 0
    assert "owner is hidden" in run(own, *asked, "--field", "phone").stdout
    assert "no_audit" in run(own, *asked, "--field", "name").stderr
    assert "no_audit" in run(own, *asked).stderr
    assert "no_audit" in run(own, *asked, "--action", "assign").stderr


def test_the_right_on_some_rows_is_no_right_on_others(folder: Path, tmp_path: Path) -> None:
    own = with_grants(folder, tmp_path, lambda text: text.replace("audit,customer,*,all", "audit,customer,*,mine"))
    for key in ("C-00018", "no such key"):
        refused = run(own, "why", "--as", AUDITOR, "--person", REP, "customer", key)
        assert refused.stderr.splitlines()[-1].endswith(f"no such record, or not yours: customer {key}")


def test_a_deny_takes_the_right_away(folder: Path, tmp_path: Path) -> None:
    line = "deny,auditor,audit,customer,contact,all,,,\n"
    own = with_grants(folder, tmp_path, lambda text: text + line)
    assert "no_audit" in run(own, "why", "--as", AUDITOR, "--person", REP, *CELL).stderr


def with_grants(folder: Path, tmp_path: Path, change: Any) -> Path:
    """The company with a pack of its own, whose grants are changed."""
    own = shutil.copytree(folder, tmp_path / "own", ignore=shutil.ignore_patterns(".salesrules"))
    for part in ("rules", "policies"):
        shutil.copytree(ROOT / part / "standard", own / part / "standard", dirs_exist_ok=True)
    grants = own / "policies/standard/grants.csv"
    text = grants.read_text(encoding="utf-8")
    assert change(text) != text
    grants.write_text(change(text), encoding="utf-8")
    return own


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("assign", "this is done to a whole record, so only grants on all of its fields (`*`) count"),
        ("update", "a change needs this for every field that is changed, on the record as it was and as it will be"),
    ],
)
def test_the_rule_of_an_action_is_told_in_words(folder: Path, action: str, said: str) -> None:
    assert f"  {said}" in run(folder, "why", "--as", REP, "customer", "C-00018", "--action", action).stdout.splitlines()


def test_nobody_who_asks_is_told_how_many_rows_were_left_out(folder: Path) -> None:
    for words in (("why", "--as", REP, *CELL), ("see", "--as", REP, "customer"), ("kpi", "--as", REP, "signed")):
        assert run(folder, *words).stderr == ""
    assert "rows left out" in run(folder, "validate").output


def test_the_page_lets_an_auditor_choose_a_person_and_says_so(folder: Path) -> None:
    workspace = Workspace.open(folder)

    def page(asker: str, **asked: str) -> tuple[int, str]:
        client = create_app(workspace).test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login?lang=en").text)
        assert token is not None
        client.post("/login", data={"person": asker, "csrf_token": token[1]})
        answer = client.get("/why/customer", query_string={"key": "C-00018", "field": "phone", **asked})
        # links back here repeat what the asker wrote
        return answer.status_code, re.sub(r'name="csrf_token" value="[^"]+"|href="[^"]*"', "", answer.text)

    assert 'name="person"' not in page(REP)[1]
    status, text = page(AUDITOR, person=REP)
    assert (status, 'name="person" value="P-0005"' in text) == (200, True)
    assert "You ask as an auditor: this is what P-0005 may do, not what you may." in text
    assert "owner = user: false; owner is P-0039" in text
    assert "You ask as an auditor" not in page(AUDITOR)[1]
    refused = {page(REP, person=person) for person in (AUDITOR, "P-0039", "nobody")}
    assert [status for status, _ in refused] == [403]
    assert "nobody with the id `P-9999` holds a post" in page(AUDITOR, person="P-9999")[1]


def test_every_sentence_is_there_in_both_languages(folder: Path) -> None:
    workspace = Workspace.open(folder)
    found = workspace.why(workspace.person(AUDITOR), "read", "customer", "C-00018", "phone", REP)
    zh = [sentence.text for each in found for sentence in explanation_texts(workspace.pack, each, "zh", "phone")]
    assert zh[0] == "P-0005 不能查看客户 C-00018 的电话（联系方式）"
    assert "owner = user：不成立；owner 为 P-0039" in zh
