"""Laws that hold for any pack: nothing said is no, a deny wins, null opens nothing, posts stay apart, nothing leaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesrules.access.snapshot import Snapshot
from salesrules.export import to_csv, to_json
from salesrules.issue import AccessDenied, PackError, SalesrulesError, Span
from salesrules.pack.policies import Grant
from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests.hard_worlds import ALL, NONE, grant, posts
from tests.small_packs import ACTIONS, DAY, GROUPINGS, SHAPE, any_value, small_world, trees_of, write
from tests.truth import UP, World, categories, climbed, hats, listed, may, on, paths, speaks_of
from tests.truth import kpi as true_kpi
from tests.views import Views

SEEDS = st.integers(0, 7)
Cells = frozenset[tuple[str, ...]]
few = settings(max_examples=12, deadline=None, derandomize=True)


@cache
def opened(seed: int) -> Views:
    """The product on the files of a seed; never written to."""
    world = small_world(seed)
    return Views(world, Workspace.open(write(world, Path(mkdtemp()))))


def with_grants(views: Views, grants: list[Grant]) -> Views:
    """The same rows and people under other grants."""
    snapshot = views.workspace.snapshot
    program = replace(snapshot.program, pack=replace(snapshot.program.pack, grants=tuple(grants)))
    return Views(views.world, Workspace(Snapshot(program, snapshot.organisation), views.workspace.engine))


def grants_of(views: Views) -> list[Grant]:
    return list(views.workspace.pack.grants)


def open_cells(views: Views) -> Cells:
    """Every (person, entity, key, action, category) that the product opens."""
    found = set()
    for person in views.world.rows["person"]:
        principal = views.principal(person)
        for entity in SHAPE if principal else ():
            assert principal is not None
            for key, flags in views.filters(principal, entity).items():
                found |= {(person, entity, key, *question) for question, flag in flags.items() if flag}
    return frozenset(found)


@st.composite
def any_grant(draw: st.DrawFn, views: Views, effect: str) -> Grant:
    world = views.world
    entity, action = draw(st.sampled_from(list(SHAPE))), draw(st.sampled_from(ACTIONS))
    category = draw(st.sampled_from(["*", *categories(world, entity)]))
    role, slice_ = draw(st.sampled_from(list(world.roles))), draw(st.sampled_from(list(world.slices)))
    return Grant(Span("drawn"), effect, role, action, entity, category, slice_, None, None, "")


def test_nothing_said_is_no() -> None:
    views = with_grants(opened(1), [])
    assert not open_cells(views)
    assert open_cells(opened(1))
    for person in views.world.rows["person"]:
        principal = views.principal(person)
        if principal is not None:
            assert [views.workspace.see(principal, entity).total for entity in SHAPE] == [0] * len(SHAPE)
            assert {views.kpi(principal, name, ()) for name in views.world.kpis} == {None}


@few
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_lines_says_nothing(seed: int, draw: Random) -> None:
    views = opened(seed)
    lines = grants_of(views)
    draw.shuffle(lines)
    assert open_cells(with_grants(views, lines)) == open_cells(views)


@few
@given(st.data(), SEEDS)
def test_an_allow_never_hides_and_a_deny_never_shows(data: st.DataObject, seed: int) -> None:
    views = opened(seed)
    before = open_cells(views)
    place = data.draw(st.integers(0, len(grants_of(views))))
    for effect, kept in (("allow", before.issubset), ("deny", before.issuperset)):
        line = data.draw(any_grant(views, effect))
        lines = grants_of(views)
        assert kept(open_cells(with_grants(views, [*lines[:place], line, *lines[place:]]))), line


@few
@given(SEEDS, st.booleans())
def test_a_deny_wins_wherever_it_stands(seed: int, first: bool) -> None:
    views = opened(seed)
    lines = grants_of(views)
    denies = [replace(line, effect="deny") for line in lines]
    closed = open_cells(with_grants(views, [*denies, *lines] if first else [*lines, *denies]))
    # reading gives aggregating, so only an own line for each action is closed by its copy
    assert not closed


@few
@given(st.data(), SEEDS, st.sampled_from([(None, DAY), (DAY.replace(day=1), DAY), (DAY.replace(day=16), None)]))
def test_a_line_out_of_its_days_equals_no_line(data: st.DataObject, seed: int, days: Any) -> None:
    views = opened(seed)
    line = data.draw(any_grant(views, data.draw(st.sampled_from(["allow", "deny"]))))
    line = replace(line, start=days[0], end=days[1])
    assert open_cells(with_grants(views, [*grants_of(views), line])) == open_cells(views)


def made(change: Callable[[World], dict[str, Any]], folder: Path) -> Views:
    world = small_world(5)
    world = replace(world, active=("is", True), **change(world))
    return Views(world, Workspace.open(write(world, folder)))


@pytest.mark.parametrize(
    ("lines", "open_"),
    [
        ([("allow", "unknown")], False),
        ([("allow", "all")], True),
        ([("allow", "all"), ("deny", "none")], True),
        ([("allow", "all"), ("deny", "unknown")], False),
        ([("allow", "unknown"), ("allow", "all")], True),
        ([("deny", "none")], False),
    ],
)
def test_null_opens_nothing_and_a_null_deny_closes(lines: list[tuple[str, str]], open_: bool, tmp_path: Path) -> None:
    def change(world: World) -> dict[str, Any]:
        people = {key: {**row, "level": None} for key, row in world.rows["person"].items()}
        return {
            "rows": {**world.rows, "person": people},
            "slices": {"all": ALL, "none": NONE, "unknown": {"*": ("=", ("user", "level"), ("is", 1))}},
            "roles": {"rep": []},
            "posts": posts({key: ["rep"] for key in people}),
            "grants": [line for effect, slice_ in lines for line in grant(effect, "rep", "read", slice_)],
        }

    cells = open_cells(made(change, tmp_path))
    everything = {(*cell[:3], "read", cell[4]) for cell in cells if cell[3] == "read"}
    assert bool(everything) is open_


@few
@given(SEEDS)
def test_two_posts_open_what_each_opens_alone(seed: int) -> None:
    views = opened(seed)
    allows = [line for line in grants_of(views) if line.effect == "allow"]
    alone, together = (opened_alone(with_grants(views, allows)), open_cells(with_grants(views, allows)))
    assert {cell for cell in together if cell[3] != "export"} == {cell for cell in alone if cell[3] != "export"}
    # one post may bring the line to export and another the line to read what is exported, each on its own rows
    exported = {cell for cell in together if cell[3] == "export"}
    assert all((*cell[:3], "read", cell[4]) in alone for cell in exported)
    assert open_cells(views) <= together


def opened_alone(views: Views) -> Cells:
    """What is opened when each person holds one post at a time, taken together."""
    snapshot = views.workspace.snapshot
    most = max(map(len, snapshot.organisation.posts.values()))
    found: Cells = frozenset()
    for n in range(most):
        single = {person: held[n : n + 1] for person, held in snapshot.organisation.posts.items()}
        organisation = replace(snapshot.organisation, posts=single)
        found |= open_cells(
            Views(views.world, Workspace(Snapshot(snapshot.program, organisation), views.workspace.engine))
        )
    return found


# Nothing leaks: what a person may not see can change without any answer to that person changing.


def read_by_slices(world: World, person: str) -> set[tuple[str, str]]:
    """The fields that the slices of a person's lines read, wherever they lead, and those that decide who is active."""
    roles = {role for _, held in hats(world, person) for role in held}
    terms = [
        (entity, on(world.slices[line["slice"]], entity))
        for line in world.grants
        for entity in world.rows
        if line["role"] in roles and any(speaks_of(world, line, entity, c) for c in ["*", *categories(world, entity)])
    ]
    found = {(tree, UP[tree]) for _, term in [*terms, ("", world.active)] for tree, _ in climbed(term)}
    for entity, term in [*terms, ("person", world.active)]:
        for root, start in (("row", entity), ("user", "person")):
            for path in paths(term, root):
                at = start
                for step in path:
                    found.add((at, step))
                    at = world.fields[at][step][1] or at
    return found


