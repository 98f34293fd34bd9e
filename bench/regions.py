"""How long the analysis of rules takes: python bench/regions.py."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from decimal import Decimal

from salesrules.expr.kinds import BOOLEAN, INTEGER, Kind
from salesrules.expr.python import to_python
from salesrules.expr.regions.regions import Regions
from salesrules.expr.regions.ruled import ALWAYS, boxed
from salesrules.expr.regions.rules import Analysis, analyse, gaps, overlaps
from salesrules.expr.regions.space import Space, Tree
from salesrules.expr.typed import Apply, Constant, Leaf, Typed, leaves

REGION, PRODUCT, SEGMENT = Kind("member", "region"), Kind("member", "product"), Kind("member", "segment")
AMOUNT, SCORE = Leaf(Kind("money", "CNY"), "row", ("amount",)), Leaf(INTEGER, "row", ("score",))


def region_tree() -> dict[str, str | None]:
    """7 areas, 5 provinces each, 10 cities each."""
    parents: dict[str, str | None] = {}
    for area in range(7):
        parents[f"a{area}"] = None
        for province in range(5):
            parents[f"a{area}p{province}"] = f"a{area}"
            parents.update({f"a{area}p{province}c{city}": f"a{area}p{province}" for city in range(10)})
    return parents


def within(dimension: str, member: str) -> Typed:
    place = Leaf(INTEGER, "row", (dimension,), "lft")
    ends = [Leaf(INTEGER, f"member:{dimension}", (member,), part) for part in ("lft", "rgt")]
    return Apply(BOOLEAN, "and", (Apply(BOOLEAN, ">=", (place, ends[0])), Apply(BOOLEAN, "<=", (place, ends[1]))))


def some_rules(count: int, seed: int) -> list[tuple[str, Typed]]:
    """Rules like those of assignment: each limits three of five fields or so; the last ones are the coarse ones."""
    dice = random.Random(seed)
    regions = sorted(region_tree(), key=lambda member: -len(member))
    rules: list[tuple[str, Typed]] = []
    for index in range(count):
        low = dice.randrange(0, 40) * 50_000
        score = dice.randrange(0, 90)
        parts = [
            within(
                "region", regions[int(len(regions) * index / count)] if dice.random() < 0.7 else dice.choice(regions)
            ),
            Apply(BOOLEAN, "=", (Leaf(PRODUCT, "row", ("product",)), Constant(PRODUCT, f"line_{dice.randrange(12)}"))),
            Apply(BOOLEAN, "=", (Leaf(SEGMENT, "row", ("segment",)), Constant(SEGMENT, f"s{dice.randrange(4)}"))),
            Apply(BOOLEAN, ">=", (AMOUNT, Constant(INTEGER, low))),
            Apply(BOOLEAN, "<", (SCORE, Constant(INTEGER, score))),
        ]
        kept = dice.sample(parts, dice.choice((2, 3, 3, 4)))
        rules.append((f"r{index}", Apply(BOOLEAN, "and", tuple(kept))))
    return rules


def refuted(space: Space, rules: list[tuple[str, Typed]], found: Analysis, records: int, seed: int) -> int:
    """How many of so many random records refute what was found: the slow way, rule by rule."""
    dice = random.Random(seed)
    dead = {one.rule for one in found.unreachable}
    pairs = {(one.first, one.second) for one in found.overlaps}
    leaf_lists = [(id, to_python(tree), tuple(leaves(tree))) for id, tree in rules]
    wrong = 0
    for _ in range(records):
        record = {
            "region": dice.choice((None, *space.trees["region"].order)),
            "product": dice.choice((None, *space.trees["product"].order)),
            "segment": dice.choice((None, *space.trees["segment"].order)),
            "amount": dice.choice((None, Decimal(dice.randrange(2_000_000)))),
            "score": dice.choice((None, dice.randrange(100))),
        }
        matched = [
            id for id, says, read in leaf_lists if says({leaf: value(space, leaf, record) for leaf in read}) is True
        ]
        wrong += matched[:1] != [] and matched[0] in dead
        wrong += not matched and not found.gaps
        wrong += any((a, b) not in pairs for at, a in enumerate(matched) for b in matched[at + 1 :])
    return wrong


def value(space: Space, leaf: Leaf, record: Mapping[str, object]) -> object:
    thing = leaf.path[0] if leaf.root.startswith("member:") else record[leaf.path[0]]
    if leaf.part == "value" or thing is None:
        return thing
    tree = space.trees["region"]
    return tree.at[thing] if leaf.part == "lft" else tree.ends[tree.at[thing]]


def run() -> None:
    space = Space(
        {
            "region": Tree.of(region_tree()),
            "product": Tree.flat(f"line_{line}" for line in range(12)),
            "segment": Tree.flat(f"s{segment}" for segment in range(4)),
        }
    )
    small = some_rules(60, seed=3)
    wrong = refuted(space, small, analyse(small, space), records=5_000, seed=4)
    print(f"60 rules against 5,000 random records, rule by rule: {wrong} refute the analysis")
    for count in (200, 1_000):
        rules = some_rules(count, seed=7)
        began = time.perf_counter()
        regions = Regions(space, [ALWAYS, *(condition for _, condition in rules)])
        start, of = boxed(regions, rules, ALWAYS)
        cut = time.perf_counter()
        pairs = list(overlaps(regions, of))
        paired = time.perf_counter()
        left = list(gaps(regions, of, start))
        gapped = time.perf_counter()
        found = analyse(rules, space)
        done = time.perf_counter()
        print(
            f"{count} rules x 5 fields: boxes {cut - began:.3f} s, {len(pairs)} overlaps {paired - cut:.3f} s,"
            f" {len(left)} gaps {gapped - paired:.3f} s;"
            f" all with {len(found.unreachable)} unreachable {done - gapped:.3f} s;"
            f" not provable: {[(one.question, one.rules) for one in found.not_provable]}"
        )
