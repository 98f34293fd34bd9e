"""The matrix of roles: its counts against the rule itself on generated packs, and what it says on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median_low

import pytest
from click.testing import CliRunner, Result

from salesrules.audit.opening import Opening
from salesrules.cli import main
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.hard_worlds import hard_worlds
from tests.small_packs import DAY, small_world, write
from tests.tiny_company import make
from tests.truth import World, categories, hats, may, speaks_of

SEEDS = range(8)
HARD = hard_worlds()


def counts(world: World, role: str, entity: str, category: str, action: str) -> list[int]:
    """How many rows each person of a role opens by posts in that role, read off the rule."""
    own = replace(world, posts=[post for post in world.posts if post["role"] == role])
    people = [person for person in world.rows["person"] if hats(own, person)]
    rows = world.rows[entity].values()
    return [sum(may(own, person, action, entity, category, row) for row in rows) for person in people]


def differences(world: World, root: Path, seen: Counter[str]) -> list[str]:
    found = Overseer(Workspace.open(write(world, root))).matrix(world.day)
    wrong = []
    for cell in found.cells:
        place = (cell.role, cell.entity, cell.category, cell.action)
        true = counts(world, *place)
        spread = (min(true), median_low(true), max(true)) if true else None
        told = (cell.counts.least, cell.counts.median, cell.counts.most) if cell.counts else None
        if (told, found.people[cell.role]) != (spread, len(true)):
            wrong.append(f"{place}: {told} of {found.people[cell.role]} people, not {spread} of {len(true)}")
        rows = len(world.rows[cell.entity])
        if found.rows[cell.entity] != rows:
            wrong.append(f"{cell.entity}: {found.rows[cell.entity]} rows")
        expected = {"none": {0}, "full": {rows}, "partly": {*range(rows + 1)}}[cell.opening.how]
        if not set(true) <= expected:
            wrong.append(f"{place}: {cell.opening} opens {true}")
        seen[cell.opening.how] += bool(true)
        seen["varies"] += len(set(true)) > 1
    asked = {(cell.entity, cell.action) for cell in found.cells}
    said = {
        (entity, grant["action"])
        for grant in world.grants
        for entity in world.rows
        if _in_force(world, grant)
        and any(speaks_of(world, grant, entity, each) for each in ["*", *categories(world, entity)])
    }
    return wrong if asked == said else [*wrong, f"asked {asked ^ said}"]


def _in_force(world: World, grant: dict[str, object]) -> bool:
    start, end = grant["from"], grant["to"]
    return (start is None or start <= world.day) and (end is None or world.day < end)  # type: ignore[operator]


def test_the_counts_are_those_of_the_rule(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    wrong = [
        f"{number}: {difference}"
        for number, world in enumerate([*map(small_world, SEEDS), *HARD])
        for difference in differences(world, tmp_path / str(number), seen)
    ]
    assert wrong == []
    assert min(seen[kind] for kind in ("none", "partly", "varies")) > 50, seen
    assert seen["full"] > 10, seen


def opened(folder: Path, grants: str) -> Workspace:
    """The tiny company under other grants."""
    root = make(folder)
    header = "effect,role,action,object,category,slice,from,to,note\n"
    (root / "policies/tiny/grants.csv").write_text(header + grants, encoding="utf-8")
    return Workspace.open(root)


@pytest.mark.parametrize(
    ("grants", "action", "found"),
    [
        ("", "read", None),
        ("allow,auditor,read,customer,*,all,,,", "read", Opening("none")),
        ("allow,rep,read,customer,*,all,,,", "read", Opening("full", ("all",))),
        ("allow,rep,read,customer,contact,all,,,", "read", Opening("none")),
        ("allow,rep,read,customer,*,mine,,,", "read", Opening("partly", ("mine",))),
        (
            "allow,rep,read,customer,*,mine,,,\nallow,rep,read,customer,basics,my_patch,,,",
            "read",
            Opening("partly", ("mine", "my_patch")),
        ),
        (
            "allow,rep,read,customer,*,mine,,,\nallow,rep,read,customer,basics,all,,,",
            "read",
            Opening("full", ("mine", "all")),
        ),
        (
            "allow,rep,read,customer,*,all,,,\ndeny,rep,read,customer,basics,mine,,,",
            "read",
            Opening("partly", ("all",), ("mine",)),
        ),
        ("deny,rep,read,customer,*,all,,,", "read", Opening("none")),
        (
            "allow,rep,read,customer,*,all,2001-01-01,2002-01-01,\nallow,rep,read,customer,*,mine,,,",
            "read",
            Opening("partly", ("mine",)),
        ),
        ("allow,rep,aggregate,customer,*,mine,,,", "aggregate", Opening("partly", ("mine",))),
        (
            "allow,rep,aggregate,customer,*,mine,,,\nallow,rep,read,customer,*,all,,,",
            "aggregate",
            Opening("full", ("mine", "all")),
        ),
        (
            "allow,manager,aggregate,customer,*,all,,,\nallow,rep,read,customer,*,mine,,,",
            "aggregate",
            Opening("partly", ("mine",)),
        ),
        ("allow,rep,export,customer,*,all,,,", "export", Opening("none")),
        (
            "allow,rep,export,customer,*,all,,,\nallow,rep,read,customer,*,mine,,,",
            "export",
            Opening("partly", ("mine",)),
        ),
        (  # what is read elsewhere is not exported there
            "allow,rep,export,customer,basics,my_patch,,,\nallow,rep,read,customer,*,mine,,,\n"
            "allow,rep,read,customer,basics,my_patch,,,",
            "export",
            Opening("partly", ("my_patch",)),
        ),
        (
            "allow,rep,export,customer,*,my_patch,,,\nallow,rep,export,customer,*,mine,,,\n"
            "allow,rep,read,customer,*,mine,,,",
            "export",
            Opening("partly", ("mine",)),
        ),
        (
            "allow,rep,export,customer,*,my_patch,,,\nallow,rep,read,customer,*,my_patch,,,\n"
            "deny,rep,read,customer,*,mine,,,",
            "export",
            Opening("partly", ("my_patch",), ("mine",)),
        ),
        ("allow,rep,export,customer,*,all,,,\nallow,rep,read,customer,*,all,,,", "export", Opening("full", ("all",))),
    ],
)
def test_how_much_a_role_opens(grants: str, action: str, found: Opening | None, tmp_path: Path) -> None:
    cells = Overseer(opened(tmp_path, grants + "\n")).matrix(DAY, ("customer",), ("rep",)).cells
    said = [cell.opening for cell in cells if (cell.category, cell.action) == ("basics", action)]
    assert said == ([found] if found else [])


def test_a_role_opens_what_the_roles_that_it_includes_open(tmp_path: Path) -> None:
    cells = Overseer(opened(tmp_path, "allow,rep,read,customer,basics,mine,,,\n")).matrix(DAY, ("customer",)).cells
    how = {cell.role: cell.opening.how for cell in cells if cell.category == "basics"}
    assert how == {"rep": "partly", "manager": "partly", "auditor": "none"}


def test_each_role_counts_by_its_own_posts(tmp_path: Path) -> None:
    """Somebody who is a manager too shows a rep's rows as a rep."""
    root = make(tmp_path)
    with (root / "data/post.csv").open("a", encoding="utf-8") as file:
        file.write("P-1,manager,华南,,\n")
    cells = Overseer(Workspace.open(root)).matrix(DAY, ("customer",)).cells
    phones = {cell.role: cell.counts for cell in cells if (cell.category, cell.action) == ("contact", "read")}
    assert {role: found and (found.least, found.median, found.most) for role, found in phones.items()} == {
        "rep": (1, 1, 1),  # C-1
        "manager": (2, 2, 3),  # P-1 C-1 and C-4, P-2 C-1, C-2 and C-3
        "auditor": (0, 0, 0),
    }


