"""The test packs, between them every key there is, load and hold together."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from salesrules.check import facts
from salesrules.expr.syntax import Expression
from salesrules.issue import in_order
from salesrules.load import load
from salesrules.load.shapes import keys_of, rest_of
from salesrules.meaning import meanings_of
from salesrules.pack.kpis import Standing
from salesrules.pack.pack import Pack, summary

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "tests" / "packs"
WARNED = {"yunzhan": ["dimension.some_match_nothing"]}  # its territories leave other countries to a queue, on purpose


def _load(name, root=None):
    root = root or PACKS / name
    pack, issues = load(root / "rules" / name, root / "policies" / name, root)
    assert [issue.line() for issue in issues] == []
    return pack


@pytest.mark.parametrize("name", ["everything", "huachen", "jianghai", "yunzhan"])
def test_a_pack_holds_together(name):
    found = facts(_load(name))
    assert [issue.code for issue in found] == WARNED.get(name, [])


@pytest.mark.parametrize("name", ["everything", "huachen", "jianghai", "yunzhan"])
def test_every_expression_of_a_pack_has_a_meaning(name):
    pack = _load(name)
    meanings, issues = meanings_of(pack)
    assert [issue.line() for issue in in_order(issues)] == []
    slices = {id for id, _ in meanings.slices}
    meant = {*meanings.conditions, *_formulas_of(pack, meanings)}
    assert slices == set(pack.slices)
    assert [written.text for written in _written(replace(pack, slices={})) if written not in meant] == []
    assert len(meanings.conditions) > 20


def _formulas_of(pack, meanings):
    """The expressions whose meaning is held by the id of what they belong to."""
    for id in meanings.formulas:
        yield pack.kpis[id].formula
    for id in meanings.dates:
        date = pack.kpis[id].date
        yield (date.on or date.from_) if isinstance(date, Standing) else date
    for id in meanings.active:
        yield pack.entities[id].active_when


def _written(at):
    """Every expression inside a noun."""
    if isinstance(at, Expression):
        yield at
    elif isinstance(at, dict | tuple):
        for part in at.values() if isinstance(at, dict) else at:
            yield from _written(part)
    elif is_dataclass(at):
        for field in fields(at):
            yield from _written(getattr(at, field.name))


def test_the_summary_counts_what_each_section_declares():
    assert dict(summary(_load("huachen"))) == {
        "entities": 10,
        "categories": 7,
        "dimensions": 6,
        "aliases": 1,
        "roles": 9,
        "tables": 5,
        "calendars": 1,
        "processes": 1,
        "stages": 5,
        "pools": 2,
        "assignments": 1,
        "handovers": 1,
        "conflicts": 1,
        "kpis": 5,
        "counts_under": 2,
        "credits": 1,
        "scorecards": 1,
        "targets": 1,
        "incentives": 1,
        "closing": 1,
        "slices": 8,
        "grants": 27,
        "separation": 1,
        "delegation": 1,
        "changes": 1,
    }


def test_every_key_is_said_somewhere():
    """A key that no example fills is a key that nobody has tried."""
    said: dict[type, set[str]] = {}
    seen: set[type] = set()
    ahead: list[object] = [_load("everything"), _load("adventureworks", ROOT), _load("northwind", ROOT)]
    while ahead:
        at = ahead.pop()
        if isinstance(at, dict):
            ahead.extend(at.values())
        elif isinstance(at, tuple):
            ahead.extend(at)
        elif is_dataclass(at):
            seen.add(type(at))
            for field in fields(at):
                value = getattr(at, field.name)
                default = field.default if field.default_factory is not dict else {}
                if value != default:
                    said.setdefault(_declared(type(at), field.name), set()).add(field.name)
                ahead.append(value)
    missing = [
        f"{noun.__name__}.{key.name}"
        for noun in seen
        if noun.__module__.startswith("salesrules.pack.") and noun is not Pack
        for key in (*keys_of(noun), *([rest_of(noun)] if rest_of(noun) else []))
        if key.field not in said.get(_declared(noun, key.field), set())
    ]
    missing.remove("PackFile.extends")  # a pack that extends others stands with those
    assert sorted(missing) == []
    assert len(seen) > 80


def _declared(noun, key):
    """The noun that a key comes from: what a table says, every kind of table can say."""
    return next(kind for kind in reversed(noun.__mro__) if key in getattr(kind, "__annotations__", {}))
