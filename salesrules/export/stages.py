"""A StageReport to text for other programs: CSV and JSON; shares are from 0 to 1."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from salesrules.working import StageFigures, StageReport

_COLUMNS = ("stage", "seen", "entered", "forward", "back", "out", "standing", "median", "ninetieth", "conversion")


def stages_csv(found: StageReport) -> str:
    """Every stage as CSV; cells are empty where nobody left."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_stage, found.stages))
    return out.getvalue()


def stages_json(found: StageReport) -> str:
    """The whole report as a JSON object; `end` is the day after the last one."""
    whole = {
        "process": found.process,
        "day": found.day.isoformat(),
        "start": found.start.isoformat() if found.start is not None else None,
        "end": found.end.isoformat(),
        "days": "working" if found.working else "calendar",
        "records": found.records,
        "known": found.known,
        "seen": found.seen,
        "nowhere": found.nowhere,
        "stages": [_stage(each) for each in found.stages],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _stage(found: StageFigures) -> dict[str, Any]:
    share = found.conversion
    figures = {name: getattr(found, name) for name in _COLUMNS}
    return figures | {"conversion": None if share is None else round(float(share), 6)}
