"""Facts about KPIs."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue, nearest
from salesrules.pack.pack import Pack


def kpis_are_of_an_entity(pack: Pack) -> Iterator[Issue]:
    for kpi in pack.kpis.values():
        if kpi.of not in pack.entities:
            words = {"name": kpi.of, "kpi": kpi.id}
            yield Issue("kpi.unknown_entity", kpi.span, words, near=nearest(kpi.of, pack.entities))
