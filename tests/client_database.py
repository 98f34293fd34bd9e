"""A client's PostgreSQL with two tables, and a workspace bound to them by a login that may do nothing but read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesrules.issue import PackError
from salesrules.workspace import Workspace
from tests.in_place import VARIABLE, bind, new_schema, new_table, url_of
from tests.workspace_files import write_files

ENTITIES = """\
categories: {basics: {label: {en: Basics, zh: 基本}, steward: boss}}
entities:
  person:
    label: {en: Person, zh: 人员}
    key: id
    fields:
      id: {type: text, category: basics}
      boss: {type: ref, to: person, category: basics}
  deal:
    label: {en: Deal, zh: 商机}
    key: id
    fields:
      id: {type: text, category: basics}
      owner: {type: ref, to: person, category: basics}
      region: {type: member, dimension: region, category: basics}
      pieces: {type: integer, category: basics}
      amount: {type: money, category: basics}
      share: {type: percent, category: basics}
      weight: {type: double, category: basics}
      big: {type: boolean, category: basics}
      made_on: {type: date, category: basics}
      seen_at: {type: timestamp, category: basics}
"""
FILES = {
    "rules/p/pack.yaml": "pack: p\nversion: '1'\nlabel: {en: P, zh: 包}\ncurrency: CNY\ntimezone: Asia/Shanghai\n",
    "rules/p/entities.yaml": ENTITIES,
    "rules/p/dimensions.yaml": (
        "dimensions: {region: {label: {en: Region, zh: 区域}, members: [{id: east, names: [东区]}, {id: west}]}}\n"
    ),
    "rules/p/roles.yaml": ("roles: {boss: {label: {en: Boss, zh: 老板}}}\nposts: {file: posts.csv}\n"),
    "policies/p/slices.yaml": "slices: {all: {label: {en: All, zh: 全部}, rows: {'*': 'true'}}}\n",
    "policies/p/grants.csv": (
        "effect,role,action,object,category,slice,from,to,note\n"
        "allow,boss,read,deal,*,all,,,\nallow,boss,read,person,*,all,,,\n"
    ),
    "posts.csv": "person,role,from,to\nP1,boss,,\n",
}

DEAL = {
    "id": "text", "owner": "text", "region": "text", "pieces": "bigint", "amount": "numeric(18,2)", "share": "numeric",
    "weight": "double precision", "big": "boolean", "made_on": "date", "seen_at": "timestamptz",
}  # fmt: skip
GOOD = ("D1", "P1", "east", 3, "10.50", "0.15", 0.5, True, "2026-03-15", "2026-03-15 01:00:00+00")


class Client:
    """A database with two tables, and a workspace bound to them by an account that may only read."""

    def __init__(self, postgres: Any, root: Path) -> None:
        self.postgres, self.root = postgres, root
        write_files(root, FILES)
        new_schema(postgres, "h")
        new_table(postgres, "h", "person", {"id": "text", "boss": "text"}, [("P1", None)], "id")
        self.deals(DEAL, [GOOD])
        bind(root, "h", ["person", "deal"], "p")

    def deals(self, columns: dict[str, str], rows: list[Any], key: str = "id") -> None:
        self.postgres.execute("DROP TABLE IF EXISTS h.deal CASCADE")
        new_table(self.postgres, "h", "deal", columns, rows, key)
        self.postgres.execute("GRANT USAGE ON SCHEMA h TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA h TO reader")

    def run(self, statement: str) -> None:
        self.postgres.execute(statement)

    def settings(self, old: str, new: str) -> None:
        path = self.root / "salesrules.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def open(self) -> Workspace:
        self.workspace = Workspace.open(self.root)
        return self.workspace

    def seen(self, field: str | None = None) -> list[Any]:
        """The deals that the boss sees, or one field of them."""
        workspace = self.workspace
        answer = workspace.see(workspace.person("P1"), "deal", limit=1000)
        return [row[answer.columns.index(field)] for row in answer.rows] if field else list(answer.keys)

    def refusals(self) -> list[str]:
        with pytest.raises(PackError) as refused:
            self.open()
        assert all(issue.text("zh") for issue in refused.value.issues)
        return [issue.text() for issue in refused.value.issues]


@pytest.fixture
def client(postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A login with the least rights that are enough: CONNECT and TEMPORARY by default, USAGE and SELECT."""
    if not postgres.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reader'").fetchone():
        postgres.execute("CREATE ROLE reader LOGIN")
    monkeypatch.setenv(VARIABLE, url_of(postgres, "reader"))
    made = Client(postgres, tmp_path)
    yield made
    if hasattr(made, "workspace"):
        made.workspace.engine.close()
    new_schema(postgres, "h")


def left_out(workspace: Workspace) -> dict[str, tuple[str, int, str]]:
    return {r.field: (r.reason.removeprefix("reject."), r.rows, r.example) for r in workspace.rejects}


def bad(**cells: Any) -> tuple[Any, ...]:
    return tuple(cells.get(name, value) for name, value in zip(DEAL, GOOD, strict=True))
