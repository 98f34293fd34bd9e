"""A ProgressReport to a JSON object for other programs."""

from __future__ import annotations

import json
from typing import Any

from salesrules.retracing import FATES, Progress, ProgressReport


def progress_json(found: ProgressReport) -> str:
    """The whole report; `oldest` is the moment in UTC at which the oldest that is untouched was given out."""
    whole = {"assignment": found.assignment, "since": found.since.isoformat(), "all": _figures(found.whole)}
    for name in ("rules", "people", "teams"):
        whole[name] = {id: _figures(one) for id, one in getattr(found, name).items()}
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _figures(one: Progress) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("given", *FATES)}
    return counts | {"oldest": one.oldest.isoformat(timespec="seconds") if one.oldest is not None else None}
