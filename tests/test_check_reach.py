"""Grants that do nothing, stages out of sight, dimensions nobody reads across: told where it is so, and only there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salesrules.check import check, reach
from salesrules.expr.typed import Typed
from salesrules.issue import Issue, Span
from salesrules.load import load
from tests.conftest import ROOT
from tests.hard_worlds import hard_worlds
from tests.small_packs import small_world, write
from tests.truth import ROW_ACTIONS, World, categories, may

STANDARD = "policies/standard/grants.csv"
SLICES = "policies/standard/slices.yaml"
Change = Callable[[str], str]


def without(*words: str) -> Change:
    """The lines that have none of these words."""
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if not any(w in line for w in words))


def more(*lines: str) -> Change:
    return lambda text: text + "".join(f"{line}\n" for line in lines)


def instead(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


PROCESS = ("opportunity", "lead_follow_up")
DEALS = "allow,sales_rep,{action},opportunity,*,early,,,"
EARLY = ["  early:", "    label: {{en: Early, zh: 早期}}", '    rows: {{opportunity: "{rows}"}}']


def early(action: str, rows: str) -> list[tuple[str, Change]]:
    """One grant on some deals."""
    lines = [line.format(rows=rows) for line in EARLY]
    return [(STANDARD, more(DEALS.format(action=action))), (SLICES, more(*lines))]


MINE = "allow,sales_rep,read,customer,*,mine,,,"
KEY = "allow,regional_manager,read,customer,basics,my_patch_key_accounts,,,"
PROFILE = "allow,sales_rep,read,customer,basics,my_patch,,,the profile of everyone in the patch"
MODULE = "allow,sales_director,read,module.order_management,*,owned,2026-01-01,,"
OWNED = ["  owned:", "    label: {en: Owned, zh: 有主}", "    rows: {order: owner is not null, order_line: via order,"]
OWNED[2] += " collection: via order}"
WHILE = "allow,sales_ops,read,opportunity,*,mine,2026-01-01,2026-02-01,"
DENY = "deny,sales_rep,export,lead,contact,mine,,,"
# what is changed in the pack; the lines that are told, the code before and what is named beside after them
CASES: dict[str, tuple[list[tuple[str, Change]], list[tuple[str, str, str]]]] = {
    "the same line twice": ([(STANDARD, more(MINE))], [("grant.does_nothing", MINE, MINE)]),
    "less of what there is": (
        [(STANDARD, more(KEY))],
        [("grant.does_nothing", KEY, PROFILE)],
    ),
    "a module whose every part is there": (
        [(STANDARD, more(MODULE)), (SLICES, more(*OWNED))],
        [("grant.does_nothing", MODULE, "allow,sales_director,read,order,order,all,,,")],
    ),
    "a module with a part that is not there": (
        [(STANDARD, more("allow,sales_director,read,module.customer_management,*,mine,,,"))],
        [],
    ),
    "for a while, of what is for ever": (
        [(STANDARD, more(WHILE))],
        [("grant.does_nothing", WHILE, "allow,sales_ops,read,opportunity,*,all,,,")],
    ),
    "for ever, of what is for a while": (
        [(STANDARD, more("allow,support,read,opportunity,progress,my_patch,,,"))],
        [
            (
                "grant.does_nothing",
                "allow,support,read,opportunity,progress,my_patch,2026-03-01,2026-06-01,"
                "cross-team: the spring service campaign",
                "allow,support,read,opportunity,progress,my_patch,,,",
            )
        ],
    ),
    "a line below, less than one that includes it has": (
        [(STANDARD, more("allow,staff,read,contact,basics,mine,,,"))],
        [],
    ),
    "another role": ([(STANDARD, more("allow,finance,read,opportunity,*,mine,,,"))], []),
    "another action": ([(STANDARD, more("allow,sales_ops,update,opportunity,*,mine,,,"))], []),
    "a denial of some where all is denied": (
        [(STANDARD, more(DENY))],
        [("grant.does_nothing", DENY, "deny,staff,export,lead,contact,all,,,")],
    ),
    "a denial that more rows may close than are in it": (
        [(STANDARD, more(*(f"deny,sales_rep,export,customer,basics,my_patch{s},,," for s in ("", "_unowned"))))],
        [],
    ),
    "deals that nobody reads once they are offered": (
        [(STANDARD, without(*PROCESS)), *early("read", "stage in ('identify', 'first_contact', 'needs_analysis')")],
        [
            ("stage.nobody_reads", f"- id: {stage}", "")
            for stage in ("proposal", "negotiation", "won", "after_sales", "lost")
        ],
    ),
    "deals that nobody can sign": (
        [
            (STANDARD, without("advance,opportunity")),
            *early("advance", "owner = user and stage <> 'negotiation' and stage <> 'won'"),
        ],
        [("stage.nobody_moves", f"- id: {stage}", "") for stage in ("negotiation", "won")],
    ),
    "some by their stage, some by their amount": (
        [(STANDARD, without(*PROCESS)), *early("read", "stage = 'identify' or amount > 5")],
        [],
    ),
}


def told(tmp_path: Path, changes: list[tuple[str, Change]]) -> list[Issue]:
    for folder in ("rules", "policies"):
        shutil.copytree(ROOT / folder / "standard", tmp_path / folder / "standard", dirs_exist_ok=True)
    for file, change in changes:
        text = (tmp_path / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(change(text), encoding="utf-8")
    pack, issues = load(tmp_path / "rules/standard", tmp_path / "policies/standard", tmp_path)
    assert pack is not None, issues
    return list(check(pack)[1])


@pytest.mark.parametrize("name", CASES)
def test_what_a_change_brings(name: str, tmp_path: Path) -> None:
    changes, expected = CASES[name]

    def line(span: Span | None) -> str:
        return (tmp_path / span.file).read_text(encoding="utf-8").splitlines()[span.line - 1].strip() if span else ""

    found = [(issue.code, line(issue.span), line(issue.other)) for issue in told(tmp_path, changes)]
    assert found == expected


@pytest.mark.parametrize(
    ("rows", "across"),
    [
        ("within(region, post.region)", False),
        ("owner = user", False),
        ("within(region, post.region) and year_purchase > 5", False),
        ("within(region, post.region) or owner = user", False),
        ("region = post.region", False),
        ("within(region, post.region) or year_purchase > 5", True),
        ("within(channel, post.channel)", True),
        ("reports_to(owner, user)", True),
        ("some(team, person = user)", True),
        ("true", True),
    ],
)
def test_somebody_should_read_across_a_dimension(rows: str, across: bool, tmp_path: Path) -> None:
    """A pack whose customers are opened by one's own patch, and by one line more."""
    header = "effect,role,action,object,category,slice,from,to,note"
    lines = ["allow,sales_rep,read,customer,*,my_patch,,,", "allow,partner_manager,aggregate,customer,*,other,,,"]
    slices = "# yaml-language-server: $schema=../../salesrules/schema/slices.schema.json\nslices:\n"
    for id, said in (("my_patch", "within(region, post.region)"), ("other", rows)):
        slices += f'  {id}: {{label: {{en: x, zh: 某}}, rows: {{customer: "{said}"}}}}\n'
    changes: list[tuple[str, Change]] = [(STANDARD, lambda _: "\n".join([header, *lines]) + "\n")]
    changes += [(SLICES, lambda _: slices)]
    found = [issue.text() for issue in told(tmp_path, changes) if issue.code == "dimension.nobody_across"]
    said = "every grant to read `customer` is bound to the `region` of a post, or to the own records"
    assert found == ([] if across else [f"{said}: nobody reads across, so what concerns several is seen by no one"])


