"""Small spaces of records that can be tried one by one: the slow, obvious answers to compare the exact ones with."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

from salesrules.expr.kinds import BOOLEAN, DATE, INTEGER, TEXT, Kind, Vocabulary
from salesrules.expr.python import to_python
from salesrules.expr.regions.space import Space, Tree
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf, Typed, leaves
from salesrules.issue import Span

REGION = {"east": None, "shanghai": "east", "hangzhou": "east", "west": None, "chengdu": "west"}
PLACES = {"east": (10, 29), "shanghai": (11, 15), "hangzhou": (20, 25), "west": (30, 49), "chengdu": (31, 40)}
FIELDS: dict[str, Kind] = {
    "n": INTEGER,
    "m": Kind("money", "CNY"),
    "t": TEXT,
    "r": Kind("member", "region"),
    "b": BOOLEAN,
    "d": DATE,
    "boss": Kind("ref", "person"),
    "k": INTEGER,
}
VOCABULARY = Vocabulary(
    fields={"lead": FIELDS, "person": {"n": INTEGER, "id": Kind("ref", "person")}},
    members={"region": frozenset(REGION)},
    trees=frozenset({"region"}),
    post={"region": Kind("member", "region")},
)
SPACE = Space({"region": Tree.of(REGION)}, "lead", VOCABULARY.fields, {"person": "id"})
VALUES: dict[str, tuple[Any, ...]] = {  # at least one value of everything that the conditions below can tell apart
    "n": (None, -1, 0, 1, 2, 3, 4),
    "m": (None, *(Decimal(cents) / 100 for cents in range(-1, 5))),
    "t": (None, "a", "b", "zz"),
    "r": (None, *REGION),
    "b": (None, True, False),
    "d": (None, *(date(2026, 1, day) for day in range(1, 6))),
    "k": (None, 0, 1, 2),
}
CONSTANTS = {
    "n": ("0", "1", "2", "3", "1.5"),
    "m": ("0", "0.01", "0.02", "0.03"),
    "t": ("'a'", "'b'"),
    "r": tuple(f"'{member}'" for member in REGION),
    "d": tuple(f"date '2026-01-0{day}'" for day in (2, 3, 4)),
}


def condition(text: str) -> Typed:
    """The meaning of a condition on a lead."""
    expression = Expression(text, Span("test", 1, 1, 1, len(text) + 1))
    tree, issues = resolve(expression, Scope(VOCABULARY, "lead", frozenset({"user", "post"})), BOOLEAN)
    assert tree is not None, (text, [issue.line() for issue in issues])
    return tree


def rules_of(*texts: str) -> list[tuple[str, Typed]]:
    """Rules r1, r2, ... with these conditions."""
    return [(f"r{index}", condition(text)) for index, text in enumerate(texts, 1)]


def random_condition(dice: random.Random, fields: Sequence[str], depth: int = 2) -> str:
    """A condition over these fields, with as many nested and, or, not."""
    if depth and dice.random() < 0.6:
        inner = [random_condition(dice, fields, depth - 1) for _ in range(dice.choice((2, 2, 3)))]
        joined = dice.choice((" and ", " or ")).join(inner)
        return f"not ({joined})" if dice.random() < 0.2 else f"({joined})"
    name = dice.choice(fields)
    if name == "b":
        return dice.choice(("b", "not b", "b = true", "b is null", "b <> false"))
    if name == "k":  # terms that no cut can express
        return dice.choice(("n < k", "k <= n", "n = k", "k <> n", "n + k > 2", "n - k > 2", "k is null", "k * n = 4"))
    some = dice.sample(CONSTANTS[name], 2)
    forms = [f"{name} is null", f"{name} is not null", f"{name} = {some[0]}", f"{name} <> {some[0]}"]
    forms += [f"{name} in ({some[0]}, {some[1]})", f"{name} not in ({some[0]}, {some[1]})"]
    if name in ("n", "m", "d"):
        forms += [f"{name} {sign} {some[0]}" for sign in ("<", "<=", ">", ">=")]
        forms += [f"{some[0]} < {name}", f"{name} between {min(some)} and {max(some)}"]
    if name == "r":
        forms += [f"within(r, {some[0]})", f"not within(r, {some[0]})"] * 2
    return dice.choice(forms)


def records(fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every record that these fields can make."""
    for values in product(*(VALUES[name] for name in fields)):
        yield dict(zip(fields, values, strict=True))


def holds(tree: Typed, record: Mapping[str, Any]) -> bool | None:
    """What the condition says of a record, as the per-record closure sees it."""
    found: bool | None = _closure(tree)({leaf: _value(leaf, record) for leaf in leaves(tree)})
    return found


@cache
def _closure(tree: Typed) -> Any:
    return to_python(tree)


def first_match(rules: Sequence[tuple[str, Typed]], record: Mapping[str, Any]) -> str | None:
    """The first rule that matches."""
    return next((id for id, tree in rules if holds(tree, record) is True), None)


def _value(leaf: Leaf, record: Mapping[str, Any]) -> Any:
    thing = leaf.path[0] if leaf.root.startswith("member:") else record.get(".".join(leaf.path))
    if leaf.part == "value" or thing is None:
        return thing
    return PLACES[thing][leaf.part == "rgt"]
