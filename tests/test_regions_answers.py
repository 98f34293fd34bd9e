"""The analysis of rules in answers to read: what is said, and what is left open."""

from __future__ import annotations

import random
from typing import Any

import pytest

from salesrules.expr.kinds import BOOLEAN, INTEGER, TEXT
from salesrules.expr.regions.boxes import Layout, TooMuch, Work
from salesrules.expr.regions.moves import moves
from salesrules.expr.regions.regions import NotProvable, Region, Regions
from salesrules.expr.regions.rules import Analysis, Unreachable, analyse, exclusive
from salesrules.expr.regions.space import Space, Tree
from salesrules.expr.regions.texts import kinds_of_text
from salesrules.expr.regions.witness import Witness, describe, leaf_values
from salesrules.expr.typed import Apply, Constant, Leaf, Typed, leaves
from tests.regions_by_hand import REGION, SPACE, VALUES, condition, holds, rules_of


def told(analysis: Analysis) -> dict[str, Any]:
    """The analysis as texts."""
    return {
        "overlaps": [f"{one.first}+{one.second} {one.witness}" for one in analysis.overlaps],
        "unreachable": [f"{one.rule} by {', '.join(one.by)}" for one in analysis.unreachable],
        "gaps": ["; ".join(f"{name}: {text}" for name, text in one.where) for one in analysis.gaps],
        "not provable": [
            f"{one.question} {', '.join(one.rules)}: {', '.join(one.terms)}" for one in analysis.not_provable
        ],
    }


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ("within(r, 'east')", "n >= 2", "r = 'hangzhou' and n > 5"),
            {
                "overlaps": ["r1+r2 {r: east, n: 2}", "r1+r3 {r: hangzhou, n: 6}", "r2+r3 {r: hangzhou, n: 6}"],
                "unreachable": ["r3 by r1"],
                "gaps": ["r: within west | null; n: < 2 | null"],
                "not provable": [],
            },
        ),
        (
            ("within(r, 'east') and b", "within(r, 'east') and not b", "r = 'shanghai' and b is not null"),
            {
                "overlaps": ["r1+r3 {r: shanghai, b: true}", "r2+r3 {r: shanghai, b: false}"],
                "unreachable": ["r3 by r1, r2"],
                "gaps": ["b: null", "r: within west | null"],
                "not provable": [],
            },
        ),
        (
            ("m < 0.01", "m > 0.01 and m < 0.02", "m >= 0.01", "m is null"),
            {"overlaps": [], "unreachable": ["r2 by "], "gaps": [], "not provable": []},
        ),
        (
            ("t in ('a', 'b')", "t <> 'a' and n between 1 and 3", "n is null"),
            {
                "overlaps": ["r1+r2 {t: b, n: 1}", "r1+r3 {t: a, n: null}"],
                "unreachable": [],
                "gaps": ["t: <> a & <> b | null; n: < 1 | > 3", "t: null; n: not null"],
                "not provable": [],
            },
        ),
        (
            ("d >= date '2026-01-02'", "d < date '2026-01-02' or d is null"),
            {"overlaps": [], "unreachable": [], "gaps": [], "not provable": []},
        ),
    ],
)
def test_what_is_said_of_rules(texts: tuple[str, ...], expected: dict[str, list[str]]) -> None:
    assert told(analyse(rules_of(*texts), SPACE)) == expected


def test_a_field_compared_with_the_asker_is_one_yes_or_no_of_its_own() -> None:
    space = Space(SPACE.trees, never_null=SPACE.never_null | {("post", ("region",))})
    texts = ("within(r, post.region)", "not within(r, post.region)", "r is null", "n > 1 and within(r, post.region)")
    assert told(analyse(rules_of(*texts), space)) == {
        "overlaps": [],
        "unreachable": ["r4 by r1"],  # by the term alone; and r3 is not: a null region is neither within nor not
        "gaps": [],
        "not provable": [
            "overlap r1, r4: within(r, post.region)",
            "unreachable r1: within(r, post.region)",
            "unreachable r2: within(r, post.region)",
        ],
    }


def test_what_hangs_on_an_opaque_term_is_not_claimed() -> None:
    found = told(analyse(rules_of("n + k > 2 and r = 'shanghai'", "within(r, 'west')"), SPACE))
    assert found == {
        "overlaps": [],
        "unreachable": [],
        "gaps": ["r: within east | null; n: null", "r: within east | null; k: null", "r: east | hangzhou | null"],
        "not provable": ["unreachable r1: n + k > 2", "gap : n + k > 2"],
    }


