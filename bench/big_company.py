"""A company whose deals are generated straight into the engine: a pack, people, regions, and as many deals as asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesrules.access.snapshot import Snapshot, walked
from salesrules.compile import Program
from salesrules.engines.duckdb import DuckDB
from salesrules.reading import read_program
from salesrules.sources.build import bindings_of, build
from salesrules.sources.org.organisation import read_organisation
from salesrules.sources.rows.logged import Logged
from salesrules.sources.rows.places import carry
from salesrules.sources.settings.bindings import Settings, read_settings
from salesrules.workspace import Workspace

DAY = date(2026, 3, 15)
FILE = "big.duckdb"
MANAGER = "P-00010"
PEOPLE, PROVINCES, CITIES = 10_000, 20, 20  # a reporting line of depth 6, and 400 leaves of regions
STAGES = {"needs": ["offer", "lost"], "offer": ["won", "lost"], "won": [], "lost": []}
FIELDS = {
    "id": ("text", "basics", {}),
    "name": ("text", "basics", {}),
    "owner": ("ref", "basics", {"to": "person"}),
    "region": ("member", "basics", {"dimension": "region"}),
    "product": ("member", "basics", {"dimension": "product"}),
    "stage": ("stage", "deal", {"process": "sales"}),
    "amount": ("money", "deal", {}),
    "cost": ("money", "cost", {}),
    "closes_on": ("date", "basics", {}),
    "sealed": ("boolean", "basics", {}),
}
SLICES = {
    "team": "reports_to(owner, user)",
    "patch": "within(region, post.region)",
    "big": "amount >= 900_000 and within(product, post.product)",
    "sealed": "sealed",
}
GRANTS = """\
effect,role,action,object,category,slice,from,to,note
allow,manager,read,deal,*,team,,,
allow,manager,read,deal,basics,patch,,,
allow,manager,read,deal,deal,patch,,,
allow,manager,read,deal,deal,big,,,
allow,manager,read,deal,basics,big,,,
deny,manager,read,deal,deal,sealed,,,
"""


@dataclass(frozen=True, slots=True)
class Company:
    """The workspace, the manager who asks, and where the subtrees that are theirs begin and end."""

    workspace: Workspace
    manager: str
    ends: dict[str, int]


def make(root: Path, deals: int) -> None:
    """Write the pack and the organisation, and put the deals into the engine as the loader would."""
    _write(root)
    settings, program = _read(root)
    pack = program.pack
    engine = DuckDB(root / FILE, write=True)
    build(engine, pack, bindings_of(pack, settings), root, program.meanings.computed, Logged())
    engine.rows(_deals(deals))
    carry(engine, pack, {"deal": pack.entities["deal"]}, DAY)
    engine.rows(_AS_TEXT)
    for tree in ("region", "product"):
        engine.rows(f'CREATE TABLE text_{tree} AS SELECT * REPLACE (CAST(id AS VARCHAR) AS id) FROM "tree {tree}"')
    engine.close()


def opened(root: Path) -> Company:
    """The company that `make` has left in a folder, as any process opens it."""
    _, program = _read(root)
    engine = DuckDB(root / FILE)
    organisation = read_organisation(engine, program.pack, walked(program))
    workspace = Workspace(Snapshot(program, organisation), engine)
    return Company(workspace, MANAGER, dict(_ends(workspace)))


def _read(root: Path) -> tuple[Settings, Program]:
    settings = read_settings(root)
    read = read_program(settings)
    assert read.program is not None, read.issues
    return settings, read.program


def _ends(workspace: Workspace) -> Iterator[tuple[str, int]]:
    for tree, top in (("person", MANAGER), ("region", "c03"), ("product", "pumps")):
        lft, rgt, _ = workspace.snapshot.organisation.trees[tree].on(DAY)[top]
        yield from (((f"{tree}_from", lft), (f"{tree}_to", rgt or lft)))


def _deals(count: int) -> str:
    """The table of deals as the loader leaves it before the places of its trees; by hashes, and so always alike."""

    def draw(n: int, below: int) -> str:
        return f"CAST(hash(i * 16 + {n}) % {below} AS BIGINT)"

    province, city = (f"lpad(CAST({draw(*each)} AS VARCHAR), 2, '0')" for each in ((1, PROVINCES), (2, CITIES)))
    return f"""CREATE OR REPLACE TABLE deal AS SELECT
        'D-' || lpad(CAST(i AS VARCHAR), 8, '0') AS id, 'deal ' || i AS name,
        'P-' || lpad(CAST({draw(3, PEOPLE)} AS VARCHAR), 5, '0') AS owner,
        CAST('c' || {province} || {city} AS "member region") AS region,
        CAST('p' || {draw(4, 12)} AS "member product") AS product,
        CAST({list(STAGES)}[1 + {draw(5, 4)}] AS "stage sales") AS stage,
        CAST({draw(6, 1_000_000)} AS DECIMAL(18,2)) AS amount, CAST({draw(7, 500_000)} AS DECIMAL(18,2)) AS cost,
        DATE '2025-01-01' + CAST({draw(8, 700)} AS INTEGER) AS closes_on, {draw(9, 50)} = 0 AS sealed,
        'D-' || lpad(CAST(i AS VARCHAR), 8, '0') AS "#key" FROM range({count}) AS r(i)"""


# the same deals as most databases have them: choices as text, in the order in which they were made
_AS_TEXT = """CREATE TABLE plain AS SELECT * EXCLUDE ("#lft owner", "#lft region", "#lft product")
    REPLACE (CAST(region AS VARCHAR) AS region, CAST(product AS VARCHAR) AS product, CAST(stage AS VARCHAR) AS stage)
    FROM deal ORDER BY id"""


def _write(root: Path) -> None:
    label = {"en": "x", "zh": "某"}
    fields = {id: {"type": kind, "category": category, **more} for id, (kind, category, more) in FIELDS.items()}
    person = {
        "id": {"type": "text", "category": "basics"},
        "manager": {"type": "ref", "to": "person", "category": "basics"},
    }
    entities = {
        "person": {"label": label, "key": "id", "fields": person},
        "deal": {"label": label, "key": "id", "fields": fields},
    }
    categories = {id: {"label": label, "steward": "manager"} for id in ("basics", "deal", "cost")}
    stages = [{"id": id, "label": label, "next": after} for id, after in STAGES.items()]
    regions = {f"c{p:02}": [f"c{p:02}{c:02}" for c in range(CITIES)] for p in range(PROVINCES)}
    products = {"pumps": [f"p{n}" for n in range(6)], "valves": [f"p{n}" for n in range(6, 12)]}
    files: dict[str, dict[str, Any]] = {
        "rules/big/pack": {"pack": "big", "version": "1.0.0", "label": label, "currency": "CNY", "timezone": "UTC"},
        "rules/big/entities": {"entities": entities, "categories": categories},
        "rules/big/dimensions": {
            "dimensions": {
                "region": {"label": label, "members": regions},
                "product": {"label": label, "members": products},
            }
        },
        "rules/big/stages": {"processes": {"sales": {"label": label, "entity": "deal", "stages": stages}}},
        "rules/big/roles": {
            "roles": {"manager": {"label": label, "scope": ["region", "product"]}},
            "posts": {"file": "posts.csv"},
        },
        "rules/big/kpis": {
            "kpis": {
                "signed": {
                    "label": label,
                    "of": "deal",
                    "formula": "sum(amount) filter (where stage = 'won')",
                    "unit": "CNY",
                }
            }
        },
        "policies/big/slices": {
            "slices": {id: {"label": label, "rows": {"deal": text}} for id, text in SLICES.items()}
        },
    }
    for name, body in files.items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = path.stem
        path.write_text(f"# yaml-language-server: $schema={schema}.schema.json\n{json.dumps(body)}\n", encoding="utf-8")
    (root / "policies/big/grants.csv").write_text(GRANTS, encoding="utf-8")
    (root / "posts.csv").write_text(f"person,role,region,product,from,to\n{MANAGER},manager,c03,pumps,,\n")
    (root / "person.csv").write_text("id,manager\n" + "".join(_people()), encoding="utf-8")
    (root / "deal.csv").write_text(",".join(FIELDS) + "\n", encoding="utf-8")
    settings = 'pack = "big"\n[sources.rows.person]\nfile = "person.csv"\n[sources.rows.deal]\nfile = "deal.csv"\n'
    (root / "salesrules.toml").write_text(settings, encoding="utf-8")


def _people() -> Iterator[str]:
    """Everyone reports to somebody above: six below each on average."""
    for n in range(PEOPLE):
        manager = f"P-{max(0, (n - 1) // 6):05}" if n else ""
        yield f"P-{n:05},{manager}\n"