def typed(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["matrix", "--workspace", str(root), "--at", "2026-03-15", *words])


def test_the_verb_prints_what_is_open(tmp_path: Path) -> None:
    root = make(tmp_path)
    table = typed(root, "--entity", "customer", "--role", "rep")
    assert table.exit_code == 0
    lines = [" ".join(line.split()[2:]) for line in table.stdout.splitlines() if line.startswith(" Sales")]
    assert lines == [
        "Customer basic profile read rows in mine, my patch 1 2 2 2 4",
        "Customer basic profile aggregate rows in mine, my patch 1 2 2 2 4",
        "Customer contact details read rows in mine 1 1 1 1 4",
        "Customer contact details aggregate rows in mine 1 1 1 1 4",
    ]
    assert "销售代表" in typed(root, "--lang", "zh").stdout
    unknown = typed(root, "--role", "reps")
    assert (unknown.exit_code, "did you mean `rep`?" in unknown.stderr) == (2, True)
    assert typed(root, "--entity", "orders").exit_code == 2
    rows = list(csv.DictReader(io.StringIO(typed(root, "--output", "csv").stdout)))
    cells = json.loads(typed(root, "--output", "json").stdout)["cells"]
    assert len(rows) == len(cells) == 3 * 2 * 2 + 3 * 2
    assert rows[0] == {
        "role": "rep",
        "entity": "customer",
        "category": "basics",
        "action": "read",
        "how": "partly",
        "slices": "mine my_patch",
        "but_not": "",
        "people": "1",
        "least": "2",
        "median": "2",
        "most": "2",
        "rows": "4",
    }
    assert cells[0]["slices"] == ["mine", "my_patch"]
