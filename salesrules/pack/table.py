"""A table that a pack names: a file of the workspace, or one of a source."""

from __future__ import annotations

from dataclasses import dataclass, field

from salesrules.issue import Span


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are kept in a file or a source.

    Keys:
      file: a CSV file, below the workspace or in the folder of the source
      source: the source of salesrules.toml that holds the table
      columns: the column of each name, where they are called differently
    """

    span: Span
    file: str
    source: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
