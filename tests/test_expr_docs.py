"""The two pages about the language: every example in a fence parses, types and gives what it says."""

import re
from pathlib import Path

import pytest

from salesrules.expr.calls import functions
from salesrules.expr.python import to_python
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf
from salesrules.issue import Span
from tests.expr_world import FIELDS, KPI, ROW, VOCABULARY, meaning
from tests.reference import value
from tests.test_expr_table import read
from tests.working_time import PRODUCT, WALKED

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"en": DOCS / "language.md", "zh": DOCS / "zh" / "language.md"}
FENCE = re.compile(r"^```(expr|kpi|mistake)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (lang, kind, line)
    for lang, page in PAGES.items()
    for kind, block in FENCE.findall(page.read_text(encoding="utf-8"))
    for line in block.splitlines()
]


def row_of(pairs):
    row = {}
    for pair in pairs.split(", ") if pairs else ():
        name, text = pair.split(" = ")
        (id,) = VOCABULARY.labels["deal"].get(name, (name,))
        row[Leaf(FIELDS[id], "row", (id,))] = read(text, FIELDS[id].name)
    return row


@pytest.mark.parametrize(("lang", "kind", "line"), EXAMPLES, ids=[f"{lang}: {line}" for lang, _, line in EXAMPLES])
def test_an_example_says_the_truth(lang, kind, line):
    text, *rest = (part.strip() for part in line.split(" | "))
    if kind == "mistake":
        _, (issue,) = resolve(Expression(text, Span("page", 1, 1, 1, 99)), ROW)
        assert issue.text(lang) == rest[0]
        return
    tree = meaning(text, KPI if kind == "kpi" else ROW)
    if rest:
        row = row_of(rest[0])
        expected = read(rest[1], tree.kind.name)
        assert to_python(tree, PRODUCT)(row) == value(tree, row, WALKED) == expected


@pytest.mark.parametrize("lang", PAGES)
def test_every_function_is_on_the_page(lang):
    page = PAGES[lang].read_text(encoding="utf-8")
    assert [
        name for name in functions() if not re.search(rf"\b{name}\b", page) and not name.startswith("fiscal_")
    ] == []


def test_both_pages_have_the_same_parts():
    shape = {
        lang: [
            line.split()[0] for line in page.read_text(encoding="utf-8").splitlines() if re.match("#|```|\\| `", line)
        ]
        for lang, page in PAGES.items()
    }
    assert shape["en"] == shape["zh"]
