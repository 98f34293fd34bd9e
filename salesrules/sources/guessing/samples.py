"""Some rows of a file to what their texts can be read as: which type, and written in which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.sources.raw.formats import NUMBERS, Formats, canonical

ROWS = 1_000  # a guess need not look at more
NULLS = ("NULL", "null", "N/A", "n/a", "NA", "\\N", "-", "--", "无", "空")
_DAYS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d-%b-%Y")
_SIGNS = ((".", ","), (",", ""), (",", "."), (",", " "), (".", " "), (".", "'"))
_WORDS = (("是", "否"), ("yes", "no"), ("y", "n"), ("ja", "nein"), ("oui", "non"), ("1", "0"), ("有", "无"))
_WAYS: dict[str, Sequence[Formats]] = {
    "date": [Formats(), *(Formats(dates=way) for way in _DAYS)],
    "boolean": [Formats(), *(Formats(true=(yes,), false=(no,)) for yes, no in _WORDS)],
    "number": [Formats(), *(Formats(decimal=decimal, thousands=thousands) for decimal, thousands in _SIGNS)],
}
_CASTS = {"date": "DATE", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN", "integer": "BIGINT", "double": "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of text in a table of the engine, and the columns by name."""

    engine: DuckDB
    table: str
    columns: tuple[str, ...]

    def texts(self, column: str) -> list[str]:
        """What stands in a column, each text once, without what stands for nothing."""
        return [row[0] for row in self.engine.rows(f"SELECT DISTINCT text FROM ({self._filled(column)}) ORDER BY 1")]

    def nulls(self) -> list[str]:
        """The words for nothing that stand in some column."""
        words = ", ".join(literal(word) for word in NULLS)
        each = (f"SELECT {quoted(column)} AS text FROM {quoted(self.table)}" for column in self.columns)
        found = self.engine.rows(f"SELECT DISTINCT text FROM ({' UNION ALL '.join(each)}) WHERE text IN ({words})")
        return sorted(chain.from_iterable(found))

    def read(self, column: str, kind: str) -> Reading:
        """The first way of reading a column as a type that reads most of it."""
        best, others = Reading(0.0, Formats()), set[str]()
        for formats in _WAYS.get("number" if kind in NUMBERS else {"timestamp": "date"}.get(kind, kind), ()):
            share, sum_ = self._share(column, kind, formats)
            if share > best.share:
                best, others = Reading(share, formats), {sum_}
            elif share == best.share > 0:
                others.add(sum_)
        return Reading(best.share, best.formats, len(others) > 1)

    def _share(self, column: str, kind: str, formats: Formats) -> tuple[float, str]:
        """How much of a column is read, and a text that is another one if other values are read."""
        value = canonical("text", kind, formats)
        if kind in ("percent", "money", "decimal"):
            value = f"TRY_CAST(rtrim({value}, '%') AS DECIMAL(28, 6))"
        else:
            value = f"TRY_CAST({value} AS {_CASTS[kind]})"
        counts = f"SELECT count(*), count(v), CAST(list(v ORDER BY n) AS VARCHAR) FROM (SELECT n, {value} AS v FROM "
        total, read, values = self.engine.rows(f"{counts}({self._filled(column)}))")[0]
        return (read / total if total else 0.0), str(values)

    def _filled(self, column: str) -> str:
        words = ", ".join(literal(word) for word in ("", *NULLS))
        text = f"SELECT rowid AS n, trim({quoted(column)}) AS text FROM {quoted(self.table)}"
        return f"SELECT * FROM ({text}) WHERE text NOT IN ({words})"


@dataclass(frozen=True, slots=True)
class Reading:
    """How much of a column is read in one way, from 0 to 1, and whether another way reads as much, but differently."""

    share: float
    formats: Formats
    ambiguous: bool = False
