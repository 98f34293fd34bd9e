"""What may be created or updated: the row to be, held against the truth of a world in which it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from salesrules.access.snapshot import Snapshot
from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.run.supposed import NEW
from salesrules.workspace import Principal, Workspace
from tests.small_packs import DAY, SHAPE, UP, USER, small_world, trees_of, write
from tests.tiny_company import make
from tests.truth import World, hats, listed, may, value

SEEDS = (0, 1, 2, 3, 5)
Row = dict[str, Any]


def busy(seed: int, action: str) -> World:
    """A world in which much is granted of one action and of reading, and few lines deny."""
    world = small_world(seed)
    names = [action if grant["action"] != "read" else "read" for grant in world.grants]
    grants = [
        {**grant, "action": name, "effect": "allow" if at % 4 and grant["effect"] == "deny" else grant["effect"]}
        for at, (name, grant) in enumerate(zip(names, world.grants, strict=True))
    ]
    return replace(world, grants=grants)


def texts(row: Row) -> list[tuple[str, str]]:
    """A row as somebody would type it."""
    return [(name, str(cell)) for name, cell in row.items() if cell is not None]


def unseen(world: World, person: str, entity: str, row: Row) -> set[str]:
    """The references of a row to what is not there, or what the person does not see."""
    found = set()
    for name, key in row.items():
        to = world.fields[entity][name][1]
        if to is None or key is None or (to, key) == ("person", person):
            continue
        if key not in world.rows[to] or not listed(world, person, to, world.rows[to][key]):
            found.add(name)
    return found


def askers(world: World, workspace: Workspace) -> Iterator[Principal]:
    for person in world.rows["person"]:
        if hats(world, person):
            yield workspace.person(person, DAY)


def asked(workspace: Workspace, who: Principal, entity: str, row: Row, key: str | None = None) -> set[tuple[str, str]]:
    action = "create" if key is None else "update"
    return {(each.category, each.row) for each in workspace.closed_to(who, action, entity, texts(row), key)}


def without(world: World, entity: str, key: str) -> World:
    rows = {e: {k: r for k, r in of.items() if (e, k) != (entity, key)} for e, of in world.rows.items()}
    posts = [post for post in world.posts if entity != "person" or post["person"] != key]
    return replace(world, rows=rows, trees=trees_of(rows), posts=posts)


def having(world: World, entity: str, key: str, row: Row) -> World:
    rows = {**world.rows, entity: {**world.rows[entity], key: row}}
    return replace(world, rows=rows, trees=trees_of(rows))


def categories(world: World, entity: str, row: Row) -> set[str]:
    return {world.fields[entity][name][0] for name, cell in row.items() if cell is not None}


def test_a_record_to_be_is_decided_as_if_it_were_there(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        whole = busy(seed, "create")
        for entity in SHAPE:
            gone = Random(seed).choice(list(whole.rows[entity]))
            world = without(whole, entity, gone)
            workspace = Workspace.open(write(world, tmp_path / f"{seed} {entity}"))
            for who in askers(world, workspace):
                for row in [whole.rows[entity][gone], *list(world.rows[entity].values())[:3]]:
                    compare_create(world, workspace, who, entity, row, counts)
    assert min(counts["open"], counts["closed"], counts["refused"]) > 100, counts


def compare_create(
    world: World, workspace: Workspace, who: Principal, entity: str, row: Row, counts: Counter[str]
) -> None:
    refused = unseen(world, who.id, entity, row)
    if refused:
        counts["refused"] += 1
        with pytest.raises(QuestionError) as error:
            asked(workspace, who, entity, row)
        assert {(issue.code, issue.words["name"]) for issue in error.value.issues} == {
            ("ask.no_reference", name) for name in refused
        }
    row = {name: None if name in refused else cell for name, cell in row.items()} | {"id": NEW}
    there = having(world, entity, NEW, row)
    wanted = categories(world, entity, row)
    closed = {(c, "new") for c in wanted if not may(there, who.id, "create", entity, c, row)}
    assert asked(workspace, who, entity, row) == closed, (who.id, entity, row)
    counts["open"] += len(wanted) - len(closed)
    counts["closed"] += len(closed)


def test_an_update_is_decided_on_the_record_before_and_after(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        world = busy(seed, "update")
        workspace = Workspace.open(write(world, tmp_path / str(seed)))
        draw = Random(seed)
        for who in askers(world, workspace):
            for entity, of in world.rows.items():
                for key in draw.sample(list(of), min(6, len(of))):
                    compare_update(world, workspace, who, entity, key, draw, counts)
    assert min(counts["open"], counts["closed"], counts["not seen"]) > 50, counts
    assert min(counts["only before"], counts["only after"]) > 5, counts  # one row alone would not do


def compare_update(
    world: World, workspace: Workspace, who: Principal, entity: str, key: str, draw: Random, counts: Counter[str]
) -> None:
    before, other = world.rows[entity][key], draw.choice(list(world.rows[entity].values()))
    names = draw.sample([name for name in before if name != "id"], 3)
    change = {name: other[name] for name in names if other[name] is not None}
    change = {name: cell for name, cell in change.items() if name not in unseen(world, who.id, entity, change)}
    if not change:
        return
    if not listed(world, who.id, entity, before):
        counts["not seen"] += 1
        with pytest.raises(AccessDenied):
            asked(workspace, who, entity, change, key)
        return
    after = {**before, **change}
    there = having(world, entity, key, after)
    if entity in UP and (UP[entity] in change or leans_on(world, there, who.id, entity, key)):
        return  # whose place moves, and who asks, are as they were: what is asked is not yet so
    wanted = categories(world, entity, change)
    closed = {(c, "before") for c in wanted if not may(world, who.id, "update", entity, c, before)}
    closed |= {(c, "after") for c in wanted if not may(there, who.id, "update", entity, c, after)}
    assert asked(workspace, who, entity, change, key) == closed, (who.id, entity, key, change)
    for category in wanted:
        on = {row for one, row in closed if one == category}
        counts["open" if not on else "closed" if len(on) == 2 else f"only {min(on)}"] += 1


def leans_on(world: World, there: World, person: str, entity: str, key: str) -> bool:
    """Whether a change to a person or team changes what the asker is."""
    paths = {path for of in USER.values() for path in of} | {("level",)}
    if person == key or hats(world, person) != hats(there, person):
        return True
    ways = [("user", *path) for path in paths]
    return any(
        value(world, way, person, {}, "person", {}) != value(there, way, person, {}, "person", {}) for way in ways
    )


GRANTS = {
    "policies/tiny/grants.csv": {
        "allow,manager,read,customer,*,my_patch,,,": "allow,manager,read,customer,*,my_patch,,,\n"
        "allow,rep,create,customer,*,mine,,,\nallow,rep,update,customer,contact,mine,,,\n"
        "allow,manager,create,customer,basics,my_patch,,,\nallow,manager,update,customer,basics,my_patch,,,"
    }
}


def can(folder: Path, person: str, *words: str, lang: str = "en") -> Result:
    args = ["can", "--workspace", str(folder), "--lang", lang, "--as", person, *words]
    return CliRunner().invoke(main, args)


BY_HAND = [
    # who, what is asked, exit code, what is said
    ("P-1", "create customer --set name=A --set owner=P-1 --set phone=1", 0, "yes"),
    ("P-1", "create customer --set name=A --set phone=1", 5, "no; basic profile: closed on the new record; "
     "contact details: closed on the new record"),
    ("P-2", "create customer --set 名称=A --set region=上海", 0, "yes"),
    ("P-2", "create customer --set region=上海 --set phone=1", 5, "no; contact details: closed on the new record"),
    ("P-2", "create customer --set region=华南", 5, "no; basic profile: closed on the new record"),
    ("P-1", "update customer C-1 --set phone=1", 0, "yes"),
    ("P-1", "update customer C-1 --set name=A", 5, "no; basic profile: closed on the record as it is; "
     "basic profile: closed on the record as it would be"),
    ("P-2", "update customer C-3 --set region=华南", 5, "no; basic profile: closed on the record as it would be"),
    ("P-2", "update customer C-3 --set region=上海", 0, "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "words", "code", "said"), BY_HAND)
def test_by_hand(tmp_path: Path, who: str, words: str, code: int, said: str) -> None:
    result = can(make(tmp_path, GRANTS), who, *words.split())
    assert (result.exit_code, result.stdout.strip().replace("\n", "; ")) == (code, said)


MISTAKES = [
    ("create customer --set", 2, []),
    ("create customer --set name", 2, ["ask.not_a_setting"]),
    ("create customer --set nmae=A --set name=A --set name=B", 2, ["ask.unknown_field", "ask.set_twice"]),
    ("update customer C-1 --set id=C-7", 2, ["ask.set_key"]),
    ("update order S-1/1 --set amount=much --set customer=C-1", 2, ["ask.set_unread"]),
    ("create customer --set region=月球", 2, ["ask.set_unread"]),
    ("read customer --set name=A", 2, ["ask.sets_nothing"]),
    ("create customer C-1 --set name=A", 2, ["ask.write_alone"]),
    ("update customer --set name=A", 2, ["ask.write_alone"]),
    ("create customer --set name=A --field name", 2, []),
    ("read customer", 2, []),
    ("update customer C-4 --set name=A", 5, ["access.no_record"]),
]


@pytest.mark.parametrize(("words", "code", "issues"), MISTAKES)
def test_mistakes_are_issues(tmp_path: Path, words: str, code: int, issues: list[str]) -> None:
    result = can(make(tmp_path, GRANTS), "P-1", *words.split())
    assert result.exit_code == code
    assert not result.stdout
    assert all(issue in result.stderr for issue in issues), result.stderr


def test_what_is_not_seen_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    """A key that is taken, a reference, a record to update and a value that is the same: nothing tells on them."""
    folder = make(tmp_path, GRANTS)

    def same(hidden: str, free: str, *words: str) -> None:
        found = [can(folder, "P-1", *(word.format(key) for word in words)) for key in (hidden, free)]
        told = [(each.exit_code, each.stdout, each.stderr.replace(hidden, free)) for each in found]
        assert told[0] == told[1]

    same("C-4", "C-9", "create", "customer", "--set", "id={}", "--set", "owner=P-1", "--set", "phone=1")
    same("C-1", "C-9", "create", "customer", "--set", "id={}", "--set", "owner=P-1")
    same("P-2", "P-9", "create", "customer", "--set", "owner={}")
    same("C-4", "C-9", "update", "customer", "{}", "--set", "phone=1")
    same("13800000002", "13800000009", "update", "customer", "C-2", "--set", "phone={}")


def test_a_question_leaves_no_trace(tmp_path: Path) -> None:
    workspace = Workspace.open(make(tmp_path, GRANTS))
    who = workspace.person("P-1")
    before = workspace.see(who, "customer")
    assert workspace.closed_to(who, "create", "customer", [("owner", "P-1")]) == ()
    assert workspace.see(who, "customer") == before


def test_records_read_in_place_cannot_be_asked(tmp_path: Path) -> None:
    workspace = Workspace.open(make(tmp_path, GRANTS))
    organisation = replace(workspace.snapshot.organisation, carried=None)  # as it is where nothing of ours is added
    in_place = replace(workspace, snapshot=Snapshot(workspace.snapshot.program, organisation))
    with pytest.raises(QuestionError, match=r"ask\.not_in_place"):
        in_place.closed_to(in_place.person("P-1"), "create", "customer", [("name", "A")])
