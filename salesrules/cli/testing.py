"""The verb that runs the tests beside the rules: test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.verb import output, verb
from salesrules.issue import say

if TYPE_CHECKING:
    from salesrules.packtest import Report

FAILED = 4


@verb("test")
@click.argument("name", required=False, metavar="[PACK]")
@click.option("-k", "matching", default="", metavar="NAME", help="Only files with this in their name.")
@click.option("--uncovered", is_flag=True, help="List the grants that no expectation leans on.")
@click.option("--mutate", is_flag=True, help="Change each grant in turn, and list the changes that nothing notices.")
@output("table", "json", "junit")
def test(
    name: str | None,
    matching: str,
    uncovered: bool,
    mutate: bool,
    output: str,
    workspace: Path,
    pack: str | None,
    lang: str,
) -> None:
    """Run the tests beside the rules of a pack; exit code 4 if one fails.

    \b
    salesrules test
    salesrules test standard -k access --uncovered
    salesrules test standard --mutate --output junit > tests.xml
    """
    from salesrules.packtest import run_tests
    from salesrules.packtest.written import to_json, to_junit

    report = run_tests(workspace, name or pack, matching, mutate, _tell)
    if output == "table":
        _print(report, uncovered, workspace, lang)
    else:
        click.echo(to_json(report, lang) if output == "json" else to_junit(report, lang))
    if report.failed:
        sys.exit(FAILED)


def _tell(done: int, of: int) -> None:
    """One line that overwrites itself, where somebody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r{done}/{of}" if done < of else "\r\x1b[K", nl=False, err=True)


def _print(report: Report, uncovered: bool, workspace: Path, lang: str) -> None:
    from salesrules.packtest.written import survivor_text, totals, uncovered_text, why_lines
    from salesrules.report import text
    from salesrules.shipped import read_shown

    for file in report.files:
        words = {"file": file.file, "count": len(file.outcomes), "failed": file.failed}
        code = "test.file_failed" if file.failed else "test.file_holds"
        click.echo(say(code, lang, **words))
        for outcome in file.outcomes:
            for failure in outcome.failures:
                click.echo(text([failure.issue], lambda file: read_shown(workspace, file), lang))
                for line in (*([outcome.case.note] if outcome.case.note else []), *why_lines(report, failure, lang)):
                    click.echo(f"  {line}")
    for line in totals(report, lang):
        click.echo(line)
    for grant in report.uncovered if uncovered else ():
        click.echo(uncovered_text(grant, lang))
    for mutant in report.mutants:
        if not mutant.noticed:
            click.echo(survivor_text(mutant, lang))