def test_opposite_comparisons_of_two_fields_are_one_term() -> None:
    texts = ("n < k", "k <= n", "n is null or k is null")
    found = analyse(rules_of(*texts), SPACE)
    assert found.gaps == ()
    assert not [one for one in found.not_provable if one.question in ("gap", "overlap")]
    assert analyse(rules_of("n = k", "k <> n"), SPACE).overlaps == ()


def test_a_coalesce_is_read_by_what_is_null() -> None:
    def at_least(low: int) -> Typed:
        value = Apply(INTEGER, "coalesce", (Leaf(INTEGER, "row", ("n",)), Constant(INTEGER, 5)))
        return Apply(BOOLEAN, ">=", (value, Constant(INTEGER, low)))

    found = analyse([("high", at_least(4)), ("null", condition("n is null")), ("all", at_least(-1))], SPACE)
    assert told(found) == {
        "overlaps": ["high+null {n: null}", "high+all {n: 4}", "null+all {n: null}"],
        "unreachable": ["null by high"],
        "gaps": ["n: < -1"],
        "not provable": [],
    }


def test_a_value_behind_a_null_reference_is_no_record() -> None:
    assert analyse(rules_of("boss is not null", "boss is null", "boss.n > 1"), SPACE).unreachable == (
        Unreachable("r3", ("r1",)),
    )
    assert exclusive(rules_of("boss is null", "boss.n > 1"), SPACE) == ()


def test_the_key_of_a_reference_is_the_reference() -> None:
    assert exclusive(rules_of("boss = 'p1'", "boss.id = 'p2'"), SPACE) == ()
    assert len(exclusive(rules_of("boss = 'p1'", "boss.id = 'p1'"), SPACE)) == 1


def test_only_records_that_are_asked_about_count() -> None:
    rules = rules_of("n > 1", "b")
    assert [one.where for one in analyse(rules, SPACE, among=condition("not b and r = 'west'")).gaps] == [
        (("b", "false"), ("r", "west"), ("n", "<= 1 | null")),
    ]
    assert analyse(rules, SPACE, among=condition("not b")).unreachable == (Unreachable("r2", ()),)


def test_a_moved_rule_says_what_goes_elsewhere() -> None:
    old = rules_of("within(r, 'east')", "n >= 2", "t = 'a'")
    found, open_ = moves(old, [old[1], old[0]], SPACE)
    assert open_ == ()
    assert {(one.before, one.after, one.where, str(one.witness)) for one in found} == {
        ("r1", "r2", ((("r", "within east"), ("n", ">= 2")),), "{r: east, n: 2}"),
        ("r3", None, ((("r", "within west | null"), ("n", "< 2 | null"), ("t", "a")),), "{r: west, n: 0, t: a}"),
    }
    _, open_ = moves(rules_of("n < k", "b"), list(reversed(rules_of("n < k", "b"))), SPACE)
    assert open_ == (NotProvable("moved", ("r1", "r2"), ("n < k",)),)


def test_members_that_no_record_holds_are_no_gap() -> None:
    leaves_only = Space({"region": Tree.of(REGION, held=("shanghai", "hangzhou", "chengdu"))})
    rules = rules_of("r = 'shanghai'", "r = 'hangzhou'", "within(r, 'west')", "r is null", "within(r, 'east')")
    assert [one.where for one in analyse(rules[:4], SPACE).gaps] == [(("r", "east"),)]
    assert analyse(rules, leaves_only).gaps == ()
    assert analyse(rules, leaves_only).unreachable == (Unreachable("r5", ("r1", "r2")),)
    assert analyse(rules, SPACE).unreachable == ()


def test_an_ancestor_test_reads_the_other_end_of_a_subtree() -> None:
    """`within('chengdu', r)`: the region lies above chengdu or is it."""
    tree = Apply(
        BOOLEAN,
        "and",
        (
            Apply(BOOLEAN, ">=", (_place("chengdu", "lft"), Leaf(INTEGER, "row", ("r",), "lft"))),
            Apply(BOOLEAN, "<=", (_place("chengdu", "lft"), Leaf(INTEGER, "row", ("r",), "rgt"))),
        ),
    )
    regions = Regions(SPACE, [tree])
    found = regions.true_region(tree)
    assert isinstance(found, Region)
    assert [describe(regions, box) for box in found.boxes] == [(("r", "within west"),)]
    for region in VALUES["r"]:
        assert holds(tree, {"r": region}) is (None if region is None else region in ("west", "chengdu"))


