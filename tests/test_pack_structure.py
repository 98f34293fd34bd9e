"""YAML to nouns: how single values are written, and the short forms that there are."""

from datetime import date, time
from decimal import Decimal
from typing import Literal

import pytest

from salesrules.expr.syntax import Expression
from salesrules.load.shapes import Members
from salesrules.load.structure import structure
from salesrules.load.yaml_data import read
from salesrules.pack.changes import SplitMember
from salesrules.pack.dimensions import Dimension, Member, MemberTable
from salesrules.pack.pick import ByScore, Pick, ToPool, WeightedTurns
from salesrules.pack.targets import ExprWeights, KpiWeights, TableWeights, Weights
from salesrules.pack.values import Duration, Hours, Percent, Period, Quantity
from salesrules.pack.word import Word


def _structure(kind, text):
    value, issues = read(text, "x.yaml")
    assert issues == []
    return structure(kind, value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "NO", "NO"),
        (str, "12:30", "12:30"),
        (str, "0123", "0123"),
        (str, "1.10", "1.10"),
        (int, "1_000", 1000),
        (int, "-4", -4),
        (Decimal, "50_000_000", Decimal("50000000")),
        (Decimal, "5000万", Decimal("50000000")),
        (Decimal, "1.2亿", Decimal("120000000")),
        (Decimal, "0.1", Decimal("0.1")),
        (Decimal, "12345678901234567.89", Decimal("12345678901234567.89")),
        (Percent, "15%", Decimal("0.15")),
        (Percent, "0.5%", Decimal("0.005")),
        (Quantity, "80%", Decimal("0.8")),
        (Quantity, "100万", Decimal("1000000")),
        (Duration, "3d", Duration(3, "d")),
        (Duration, "3wd", Duration(3, "wd")),
        (Duration, "4h", Duration(4, "h")),
        (Duration, "4wh", Duration(4, "wh")),
        (Duration, "1mo", Duration(1, "mo")),
        (date, "2026-07-01", date(2026, 7, 1)),
        (Hours, "09:00-18:00", Hours(time(9), time(18))),
        (Period, "2026", "2026"),
        (Period, "FY2027", "FY2027"),
        (bool, "true", True),
        (tuple[str, ...], "one", ("one",)),
        (tuple[str, ...], "[one, 2]", ("one", "2")),
        (Literal["any"] | Percent, "any", "any"),
        (Literal["any"] | Percent, "100%", Decimal(1)),
        (dict[Quantity, Decimal], "{60%: 0, 120%: 1.5}", {Decimal("0.6"): Decimal(0), Decimal("1.2"): Decimal("1.5")}),
    ],
)
def test_a_single_value_is_exact(kind, text, value):
    found = _structure(kind, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("{a: {}, b: {}}", [("a", None), ("b", None)]),
        ("[a, b]", [("a", None), ("b", None)]),
        ("{a: , b: {c: {d: {}}}}", [("a", None), ("b", None), ("c", "b"), ("d", "c")]),
        ("{a: {}, b: [c, d]}", [("a", None), ("b", None), ("c", "b"), ("d", "b")]),
        ("[{id: a}, {id: b, parent: a}]", [("a", None), ("b", "a")]),
        ("{file: {inside: {}}}", [("file", None), ("inside", "file")]),
    ],
)  # fmt: skip
def test_members_have_short_forms(text, members):
    assert [(member.id, member.parent) for member in _structure(Members, text)] == members


def test_a_member_can_say_more():
    text = "[{id: a, label: {en: A, zh: 甲}, names: [AA], attributes: {tier: 01}, from: 2026-01-01, becomes: [b]}, b]"
    first, second = _structure(Members, text)
    assert (first.label.zh, first.names, first.attributes) == ("甲", ("AA",), {"tier": "01"})
    assert (first.from_, first.becomes) == (date(2026, 1, 1), ("b",))
    assert second == Member("b", second.span)


def test_members_can_come_from_a_table():
    found = _structure(Members, "{file: org/region.csv, columns: {id: no}}")
    assert isinstance(found, MemberTable)
    assert (found.file, found.columns) == ("org/region.csv", {"id": "no"})


@pytest.mark.parametrize(
    ("kind", "text", "noun"),
    [
        (Weights, "even", str),
        (Weights, "{kpi: signed, over: last_year}", KpiWeights),
        (Weights, "{expr: capacity}", ExprWeights),
        (Weights, "{table: potential}", TableWeights),
        (Weights, "{line_a: 60%, line_b: 40%}", dict),
        (Pick, "least_loaded", str),
        (Pick, "{weighted_round_robin: candidate.weight}", WeightedTurns),
        (Pick, "{score: {skill: {of: candidate.skill, weight: 100%}}}", ByScore),
        (Pick, "{pool: lead_pool}", ToPool),
    ],
)
def test_a_value_with_several_forms_becomes_the_one_it_is(kind, text, noun):
    assert type(_structure(kind, text)) is noun


def test_other_keys_of_a_step_name_the_dimension():
    found = _structure(SplitMember, "{region: east, into: {a: [b], c: []}}")
    assert (found.members, found.into) == ({"region": "east"}, {"a": ("b",), "c": ()})


def test_a_word_knows_its_place_and_an_expression_its_quote():
    found = _structure(dict[Word, Word], "{signed:   sold}")
    [(key, word)] = found.items()
    assert (str(key.span), str(word.span)) == ("x.yaml:1:2", "x.yaml:1:12")
    assert _structure(Expression, '"a > 1"').quote == '"'


def test_a_noun_stands_where_its_key_stands():
    found = _structure(dict[str, Dimension], "part:\n  label: {en: Part, zh: 角色}\n  members: [a]\n")
    assert str(found["part"].span) == "x.yaml:1:1"
