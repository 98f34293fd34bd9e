"""expr.csv: formulas, rows and the answers that people worked out, asked of the closure and the reference."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from expr_world import FIELDS, meaning
from reference import value

from salesrules.expr.python import to_python
from salesrules.expr.typed import Leaf

LINES = list(csv.DictReader(Path(__file__).with_name("expr.csv").open(encoding="utf-8"), delimiter=";"))
READ = {
    "integer": int,
    "date": date.fromisoformat,
    "boolean": lambda text: text == "true",
    **dict.fromkeys(("decimal", "money", "percent"), Decimal),
    **dict.fromkeys(("ratio", "amount", "double"), float),
}


def read(text, kind):
    return None if text == "null" else READ.get(kind, str)(text)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['formula']} | {line['row']}")
def test_the_answer_is_as_worked_out(line):
    tree = meaning(line["formula"])
    pairs = [pair.split("=", 1) for pair in line["row"].split(",")] if line["row"] else []
    row = {Leaf(FIELDS[name], "row", (name,)): read(text, FIELDS[name].name) for name, text in pairs}
    expected = read(line["answer"], line["type"].split()[0])
    assert str(tree.kind) == line["type"]
    assert to_python(tree)(row) == expected
    assert value(tree, row) == expected
