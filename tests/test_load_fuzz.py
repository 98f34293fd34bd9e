"""Whatever stands in a file, reading it ends, and ends with data or issues whose places lie in the file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesrules import report
from salesrules.expr.parse import parse
from salesrules.expr.syntax import Expression
from salesrules.issue import Issue, in_order
from salesrules.load.grants import HEADER, read_grants
from salesrules.load.origin import origin_of
from salesrules.load.places import Value
from salesrules.load.schema import KINDS, kind_named_in
from salesrules.load.text import decode
from salesrules.load.validate import validate
from salesrules.load.yaml_data import read
from tests.conftest import ROOT

PACK_FILES = sorted(ROOT.glob("rules/*/*.yaml")) + sorted(ROOT.glob("policies/*/*.yaml"))
SIGNS = "abz019 \n\n  \t\r:,-#'\"[]{}()&*!|>%@`?\\$.，：“”、‘’（）\u3000\u00a0\ufeff\x00\u2028𝄞é区<=~_"
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(SIGNS, max_size=200),
    st.lists(
        st.sampled_from(
            [
                "a: ",
                "- ",
                "  ",
                "\n",
                "{",
                "}",
                "[",
                "]",
                ", ",
                "f(b, c)",
                "'x'",
                '"y',
                "“z”",
                " #",
                "：",
                "，",
                "&b ",
                "*b",
            ]
        ),
        max_size=60,
    ).map("".join),
)


def all_is_well_placed(issues: list[Issue], text: str) -> None:
    count = text.count("\n") + text.count("\r") + 1
    for issue in in_order(issues):
        span = issue.span
        assert 1 <= span.line <= count
        assert span.column >= 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        for lang in ("en", "zh"):
            assert "\n" not in issue.line(lang)
    report.text(issues, lambda _: text)
    report.json(issues)
    report.sarif(issues)


def everything_is_read(value: Value) -> None:
    data = value.data
    if isinstance(data, dict):
        for _, part in value.entries():
            everything_is_read(part)
    elif isinstance(data, list):
        for part in value.items():
            everything_is_read(part)
    else:
        expression = Expression(value.text, value.span, value.written.quote, origin_of(value.written))
        _, issues = parse(expression)
        assert all(issue.span.line >= value.span.line for issue in issues)


@given(TEXTS, st.sampled_from(sorted(KINDS)))
@example("a: [\u2028", "pack")
@example("'", "pack")
@example('a: "', "roles")
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_explained(text: str, kind: str) -> None:
    value, issues = read(text, "f")
    assert value is not None or issues
    if value is not None:
        issues = [*issues, *validate(value, kind)]
        everything_is_read(value)
    all_is_well_placed(issues, text)


@st.composite
def mutated(draw: Any) -> tuple[str, str]:
    """A file of a shipped pack with a few stretches taken out, doubled or replaced."""
    path = draw(st.sampled_from(PACK_FILES))
    text = path.read_text(encoding="utf-8")
    kind = str(kind_named_in(text.partition("\n")[0]))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = (
            text[:start]
            + draw(st.one_of(st.just(""), st.text(SIGNS, max_size=4), st.just(text[start:end] * 2)))
            + text[end:]
        )
    return kind, text


@given(mutated())
@settings(max_examples=200, deadline=None)
def test_mutated_packs_are_read_or_explained(case: tuple[str, str]) -> None:
    kind, text = case
    value, issues = read(text, "f")
    assert value is not None or issues
    if value is not None:
        issues = [*issues, *validate(value, kind)]
        everything_is_read(value)
    all_is_well_placed(issues, text)


@given(st.one_of(TEXTS, TEXTS.map(lambda text: ",".join(HEADER) + "\n" + text.replace(" ", ","))))
@settings(max_examples=300, deadline=None)
def test_any_grants_are_read_or_explained(text: str) -> None:
    grants, issues = read_grants(text, "f")
    assert grants or issues or not text.split("\n", 1)[1].strip(' ,\n\r\t\u3000\u00a0"') or "#" in text
    all_is_well_placed(issues, text)


@given(st.binary(max_size=100))
def test_any_bytes_are_decoded_or_explained(content: bytes) -> None:
    text, issue = decode(content, "f")
    assert issue is not None or text.encode() in (content, content.removeprefix(b"\xef\xbb\xbf"))


LONG = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "an open call": "a: {b: f(" + "x, " * 50_000,
    "parentheses": "(" * 300_000,
    "curly quotes": "“" * 300_000,
    "apostrophes": "a: '" * 50_000,
    "quotes": '"' * 100_001,
    "dashes": "- " * 100_000,
    "question marks": "? " * 50_000,
    "items": "- f(a, b)\n" * 20_000,
    "lost colons": "x：y\n" * 20_000,
    "one key": "a: b\n\n" * 20_000,
    "a block": "a: |\n" + "  x\n" * 100_000,
    "cut calls": "{" + "".join(f"a{n}: f(b, c), " for n in range(20_000)) + "}",
    "cut maps": "- {a: f(b, c), b: g(b, c)}\n" * 20_000,
    "cut words": "{" + "a: b, c, " * 5_000 + "}",
    "keys alone": "{a: b" + "".join(f", c{n}" for n in range(20_000)) + "}",
    "comment signs": "{a: b" + " #" * 100_000 + "\nb: c",
    "spaces before a sign": "a" + " " * 200_000 + "@: b: c",
    "spaces above a quote": "- a" + " " * 200_000 + "b\n- 'c' d\n",
    "escapes": "{a: b " + '"' + '\\"' * 100_000 + ": c: d}",
    "calls in calls": "[" + "f(a, " * 20_000 + "]",
}


@pytest.mark.parametrize("name", LONG)
def test_long_files_of_one_kind_end(name: str) -> None:
    """Each would take minutes if a step looked at all that came before it."""
    value, issues = read(LONG[name], "f")
    assert value is not None or issues
    assert report.text(issues, lambda _: LONG[name]).count("\n") >= len(issues) - 1


@pytest.mark.parametrize("text", ["b" + " " * 200_000 + "\n c", "b\n c" * 50_000, "b '' \n" * 50_000])
def test_long_expressions_are_placed_in_time(text: str) -> None:
    for lead in ("a: ", "a: '", "a: >\n "):
        value, _ = read(lead + text.replace("\n", "\n ") + ("'" if lead.endswith("'") else ""), "f")
        if value is not None:
            assert origin_of(value.data.values_at["a"])