def changed(world: World, person: str, draw: Random) -> World:
    """The world with other values in all cells that the person neither reads nor is judged by, and fewer rows."""
    read = read_by_slices(world, person)
    keys = {entity: list(rows) for entity, rows in world.rows.items()}
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for entity, old in world.rows.items():
        rows[entity] = {}
        for key, row in old.items():
            if entity == "订单" and not listed(world, person, entity, row) and draw.random() < 0.5:
                continue
            rows[entity][key] = {
                field: value
                if field == "id"
                or (entity, field) in read
                or may(world, person, "read", entity, world.fields[entity][field][0], row)
                else draw.choice([None, *rows[entity]])  # trees still grow upwards
                if UP.get(entity) == field
                else any_value(draw, *SHAPE[entity][field], keys)
                for field, value in row.items()
            }
    return replace(world, rows=rows, trees=trees_of(rows))


def everything_told(views: Views, person: str, kpis: list[tuple[str, Any]]) -> dict[Any, Any]:
    """Every answer and every error that a person can get about what is in the rows."""
    principal = views.principal(person)
    assert principal is not None
    told: dict[Any, Any] = {}

    def tell(question: tuple[Any, ...], answer: Callable[[], Any]) -> None:
        try:
            told[question] = answer()
        except SalesrulesError as error:
            told[question] = str(error)

    workspace = views.workspace
    for entity in SHAPE:
        tell(("see", entity), lambda entity=entity: workspace.see(principal, entity, 7))
        for key in [*small_world(views.seed).rows[entity], "no such key"]:
            for action in ("read", "export", "assign"):
                asked = (principal, action, entity, key)
                tell(("why", *asked[1:]), lambda asked=asked: workspace.why(*asked))
            tell(("can", key), lambda entity=entity, key=key: workspace.can(principal, "update", entity, key, "id"))
        tell(("csv", entity), lambda entity=entity: to_csv(workspace.see(principal, entity, 7, 3)))
        tell(("json", entity), lambda entity=entity: to_json(workspace.see(principal, entity, 7, 3)))
    for name, by in kpis:
        tell(("kpi", name, by), lambda name=name, by=by: workspace.kpi(principal, name, tuple(map(".".join, by))))
    return told | pages_told(views, person, kpis)


