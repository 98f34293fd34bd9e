"""Nouns to lines on the terminal; answers go to standard output, issues and rejects to standard error."""

from __future__ import annotations

import sys
from collections.abc import Container, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.issue import Issue, say

if TYPE_CHECKING:
    from salesrules.workspace import Answer, Explanation, Origin, Pack, Workspace


def print_issues(issues: Sequence[Issue], root: Path, lang: str, typed: Mapping[str, str] | None = None) -> None:
    """Each issue with the line of its file and a caret; `typed` are texts of the command line, by option."""
    from salesrules.report import text
    from salesrules.shipped import read_shown

    if issues:
        click.echo(text(issues, lambda file: (typed or {}).get(file) or read_shown(root, file), lang), err=True)


def print_rejects(workspace: Workspace, lang: str) -> None:
    """What of the data was left out."""
    from salesrules.phrases import reject_text

    for reject in workspace.rejects:
        click.echo(reject_text(workspace.pack, reject, lang), err=True)


def print_reject_count(workspace: Workspace, lang: str) -> None:
    """That some of the data was left out, for those who run the workspace; the count moves with hidden cells."""
    if workspace.rejects:
        rows = sum(reject.rows for reject in workspace.rejects)
        click.echo(say("rejects.some", lang, rows=f"{rows:,}"), err=True)


def print_day(workspace: Workspace, day: date, lang: str) -> None:
    """What of an answer about another day is of that day, on standard error."""
    from salesrules.phrases import day_text

    if said := day_text(day, workspace.today(), lang):
        click.echo(said, err=True)


def print_explanation(pack: Pack, found: Explanation, lang: str, field: str | None = None) -> None:
    """The decision, and below it each line that speaks about it, as deep as it belongs."""
    from salesrules.reasons import explanation_texts

    for sentence in explanation_texts(pack, found, lang, field):
        click.echo("  " * sentence.depth + sentence.text)


def print_origin(pack: Pack, origin: Origin, lang: str) -> None:
    """What a computed cell was read off, and below it the cells that were read."""
    from salesrules.reasons import origin_texts

    first, *rest = origin_texts(pack, origin, lang)
    click.echo(first)
    for text in rest:
        click.echo(f"  {text}")


def print_answer(pack: Pack, answer: Answer, lang: str) -> None:
    """An answer as a table, figures to the right."""
    from salesrules.phrases import answer_texts, column_text

    heads = [column_text(pack, answer, name, lang) for name in answer.columns]
    numeric = {i for i in range(len(heads)) if any(isinstance(row[i], int | float | Decimal) for row in answer.rows)}
    print_table(heads, answer_texts(pack, answer, lang), numeric)


def print_table(heads: list[str], rows: list[list[str]], numeric: Container[int] = ()) -> None:
    """Rows of texts under headings; the columns in `numeric` stand to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(Text(head), justify="right" if index in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=10_000)
    console.print(table)
