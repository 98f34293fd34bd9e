"""Rules in order to what is wrong with them: shared records, rules that never match, records that no rule takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesrules.expr.regions.boxes import Box, TooMuch, Work
from salesrules.expr.regions.regions import MAX_WORK, NotProvable, Regions
from salesrules.expr.regions.ruled import ALWAYS, Ruled, Rules, boxed
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.witness import Witness, describe
from salesrules.expr.typed import Typed

MAX_GAPS = 200


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that both match the witness."""

    first: str
    second: str
    witness: Witness


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule that no record reaches: the rules `by` before it take all of it, and none of them can be left out.

    `by` is empty if the condition is true of no record at all.
    """

    rule: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that no rule matches: what they have in common by field, and one of them."""

    where: tuple[tuple[str, str], ...]
    witness: Witness


@dataclass(frozen=True, slots=True)
class Example:
    """A record that goes to `rule`, or to none."""

    rule: str | None
    witness: Witness


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that can be said about rules in order; `examples` has a record for each rule and each gap."""

    overlaps: tuple[Overlap, ...]
    unreachable: tuple[Unreachable, ...]
    gaps: tuple[Gap, ...]
    examples: tuple[Example, ...]
    not_provable: tuple[NotProvable, ...]


def analyse(rules: Rules, space: Space, among: Typed = ALWAYS) -> Analysis:
    """Everything about rules of which the first match counts, for the records of which `among` is true."""
    regions = Regions(space, [among, *(condition for _, condition in rules)])
    start, of = boxed(regions, rules, among)
    parts = [*overlaps(regions, of), *_reach(regions, of), *gaps(regions, of, start)]
    found_gaps = tuple(part for part in parts if isinstance(part, Gap))
    reached = (part for part in parts if isinstance(part, Example))
    return Analysis(
        tuple(part for part in parts if isinstance(part, Overlap)),
        tuple(part for part in parts if isinstance(part, Unreachable)),
        found_gaps,
        (*reached, *(Example(None, gap.witness) for gap in found_gaps)),
        tuple(part for part in parts if isinstance(part, NotProvable)),
    )


def exclusive(rules: Rules, space: Space, among: Typed = ALWAYS) -> tuple[Overlap | NotProvable, ...]:
    """Where conditions that should share no record do, or may; empty if they are proved to share none."""
    regions = Regions(space, [among, *(condition for _, condition in rules)])
    return tuple(overlaps(regions, boxed(regions, rules, among)[1]))


def implies(narrow: Typed, wide: Typed, space: Space) -> bool:
    """Whether it is proved that the second condition is true of every record of which the first is."""
    regions = Regions(space, [narrow, wide])
    start, of = boxed(regions, [("", wide)], narrow)
    return next(gaps(regions, of, start), None) is None


def overlaps(regions: Regions, rules: Sequence[Ruled]) -> Iterator[Overlap | NotProvable]:
    """Every two rules that share a record, and for each rule with which later ones it may do so."""
    layout, work = regions.layout, Work(MAX_WORK)
    hulls = [rule.hull for rule in rules]
    fill, guard = layout.fill, layout.guard
    for index, first in enumerate(rules):
        hull = hulls[index]
        near = [at for at in range(index + 1, len(rules)) if ((hull & hulls[at]) + fill) & guard == guard]
        unsure: list[str] = []
        terms: dict[str, None] = {}
        for second in (rules[at] for at in near):
            try:
                found = _shared(regions, first.sure, second.sure, work)
                open_ = None if found else _shared(regions, first.open, second.open, work)
            except TooMuch:
                found, open_ = None, regions.everything
            if found:
                yield Overlap(first.id, second.id, Witness(regions, found, found))
            elif open_:
                unsure.append(second.id)
                terms.update(dict.fromkeys(regions.hides(open_)))
        if unsure:
            yield NotProvable("overlap", (first.id, *unsure), tuple(terms))


def _shared(regions: Regions, first: Sequence[Box], second: Sequence[Box], work: Work) -> Box | None:
    """A box of possible records in both unions."""
    for a in first:
        for b in second:
            if regions.layout.meet(a, b):
                found = regions.possible(a & b, work)
                if found is not None:
                    return found
    return None


def _reach(regions: Regions, rules: Sequence[Ruled]) -> Iterator[Unreachable | Example | NotProvable]:
    """For each rule that it is unreachable, a record that reaches it, or that neither can be proved."""
    taken: list[Box] = []
    maybe: list[Box] = []
    work = Work(MAX_WORK)
    for index, rule in enumerate(rules):
        try:
            yield _reached(regions, rules[:index], rule, taken, maybe, work)
        except TooMuch:
            yield NotProvable("unreachable", (rule.id,))
        taken.extend(rule.boxes)
        maybe.extend(rule.may)


def _reached(
    regions: Regions, earlier: Sequence[Ruled], rule: Ruled, taken: Sequence[Box], maybe: Sequence[Box], work: Work
) -> Unreachable | Example | NotProvable:
    """Whether a rule is reached, where `taken` and `maybe` are what the earlier ones surely and perhaps match."""
    if rule.too_much:
        return NotProvable("unreachable", (rule.id,))
    for box in rule.sure:
        left = next(regions.layout.uncovered(box, [*maybe, *regions.impossible], work), None)
        if left is not None:
            return Example(rule.id, Witness(regions, left, left))
    used: set[Box] = set()
    for box in rule.boxes:
        left = next(regions.layout.uncovered(box, [*taken, *regions.impossible], work, used=used), None)
        if left is not None:
            return NotProvable("unreachable", (rule.id,), regions.hides(left) or regions.hides(0))
    return Unreachable(rule.id, tuple(other.id for other in _needed(regions, rule, earlier, used, work)))


def _needed(regions: Regions, rule: Ruled, earlier: Sequence[Ruled], used: set[Box], work: Work) -> Sequence[Ruled]:
    """Few earlier rules that together cover the rule: one if one does, else a set from which none can be left out."""

    def covered(by: Sequence[Ruled]) -> bool:
        covers = [*(box for other in by for box in other.boxes), *regions.impossible]
        return all(next(regions.layout.uncovered(box, covers, work), None) is None for box in rule.boxes)

    if covered(()):
        return ()
    needed = [other for other in earlier if not used.isdisjoint(other.boxes)]
    alone = next((other for other in earlier if other.hull & rule.hull == rule.hull and covered((other,))), None)
    if alone is not None:
        return (alone,)
    for other in reversed(needed):
        rest = [kept for kept in needed if kept is not other]
        if covered(rest):
            needed = rest
    return needed


def gaps(regions: Regions, rules: Sequence[Ruled], start: Ruled) -> Iterator[Gap | NotProvable]:
    """The records of `start` that no rule matches, in few boxes as wide as they go; they may share records."""
    layout, work = regions.layout, Work(MAX_WORK)
    blocked = list(dict.fromkeys(box for rule in rules for box in rule.may))
    wide: list[Box] = []
    seeds: list[Box] = []
    try:
        for box in start.sure:
            for seed in layout.uncovered(box, [*blocked, *regions.impossible], work, wide):
                seeds.append(seed)
                wide.append(layout.widened(seed, box, blocked))
                if len(wide) > MAX_GAPS:
                    raise TooMuch
        taken = [*(box for rule in rules for box in rule.boxes), *regions.impossible, *wide]
        left = next((part for box in start.open for part in layout.uncovered(box, taken, work)), None)
    except TooMuch:
        left = regions.everything
    for index in _kept(regions, wide):
        yield Gap(describe(regions, wide[index]), Witness(regions, seeds[index], wide[index]))
    if left is not None:
        yield NotProvable("gap", (), regions.hides(left))


def _kept(regions: Regions, boxes: Sequence[Box]) -> list[int]:
    """The boxes without those that the others cover together."""
    kept = list(range(len(boxes)))
    for index in range(len(boxes)):
        others = [boxes[other] for other in kept if other != index]
        try:
            covers = [*others, *regions.impossible]
            if next(regions.layout.uncovered(boxes[index], covers, Work(MAX_WORK // 100)), None) is None:
                kept.remove(index)
        except TooMuch:
            continue
    return kept