def pages_told(views: Views, person: str, kpis: list[tuple[str, Any]]) -> dict[Any, Any]:
    """Every page that a person can get about what is in the rows, without what is drawn anew for each session."""
    client = create_app(views.workspace).test_client()

    def page(path: str, **asked: Any) -> tuple[int, str]:
        answer = client.get(path, query_string=asked)
        return answer.status_code, re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)

    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login?lang=en").text)
    assert token is not None
    client.post("/login", data={"person": person, "csrf_token": token[1]})
    told = {}
    for entity in SHAPE:
        told["page", entity] = page(f"/records/{entity}")
        for key in [*list(small_world(views.seed).rows[entity])[:4], "no such key"]:
            told["page", entity, key] = page(f"/why/{entity}", key=key)
    for name, by in kpis:
        if len(by) < 2:
            told["page", name, by] = page(f"/kpis/{name}", by=".".join(*by)) if by else page(f"/kpis/{name}")
    assert told["page", "person"][0] == 200
    return told


@pytest.mark.parametrize("seed", [30, 31, *(pytest.param(at, marks=pytest.mark.long) for at in range(32, 38))])
def test_what_a_person_may_not_see_changes_nothing_for_them(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "today", lambda _: DAY)  # pages ask about the day it is
    world, draw = small_world(seed), Random(seed)
    before = Views(world, Workspace.open(write(world, tmp_path / "before")), seed)
    people = [person for person in world.rows["person"] if hats(world, person)]
    compared = 0
    for number, person in enumerate(people):
        other = changed(world, person, draw)
        assert other.rows != world.rows
        after = Views(other, Workspace.open(write(other, tmp_path / str(number))), seed)
        # sums over rows that one may aggregate and not read are meant to show what changed there
        kpis = [
            (name, by)
            for name, (entity, _) in world.kpis.items()
            for by in ((), *GROUPINGS[entity])
            if all_read(world, person, name, by) and all_read(other, person, name, by)
        ]
        compared += len(kpis)
        assert everything_told(before, person, kpis) == everything_told(after, person, kpis)
    assert compared > 20


def all_read(world: World, person: str, name: str, by: Any) -> bool:
    """Whether a KPI gives the same without any grant to aggregate."""
    readers = replace(world, grants=[line for line in world.grants if line["action"] != "aggregate"])
    return bool(true_kpi(world, person, name, by) == true_kpi(readers, person, name, by))


def test_an_unseen_record_and_a_missing_one_are_one_answer(tmp_path: Path) -> None:
    views, compared = opened(6), 0
    for person in views.world.rows["person"]:
        principal = views.principal(person)
        for entity in SHAPE if principal else ():
            for key, row in views.world.rows[entity].items():
                if principal and not listed(views.world, person, entity, row):
                    texts = []
                    for asked in (key, "missing"):
                        with pytest.raises(AccessDenied) as refused:
                            views.workspace.why(principal, "read", entity, asked)
                        on_one_line = asked.replace("\n", " ")  # as every word of an issue is
                        texts.append(str(refused.value).replace(on_one_line, "KEY"))
                    assert texts[0] == texts[1]
                    compared += 1
    assert compared > 50


# What an organisation must not be.


def test_a_person_who_manages_themselves_is_an_issue(tmp_path: Path) -> None:
    world = small_world(8)
    key = next(iter(world.rows["person"]))
    people = {**world.rows["person"], key: {**world.rows["person"][key], "manager": key}}
    with pytest.raises(PackError) as refused:
        Workspace.open(write(replace(world, rows={**world.rows, "person": people}), tmp_path))
    assert [issue.code for issue in refused.value.issues] == ["tree.cycle"]


def test_a_member_called_like_all_members_is_an_issue(tmp_path: Path) -> None:
    root = write(small_world(9), tmp_path)
    file = root / "rules" / "small" / "dimensions.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('"nanjing"', '"*"'), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert "dimension.everything" in {issue.code for issue in refused.value.issues}
