"""How large the company is: counts of people and customers, from which all other counts follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and customers there are, and the kind of file that rows are kept in."""

    people: int
    customers: int
    kind: str

    def count(self, per_customer: float) -> int:
        """How many rows there are of something of which each customer has so many."""
        return max(1, round(self.customers * per_customer))


SIZES: Mapping[str, Size] = {
    "small": Size(60, 600, "csv"),
    "normal": Size(200, 20_000, "csv"),
    "large": Size(600, 520_000, "parquet"),  # ten million rows in all, for measuring
}
