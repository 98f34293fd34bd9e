"""The analysis of rules finds what trying every record finds."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from regions_by_hand import SPACE, VALUES, condition, first_match, holds, random_condition, records, rules_of

from salesrules.expr.regions.boxes import Layout, Work
from salesrules.expr.regions.moves import moves
from salesrules.expr.regions.regions import Region, Regions
from salesrules.expr.regions.rules import analyse
from salesrules.expr.regions.witness import Witness
from salesrules.expr.typed import Typed

FIELDS = ("n", "m", "t", "r", "b", "d")


def record_of(witness: Witness, fields: Any) -> dict[str, Any]:
    """The witness as a record; a field that no condition reads has any value."""
    found = {name: VALUES[name][1] for name in fields}
    return found | {".".join(path): value for (_, path), value in witness.values}


@pytest.mark.parametrize("block", range(20))
def test_the_analysis_of_random_rules_is_what_trying_every_record_finds(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        dice = random.Random(seed)
        fields = dice.sample(FIELDS, dice.choice((1, 2, 3)))
        rules = rules_of(*(random_condition(dice, fields) for _ in range(dice.randint(1, 5))))
        check_against_records(rules, fields, seed)


def check_against_records(rules: list[tuple[str, Typed]], fields: list[str], seed: int) -> None:
    found = analyse(rules, SPACE)
    matches = [{id for id, tree in rules if holds(tree, record) is True} for record in records(fields)]
    firsts = {next((id for id, _ in rules if id in matched), None) for matched in matches}
    assert found.not_provable == (), seed
    assert {one.rule for one in found.unreachable} == {id for id, _ in rules} - firsts, seed
    for one in found.unreachable:
        of_rule = [matched for matched in matches if one.rule in matched]
        assert all(matched & set(one.by) for matched in of_rule), seed
        for spared in one.by:
            assert not all(matched & (set(one.by) - {spared}) for matched in of_rule), seed
    assert bool(found.gaps) == (None in firsts), seed
    pairs = {(a, b) for a, _ in rules for b, _ in rules if a < b and any({a, b} <= matched for matched in matches)}
    assert {(one.first, one.second) for one in found.overlaps} == pairs, seed
    condition_of = dict(rules)
    for shared in found.overlaps:
        record = record_of(shared.witness, fields)
        assert holds(condition_of[shared.first], record) is holds(condition_of[shared.second], record) is True, seed
    for example in found.examples:
        assert first_match(rules, record_of(example.witness, fields)) == example.rule, seed
    assert {example.rule for example in found.examples} == firsts, seed


def test_what_is_claimed_beside_opaque_terms_is_true() -> None:
    """Nothing is claimed that trying every record refutes, and where nothing is left open, all is found."""
    open_, closed = 0, 0
    for seed in range(800):
        dice = random.Random(seed)
        fields = ["n", "k", dice.choice("rb")]
        rules = rules_of(*(random_condition(dice, fields, dice.choice((0, 1))) for _ in range(dice.randint(1, 5))))
        found = analyse(rules, SPACE)
        left = {one.question for one in found.not_provable}
        open_, closed = open_ + bool(left), closed + (not left)
        matches = [{id for id, tree in rules if holds(tree, record) is True} for record in records(fields)]
        firsts = {next((id for id, _ in rules if id in matched), None) for matched in matches}
        dead = {one.rule for one in found.unreachable}
        assert not dead & firsts, seed
        assert "unreachable" in left or dead == {id for id, _ in rules} - firsts, seed
        assert None in firsts if found.gaps else "gap" in left or None not in firsts, seed
        for example in found.examples:
            assert first_match(rules, record_of(example.witness, fields)) == example.rule, seed
        pairs = {(a, b) for a, _ in rules for b, _ in rules if a < b and any({a, b} <= matched for matched in matches)}
        claimed = {(one.first, one.second) for one in found.overlaps}
        assert claimed <= pairs, seed
        assert "overlap" in left or claimed == pairs, seed
    assert open_ > 100
    assert closed > 100


@pytest.mark.parametrize("block", range(8))
def test_the_moves_between_random_lists_are_what_trying_every_record_finds(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        dice = random.Random(seed)
        fields = dice.sample(FIELDS, dice.choice((1, 2, 3)))
        old = rules_of(*(random_condition(dice, fields) for _ in range(dice.randint(1, 5))))
        new = dice.sample(old, dice.randint(1, len(old)))
        if dice.random() < 0.5:
            new[0] = (new[0][0], condition(random_condition(dice, fields)))
        found, open_ = moves(old, new, SPACE)
        pairs = {(first_match(old, record), first_match(new, record)) for record in records(fields)}
        assert open_ == ()
        assert {(one.before, one.after) for one in found} == {(a, b) for a, b in pairs if a != b}, seed
        for one in found:
            record = record_of(one.witness, fields)
            assert (first_match(old, record), first_match(new, record)) == (one.before, one.after), seed


def test_true_false_and_null_share_nothing_and_leave_nothing() -> None:
    for seed in range(300):
        dice = random.Random(seed)
        fields = dice.sample(FIELDS, 2)
        tree = condition(random_condition(dice, fields, depth=3))
        regions = Regions(SPACE, [tree])
        parts = {True: regions.true_region(tree), False: regions.false_region(tree), None: regions.null_region(tree)}
        everywhere = []
        for value, region in parts.items():
            assert isinstance(region, Region)
            assert bool(region.boxes) == any(holds(tree, record) is value for record in records(fields)), seed
            for box in region.boxes:
                assert holds(tree, record_of(Witness(regions, box, box), fields)) is value, seed
            everywhere.append(region.boxes)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            assert not any(regions.layout.meet(a, b) for a in everywhere[one] for b in everywhere[other]), seed
        assert not list(regions.layout.uncovered(regions.everything, [b for p in everywhere for b in p], Work(10**6)))


def test_boxes_hold_the_points_that_sets_would_hold() -> None:
    layout = Layout.of((3, 2, 4))
    points = [sum(1 << at for at in places) for places in product((0, 1, 2), (4, 5), (7, 8, 9, 10))]

    def inside(*boxes: int) -> set[int]:
        return {point for point in points if any(point & box == point for box in boxes)}

    for seed in range(2_000):
        dice = random.Random(seed)
        boxes = [sum(layout.axes) & dice.getrandbits(11) for _ in range(dice.randint(2, 8))]
        a, *covers = [box for box in boxes if layout.holds_any(box)] or [layout.fill]
        left = list(layout.uncovered(a, covers, Work(10_000)))
        assert sum(len(inside(part)) for part in left) == len(inside(a) - inside(*covers))
        assert inside(*left) == inside(a) - inside(*covers)
        assert inside(*layout.simpler([a, *covers])) == inside(a, *covers)
        used: set[int] = set()
        if not list(layout.uncovered(a, covers, Work(10_000), used=used)):
            assert inside(a) <= inside(*used)
        for part in left:
            wide = layout.widened(part, layout.fill, covers)
            assert inside(part) <= inside(wide)
            assert not inside(wide) & inside(*covers)