def cells(world: World) -> set[tuple[str, str, str, str, str]]:
    """Every cell that is open to anybody for anything."""
    actions = {grant["action"] for grant in world.grants} - {"aggregate", "export"}
    return {
        (person, action, entity, category, key)
        for person in world.rows["person"]
        for action in sorted(actions)
        for entity, rows in world.rows.items()
        for category in (["*"] if action in ROW_ACTIONS else categories(world, entity))
        for key, row in rows.items()
        if may(world, person, action, entity, category, row)
    }


def needless(world: World, folder: Path) -> list[int]:
    """The places among the grants of a world of those that are said to do nothing."""
    root = write(world, folder)
    pack, issues = load(root / "rules/small", root / "policies/small", root)
    assert pack is not None, issues
    return [issue.span.line - 2 for issue in check(pack)[1] if issue.code == "grant.does_nothing"]


def test_what_is_said_to_do_nothing_does_nothing(tmp_path: Path) -> None:
    """Without all of these lines at once, everybody may do exactly what they could with them."""
    found = 0
    for number, world in enumerate([*map(small_world, range(8)), *hard_worlds()[:2]]):
        places = needless(world, tmp_path / str(number))
        if places:
            found += len(places)
            kept = [grant for place, grant in enumerate(world.grants) if place not in places]
            assert cells(replace(world, grants=kept)) == cells(world)
    assert found > 20


def test_a_proof_is_looked_for_once_for_two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Typed, Typed, str]] = []
    monkeypatch.setattr(reach, "implies", lambda one, other, space: bool(asked.append((one, other, space.entity))))
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    check(pack)
    assert asked
    assert len(asked) == len(set(asked))
