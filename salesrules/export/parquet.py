"""An Answer to a Parquet file, every column of the type that the pack declares."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.export.plain import beside, not_shown, plain
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal, quoted
from salesrules.workspace import Answer


def to_parquet(answer: Answer, heads: Sequence[str]) -> bytes:
    """The answer as a Parquet file; the last column is a list of names."""
    columns = [[plain(row[i]) for row in answer.rows] for i in range(len(answer.columns))]
    types = [DUCKDB.types.get(name, "VARCHAR") for name in answer.types]
    columns.append([not_shown(answer, row) for row in answer.rows])
    named = zip([*heads, beside(heads)], [*types, "VARCHAR[]"], strict=True)
    fields = ", ".join(f"unnest($c{i}::{type_}[]) AS {quoted(name)}" for i, (name, type_) in enumerate(named))
    engine = DuckDB()
    engine.rows(f"CREATE TABLE answer AS SELECT {fields}", {f"c{i}": column for i, column in enumerate(columns)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.parquet"
        engine.rows(f"COPY answer TO {literal(str(path))} (FORMAT parquet)")
        engine.close()
        return path.read_bytes()
