"""The guide to PostgreSQL: its settings, run with just the rights that it grants, tell what the files tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from salesrules.demo import make
from salesrules.sources.rows.beside import tables_of
from salesrules.workspace import Workspace
from tests.conftest import ROOT
from tests.in_place import from_csv, new_schema

GUIDES = [ROOT / "docs/postgres.md", ROOT / "docs/zh/postgres.md"]
TABLES = {  # of the demo's files, and what the guide calls them and their columns
    "person": ("staff", {"id": "staff_no"}, {"left_on": "date"}),
    "customer": ("customers", {"id": "customer_no"}, {}),
    "opportunity": ("deals", {"id": "deal_no", "customer": "customer_no"}, {"amount": "numeric", "closes_on": "date"}),
}


def blocks(guide: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", guide.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def crm(postgres: Any) -> Any:
    """A database in which nobody may do anything unless it is granted."""
    postgres.execute("DROP DATABASE IF EXISTS crm WITH (FORCE)")
    postgres.execute("DROP ROLE IF EXISTS salesrules")
    postgres.execute("CREATE DATABASE crm")
    postgres.execute("REVOKE ALL ON DATABASE crm FROM PUBLIC")
    with psycopg.connect(f"postgresql://postgres@/crm?host={postgres.info.host}", autocommit=True) as connection:
        yield connection
    postgres.execute("DROP DATABASE crm WITH (FORCE)")
    postgres.execute("DROP ROLE salesrules")


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "zh"])
def test_the_guide_runs(guide: Path, crm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(tmp_path)
    files = Workspace.open(tmp_path)
    new_schema(crm, "sales")
    others = [entity for entity in tables_of(files.pack) if entity not in TABLES]
    for entity in others:
        from_csv(crm, "sales", tmp_path / f"data/{entity}.csv", key="")
    for entity, (table, columns, types) in TABLES.items():
        key = "" if entity == "customer" else "id"  # one customer of the demo stands there twice
        from_csv(crm, "sales", tmp_path / f"data/{entity}.csv", key, types)
        crm.execute(f"ALTER TABLE sales.{entity} RENAME TO {table}")
        for field, column in columns.items():
            crm.execute(f"ALTER TABLE sales.{table} RENAME {field} TO {column}")
    for block in blocks(guide, "sql"):
        crm.execute(block)
    (settings,) = blocks(guide, "toml")
    for entity in others:  # bound and granted like those that the guide shows
        settings += f'[sources.crm.{entity}]\ntable = "sales.{entity}"\n'
        crm.execute(f'GRANT SELECT ON sales."{entity}" TO salesrules')
    (tmp_path / "salesrules.toml").write_text(settings, encoding="utf-8")
    monkeypatch.setenv("CRM_URL", f"postgresql://salesrules@/crm?host={crm.info.host}")
    in_place = Workspace.open(tmp_path)
    for id in (made.rep, made.manager):
        told = [
            [w.see(w.person(id), "customer"), w.kpi(w.person(id), "open_pipeline", ("stage",))]
            for w in (files, in_place)
        ]
        assert told[0] == told[1]
    in_place.engine.close()


def test_both_languages_have_the_same_blocks() -> None:
    def code(guide: Path) -> list[str]:
        return [re.sub(r" *#.*", "", block) for kind in ("toml", "sql") for block in blocks(guide, kind)]

    assert code(GUIDES[0]) == code(GUIDES[1])
