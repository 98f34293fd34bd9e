"""A Balance to text for other programs: CSV and JSON; shares are from 0 to 1."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

from salesrules.overseeing import Balance

_COLUMNS = ("member", "potential", "records", "people", "potential_for_each", "records_for_each")


def balance_csv(found: Balance) -> str:
    """Every territory as CSV; cells are empty where nothing is known, or nobody is there."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_territories(found))
    return out.getvalue()


def balance_json(found: Balance) -> str:
    """The whole balance as a JSON object."""
    whole = {
        "dimension": found.dimension,
        "day": found.day.isoformat(),
        "territories": _territories(found),
        "unknown": [{"member": one.member, "factor": one.factor, "found": one.found} for one in found.unknown],
        "elsewhere": found.elsewhere,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _territories(found: Balance) -> list[dict[str, Any]]:
    return [
        {
            "member": one.member,
            "potential": _number(one.potential),
            "records": one.records,
            "people": _number(one.people),
            "potential_for_each": _number(one.each),
            "records_for_each": _number(one.records_each),
        }
        for one in found.territories
    ]


def _number(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 6)
