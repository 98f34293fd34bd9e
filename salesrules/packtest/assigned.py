"""An expectation about who gets a record to the ways in which it goes elsewhere: it comes in, and is assigned."""

from __future__ import annotations

from dataclasses import replace

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import Issue, Term
from salesrules.pack.tests import AssignCase, Record
from salesrules.pack.word import Word
from salesrules.packtest.given import given
from salesrules.packtest.outcome import Failure, OpenTest
from salesrules.work.assign.arrivals import UNRULED
from salesrules.work.assign.run import Run, assign
from salesrules.workspace import Workspace

_SEED = "test"


def assigned_otherwise(opened: OpenTest) -> list[tuple[Failure, ...]]:
    """For each expectation of a test every way in which the record goes otherwise."""
    cases = opened.test.assignment
    if not cases:
        return []
    records: dict[Word, dict[Word, Record]] = {entity: dict(found) for entity, found in opened.test.records.items()}
    keys = []
    for number, case in enumerate(cases, start=1):
        ((entity, record),) = case.given.items()
        (field,) = opened.workspace.pack.entities[entity].key
        said = record.get(Word(field))
        keys.append(said if isinstance(said, Word) else Word(f"given {number}", case.span))
        records.setdefault(entity, {})[keys[-1]] = record
    workspace = given(opened.workspace.snapshot.program, replace(opened.test, records=records))
    return [_failures(workspace, opened, case, key) for case, key in zip(cases, keys, strict=True)]


def _failures(workspace: Workspace, opened: OpenTest, case: AssignCase, key: Word) -> tuple[Failure, ...]:
    """The record that the case gives comes in alone, the others being what is there."""
    assigning = workspace.snapshot.program.assignments.get(case.assign)
    if assigning is None:
        return (Failure(Issue("test.assignment_not_yet", case.assign.span, {"name": case.assign})),)
    assert isinstance(workspace.engine, DuckDB)  # a test has its rows in the cache
    run = assign(workspace.engine, workspace.snapshot, assigning, case.at or opened.test.now, _SEED, only=[key])
    return tuple(Failure(issue) for issue in _issues(case, run))


def _issues(case: AssignCase, run: Run) -> list[Issue]:
    if not run.arrivals.keys:
        return [Issue("test.not_assigned", case.span, {"name": case.assign})]
    number = run.arrivals.kinds[run.arrivals.kind[0]].rule
    rule = run.assigning.rules[number].id if number != UNRULED else Term("test.word_no_rule")
    person, pool, issues = run.person(0), run.pool(0), []
    found = person or pool or ""
    if case.to is not None and case.to != person:
        issues.append(Issue("test.goes_to", case.to.span, {"expected": case.to, "found": found, "rule": rule}))
    if case.pool is not None and case.pool != pool:
        issues.append(Issue("test.goes_to", case.pool.span, {"expected": case.pool, "found": found, "rule": rule}))
    if case.because is not None and case.because != rule:
        issues.append(Issue("test.because", case.because.span, {"expected": case.because, "rule": rule}))
    return issues
