"""Places, names, labels and slices: what surrounds the meaning of an expression."""

import pytest
from expr_world import CNY, KPI, PERSON, ROOTS, ROW, VOCABULARY, meaning

from salesrules.expr.kinds import BOOLEAN, Kind
from salesrules.expr.parse import parse, via
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression, Name
from salesrules.expr.typed import Aggregate, Apply, Constant, Leaf, below, leaves
from salesrules.issue import Span


def test_a_mistake_is_found_where_its_part_of_the_value_stands():
    text = "vip and amout > 3"  # folded over two lines of the file
    expression = Expression(text, Span("f", 4, 9, 6, 20), ">", ((0, 5, 7), (4, 6, 7)))
    _, (issue,) = resolve(expression, ROW, BOOLEAN)
    assert (issue.span.line, issue.span.column, issue.span.end_line, issue.span.end_column) == (6, 11, 6, 16)


SAME = [
    ("amount >= 5000万", "amount >= 50_000_000"),
    ("amount >= 1.2亿", "amount >= 120000000"),
    ("（amount ＞＝ 3） and name ＝ ‘华东’", "(amount >= 3) and name = '华东'"),
    ("n in （1，2）", "n in (1, 2)"),
    ("金额 > 3", "amount > 3"),
    ("[回款额(含税)] > 3", "paid > 3"),
    ("[amount] > 3", "amount > 3"),
    ("region = '上海'", "region = 'shanghai'"),
    ("AMOUNT > 3 OR NOT vip", None),
    ("amount > 3 OR NOT vip", "amount > 3 or not vip"),
    ("e\u0301 = 'x'", None),
    ("name = 'e\u0301'", "name = '\u00e9'"),
    ("not n = 1 and vip", "(not (n = 1)) and vip"),
    ("n = 1 or n = 2 and vip", "n = 1 or (n = 2 and vip)"),
    ("n + 2 * k > -1", "(n + (2 * k)) > -1"),
    ("n - k - 1 > 0", "((n - k) - 1) > 0"),
    ("amount between 1 and 2 and vip", "(amount >= 1 and amount <= 2) and vip"),
    ("2 * 500 < amount", "1000 < amount"),
    ("stage > 'lead'", "stage in ('quote', 'won')"),
]


@pytest.mark.parametrize(("text", "other"), SAME, ids=[text for text, _ in SAME])
def test_two_ways_to_write_one_thing(text, other):
    if other is None:
        tree, issues = resolve(Expression(text, Span("f", 1, 1, 1, 30)), ROW)
        assert (tree, [issue.code for issue in issues]) == (None, ["expr.unknown_field"])
    else:
        assert meaning(text) == meaning(other)


def test_words_of_the_language_are_free_where_they_say_nothing():
    for word in ("filter", "where", "distinct", "date", "sum", "within"):
        node, issues = parse(Expression(f"{word} > 3", Span("f", 1, 1, 1, 30)))
        assert not issues
        assert node.operands[0].parts == (word,)


def test_a_slice_follows_a_reference():
    name = via(Expression("via opportunity", Span("f", 1, 1, 1, 16)))
    assert isinstance(name, Name)
    assert (name.parts, name.start, name.end) == (("opportunity",), 4, 15)
    assert via(Expression("opportunity = 1", Span("f", 1, 1, 1, 16))) is None
    moved = below(meaning("owner = user and count(team) > 0"), ("opportunity",))
    paths = {(leaf.root, leaf.path, leaf.part) for leaf in leaves(moved)}
    assert ("row", ("opportunity", "owner"), "value") in paths
    assert ("row", ("opportunity",), "many team") in paths
    assert ("user", (), "value") in paths


def test_a_slice_may_stand_in_another():
    inner = meaning("within(region, post.region)")
    scope = Scope(VOCABULARY, "deal", ROOTS, slices={"my_patch": inner})
    tree = meaning("slice(my_patch) and vip", scope)
    assert tree == Apply(BOOLEAN, "and", (inner, Leaf(BOOLEAN, "row", ("vip",))))


def test_members_that_come_from_a_table_are_not_checked_here():
    tree = meaning("post.role = 'anything'")
    assert tree.arguments[1] == Constant(Kind("member", "role"), "anything")


KPIS = [
    ("(signed - prior(signed)) / prior(signed)", Kind("ratio"), {"value", "prior"}),
    ("签约额 / target(signed) >= 80%", BOOLEAN, {"value", "target"}),
    ("attainment(signed)", Kind("ratio"), {"attainment"}),
    ("ytd(signed) - same_period_last_year(signed)", CNY, {"ytd", "same_period_last_year"}),
    ("rolling(signed, 3) / 3", Kind("amount", "CNY"), {"rolling 3"}),
    ("win_rate * 100%", Kind("ratio"), {"value"}),
]


@pytest.mark.parametrize(("text", "kind", "parts"), KPIS, ids=[text for text, *_ in KPIS])
def test_formulas_read_other_kpis_as_leaves(text, kind, parts):
    tree = meaning(text, KPI)
    assert tree.kind == kind
    assert {leaf.part for leaf in leaves(tree)} == parts
    assert {leaf.root for leaf in leaves(tree)} == {"kpi"}


def test_a_formula_may_mix_its_rows_with_other_kpis():
    tree = meaning("sum(amount) filter (where owner = 'li') / target(signed)", KPI)
    assert isinstance(tree.arguments[0], Aggregate)
    assert Leaf(PERSON, "row", ("owner",)) in leaves(tree)
