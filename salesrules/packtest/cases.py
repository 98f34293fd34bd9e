"""An expectation put to the door like any question, to the ways in which the answer is another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from salesrules.issue import AccessDenied, Issue, QuestionError, Span, Term
from salesrules.pack.tests import CanCase, KpiCase, ReadCase
from salesrules.packtest.decisions import reasons
from salesrules.packtest.figures import cell_word, figure_word, same, same_figure
from salesrules.packtest.outcome import AccessCase, Failure, OpenTest
from salesrules.run.answer import Answer, Mark, Masked
from salesrules.workspace import Principal

_ALL = 1_000_000_000


def failures(opened: OpenTest, case: AccessCase) -> tuple[Failure, ...]:
    """Every way in which an expectation does not hold."""
    try:
        person = opened.workspace.person(case.as_, case.at or opened.test.now)
    except AccessDenied as denied:
        return _refusal(case, denied)
    try:
        match case:
            case ReadCase():
                return tuple(_read(opened, person, case))
            case CanCase():
                return tuple(_can(opened, person, case))
            case KpiCase():
                return tuple(_kpi(opened, person, case))
    except QuestionError as error:
        return tuple(Failure(replace(issue, span=case.span)) for issue in error.issues)


def _refusal(case: AccessCase, denied: AccessDenied) -> tuple[Failure, ...]:
    """The failure that a refusal is, unless it was expected."""
    expected = not case.is_ if isinstance(case, CanCase) else case.refused
    if expected:
        return ()
    return (Failure(Issue("test.is_refused", case.span, {"person": case.as_}), because=denied.issues),)


def _read(opened: OpenTest, person: Principal, case: ReadCase) -> Iterator[Failure]:
    if case.refused:
        yield Failure(Issue("test.not_refused", case.span, {"person": case.as_}))
        return
    answer = opened.workspace.see(person, case.read, limit=_ALL)
    shown = {
        key: dict(zip(answer.columns, row, strict=True)) for key, row in zip(answer.keys, answer.rows, strict=True)
    }
    if case.sees is not None:
        yield from _sees(opened, person, case, case.sees, answer)
    for cell, expected in case.cells.items():
        key, _, field = cell.rpartition(".")
        got = shown[key][field] if key in shown else Mark.HIDDEN
        if not same(expected, got):
            words = {"person": case.as_, "cell": cell, "expected": cell_word(expected), "found": cell_word(got)}
            yield Failure(Issue("test.cell", cell.span, words), reasons(opened, person, "read", case.read, key, field))
    for cell in case.hidden:
        key, _, field = cell.rpartition(".")
        words = {"person": case.as_, "cell": cell, "key": key}
        if key not in shown:
            yield Failure(Issue("test.unseen", cell.span, words), reasons(opened, person, "read", case.read, key))
        elif not isinstance(shown[key][field], Mark | Masked):  # what is masked counts as hidden
            words |= {"found": cell_word(shown[key][field])}
            yield Failure(
                Issue("test.hidden", cell.span, words), reasons(opened, person, "read", case.read, key, field)
            )


def _sees(
    opened: OpenTest, person: Principal, case: ReadCase, expected: tuple[str, ...], answer: Answer
) -> Iterator[Failure]:
    """The records listed against those expected, with the decisions about each that is in one of the two only."""
    missing, surplus = set(expected) - set(answer.keys), set(answer.keys) - set(expected)
    if not missing and not surplus:
        return
    found = [reason for key in sorted(missing | surplus) for reason in reasons(opened, person, "read", case.read, key)]
    # of a record that should not be listed what lists it is told, of one that should all that fails to
    told = tuple(reason for reason in found if reason.allowed == (reason.key in surplus))
    words = {"person": case.as_, "entity": case.read, "expected": _listed(expected), "found": _listed(answer.keys)}
    yield Failure(Issue("test.sees", case.span, words), told)


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(keys) if keys else Term("test.word_nothing")


def _can(opened: OpenTest, person: Principal, case: CanCase) -> Iterator[Failure]:
    code = "test.can" if case.is_ else "test.cannot"
    for entity, keys in case.records.items():
        for action, key in ((action, key) for action in case.can for key in keys):
            because: tuple[Issue, ...] = ()
            try:
                allowed = opened.workspace.can(person, action, entity, key, case.field_)
            except AccessDenied as denied:
                allowed, because = False, denied.issues
            if allowed != case.is_:
                cell = f"{key}.{case.field_}" if case.field_ else str(key)
                words = {"person": case.as_, "action": Term(f"action.{action}"), "entity": entity, "cell": cell}
                why = reasons(opened, person, action, entity, key, case.field_)
                yield Failure(Issue(code, case.span, words), why, because)


def _kpi(opened: OpenTest, person: Principal, case: KpiCase) -> Iterator[Failure]:
    try:
        answer = opened.workspace.kpi(person, case.kpi, case.by)
    except AccessDenied as denied:
        yield from _refusal(case, denied)
        return
    if case.refused:
        yield Failure(Issue("test.not_refused", case.span, {"person": case.as_}))
        return
    *groups, (*_, total, _) = answer.rows
    whole = case.total if case.by else case.is_
    if whole is not None and not isinstance(whole, Mapping) and not same_figure(whole, total):
        yield _other_figure("test.figure", whole.span, case, whole, figure_word(total, whole))
    if isinstance(case.is_, Mapping):
        yield from _groups(case, case.is_, {_label(row): row[-2] for row in groups})


def _label(row: tuple[Any, ...]) -> str:
    return "/".join(figure_word(label) for label in row[:-2])


def _groups(case: KpiCase, expected: Mapping[Any, Any], found: Mapping[str, Any]) -> Iterator[Failure]:
    for group, figure in expected.items():
        if group not in found:
            yield _other_figure("test.group", group.span, case, figure, Term("test.word_no_group"), group)
        elif not same_figure(figure, found[group]):
            yield _other_figure("test.group", group.span, case, figure, figure_word(found[group], figure), group)
    for group in found:
        if group not in expected:
            nothing = Term("test.word_no_group")
            yield _other_figure("test.group", case.span, case, nothing, figure_word(found[group]), group)


def _other_figure(code: str, span: Span, case: KpiCase, expected: str, found: str, group: str = "") -> Failure:
    words = {"person": case.as_, "kpi": case.kpi, "expected": expected, "found": found, "group": group}
    return Failure(Issue(code, span, words))
