"""A pack and the tests beside its rules to a report: `run_tests` tells the whole story."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from salesrules.compile import Program
from salesrules.issue import Issue, PackError, QuestionError, Span, in_order, nearest
from salesrules.load import read_file
from salesrules.load.text import read_text
from salesrules.pack.policies import OBJECTS
from salesrules.pack.tests import PackTest
from salesrules.packtest.assigned import assigned_otherwise
from salesrules.packtest.cases import failures
from salesrules.packtest.decisions import leaned_on
from salesrules.packtest.given import given
from salesrules.packtest.mutants import mutants
from salesrules.packtest.names import name_issues
from salesrules.packtest.outcome import Failure, FileOutcome, Mutant, OpenTest, Outcome, Report
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import FILE, Settings, read_settings

__all__ = ["Failure", "FileOutcome", "Mutant", "Outcome", "Report", "run_tests"]

FOLDER, ENDING = "tests", "_test.yaml"
_LATER = ("stages", "targets", "incentives", "credits", "reviews", "handovers")
Tell = Callable[[int, int], None]


def run_tests(root: Path, pack: str | None, matching: str, mutate: bool, tell: Tell) -> Report:
    """Run the tests of a pack; `matching` keeps the files with that text in their name.

    Args: tell: is told how many steps of how many are done, with `mutate` from the start again for the grants.
    Raises: PackError if the pack or a test is not valid; QuestionError if there is no test to run.
    """
    settings = read_settings(root) if (root / FILE).is_file() or pack is None else Settings(root, None, {}, {})
    read = read_program(settings, pack)
    if read.program is None:
        raise PackError(read.issues)
    opened = _opened(read.program, read.rules, matching)
    files = []
    for number, test in enumerate(opened):
        tell(number, len(opened))
        files.append(_outcomes(test))
    tell(len(opened), len(opened))
    grants = tuple(grant for grant in read.program.pack.grants if grant.object not in OBJECTS)
    held = [
        (test, out.case) for test, file in zip(opened, files, strict=True) for out in file.outcomes if not out.failures
    ]
    covered = frozenset(grant for test, case in held for grant in leaned_on(test, case))
    found = mutants(opened, grants, tell) if mutate and not any(file.failed for file in files) else ()
    return Report(read.program.pack, tuple(files), grants, covered, found)


def _opened(program: Program, rules: Path, matching: str) -> list[OpenTest]:
    """Every test that is asked for, read, checked and with its rows in a database."""
    paths = sorted((rules / FOLDER).glob(f"*{ENDING}"))
    wanted = [path for path in paths if matching in path.name]
    if not wanted:
        words = {"pack": rules.name, "folder": f"rules/{rules.name}/{FOLDER}", "name": matching}
        code = "test.none_matches" if paths else "test.none"
        near = nearest(matching, [path.name for path in paths])
        raise QuestionError([Issue(code, Span(words["folder"]), words, near=near)])
    opened: list[OpenTest] = []
    issues = list(_misnamed(rules))
    for path in wanted:
        file = str(path.relative_to(rules.parent.parent))
        try:
            test = _read(program, path, file)
            opened.append(OpenTest(file, test, given(program, test)))
        except PackError as error:
            issues += error.issues
    if issues:
        raise PackError(in_order(issues))
    return opened


def _misnamed(rules: Path) -> Iterator[Issue]:
    """Files beside the tests that would be left out in silence."""
    for path in sorted((rules / FOLDER).rglob("*.y*ml")):
        if not path.name.endswith(ENDING) or path.parent.name != FOLDER:
            name = path.stem.removesuffix("_test") + ENDING
            yield Issue("file.misnamed", Span(str(path.relative_to(rules.parent.parent))), {"name": f"{FOLDER}/{name}"})


def _read(program: Program, path: Path, file: str) -> PackTest:
    text, problem = read_text(path, file)
    noun, issues = (None, [problem]) if problem is not None else read_file(text, file)
    issues = [_later(issue) for issue in issues]
    if noun is not None and not isinstance(noun, PackTest):
        issues.append(Issue("test.other_kind", Span(file)))
    elif noun is not None:
        issues += name_issues(program.pack, noun)
    if issues or noun is None:
        raise PackError(in_order(issues))
    test: PackTest = noun
    return test


def _later(issue: Issue) -> Issue:
    """What tests will be able to say is told apart from what is misspelt."""
    name = issue.words.get("name", "")
    known = issue.code == "yaml.unknown_key" and name in _LATER
    return Issue("test.not_yet", issue.span, {"name": name}) if known else issue


def _outcomes(test: OpenTest) -> FileOutcome:
    start = time.perf_counter()
    outcomes: list[Outcome] = [Outcome(case, failures(test, case)) for case in test.test.access]
    assigned = zip(test.test.assignment, assigned_otherwise(test), strict=True)
    outcomes += [Outcome(case, otherwise) for case, otherwise in assigned]
    return FileOutcome(test.file, tuple(outcomes), time.perf_counter() - start)
