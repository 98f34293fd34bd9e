"""Facts about incentives and closing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from salesrules.check.names import unless_known, unless_parts
from salesrules.issue import Issue
from salesrules.pack.pack import Pack


def incentives_name_known_things(pack: Pack) -> Iterator[Issue]:
    for incentive in pack.incentives.values():
        yield from unless_known("incentive.unknown_role", incentive.for_, pack.roles)
        yield from unless_known("incentive.unknown_kpi", incentive.on_kpi, pack.kpis)
        yield from unless_known("incentive.unknown_credit", incentive.credit, pack.credits)
        yield from unless_known("incentive.unknown_entity", incentive.each, pack.entities)


def pay_tables_start_at_nothing(pack: Pack) -> Iterator[Issue]:
    """Below the first line nothing would be paid in silence; a line with rate 0% says so."""
    for incentive in pack.incentives.values():
        if incentive.pay and incentive.pay[0].at_least > 0:
            words = {"name": incentive.id, "start": f"{incentive.pay[0].at_least:%}"}
            yield Issue("incentive.gap", incentive.pay[0].span, words)


def pay_tables_go_up(pack: Pack) -> Iterator[Issue]:
    for incentive in pack.incentives.values():
        for earlier, later in pairwise(incentive.pay):
            if later.at_least <= earlier.at_least:
                yield Issue("incentive.overlap", later.span, {"name": incentive.id}, other=earlier.span)


def falling_rates_are_meant(pack: Pack) -> Iterator[Issue]:
    for incentive in pack.incentives.values():
        for earlier, later in pairwise(incentive.pay if incentive.falling is None else ()):
            worse = earlier.rate is not None and later.rate is not None and later.rate < earlier.rate
            less = earlier.amount is not None and later.amount is not None and later.amount < earlier.amount
            if worse or less:
                yield Issue("incentive.falling", later.span, {"name": incentive.id}, other=earlier.span)


def pay_tables_say_how_they_pay(pack: Pack) -> Iterator[Issue]:
    for incentive in pack.incentives.values():
        for key in ("tiers", "basis", "period") if incentive.pay else ():
            if getattr(incentive, key) is None:
                yield Issue("incentive.needs", incentive.span, {"name": incentive.id, "key": key})
        for tier in incentive.pay:
            if (tier.rate is None) == (tier.amount is None):
                yield Issue("incentive.rate_or_amount", tier.span, {"name": incentive.id})


def releases_total(pack: Pack) -> Iterator[Issue]:
    for incentive in pack.incentives.values():
        release = incentive.release
        if release is not None:
            parts = (("now", release.now), ("year_end", release.year_end))
            yield from unless_parts("incentive.release_total", release.span, parts)


def someone_closes_the_figures(pack: Pack) -> Iterator[Issue]:
    for closing in pack.closing.values():
        yield from unless_known("closing.unknown_role", closing.by, pack.roles)
