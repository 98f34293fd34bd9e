"""How long the analysis of rules takes: python bench/regions.py."""

from __future__ import annotations

import random
import time

from salesrules.expr.kinds import BOOLEAN, INTEGER, Kind
from salesrules.expr.regions.regions import Regions
from salesrules.expr.regions.ruled import ALWAYS, boxed
from salesrules.expr.regions.rules import analyse, gaps, overlaps
from salesrules.expr.regions.space import Space, Tree
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

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


def main() -> None:
    space = Space(
        {
            "region": Tree.of(region_tree()),
            "product": Tree.flat(f"line_{line}" for line in range(12)),
            "segment": Tree.flat(f"s{segment}" for segment in range(4)),
        }
    )
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


if __name__ == "__main__":
    main()
