"""A report of tests to sentences for people, and to JSON and JUnit for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from salesrules.issue import Term, say
from salesrules.pack.policies import Grant
from salesrules.pack.tests import AssignCase, CanCase, KpiCase
from salesrules.packtest.outcome import AnyCase, Failure, Mutant, Report
from salesrules.reasons import reason_texts


def title(case: AnyCase) -> str:
    """An expectation in the words of its file, the same in every language."""
    match case:
        case CanCase():
            records = " ".join(f"{entity} {' '.join(keys)}" for entity, keys in case.records.items())
            return f"{case.as_} can {' '.join(case.can)} {records}"
        case AssignCase():
            return f"assign {case.assign} {' '.join(case.given)} {case.to or case.pool or case.because or ''}".strip()
        case KpiCase():
            return " ".join([case.as_, "kpi", case.kpi, *(["by", *case.by] if case.by else [])])
        case _:
            return f"{case.as_} read {case.read}"


def why_lines(report: Report, failure: Failure, lang: str) -> Iterator[str]:
    """What is behind a failure: what refused the question, and the grant lines of each decision."""
    for issue in failure.because:
        yield issue.text(lang)
    for found in failure.reasons:
        first, *rest = reason_texts(report.pack, found, lang)
        yield first
        yield from (f"  {text}" for text in rest)


def grant_text(grant: Grant) -> str:
    """A grant as its line begins; of a line on a module, with the part that is meant."""
    line = grant.written
    text = ",".join((line.effect, line.role, line.action, line.object, line.category, line.slice))
    return f"{text} ({grant.object}, {grant.category})" if grant.said is not None else text


def totals(report: Report, lang: str) -> list[str]:
    """How many grants the tests lean on, and how many changes of grants they notice."""
    covered = len(report.grants) - len(report.uncovered)
    lines = [say("test.covered", lang, covered=covered, total=len(report.grants))]
    apart = len(report.pack.grants) - len(report.grants)
    if apart:
        lines.append(say("test.not_asked", lang, count=apart))
    if report.mutants:
        noticed = sum(mutant.noticed for mutant in report.mutants)
        lines.append(say("test.noticed", lang, noticed=noticed, total=len(report.mutants)))
    return lines


def uncovered_text(grant: Grant, lang: str) -> str:
    """The place of a line that no expectation leans on."""
    return say("test.uncovered", lang, place=str(grant.span), grant=grant_text(grant))


def survivor_text(mutant: Mutant, lang: str) -> str:
    """The place of a change that no expectation notices."""
    words = {"place": str(mutant.grant.span), "grant": grant_text(mutant.grant)}
    return say("test.survives", lang, change=Term(f"test.word_{mutant.change}"), **words)


def to_json(report: Report, lang: str) -> str:
    """The report as one JSON object; lines and columns count from 1."""
    found: dict[str, Any] = {
        "pack": report.pack.about.pack,
        "expectations": sum(len(file.outcomes) for file in report.files),
        "failed": report.failed,
        "files": [
            {
                "file": file.file,
                "expectations": len(file.outcomes),
                "seconds": round(file.seconds, 3),
                "failures": [_failure(report, f, lang) for outcome in file.outcomes for f in outcome.failures],
            }
            for file in report.files
        ],
        "grants": {
            "total": len(report.grants),
            "covered": len(report.grants) - len(report.uncovered),
            "uncovered": [_line(grant) for grant in report.uncovered],
        },
    }
    if report.mutants:
        survivors = [_line(m.grant) | {"change": m.change} for m in report.mutants if not m.noticed]
        found["changes"] = {
            "total": len(report.mutants),
            "noticed": len(report.mutants) - len(survivors),
            "unnoticed": survivors,
        }
    return json.dumps(found, ensure_ascii=False, indent=2)


def to_junit(report: Report, lang: str) -> str:
    """The report as JUnit XML: a suite a file, a case an expectation, named by its line."""
    root = Element("testsuites", name=report.pack.about.pack)
    for file in report.files:
        counts = {"tests": str(len(file.outcomes)), "failures": str(file.failed), "time": f"{file.seconds:.3f}"}
        suite = SubElement(root, "testsuite", {"name": file.file, **counts})
        for outcome in file.outcomes:
            name = f"{outcome.case.span.line}: {title(outcome.case)}"
            case = SubElement(suite, "testcase", classname=file.file, name=name)
            for failure in outcome.failures:
                found = SubElement(case, "failure", message=failure.issue.text(lang), type=failure.issue.code)
                found.text = "\n".join([failure.issue.line(lang), *why_lines(report, failure, lang)])
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True)


def _failure(report: Report, failure: Failure, lang: str) -> dict[str, Any]:
    span = failure.issue.span
    place = {"code": failure.issue.code, "file": span.file, "line": span.line, "column": span.column}
    return {**place, "text": failure.issue.text(lang), "why": list(why_lines(report, failure, lang))}


def _line(grant: Grant) -> dict[str, Any]:
    return {"file": grant.span.file, "line": grant.span.line, "grant": grant_text(grant)}
