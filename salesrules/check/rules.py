"""Which rules of a pack are analysed together, and on whose records: assignments, classifications, slices, stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from salesrules.check.analysis import Placed, exclusive_issues, rule_issues, skip_issues
from salesrules.check.space import space_of
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.regions.ruled import ALWAYS
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Constant, Typed
from salesrules.issue import Issue, Span
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import takes
from salesrules.pack.pack import Pack


def assignments_take_every_record(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    for assignment in pack.assignments.values():
        taken = [(rule, takes(meanings, rule)) for rule in assignment.rules]
        rules = [Placed(rule.id, rule.span, meaning) for rule, meaning in taken if meaning is not None]
        among = meanings.conditions.get(assignment.when, ALWAYS) if assignment.when else ALWAYS
        if len(rules) == len(taken) and assignment.entity in pack.entities:
            space = space_of(pack, meanings.vocabulary, assignment.entity)
            yield from rule_issues("assignment", assignment.id, assignment.span, rules, space, among)


def classification_lines_are_reached(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        lines = dimension.classify
        if lines is None or lines.of not in pack.entities:
            continue
        rules = _placed([(str(rule.is_), rule.span, rule.when) for rule in lines.rules], meanings)
        if rules is not None and len({rule.id for rule in rules}) == len(rules):
            space = space_of(pack, meanings.vocabulary, lines.of)
            yield from rule_issues("classify", dimension.id, dimension.span, rules, space)


def exclusive_slices_share_no_record(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    for group in pack.exclusive:
        for entity in pack.entities:
            known = [(id, meanings.slices[id, entity]) for id in group if (id, entity) in meanings.slices]
            placed = [Placed(id, pack.slices[id].span, condition) for id, condition in known]
            if len(placed) > 1:
                space = space_of(pack, meanings.vocabulary, entity)
                yield from exclusive_issues("slice", entity, placed[0].span, placed, space)


def processes_of_an_entity_share_no_record(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    ordered = sorted(pack.processes.values(), key=lambda process: process.entity)
    for entity, group in groupby(ordered, key=lambda process: process.entity):
        placed = _placed([(process.id, process.span, process.when) for process in group], meanings)
        if placed is not None and len(placed) > 1 and entity in pack.entities:
            space = space_of(pack, meanings.vocabulary, entity)
            yield from exclusive_issues("process", entity, placed[0].span, placed, space)


def skipped_stages_can_be_entered(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    for process in pack.processes.values():
        skipped = [(stage.id, stage.span, stage.skip_when) for stage in process.stages if stage.skip_when]
        placed = _placed(skipped, meanings)
        if placed and process.entity in pack.entities:
            yield from skip_issues(placed, space_of(pack, meanings.vocabulary, process.entity))


ANALYSES: tuple[Callable[[Pack, Meanings], Iterator[Issue]], ...] = (
    assignments_take_every_record,
    classification_lines_are_reached,
    exclusive_slices_share_no_record,
    processes_of_an_entity_share_no_record,
    skipped_stages_can_be_entered,
)


def _placed(rules: Sequence[tuple[str, Span, Expression | None]], meanings: Meanings) -> list[Placed] | None:
    """The rules with their meanings; None if one has none, for then nothing can be said of the others."""
    found = []
    for id, span, when in rules:
        meaning: Typed | None = Constant(BOOLEAN, True) if when is None else meanings.conditions.get(when)
        if meaning is None:
            return None
        found.append(Placed(id, span, meaning))
    return found
