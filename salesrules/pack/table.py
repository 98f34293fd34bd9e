"""A table that a pack names: a file of the workspace, or one of a source."""

from __future__ import annotations

from dataclasses import dataclass, field

from salesrules.issue import Span


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are kept in a file or a source.

    Keys:
      file: a file below the workspace or in the folder of the source; in a source that is a database, a table
      source: the source of salesrules.toml that holds the table
      columns: the column of each name, where they are called differently
      to_inclusive: whether `to` is the last day of a row, rather than the day after it
    """

    span: Span
    file: str
    source: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    to_inclusive: bool = False
