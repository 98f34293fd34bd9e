"""Facts about targets and their decomposition."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from salesrules.check.names import all_known, members_of, unless_known, unless_parts
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.pack import Pack
from salesrules.pack.targets import KpiWeights, Split, TableWeights, Target
from salesrules.pack.word import Word

PERIOD = "period"
_PERIOD_LEVELS = ("half", "quarter", "month", "week")
_PERIOD_PARTS = frozenset(
    {f"h{n}" for n in (1, 2)} | {f"q{n}" for n in range(1, 5)} | {f"m{n:02}" for n in range(1, 13)}
)


def targets_are_of_a_kpi(pack: Pack) -> Iterator[Issue]:
    for target in pack.targets.values():
        yield from unless_known("target.unknown_kpi", target.kpi, pack.kpis)


def targets_have_an_amount(pack: Pack) -> Iterator[Issue]:
    for target in pack.targets.values():
        if target.goal is None:
            yield Issue("target.no_amount", target.span, {"name": target.id})
        levels = [target.levels[level] for level in ("floor", "goal", "stretch") if level in target.levels]
        if any(later < earlier for earlier, later in pairwise(levels)):
            yield Issue("target.level_order", target.span, {"name": target.id})


def each_period_has_one_core_target(pack: Pack) -> Iterator[Issue]:
    periods: dict[str, list[Target]] = {}
    for target in pack.targets.values():
        periods.setdefault(target.period, []).append(target)
    for period, targets in periods.items():
        primary = [target for target in targets if target.primary]
        if not primary:
            yield Issue("target.none_primary", targets[0].span, {"period": period})
        for other in primary[1:]:
            yield Issue("target.several_primary", other.span, {"period": period}, other=primary[0].span)


def targets_are_split_by_known_things(pack: Pack) -> Iterator[Issue]:
    known = {PERIOD, PERSON, *pack.dimensions}
    for target, split in _splits(pack):
        yield from unless_known("target.unknown_dimension", split.by, known)
        if split.by in known:
            yield from all_known("target.unknown_level", split.levels, _levels(pack, split.by))
        steps = [step.by for step in target.split[: target.split.index(split)]]
        yield from all_known("target.unknown_step", split.inside, steps)


def target_weights_lead_somewhere(pack: Pack) -> Iterator[Issue]:
    for _, split in _splits(pack):
        if isinstance(split.weights, KpiWeights):
            yield from unless_known("target.unknown_kpi", split.weights.kpi, pack.kpis)
        elif isinstance(split.weights, TableWeights):
            yield from unless_known("target.unknown_table", split.weights.table, pack.tables)
        elif isinstance(split.weights, dict):
            yield from _members(pack, split.by, tuple(split.weights))
    for target in pack.targets.values():
        for revision in target.revisions:
            for by, weights in revision.split.items():
                yield from unless_known("target.unknown_step", by, [split.by for split in target.split])
                yield from _members(pack, by, tuple(weights))


def target_weights_total(pack: Pack) -> Iterator[Issue]:
    for _, split in _splits(pack):
        if isinstance(split.weights, dict):
            yield from unless_parts("target.total", split.span, split.weights.items())
    for target in pack.targets.values():
        for revision in target.revisions:
            for by, weights in revision.split.items():
                yield from unless_parts("target.total", by.span, weights.items())


def revisions_say_what_they_apply_to(pack: Pack) -> Iterator[Issue]:
    """55 % from July on is another figure for the rest of the year than for the year: there is no default."""
    for target in pack.targets.values():
        for revision in target.revisions:
            if revision.split and revision.applies_to is None:
                yield Issue("target.applies_to_missing", revision.span, {"name": target.id})


def _splits(pack: Pack) -> Iterator[tuple[Target, Split]]:
    for target in pack.targets.values():
        for split in target.split:
            yield target, split


def _levels(pack: Pack, by: Word) -> list[str]:
    if by == PERIOD:
        return list(_PERIOD_LEVELS)
    return [level.id for level in pack.dimensions[by].levels] if by in pack.dimensions else []


def _members(pack: Pack, by: Word, words: tuple[Word, ...]) -> Iterator[Issue]:
    known = _PERIOD_PARTS if by == PERIOD else members_of(pack, by)
    if known is not None:
        yield from all_known("target.unknown_member", words, known, dimension=by)
