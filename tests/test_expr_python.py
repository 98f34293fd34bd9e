"""The closure: its modes, its layout, and that nothing of an expression's text ever becomes code."""

import pytest
from expr_world import column_of, meaning

from salesrules.expr.kinds import INTEGER
from salesrules.expr.python import Closure, to_python
from salesrules.expr.source import Writer
from salesrules.expr.typed import Aggregate, Leaf, atoms, reads_of

TEXT = "amount >= 100 and (stage = 'won' or not vip) and n + k > 3"


def row_for(closure, **values):
    return [values.get(column_of(leaf).removeprefix("row.")) for leaf in closure.reads]


MODES = [
    ({"amount": 100, "stage": "won", "n": 2, "k": 2}, True),
    ({"amount": 100, "stage": "won", "n": 2, "k": 1}, False),
    ({"amount": 100, "stage": "won", "n": 2}, None),
    ({"amount": 99}, False),
    ({"amount": 100, "stage": "lead", "vip": False, "n": 9, "k": 9}, True),
    ({"amount": 100, "stage": "lead", "vip": True}, False),
    ({}, None),
]


@pytest.mark.parametrize(("values", "expected"), MODES)
def test_true_false_and_null_are_three_answers(values, expected):
    closure = Closure(meaning(TEXT))
    row = row_for(closure, **values)
    assert closure.value(row) is expected
    assert closure.is_true(row) is (expected is True)
    assert closure.is_false(row) is (expected is False)


def test_each_condition_is_told_apart_even_where_one_decides():
    tree = meaning(TEXT)
    closure = Closure(tree)
    assert len(atoms(tree)) == 4
    assert closure.each(row_for(closure, amount=99, stage="won", n=1)) == (False, True, None, None)


def test_the_layout_names_each_leaf_once():
    tree = meaning("n > 1 and n < 9 and k = n")
    assert reads_of(tree) == (Leaf(INTEGER, "row", ("n",)), Leaf(INTEGER, "row", ("k",)))


def test_a_missing_leaf_is_null():
    tree = meaning("n = 1 or k = 1")
    assert to_python(tree)({Leaf(INTEGER, "row", ("k",)): 1}) is True
    assert to_python(tree)({}) is None


ATTACKS = ["__import__('os')", "'; raise", "\\", "\n", "{0}", "{}", "row[0]", "c0", '"""', "%s"]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_literal_is_ever_written_into_the_source(text):
    tree = meaning("name = '" + text.replace("'", "''") + "' or name in ('a', '" + text.replace("'", "''") + "')")
    writer = Writer(reads_of(tree), {}, {})
    source = writer.module(writer.written(tree).value)
    plain = Writer(reads_of(tree), {}, {})
    assert source == plain.module(plain.written(meaning("name = 'x' or name in ('a', 'x')")).value)
    assert Closure(tree).is_true([text])


def test_the_code_reaches_nothing_but_its_operators():
    closure = Closure(meaning("lower(name) like 'a%' and round(amount * 15%, 2) > 1"))
    names = closure.value.__globals__
    assert names["__builtins__"] == {}
    assert {name for name in names if name not in ("__builtins__", "answer")} == {f"c{at}" for at in range(7)}


def test_a_sum_over_rows_has_no_value_on_one():
    with pytest.raises(TypeError):
        _ = Closure(Aggregate(INTEGER, "count", None)).value
