"""What people read of an answer: labels of groups, words for yes and no, one record and several."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesrules.issue import say
from salesrules.load import load
from salesrules.phrases import answer_texts, cell_text
from salesrules.run.answer import Answer, Mark
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("value", "lang", "text"),
    [
        (True, "en", "yes"),
        (False, "en", "no"),
        (True, "zh", "是"),
        (False, "zh", "否"),
        (1, "en", "1"),
        (None, "en", ""),
        (Mark.HIDDEN, "zh", "不可见"),
    ],
)
def test_a_cell_in_words(value: object, lang: str, text: str) -> None:
    assert cell_text(value, lang) == text


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        ("en", [["Line A", "Signed", "yes", "42.0%", "7"], ["", "", "", "40.0%", "7"]]),
        ("zh", [["A 产品线", "签约成交", "是", "42.0%", "7"], ["", "", "", "40.0%", "7"]]),
    ],
)
def test_groups_of_a_figure_are_told_by_their_labels(lang: str, rows: list[list[str]]) -> None:
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    columns = ("product", "stage", "needs_confirmed", "win_rate", "rows")
    given = (("line_a", "won", True, Decimal("0.42"), 7), (None, None, None, Decimal("0.40"), 7))
    assert answer_texts(pack, Answer("opportunity", columns, given, 1, {}), lang) == rows


def test_a_list_shows_choices_as_a_filter_names_them() -> None:
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    answer = Answer("opportunity", ("product", "stage"), (("line_a", "won"),), 1, {})
    assert answer_texts(pack, answer, "en") == [["line_a", "won"]]


@pytest.mark.parametrize(
    ("count", "text"), [("1", "wrote 1 row to x"), ("0", "wrote 0 rows to x"), ("11", "wrote 11 rows to x")]
)
def test_one_is_not_told_as_several(count: str, text: str) -> None:
    assert say("export.written", rows=count, file="x") == text
