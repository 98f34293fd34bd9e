"""Where values and the parts of expressions stand in their files, whatever quotes and folds lie between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.load import load
from salesrules.load.origin import origin_of
from salesrules.load.places import Value
from salesrules.load.text import decode, read_text
from salesrules.load.yaml_data import read
from tests.conftest import ROOT


def expression(text: str) -> Expression:
    value, issues = read(text, "f")
    assert not issues
    assert value is not None
    at = value.get("when")
    assert at is not None
    return Expression(at.text, at.span, at.written.quote, origin_of(at.written))


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("when: amount > x", "x", "f:1:16"),
        ("when: 'amount > x'", "x", "f:1:17"),
        ("when: 'name = ''it'' and x'", "x", "f:1:26"),
        ('when: "a \\"b\\" \\u4e2d x"', "x", "f:1:23"),
        ("when: amount > 5\n  and\n\n  x", "x", "f:4:3"),
        ("when: 'amount > 5\n  and (x)'", "x", "f:2:8"),
        ("when: >\n  amount > 5\n  and x\n", "x", "f:3:7"),
        ("when: >-  # why\n\n    amount > 5\n      and x\n", "x", "f:4:11"),
        ("when: |\n  amount > 5\n  and x\n", "x", "f:3:7"),
        ("when: |2\n    amount > 5\n   and x\n", "x", "f:3:8"),
        ("when: 区域 = x", "x", "f:1:12"),
        ("a: 1\r\nwhen: >\r\n  b\r\n  x\r\n", "x", "f:4:3"),
        ("{a: [1], when: b\n or x}", "x", "f:2:5"),
        ('when: "b \\\n   or x"', "x", "f:2:7"),
    ],
)
def test_a_part_of_an_expression_has_its_exact_place(text: str, word: str, place: str) -> None:
    found = expression(text)
    offset = found.text.index(word)
    span = found.at(offset, offset + len(word))
    assert str(span) == place
    line = text.replace("\r\n", "\n").split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == word


def test_a_part_over_two_lines_ends_on_the_second() -> None:
    assert expression("when: a >\n  5").at(0, 5) == Span("f", 1, 7, 2, 4)


WORDS = st.text("ab'\"\\ \n中(:#", min_size=1, max_size=30)


@given(WORDS, st.sampled_from(["'", '"', "|", ">"]), st.integers(10, 40))
def test_every_character_is_found_where_it_stands(text: str, style: str, width: int) -> None:
    dumped = yaml.dump({"when": text}, default_style=style, width=width, allow_unicode=True)
    value, issues = read(dumped, "f")
    assert value is not None, issues
    at = Value(next(iter(value.data.values())), next(iter(value.data.values_at.values())))
    assert at.text == text
    lines = dumped.split("\n")
    found = Expression(at.text, at.span, at.written.quote, origin_of(at.written))
    for offset, character in enumerate(text):
        if character not in " \n":
            span = found.at(offset, offset + 1)
            stands = lines[span.line - 1][span.column - 1]
            assert stands == character or (stands == "\\" and at.written.quote == '"')


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "huge.yaml").touch()
    with (tmp_path / "huge.yaml").open("r+b") as huge:
        huge.truncate(200_000_000)
    (tmp_path / "folder.yaml").mkdir()
    found = {path.name: read_text(path, path.name)[1] for path in tmp_path.iterdir()}
    found["gone"] = read_text(tmp_path / "gone.yaml", "gone.yaml")[1]
    assert {name: issue.line() if issue else None for name, issue in found.items()} == {
        "huge.yaml": "huge.yaml:1:1: file.too_large: the size is 200,000,000, over the limit of 20,000,000: "
        "split the file",
        "folder.yaml": "folder.yaml:1:1: file.not_a_file: this is not a plain file",
        "gone": "gone.yaml:1:1: file.unreadable: the file cannot be read: No such file or directory",
    }


@pytest.mark.parametrize(
    ("content", "text", "issue"),
    [
        (b"\xef\xbb\xbfpack: p", "pack: p", None),
        ("区域".encode(), "区域", None),
        ("label:\n  zh: 区域".encode("gb18030"), "", "f:2:7: file.in_encoding: the file seems to be in GB18030"),
        ("pack: p".encode("utf-16"), "", "f:1:1: file.in_encoding: the file seems to be in UTF-16"),
        (b"caf\xe9: \xff", "", "f:1:4: file.not_utf8: the file is not UTF-8 text from here on"),
    ],
)
def test_bytes_that_are_no_utf_8(content: bytes, text: str, issue: str | None) -> None:
    found, problem = decode(content, "f")
    assert found == text
    assert (problem.line() if problem else "").startswith(issue or "")
    assert (problem is None) == (issue is None)


def test_all_files_speak_at_once_in_order(tmp_path: Path) -> None:
    rules, policies = tmp_path / "rules", tmp_path / "policies"
    rules.mkdir()
    policies.mkdir()
    schema = "# yaml-language-server: $schema=../../salesrules/schema/{}.schema.json\n"
    (rules / "roles.yaml").write_text(schema.format("roles") + "roles:\n\trep: {}\n", encoding="utf-8")
    (rules / "kpis.yaml").write_text(schema.format("kpi") + "kpis: {a: f(b, c)}\n", encoding="utf-8")
    (rules / "pack.yaml").write_text("﻿" + schema.format("pack") + "pack: p\nversion: NO\n", encoding="utf-8")
    (policies / "grants.csv").write_bytes("角色".encode("gb18030"))
    pack, issues = load(rules, policies, tmp_path)
    assert pack is None
    assert [f"{issue.span}: {issue.code}" for issue in issues][:4] == [
        "policies/grants.csv:1:1: file.in_encoding",
        "rules/kpis.yaml:1:1: yaml.no_schema_line",
        "rules/kpis.yaml:2:11: yaml.comma_in_flow",
        "rules/pack.yaml:2:1: yaml.missing_key",
    ]
    assert f"{issues[-1].span}: {issues[-1].code}" == "rules/roles.yaml:3:1: yaml.tab"


def test_no_file_is_left_out_in_silence(tmp_path: Path) -> None:
    for name in (
        "rules/kpis.yml",
        "rules/Roles.YAML",
        "policies/Grants.csv",
        "rules/readme.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    _, issues = load(tmp_path / "rules", tmp_path / "policies", tmp_path)
    assert [issue.line() for issue in issues if issue.code == "file.misnamed"] == [
        "policies/Grants.csv:1:1: file.misnamed: a file of this name is not read: call it grants.csv",
        "rules/Roles.YAML:1:1: file.misnamed: a file of this name is not read: call it roles.yaml",
        "rules/kpis.yml:1:1: file.misnamed: a file of this name is not read: call it kpis.yaml",
    ]


def test_two_changes_of_one_name_are_an_issue_with_both_places(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(ROOT / "tests" / "packs" / "everything", root)
    changes = root / "rules" / "everything" / "changes"
    (changes / "the_same.yaml").write_bytes((changes / "split_east.yaml").read_bytes())
    pack, issues = load(root / "rules" / "everything", root / "policies" / "everything", root)
    assert pack is None
    assert [issue.line() for issue in issues] == [
        "rules/everything/changes/the_same.yaml:2:1: pack.twice: `split_east` is declared twice (the other one:"
        " rules/everything/changes/split_east.yaml:2:1)"
    ]
