"""However long, deep or strange an expression is, it gives a meaning or issues, and never an exception."""

import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesrules.expr.kinds import BOOLEAN, INTEGER
from salesrules.expr.python import Closure
from salesrules.expr.resolve import resolve
from salesrules.expr.sql import quoted, to_sql
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Apply, Constant, Leaf, atoms, below, leaves, reads_of
from salesrules.issue import Span
from tests.expr_generator import Generator
from tests.expr_world import KPI, ROW, column_of, meaning

MANY = 10_000
BROKEN = {
    "(" * 100_000: "expr.too_deep",
    "(" * 100_000 + "1": "expr.too_long",
    "[" * 50_000: "expr.open_label",
    "not " * 20_000 + "vip": "expr.too_deep",
    "- " * 20_000 + "1 > 0": "expr.too_deep",
    "n" + " + 1" * 5_000 + " > 0": "expr.too_deep",
    "vip" + " is null" * 5_000: "expr.too_deep",
    "case when vip then " * 500 + "1": "expr.too_deep",
    "abs(" * 200 + "n": "expr.too_deep",
    "9" * 90_000: "expr.number_too_long",
    "a." * 20_000 + "a": "expr.unknown_field",
    " or ".join(["n = 1"] * 16_000): "expr.too_long",
    ",".join(["n in (1"] + ["1"] * 49_990) + ")": "expr.too_many_parts",
    " or ".join(["n=1"] * 13_000): None,
}


def told(text, scope=ROW):
    tree, issues = resolve(Expression(text, Span("f", 1, 1, 1, len(text) + 1)), scope)
    assert (tree is None) == any(issue.severity == "error" for issue in issues)
    for issue in issues:
        assert issue.text("en")
        assert issue.text("zh")
    return tree, [issue.code for issue in issues]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: f"{text[:12]}... of {len(text)}")
def test_a_monster_is_an_issue(text):
    _, codes = told(text)
    assert codes == ([BROKEN[text]] if BROKEN[text] else [])


def test_a_condition_of_ten_thousand_terms_runs_everywhere():
    tree = meaning(" or ".join(f"n={number}" for number in range(MANY)))
    closure = Closure(tree)
    assert (closure.value([MANY - 1]), closure.value([MANY]), closure.value([None])) == (True, False, None)
    assert (closure.is_true([5]), closure.is_false([-5])) == (True, True)
    assert len(atoms(tree)) == len(list(leaves(tree))) == len(closure.each([1])) == MANY
    assert to_sql(tree, lambda leaf: quoted(column_of(leaf))).count(" OR ") == MANY - 1


def test_a_tree_of_any_depth_is_printed_and_computed_without_recursion():
    leaf = Leaf(INTEGER, "row", ("n",))
    number, condition = leaf, Apply(BOOLEAN, "is null", (leaf,))
    for _ in range(MANY):
        number = Apply(INTEGER, "+", (number, Constant(INTEGER, 1)))
        condition = Apply(BOOLEAN, "not", (condition,))
    assert sys.getrecursionlimit() < MANY
    assert Closure(number).value([5]) == MANY + 5
    assert Closure(number).value([None]) is None
    assert Closure(condition).value([None]) is True
    assert to_sql(number, lambda leaf: "n").endswith("CAST(1 AS BIGINT))")
    assert reads_of(below(condition, ("order",))) == (Leaf(INTEGER, "row", ("order", "n")),)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_meaning_or_issues(text):
    told(text)
    told(text, KPI)


WORDS = """
amount n vip name made_on region stage owner post user team customer today sum count within some case when then else
end and or not in is null between like ( ) , . + - * / = <> < <= >= 15% 3d 5万 'a' '%' [ ] filter where （ ） ， ‘ ’ ＝
date timestamp '2026-01-01' prior rolling distinct via true
"""


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join))
def test_any_words_of_the_language_give_a_meaning_or_issues(text):
    for scope in (ROW, KPI):
        tree, _ = told(text, scope)
        if tree is not None and scope is ROW:
            assert Closure(tree).value([None] * len(reads_of(tree))) in (None, True, False) or tree.kind != BOOLEAN


def test_a_well_typed_expression_with_one_character_lost_is_still_no_exception():
    random = Random(11)
    generator = Generator(random)
    for _ in range(300):
        text = generator.any(2)
        at = random.randrange(len(text))
        told(text[:at] + text[at + 1 :])
