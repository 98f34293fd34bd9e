"""How fast expressions run: the closure beside a hand-written `if`, generated SQL beside hand-written SQL."""

import statistics
import time
from decimal import Decimal
from random import Random

import duckdb

from salesrules.expr.kinds import BOOLEAN, Kind, Vocabulary
from salesrules.expr.parse import parse
from salesrules.expr.python import Closure
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.sql import to_sql
from salesrules.expr.syntax import Expression
from salesrules.issue import Span

FIELDS = {
    "amount": Kind("money", "CNY"),
    "stage": Kind("stage", "sales"),
    "region": Kind("member", "region"),
    "vip": BOOLEAN,
    "discount": Kind("percent"),
}
SCOPE = Scope(Vocabulary({"deal": FIELDS}, stages={"sales": ("quote", "negotiation", "won")}), "deal")
ROUNDS = 15


def meaning(text):
    tree, issues = resolve(Expression(text, Span("bench", 1, 1, 1, len(text) + 1)), SCOPE)
    assert tree is not None, issues
    return tree


CONDITION = "amount >= 100000 and stage in ('negotiation', 'won') and region = 'east'"
HUNDRED_THOUSAND, STAGES = Decimal(100000), frozenset({"negotiation", "won"})


def by_hand(row):
    """What a careful programmer writes, nulls looked at."""
    amount, stage, region = row[0], row[1], row[2]
    if amount is None or stage is None or region is None:
        return False
    return amount >= HUNDRED_THOUSAND and stage in STAGES and region == "east"


def nanoseconds(function, rows):
    start = time.perf_counter_ns()
    for row in rows:
        function(row)
    return (time.perf_counter_ns() - start) / len(rows)


def closures():
    random = Random(1)
    stages, regions = ["quote", "negotiation", "won", None], ["east", "west", None]
    rows = [
        (random.choice([None, Decimal(random.randint(0, 300_000))]), random.choice(stages), random.choice(regions))
        for _ in range(200_000)
    ]
    closure = Closure(meaning(CONDITION))
    assert [closure.is_true(row) for row in rows] == [by_hand(row) for row in rows]
    nothing = statistics.median(nanoseconds(lambda row: None, rows) for _ in range(5))
    pairs = [(nanoseconds(by_hand, rows), nanoseconds(closure.is_true, rows)) for _ in range(ROUNDS)]
    hand, ours = (statistics.median(found) for found in zip(*pairs, strict=True))
    each = statistics.median(nanoseconds(closure.each, rows) for _ in range(5))
    print(
        f"closure: by hand {hand:.0f} ns, generated {ours:.0f} ns, ratio {ours / hand:.2f}"
        f" (an empty call {nothing:.0f} ns)"
    )
    print(f"         every condition with its value {each:.0f} ns")


def reading():
    text = Expression(CONDITION, Span("bench", 1, 1, 1, 80))
    for name, function in (("parse", parse), ("parse and type", lambda found: resolve(found, SCOPE))):
        times = [nanoseconds(function, [text] * 500) for _ in range(5)]
        print(f"{name}: {statistics.median(times) / 1000:.0f} µs an expression")


QUERIES = {
    CONDITION: "amount >= 100000 AND stage IN ('negotiation', 'won') AND region = 'east'",
    "amount * (1 - discount) >= 80000 or vip": "CAST(amount AS DOUBLE) * CAST(1 - discount AS DOUBLE) >= 80000 OR vip",
    "coalesce(discount, 0%) > 15% and not vip": "coalesce(discount, 0) > 0.15 AND NOT vip",
}


def queries(count):
    duck = duckdb.connect()
    duck.execute(
        f"""CREATE TABLE deal AS SELECT
            CAST(CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 7919) % 300000 END AS DECIMAL(18,2)) AS amount,
            CAST(['quote', 'negotiation', 'won'][1 + i % 3] AS VARCHAR) AS stage,
            CAST(['east', 'west', 'north'][1 + (i // 3) % 3] AS VARCHAR) AS region,
            i % 5 = 0 AS vip, CAST((i % 40) / 100 AS DECIMAL(9,6)) AS discount
            FROM range({count}) AS r(i)"""
    )

    def seconds(where):
        start = time.perf_counter()
        found = duck.execute(f"SELECT count(*), sum(amount) FROM deal WHERE {where}").fetchone()
        return time.perf_counter() - start, found

    for text, hand in QUERIES.items():
        ours = to_sql(meaning(text), lambda leaf: leaf.path[0])
        assert seconds(hand)[1] == seconds(ours)[1], text
        pairs = [(seconds(hand)[0], seconds(ours)[0]) for _ in range(ROUNDS)]
        a, b = (min(found) for found in zip(*pairs, strict=True))  # others use the machine too
        print(
            f"sql over {count:,} rows: by hand {a * 1000:.1f} ms, generated {b * 1000:.1f} ms,"
            f" ratio {b / a:.3f}: {text}"
        )


def run():
    closures()
    reading()
    queries(10_000_000)
