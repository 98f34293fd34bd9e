"""Rules of quality against a slow Python reading, and what `doctor` says of them to people and programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.audit.quality import Measured
from salesrules.cli import main
from salesrules.demo import Made
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.test_doctor import edit

Row = dict[str, str]
RULE = "{{label: {{en: x, zh: 某}}, category: basics, at_least: 90%, {asks}}}"


def known(one: str, other: str, test: Callable[[str, str], bool]) -> bool | None:
    return test(one, other) if one and other else None


# what a rule asks, of which customers, and whether one of them meets it; nothing known is None
RULES: dict[str, tuple[str, Callable[[Row], bool], Callable[[Row], bool | None]]] = {
    "filled": ("filled: [name, region]", lambda r: True, lambda r: bool(r["name"] and r["region"])),
    "long": ("expect: name <> phone", lambda r: True, lambda r: known(r["name"], r["phone"], lambda a, b: a != b)),
    "east": (
        "expect: \"within(region, '华东')\"",
        lambda r: True,
        lambda r: r["region"] in ("华东", "上海") if r["region"] else None,
    ),
    "owned": (
        "when: phone = '1' or owner is not null, expect: owner.name = '李娜'",
        lambda r: r["phone"] == "1" or bool(r["owner"]),
        lambda r: r["owner"] == "P-1" if r["owner"] else None,
    ),
    "only": ("when: \"region = '华南'\", filled: [phone]", lambda r: r["region"] == "华南", lambda r: bool(r["phone"])),
    "later": ("expect: today() > date '2001-01-01'", lambda r: True, lambda r: True),
    "nobody": ("when: \"name = 'nobody'\", filled: [phone]", lambda r: False, lambda r: True),
}


def company(folder: Path, rows: list[Row]) -> Path:
    """The tiny company with these customers, and every rule on them."""
    tiny_company.make(folder)
    entities = folder / "rules/tiny/entities.yaml"
    edit(entities, "  order:", "  quality:")
    for id, (asks, _, _) in RULES.items():
        edit(entities, "  order:", f"    {id}: " + RULE.format(asks=asks))
    lines = [",".join(row.values()) for row in rows]
    text = "\n".join(["id,name,region,owner,phone", *lines]) + "\n"
    (folder / "data/customer.csv").write_text(text, encoding="utf-8")
    return folder


def customers(seed: int) -> list[Row]:
    draw = Random(seed)
    choices = {
        "name": ["", "1", "甲", "it's"],
        "region": ["", "华东", "上海", "华南"],
        "owner": ["", "P-1", "P-2"],
        "phone": ["", "1", "甲"],
    }
    return [{"id": f"C-{n:02}"} | {f: draw.choice(c) for f, c in choices.items()} for n in range(60)]


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_counts_as_python_does(seed: int, tmp_path: Path) -> None:
    rows = customers(seed)
    found = Overseer(Workspace.open(company(tmp_path, rows))).quality()
    for (id, (_, of, met)), measured in zip(RULES.items(), found.rules, strict=True):
        answers = {row["id"]: met(row) for row in rows if of(row)}
        bad = [id for id, answer in sorted(answers.items()) if answer is not True]
        unknown = sum(answer is None for answer in answers.values())
        counts = (len(answers), len(answers) - len(bad), unknown)
        assert (measured.rule, (measured.asked, measured.met, measured.unknown)) == (id, counts)
        assert measured.examples == tuple(bad[:3])
    (score,) = found.scores
    assert (score.category, score.steward) == ("basics", "manager")
    assert score.asked == sum(rule.asked for rule in found.rules)
    assert score.met == sum(rule.met for rule in found.rules)
    assert {rule.rule for rule in found.rules if rule.unknown} == {"long", "east", "owned"}


@pytest.mark.parametrize(("met", "asked", "enough"), [(9, 10, True), (89, 100, False), (0, 0, True), (0, 1, False)])
def test_a_rule_wants_a_share(met: int, asked: int, enough: bool) -> None:
    assert Measured("customer", "x", "basics", Decimal("0.9"), asked, met, 0, ()).enough is enough


ROWS = [
    {"id": "C-1", "name": "甲", "region": "上海", "owner": "P-1", "phone": "1"},
    {"id": "C-2", "name": "乙", "region": "", "owner": "P-2", "phone": ""},
]


def said(folder: Path, *words: str) -> str:
    result = CliRunner().invoke(main, ["doctor", "--workspace", str(folder), *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_doctor_tells_people(tmp_path: Path) -> None:
    folder = company(tmp_path, ROWS)
    lines = [line.strip() for line in said(folder, "--lang", "en").splitlines()]
    assert lines[lines.index("Quality") + 1] == "basic profile: 60.0% (steward: Sales manager)"
    assert "Customer, x: 50.0% of 2 records, 90% wanted: too few; not met by 1, for example C-2" in lines
    assert (
        "Customer, x: 50.0% of 2 records, 90% wanted: too few; not met by 1, for example C-2; "
        "of 1 of these it is not known, because a value is missing: that counts as not met" in lines
    )
    assert "Customer, x: 100.0% of 2 records, 90% wanted" in lines
    assert "Customer, x: no records to ask" in lines
    chinese = said(folder, "--lang", "zh")
    assert (
        "客户，某：2 条中 50.0%，要求 90%：未达到；不符合的 1 条，例如 C-2；其中 1 条缺少数值，无法判断，按不符合计"
        in chinese
    )


def test_the_doctor_tells_programs(tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(said(company(tmp_path, ROWS), "--output", "json"))["quality"]
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert {name: rules["long"][name] for name in ("asked", "met", "unmet", "unknown", "share", "enough")} == {
        "asked": 2,
        "met": 1,
        "unmet": 1,
        "unknown": 1,
        "share": 0.5,
        "enough": False,
    }
    assert rules["long"]["examples"] == ["C-2"]
    assert rules["nobody"]["share"] is None
    assert found["categories"] == [{"category": "basics", "steward": "manager", "asked": 10, "met": 6, "share": 0.6}]


def test_a_share_is_never_rounded_up_to_all_of_them(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "id": f"C-{n:04}"} for n in range(2999)]
    assert "99.9% of 3,000 records" in said(company(tmp_path, [*rows, ROWS[1]]), "--lang", "en")


def test_the_standard_pack_measures_its_records(demo: tuple[Workspace, Made]) -> None:
    workspace, _ = demo
    found = Overseer(workspace).quality()
    assert {rule.category for rule in found.rules} == {"basics", "contact", "needs", "progress", "deal", "order"}
    assert all(rule.asked > 100 for rule in found.rules)
    short = {(rule.entity, rule.rule): rule.unmet for rule in found.rules if not rule.enough}
    (nobody_to_call,) = workspace.engine.rows("SELECT count(*) FROM contact WHERE phone IS NULL AND email IS NULL")[0]
    assert short == {("contact", "reachable"): nobody_to_call}
