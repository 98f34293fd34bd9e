"""The verbs of auditors: matrix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.printing import print_day, print_reject_count, print_table
from salesrules.cli.verb import AT, output, verb
from salesrules.issue import say

if TYPE_CHECKING:
    from salesrules.overseeing import Matrix
    from salesrules.workspace import Workspace

_HEADS = ("role", "entity", "category", "action", "opens", "people", "least", "median", "most", "rows")


@verb("matrix")
@click.option("--entity", "entities", multiple=True, metavar="ENTITY", help="Only this one; several times for several.")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Only this one; several times for several.")
@AT
@output("table", "csv", "json")
def matrix(
    entities: tuple[str, ...],
    roles: tuple[str, ...],
    at: date | None,
    output: str,
    workspace: Path,
    pack: str | None,
    lang: str,
) -> None:
    """What each role opens, and on how many rows for its people.

    \b
    salesrules matrix
    salesrules matrix --entity customer --role sales_rep
    salesrules matrix --at 2026-07-01 --output csv > matrix.csv
    """
    from salesrules.export.matrix import matrix_csv, matrix_json
    from salesrules.overseeing import Overseer
    from salesrules.workspace import Workspace

    opened = Workspace.open(workspace, pack)
    print_reject_count(opened, lang)
    found = Overseer(opened).matrix(at or opened.today(), entities, roles)
    print_day(opened, found.day, lang)
    if output == "table":
        _print(opened, found, lang)
    else:
        click.echo(matrix_csv(found) if output == "csv" else matrix_json(found), nl=output == "json")


def _print(opened: Workspace, found: Matrix, lang: str) -> None:
    from salesrules.phrases import opening_text

    pack, rows = opened.pack, []
    for cell in found.cells:
        if cell.opening.how == "none":
            continue
        counts = cell.counts
        spread = (counts.least, counts.median, counts.most) if counts else ()
        category = pack.categories[cell.category].label.in_(lang) if cell.category != "*" else ""
        rows.append(
            [
                pack.roles[cell.role].label.in_(lang),
                pack.entities[cell.entity].label.in_(lang),
                category or say("matrix.whole_row", lang),
                say(f"action.{cell.action}", lang),
                opening_text(pack, cell.opening, lang),
                f"{found.people[cell.role]:,}",
                *([f"{count:,}" for count in spread] or [""] * 3),
                f"{found.rows[cell.entity]:,}",
            ]
        )
    print_table([say(f"matrix.{head}", lang) for head in _HEADS], rows, range(5, 10))
    if len(rows) < len(found.cells):
        click.echo(say("matrix.left_out", lang, count=len(found.cells) - len(rows)))
