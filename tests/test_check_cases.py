"""Golden messages: a mistake written into a sound pack gives exactly these lines, in both languages."""

import inspect
import re
import shutil
from pathlib import Path

import pytest
import yaml

from salesrules.check import CHECKS, facts
from salesrules.issue import catalogue
from salesrules.load import load

HERE = Path(__file__).parent
BASE = HERE / "packs" / "everything"
CASES = [
    (path.stem, case)
    for path in sorted((HERE / "cases" / "check").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def _named(case):
    section, content = case
    return f"{section}: {content['write'] or 'without ' + content['for']}".replace("\n", " ")


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_mistake_is_told_as_expected(case, tmp_path):
    _, content = case
    root = tmp_path / "workspace"
    shutil.copytree(BASE, root)
    path = root / content["in"]
    text = path.read_text(encoding="utf-8")
    assert content["for"] in text
    path.write_text(text.replace(content["for"], content["write"], 1), encoding="utf-8")
    pack, issues = load(root / "rules" / "everything", root / "policies" / "everything", root)
    issues = issues or facts(pack)
    for lang in ("en", "zh"):
        assert [issue.line(lang) for issue in issues] == content[lang]


def test_every_code_that_a_fact_can_raise_has_a_case():
    sources = {Path(inspect.getfile(fact)) for fact in CHECKS}
    raised = {code for path in sources for code in re.findall(r'"(\w+\.\w+)"', path.read_text(encoding="utf-8"))}
    raised |= {code for code in catalogue() if code.startswith("value.")}
    shown = {line.split(": ")[1] for _, case in CASES for line in case["en"]}
    assert (raised & set(catalogue())) - shown == set()
    assert {code for code in raised if "." in code and code not in catalogue()} == set()


def test_what_may_be_on_purpose_is_a_warning():
    warnings = {code for code, texts in catalogue().items() if texts.get("severity") == "warning"}
    assert warnings >= {
        "category.no_fields",
        "dimension.some_match_nothing",
        "role.no_scope",
        "stage.no_lifecycle",
        "target.none_primary",
        "target.several_primary",
    }
