"""Issues as text with carets, as JSON and as SARIF."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from salesrules import report
from salesrules.issue import Issue, Span, Term

SOURCE = "pack: standard\nlabel: {en: 中文标签, zh: 未知}\n\tx: y\n" + "a: " + "b" * 300 + "!\n"


def shown(span: Span, code: str = "yaml.empty") -> list[str]:
    return report.text([Issue(code, span)], lambda _: SOURCE).split("\n")


def test_a_caret_stands_under_the_place() -> None:
    assert shown(Span("f", 1, 7, 1, 15)) == [
        "f:1:7: yaml.empty: the file says nothing",
        "    1 | pack: standard",
        "              ^^^^^^^^",
    ]


def test_wide_characters_take_two_columns() -> None:
    assert shown(Span("f", 2, 19, 2, 21))[1:] == [
        "    2 | label: {en: 中文标签, zh: 未知}",
        "                              ^^",
    ]
    assert shown(Span("f", 2, 23, 2, 25))[2] == " " * (8 + 26) + "^^^^"


def test_tabs_and_long_lines_keep_the_caret_in_place() -> None:
    assert shown(Span("f", 3, 2, 3, 3))[1:] == ["    3 |  x: y", "         ^"]
    _, line, carets = shown(Span("f", 4, 304, 4, 305))
    assert line[carets.index("^")] == "!"
    assert len(line) < 200


def test_a_place_over_several_lines_or_beyond_the_file() -> None:
    assert shown(Span("f", 1, 7, 3, 1))[2] == "              ^^^^^^^^"
    assert shown(Span("f", 99, 1, 99, 2)) == ["f:99:1: yaml.empty: the file says nothing"]
    assert report.text([Issue("yaml.empty", Span("f"))], lambda _: None) == "f:1:1: yaml.empty: the file says nothing"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ('url = "postgresql://ann:s3cr:t@db/crm"', 'url = "postgresql://ann:******@db/crm"'),
        ("url = 'mssql://db/crm?Password=s3cret&driver=x'", "url = 'mssql://db/crm?Password=******&driver=x'"),
        ('url = "env:CRM_URL"', 'url = "env:CRM_URL"'),
    ],
)
def test_a_password_is_no_part_of_what_is_shown(line: str, seen: str) -> None:
    issue = Issue("workspace.password", Span("salesrules.toml", 1, 7, 1, len(line) + 1))
    _, shown, carets = report.text([issue], lambda _: line).splitlines()
    assert shown == f"    1 | {seen}"
    assert carets == " " * 14 + "^" * (len(line) - 6)


def test_the_summary_counts_in_both_languages() -> None:
    issues = [Issue("yaml.empty", Span("f")), Issue("yaml.empty", Span("g"))]
    assert report.summary(issues, 11, 0.084) == "2 errors, 0 warnings in 11 files (84 ms)"
    assert report.summary(issues[:1], 1, 1.5) == "1 error, 0 warnings in 1 file (1,500 ms)"
    assert report.summary(issues, 11, 0.084, "zh") == "11 个文件，2 个错误，0 个警告（84 毫秒）"


def test_json_names_both_places() -> None:
    issue = Issue("yaml.duplicate_key", Span("f", 3, 1, 3, 3), {"name": "en"}, other=Span("f", 1, 1, 1, 3))
    [entry] = json.loads(report.json([issue], "zh"))
    assert entry == {
        "code": "yaml.duplicate_key",
        "severity": "error",
        "file": "f",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 3,
        "text": "键 `en` 写了两次（另一处：f:1:1）",
        "near": None,
        "other": {"file": "f", "line": 1, "column": 1, "end_line": 1, "end_column": 3},
    }


def test_sarif_has_rules_places_and_encoded_paths() -> None:
    issue = Issue("yaml.duplicate_key", Span("rules/a b/角色.yaml", 3, 1, 3, 3), {"name": "en"}, other=Span("g"))
    log = json.loads(report.sarif([issue, Issue("yaml.empty", Span("g"))]))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["yaml.duplicate_key", "yaml.empty"]
    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].isascii()
    assert unquote(place["artifactLocation"]["uri"]) == "rules/a b/角色.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 3}
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "g"
    assert "relatedLocations" not in second


def test_words_cannot_break_out_of_their_sentence() -> None:
    issue = Issue("yaml.unknown_key", Span("f"), {"name": "{rep}\n{0}\u202e" + "x" * 1000}, near="{y}")
    text = issue.text()
    assert text.startswith("unknown key `{rep} {0} xxx")
    assert text.endswith("…`; did you mean `{y}`?")
    assert len(text) < 600
    assert Issue("yaml.wrong_shape", Span("f"), {"found": "`1`", "wanted": Term("shape.list")}).text("zh") == (
        "这里应该是列表，写的却是`1`"
    )
