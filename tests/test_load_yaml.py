"""What the loader says about YAML files, sentence by sentence, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from salesrules.issue import Issue, in_order
from salesrules.load.validate import validate
from salesrules.load.yaml_data import read

CASES = Path(__file__).parent / "cases" / "load"


def cases(*names: str) -> list[Any]:
    found = []
    for name in names:
        for case in yaml.safe_load((CASES / name).read_text(encoding="utf-8")):
            found.append(pytest.param(case, id=f"{name}: {case['title']}"))
    return found


def lines(issues: list[Issue], lang: str) -> list[str]:
    return [issue.line(lang).replace("f.yaml:", "") for issue in in_order(issues)]


@pytest.mark.parametrize("case", cases("cut_values.yaml", "signs.yaml", "punctuation.yaml", "structure.yaml"))
def test_what_is_said_about_yaml(case: dict[str, Any]) -> None:
    _, issues = read(case["text"], "f.yaml")
    assert lines(issues, "en") == case["en"]
    assert lines(issues, "zh") == case["zh"]


@pytest.mark.parametrize("case", cases("schema.yaml"))
def test_what_is_said_about_the_schema_of_a_file(case: dict[str, Any]) -> None:
    value, issues = read(case["text"], "f.yaml")
    assert value is not None
    issues += validate(value, case["kind"])
    assert lines(issues, "en") == case["en"]
    assert lines(issues, "zh") == case["zh"]


def test_scalars_keep_their_text_beside_their_value() -> None:
    text = "[NO, yes, 12:30, 0123, 12e4, 1.10, 50_000_000, 0x1F, 0o17, ~, null, true, 2026-01-01, .5, -1, '1', +1.0]"
    value, issues = read(text, "f")
    assert value is not None
    assert not issues
    assert [item.text for item in value.items()] == [word.strip().strip("'") for word in text[1:-1].split(",")]
    assert value.data == [
        *("NO", "yes", "12:30", 123, 120000.0, 1.1, "50_000_000", "0x1F", "0o17"),
        *(None, None, True, "2026-01-01", 0.5, -1, "1", 1.0),
    ]


def test_a_value_that_a_comma_cut_is_made_whole_for_later_checks() -> None:
    value, _ = read("{a: f(b, c), d: g(b, c), hold: 1,000, list: [f(x, y), z]}", "f")
    assert value is not None
    assert value.data == {"a": "f(b, c)", "d": "g(b, c)", "hold": 1000, "list": ["f(x, y)", "z"]}
    assert str(value.data.values_at["d"].span) == "f:1:17"


@pytest.mark.parametrize("opener", ["[", "{", "- ", "a: [", "? ", "{a: ", "[[],"])
def test_nesting_ends_at_a_limit(opener: str) -> None:
    value, issues = read(opener * 100_000, "f")
    assert value is None
    assert issues[-1].code in ("yaml.too_deep", "yaml.dash")


def test_size_and_number_of_values_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesrules.load.yaml_data.MAX_VALUES", 1000)
    assert read("[" + "1, " * 999 + "1]", "f")[1] == []
    value, issues = read("[" + "1, " * 1000 + "1]", "f")
    assert value is None
    assert [issue.code for issue in issues] == ["yaml.too_many_values"]
    value, issues = read("# " + "x" * 20_000_000, "f")
    assert value is None
    assert [issue.code for issue in issues] == ["file.too_large"]
