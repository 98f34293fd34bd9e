"""cases/expr/issues.yaml: what the checker says about each mistake, where, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from salesrules.expr.kinds import BOOLEAN, PERCENT
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.issue import Span, catalogue
from tests.expr_world import BARE, CREDIT, GOAL, HANDOVER, KPI, ROW

CASES = yaml.safe_load((Path(__file__).parent / "cases/expr/issues.yaml").read_text(encoding="utf-8"))


PLACES = {
    "row": (ROW, BOOLEAN),
    "slice": (replace(ROW, bound=frozenset({"region"})), BOOLEAN),
    "without a calendar": (BARE, BOOLEAN),
    "kpi": (KPI, None),
    "credit": (CREDIT, None),
    "handover": (HANDOVER, BOOLEAN),
    "goal": (GOAL, PERCENT),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: next(iter(case.values())))
def test_a_mistake_is_named_where_it_stands(case):
    ((place, text),) = ((key, case[key]) for key in PLACES if key in case)
    expression = Expression(text, Span("kpis.yaml", 7, 15, 7, 15 + len(text)))
    scope, wanted = PLACES[place]
    tree, issues = resolve(expression, scope, wanted)
    assert [issue.code for issue in issues] == [case["code"]]
    (issue,) = issues
    assert (tree is None) == (issue.severity == "error")
    assert text[issue.span.column - 15 : issue.span.end_column - 15] == case["marks"]
    assert (issue.span.line, issue.text("en"), issue.text("zh")) == (7, case["en"], case["zh"])


LIMITS = {"expr.too_long", "expr.too_deep", "expr.too_many_parts", "expr.number_too_long"}  # in test_expr_limits
NOT_A_MISTAKE_HERE = {"expr.unknown_state_field", "expr.unexpected"}


def test_every_message_of_the_language_is_shown_by_a_case():
    shown = {case["code"] for case in CASES}
    said = {code for code in catalogue() if code.startswith("expr.")}
    assert said - shown - LIMITS - NOT_A_MISTAKE_HERE == set()


def test_all_mistakes_come_at_once():
    text = "amout > 3 and region = 'esat' and discount > 15"
    _, issues = resolve(Expression(text, Span("f", 1, 1, 1, len(text) + 1)), ROW)
    assert [issue.code for issue in issues] == ["expr.unknown_field", "expr.unknown_member", "expr.bare_percent"]
