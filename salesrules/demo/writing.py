"""The tables of the engine to files of a workspace, with the settings that bind them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from salesrules.demo.sizes import SIZES
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal

PACK = "standard"
_COLUMNS = {  # what each file has; a table of the engine may have more, for its own use
    "person": "id,name,name_en,manager,unit,title,phone,joined_on,skill,capacity,left_on",
    "customer": "id,name,owner,region,channel,industry,address,phone,pain,year_purchase,created_on",
    "contact": "id,customer,name,title,phone,email",
    "lead": "id,company,owner,region,product,source,phone,difficulty,created_on,converted_on",
    "opportunity": "id,customer,owner,stage,product,source,needs_confirmed,created_on,amount,discount,closes_on",
    "quote": "id,opportunity,made_on,amount,discount,approved",
    "contract": "id,opportunity,kind,signed_on,amount,terms",
    "order": "id,contract,customer,owner,status,signed_on,shipped_on",
    "order_line": "order,item,product,customer,quantity,amount,cost",
    "collection": "id,order,paid_on,amount",
    "ticket": "id,customer,owner,kind,stage,request,opened_on,due_on,done_on",
    "feedback": "id,customer,satisfied,answered_on",
    "follow_up": "id,customer,owner,kind,planned_on,done_on,effective",
    "partner": "id,name,owner,region,channel,sold,stock,agreement,policy",
    "market_note": "id,owner,region,product,topic,text,noted_on",
    "item": "id,name,spec,product,price,stock",
    "customer_team": "customer,person,part",
}


def write_tables(engine: DuckDB, folder: Path, kind: str) -> dict[str, int]:
    """Write every table to a file of its own, and say how many rows each has."""
    form = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet"
    counts = {}
    for table, header in _COLUMNS.items():
        columns = ", ".join(f'"{name}"' for name in header.split(","))
        target = literal(str(folder / f"{table}.{kind}"))
        engine.rows(f'COPY (SELECT {columns} FROM "{table}") TO {target} ({form})')
        counts[table] = int(engine.rows(f'SELECT count(*) FROM "{table}"')[0][0])
    return counts


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write a small table, its header first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def settings_text(seed: int, size: str) -> str:
    """The file salesrules.toml of the workspace."""
    head = (
        f"# A company that does not exist. Everything here was made by `salesrules demo`, seed {seed}, size {size}.\n"
        f'pack = "{PACK}"\n\n[sources.demo]\nfolder = "data"\n'
    )
    return head + "".join(f'\n[sources.demo.{table}]\nfile = "{table}.{SIZES[size].kind}"\n' for table in _COLUMNS)
