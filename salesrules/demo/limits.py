"""The small tables that the company keeps for itself: its limits, and the days off of 2026 in China."""

from __future__ import annotations

from datetime import date, timedelta

HOLD_MAX = [
    ("region", "role", "value", "from", "to"),
    ("*", "*", "50", "", ""),
    ("*", "sales_rep", "200", "", ""),
    ("*", "key_account_manager", "40", "", ""),
    ("east", "sales_rep", "250", "", "2026-07-01"),
    ("east", "sales_rep", "220", "2026-07-01", ""),
    ("shanghai", "sales_rep", "300", "", ""),
]
KEY_CARE_FROM = [
    ("region", "value", "from", "to"),
    ("*", "1500000", "", ""),
    ("east", "2000000", "", ""),
    ("shanghai", "2500000", "", ""),
]
_OFF = (  # the first and last day of each holiday, as published by the State Council
    ("元旦", date(2026, 1, 1), date(2026, 1, 3)),
    ("春节", date(2026, 2, 15), date(2026, 2, 23)),
    ("清明节", date(2026, 4, 4), date(2026, 4, 6)),
    ("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
    ("端午节", date(2026, 6, 19), date(2026, 6, 21)),
    ("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
    ("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
)
_WORKED = (  # weekends that are worked instead
    ("元旦调休", date(2026, 1, 4)),
    ("春节调休", date(2026, 2, 14)),
    ("春节调休", date(2026, 2, 28)),
    ("劳动节调休", date(2026, 5, 9)),
    ("国庆节调休", date(2026, 9, 20)),
    ("国庆节调休", date(2026, 10, 10)),
)


def _days() -> list[tuple[str, ...]]:
    off = [
        ((first + timedelta(days=n)).isoformat(), "off", name)
        for name, first, last in _OFF
        for n in range((last - first).days + 1)
    ]
    worked = [(day.isoformat(), "work", name) for name, day in _WORKED]
    return [("date", "kind", "name"), *sorted([*off, *worked])]


CALENDAR = _days()