def _place(member: str, part: str) -> Leaf:
    return Leaf(INTEGER, "member:region", (member,), part)


def test_a_witness_gives_the_places_in_trees() -> None:
    tree = condition("within(r, 'west') and n > 1")
    regions = Regions(SPACE, [tree])
    found = regions.true_region(tree)
    assert isinstance(found, Region)
    values = leaf_values(regions, Witness(regions, found.boxes[0], found.boxes[0]), leaves(tree))
    assert {(leaf.root, leaf.path, leaf.part): value for leaf, value in values.items()} == {
        ("row", ("r",), "lft"): 3,
        ("member:region", ("west",), "lft"): 3,
        ("member:region", ("west",), "rgt"): 4,
        ("row", ("n",), "value"): 2,
    }


# --- text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constants", "patterns", "met"),
    [
        (["a"], [], {()}),
        (["ab"], ["a%"], {("a%",), ()}),
        ([], ["a%", "%b"], {("a%",), ("%b",), ("%b", "a%"), ()}),
        ([], ["a%", "a_"], {("a%",), ("a%", "a_"), ()}),
        ([], ["%", "a"], {("%",), ("%", "a")}),
        ([], [r"10\%", "10%"], {(r"10\%", "10%"), ("10%",), ()}),
        (["客户"], ["客_", "%户"], {("%户", "客_"), ("%户",), ("客_",), ()}),
    ],
)
def test_every_kind_of_text_is_found(constants: list[str], patterns: list[str], met: set[tuple[str, ...]]) -> None:
    kinds = kinds_of_text(constants, patterns)
    assert {tuple(sorted(patterns)) for _, patterns in kinds} == {tuple(sorted(one)) for one in met}
    assert set(constants) <= {text for text, _ in kinds}
    assert len({text for text, _ in kinds}) == len(kinds)
    for text, patterns_met in kinds:
        assert patterns_met == {pattern for pattern in patterns if like(text, pattern)}


def like(text: str, pattern: str) -> bool:
    """SQL's LIKE, by trying."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    if pattern[0] == "\\":
        return text[:1] == pattern[1:2] and like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in ("_", text[0]) and like(text[1:], pattern[1:])


def test_patterns_take_part() -> None:
    def matches(pattern: str) -> Typed:
        return Apply(BOOLEAN, "like", (Leaf(TEXT, "row", ("t",)), Constant(TEXT, pattern)))

    rules = [("a", matches("SH-%")), ("b", condition("t = 'SH-1'")), ("c", Apply(BOOLEAN, "not", (matches("S%"),)))]
    found = analyse(rules, SPACE)
    assert found.unreachable == (Unreachable("b", ("a",)),)
    assert [gap.where for gap in found.gaps] == [(("t", "S | null"),)]
    assert [(one.first, one.second) for one in found.overlaps] == [("a", "b")]


# --- limits -------------------------------------------------------------------------------------------------


def test_a_condition_with_too_many_boxes_is_not_provable_and_hides_no_claim() -> None:
    names = [f"f{index}" for index in range(40)]
    either = [
        Apply(BOOLEAN, "or", tuple(Apply(BOOLEAN, "=", (Leaf(TEXT, "row", (n,)), Constant(TEXT, "x"))) for n in pair))
        for pair in zip(names[::2], names[1::2], strict=True)
    ]
    rules = [("small", condition("n = 1")), ("big", Apply(BOOLEAN, "and", tuple(either))), ("n", condition("n = 1"))]
    found = analyse(rules, SPACE)
    assert found.gaps == ()
    assert found.unreachable == (Unreachable("n", ("small",)),)
    assert {(one.question, one.rules) for one in found.not_provable} == {
        ("overlap", ("small", "big")),
        ("overlap", ("big", "n")),
        ("unreachable", ("big",)),
        ("gap", ()),
    }


def test_work_ends() -> None:
    layout = Layout.of((2,) * 12)
    dice = random.Random(1)
    covers = [layout.fill & ~sum(1 << dice.choice((3 * at, 3 * at + 1)) for at in range(12)) for _ in range(60)]
    with pytest.raises(TooMuch):
        list(layout.uncovered(layout.fill, covers, Work(50)))
