"""A hidden field that follows from readable ones is told, with the role and the lines that open these."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from tests.tiny_company import make

HEADER = "effect,role,action,object,category,slice,from,to,note\n"
FIELDS = """\
      net:   {type: money, category: basics}
      fee:   {type: money, category: deal}
      gross: {type: money, category: contact}
"""
TOLD = [
    "allow,rep,read,customer,basics,mine,,,\nallow,rep,read,customer,deal,mine,,,\n",
    "allow,rep,read,customer,basics,all,,,\nallow,manager,read,customer,deal,mine,,,\n",
]
SILENT = [
    "allow,rep,read,customer,*,mine,,,\n",  # the hidden one is open too
    "allow,rep,read,customer,basics,all,,,\n",  # one source is missing
    "allow,rep,read,customer,basics,mine,,,\nallow,rep,read,customer,deal,my_patch,,,\n",  # perhaps on no record both
    "allow,auditor,read,customer,basics,all,,,\nallow,rep,read,customer,deal,all,,,\n",  # two roles
    "allow,rep,export,customer,basics,all,,,\nallow,rep,export,customer,deal,all,,,\n",  # another action
]


def told(folder: Path, grants: str, formula: str = "net + fee") -> list[tuple[str, int, str]]:
    root = make(folder)
    entities = root / "rules/tiny/entities.yaml"
    text = entities.read_text(encoding="utf-8")
    phone = next(line for line in text.splitlines(keepends=True) if "phone:" in line)
    entities.write_text(text.replace(phone, f"{phone}{FIELDS}    derives: {{gross: {formula}}}\n"), encoding="utf-8")
    (root / "policies/tiny/grants.csv").write_text(HEADER + grants, encoding="utf-8")
    issues = read_program(read_settings(root)).issues
    return [(i.words["role"], i.span.line, i.words["lines"]) for i in issues if i.code == "entity.derived_shows"]


@pytest.mark.parametrize(("grants", "role"), list(zip(TOLD, ["rep", "manager"], strict=True)))
def test_what_follows_from_open_fields_is_told(tmp_path: Path, grants: str, role: str) -> None:
    ((found, line, lines),) = told(tmp_path, grants)
    assert (found, line) == (role, 21)
    assert lines.split("\x1f") == [f"policies/tiny/grants.csv:{line}:1" for line in (2, 3)]


@pytest.mark.parametrize("grants", SILENT)
def test_nothing_is_told_where_it_does_not_follow(tmp_path: Path, grants: str) -> None:
    assert told(tmp_path, grants) == []


@pytest.mark.parametrize("formula", ["net + gross", "owner.id"])
def test_a_source_that_is_hidden_too_or_of_another_record_tells_nothing(tmp_path: Path, formula: str) -> None:
    assert told(tmp_path, TOLD[0], formula) == []
