"""The packs over real rows: nothing in them is wrong, unlabelled or untested, and doctor tells what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.check import check
from salesrules.cli import main
from salesrules.load import load
from salesrules.load.layout import layout
from salesrules.packtest import run_tests
from tests.conftest import ROOT, SHARED

PACKS = ["adventureworks", "northwind"]
WORKSPACES = {"adventureworks": ROOT, "northwind": ROOT / "tests/workspaces/northwind"}


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_wrong_or_doubtful(name: str) -> None:
    pack, issues = load(ROOT / "rules" / name, ROOT / "policies" / name, ROOT)
    assert pack is not None
    assert [issue.line() for issue in (*issues, *check(pack)[1])] == []


@pytest.mark.parametrize("name", PACKS)
def test_every_field_has_a_label_and_every_kpi_a_note_in_both_languages(name: str) -> None:
    pack, _ = load(ROOT / "rules" / name, ROOT / "policies" / name, ROOT)
    assert pack is not None
    fields = [(entity.id, field) for entity in pack.entities.values() for field in entity.fields.values()]
    bare = [f"{entity}.{field.id}" for entity, field in fields if field.label is None and field.dimension is None]
    assert bare == []  # a member is called by the label of its dimension
    notes = {kpi.id: kpi.note for kpi in pack.kpis.values()}
    assert [id for id, note in notes.items() if note is None or note.en == note.zh] == []


@pytest.mark.parametrize("name", PACKS)
def test_the_tests_beside_the_rules_hold_and_lean_on_every_grant(name: str) -> None:
    report = run_tests(ROOT, name, "", True, lambda done, of: None)
    assert [out.failures for file in report.files for out in file.outcomes if out.failures] == []
    assert [grant for grant in report.grants if grant not in report.covered] == []
    assert [(m.grant.span.line, m.change) for m in report.mutants if not m.noticed] == []


@pytest.mark.parametrize("name", PACKS)
def test_the_layout_is_the_one_of_format(name: str) -> None:
    paths = [path for part in ("rules", "policies") for path in sorted((ROOT / part / name).rglob("*.yaml"))]
    assert len(paths) >= 6
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert layout(text, path.name) == (text, [])


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_doctor_and_validate_find_nothing_left_out(
    name: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip(f"the real rows are not there: {SHARED / name}")
    monkeypatch.setenv("SALESRULES_CACHE", str(tmp_path))
    for verb in ("validate", "doctor"):
        words = [verb, "--workspace", str(WORKSPACES[name]), "--pack", name, "--lang", lang]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        assert {"en": "left out", "zh": "没有读入"}[lang] not in result.output.lower()
    assert len(result.output.splitlines()) >= 14
