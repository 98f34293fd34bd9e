"""The issues that the analysis leads to, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from salesrules.check import check
from salesrules.check.analysis import Placed, exclusive_issues, rule_issues, table_issues
from salesrules.check.space import space_of
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.regions.tables import Row
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.issue import Issue, Span
from salesrules.load import load
from tests.regions_by_hand import SPACE, VOCABULARY, condition

HERE = Span("rules/acme/assignment.yaml", 9, 3, 9, 12)


def placed(*texts: str, first_line: int = 12) -> list[Placed]:
    return [
        Placed(f"r{at}", Span(HERE.file, first_line + 10 * at, 7), condition(text)) for at, text in enumerate(texts)
    ]


def lines(issues: Sequence[Issue], lang: str = "en") -> list[str]:
    return [f"{issue.severity} {issue.line(lang)}" for issue in issues]


def test_what_is_said_of_an_assignment() -> None:
    rules = placed("within(r, 'east')", "n >= 2", "r = 'hangzhou' or n = 7", "n > 3 and n < 4")
    issues = list(rule_issues("assignment", "new_leads", HERE, rules, SPACE))
    assert lines(issues) == [
        "warning rules/acme/assignment.yaml:32:7: assignment.unreachable: rule `r2` can never match:"
        " its records all go to `r0` (12:7), `r1` (22:7) first",
        "warning rules/acme/assignment.yaml:42:7: assignment.never_true: rule `r3` can never match:"
        " no record fulfils its condition",
        "warning rules/acme/assignment.yaml:9:3: assignment.gap: some records match no rule of `new_leads`,"
        " for example {r: west, n: 0}; they go to `otherwise`",
    ]
    assert lines(issues, "zh")[0] == (
        "warning rules/acme/assignment.yaml:32:7: assignment.unreachable: 规则 `r2` 永远轮不到："
        "它的记录都已被前面的 `r0` (12:7)、`r1` (22:7) 拿走"
    )
    assert lines(issues, "zh")[2] == (
        "warning rules/acme/assignment.yaml:9:3: assignment.gap: `new_leads` 里有些情况没有规则覆盖，"
        "例如 {r: west, n: 0}；这些记录走兜底 `otherwise`"
    )


def test_rules_that_ask_nothing_stand_behind_the_first() -> None:
    rules = placed("true", "true")
    assert lines(list(rule_issues("assignment", "new_leads", HERE, rules[:1], SPACE))) == []
    assert lines(list(rule_issues("assignment", "new_leads", HERE, rules, SPACE))) == [
        "warning rules/acme/assignment.yaml:22:7: assignment.unreachable: rule `r1` can never match:"
        " its records all go to `r0` (12:7) first"
    ]


def test_what_is_said_of_a_classification() -> None:
    rules = placed("n >= 2", "n < 2 and t = 'a'")
    assert lines(list(rule_issues("classify", "segment", HERE, rules, SPACE))) == [
        "warning rules/acme/assignment.yaml:9:3: classify.gap: some records get no member of `segment`,"
        " for example {n: 0, t: other}, {n: null}"
    ]


def test_what_cannot_be_proved_is_said_once_with_its_terms() -> None:
    rules = placed("within(r, post.region)", "n > k", "n + k > 2")
    assert lines(list(rule_issues("assignment", "new_leads", HERE, rules, SPACE))) == [
        "warning rules/acme/assignment.yaml:9:3: assignment.gap: some records match no rule of `new_leads`,"
        " for example {r: null, n: null}, {r: null, k: null}, {post.region: null, n: null}, … (4);"
        " they go to `otherwise`",
        "warning rules/acme/assignment.yaml:9:3: analysis.not_provable: `new_leads` cannot be proved free of gaps,"
        " overlaps and unreachable rules: that hangs on `within(r, post.region)`, `k < n`, `n + k > 2`",
    ]


def test_what_is_said_of_conditions_declared_exclusive() -> None:
    assert lines(list(exclusive_issues("slice", "halves", HERE, placed("n < 2", "n >= 2 and b"), SPACE))) == []
    assert lines(list(exclusive_issues("slice", "halves", HERE, placed("n <= 2", "n >= 2 and b"), SPACE))) == [
        "error rules/acme/assignment.yaml:22:7: slice.not_exclusive: `r0` and `r1` are declared exclusive but"
        " share records, for example {n: 2, b: true} (the other one: rules/acme/assignment.yaml:12:7)"
    ]


def test_what_is_said_of_a_value_table() -> None:
    keys = {"region": VOCABULARY.post["region"]}
    file = "rules/acme/tables/hold_max.csv"
    rows = [(Row(str(line), (key,)), Span(file, line)) for line, key in ((2, "east"), (3, "shanghai"), (4, "east"))]
    assert lines(list(table_issues("hold_max", HERE, keys, rows, SPACE))) == [
        "error rules/acme/tables/hold_max.csv:4:1: table.tie: table `hold_max` has two rows for {region: east},"
        " neither more specific than the other (the other one: rules/acme/tables/hold_max.csv:2:1)",
        "warning rules/acme/assignment.yaml:9:3: table.hole: table `hold_max` has no row for some keys and gives no"
        " value for them, for example {region: west}; a row with `*` gives one",
    ]
    assert lines(list(table_issues("hold_max", HERE, keys, [], SPACE)), "zh") == [
        "warning rules/acme/assignment.yaml:9:3: table.empty: 参数表 `hold_max` 一行也没有，查不到任何值"
    ]


def test_the_space_of_a_shipped_pack() -> None:
    root = Path(__file__).parents[1]
    pack, _ = load(root / "rules/adventureworks", root / "policies/adventureworks", root)
    assert pack is not None
    meanings, _ = check(pack)
    space = space_of(pack, meanings.vocabulary, "order_line")
    assert space.trees["channel"].order == ("specialty_bike_shop", "value_added_reseller", "warehouse")
    assert "region" not in space.trees
    scope = Scope(meanings.vocabulary, "order_line")
    rules = []
    for text in ("customer.channel = 'warehouse' and quantity > 10", "customer.id = 'c1'", "customer is null"):
        tree, issues = resolve(Expression(text, HERE), scope, BOOLEAN)
        assert tree is not None, issues
        rules.append(Placed(text, HERE, tree))
    assert lines(list(exclusive_issues("slice", "orders", HERE, [rules[0], rules[2]], space))) == []
    assert lines(list(exclusive_issues("slice", "orders", HERE, [rules[1], rules[2]], space))) == []
    assert [issue.words["example"] for issue in exclusive_issues("slice", "orders", HERE, rules[:2], space)] == [
        "{customer.channel: warehouse, quantity: 11, customer: c1}"
    ]
