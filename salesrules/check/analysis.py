"""What the analysis of rules proves, as Issues: rules that never match, records left over, tables that tie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from salesrules.expr.kinds import Kind
from salesrules.expr.regions.regions import NotProvable
from salesrules.expr.regions.ruled import ALWAYS
from salesrules.expr.regions.rules import Gap, Overlap, Unreachable, analyse, exclusive
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.tables import Row, holes, ties
from salesrules.expr.typed import Constant, Typed
from salesrules.issue import Issue, Several, Span

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule with its condition, and where it stands."""

    id: str
    span: Span
    condition: Typed


def rule_issues(
    noun: str, name: str, span: Span, rules: Sequence[Placed], space: Space, among: Typed = ALWAYS
) -> Iterator[Issue]:
    """What is wrong with rules of which the first match counts: those of an assignment, or of a classification.

    Args: noun: `assignment` or `classify`, the first half of the codes; name, span: what holds the rules;
    among: the records that are asked about, where not all are.
    """
    spans = {rule.id: rule.span for rule in rules}
    if all(isinstance(rule.condition, Constant) for rule in rules) and among == ALWAYS:
        yield from _behind_a_taker(noun, rules, spans)
        return
    found = analyse([(rule.id, rule.condition) for rule in rules], space, among)
    for dead in found.unreachable:
        yield _unreachable(noun, dead, spans)
    if found.gaps:
        yield Issue(f"{noun}.gap", span, {"name": name, "examples": _examples(found.gaps)})
    yield from _open(name, span, [one for one in found.not_provable if one.question != "overlap"])


def _behind_a_taker(noun: str, rules: Sequence[Placed], spans: Mapping[str, Span]) -> Iterator[Issue]:
    """Rules that ask nothing of a record have no space to be cut: the first that says yes takes all of it."""
    taker: str | None = None
    for rule in rules:
        if taker is not None:
            yield _unreachable(noun, Unreachable(rule.id, (taker,)), spans)
        elif isinstance(rule.condition, Constant) and rule.condition.value is True:
            taker = rule.id


def exclusive_issues(noun: str, name: str, span: Span, conditions: Sequence[Placed], space: Space) -> Iterator[Issue]:
    """Conditions that must share no record, and do: slices declared so, or the processes of one entity.

    Args: noun: `slice` or `process`, the first half of the code; name, span: what asks for it.
    """
    spans = {one.id: one.span for one in conditions}
    found = exclusive([(one.id, one.condition) for one in conditions], space)
    for one in found:
        if isinstance(one, Overlap):
            words = {"first": one.first, "second": one.second, "example": str(one.witness)}
            yield Issue(f"{noun}.not_exclusive", spans[one.second], words, other=spans[one.first])
    yield from _open(name, span, [one for one in found if isinstance(one, NotProvable)])


def table_issues(
    name: str, span: Span, keys: Mapping[str, Kind], rows: Sequence[tuple[Row, Span]], space: Space
) -> Iterator[Issue]:
    """Where a value table has two answers or none; the ids of its rows are different from each other.

    A tie is an error, for an answer would hang on the order of the rows. A hole gives null, which opens nothing.
    """
    if not rows:
        yield Issue("table.empty", span, {"name": name})
        return
    spans = {row.id: at for row, at in rows}
    plain = [row for row, _ in rows]
    for one in ties(keys, plain, space):
        if isinstance(one, NotProvable):
            yield Issue("table.too_large", span, {"name": name})
        else:
            words = {"name": name, "example": str(one.witness)}
            yield Issue("table.tie", spans[one.second], words, other=spans[one.first])
    missing = list(holes(keys, plain, space))
    gaps = [one for one in missing if isinstance(one, Gap)]
    if gaps:
        yield Issue("table.hole", span, {"name": name, "examples": _examples(gaps)})
    yield from _open(name, span, [one for one in missing if isinstance(one, NotProvable)])


def skip_issues(stages: Sequence[Placed], space: Space) -> Iterator[Issue]:
    """Stages that every record skips, or that none does although a condition says when."""
    for stage in stages:
        found = analyse([(stage.id, stage.condition)], space)
        if found.unreachable:
            yield Issue("stage.never_skipped", stage.span, {"stage": stage.id})
        elif not found.gaps and not found.not_provable:
            yield Issue("stage.always_skipped", stage.span, {"stage": stage.id})


def _unreachable(noun: str, dead: Unreachable, spans: Mapping[str, Span]) -> Issue:
    span = spans[dead.rule]
    if not dead.by:
        return Issue(f"{noun}.never_true", span, {"rule": dead.rule})
    by = Several.of(f"`{id}` ({_where(spans[id], span)})" for id in dead.by)
    return Issue(f"{noun}.unreachable", span, {"rule": dead.rule, "by": by})


def _where(span: Span, beside: Span) -> str:
    """The place in short: line and column in the same file, else with the name of the file."""
    line = f"{span.line}:{span.column}"
    return line if span.file == beside.file else f"{PurePosixPath(span.file).name}:{line}"


def _examples(gaps: Sequence[Gap]) -> Several:
    """Some of the witnesses, and how many kinds of records there are in all."""
    shown = [str(gap.witness) for gap in gaps[:SHOWN]]
    return Several.of(shown if len(gaps) <= SHOWN else [*shown, f"… ({len(gaps)})"])


def _open(name: str, span: Span, found: Iterable[NotProvable]) -> Iterator[Issue]:
    """One issue for all that could not be proved, with the terms that stood in the way."""
    found = list(found)
    if not found:
        return
    terms = list(dict.fromkeys(term for one in found for term in one.terms))
    if terms:
        shown = Several.of([*(f"`{term}`" for term in terms[:SHOWN]), *(["…"] if len(terms) > SHOWN else [])])
        yield Issue("analysis.not_provable", span, {"name": name, "terms": shown})
    if any(not one.terms for one in found):
        yield Issue("analysis.too_large", span, {"name": name})
