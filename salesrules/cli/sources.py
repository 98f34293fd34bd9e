"""The verbs for those who bind an organisation's own tables: doctor, import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.verb import output, verb
from salesrules.issue import say

if TYPE_CHECKING:
    from salesrules.workspace import Workspace


@verb("doctor")
@output("text", "json")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the rows that were left out here, a CSV file for each table, with the reason beside each row.",
)
def doctor(output: str, rejects: Path | None, workspace: Path, pack: str | None, lang: str) -> None:
    """How the tables were read, and what was left out.

    \b
    salesrules doctor
    salesrules doctor --rejects to-mend     # open the files, mend the rows, import them again
    salesrules doctor --output json
    """
    from salesrules.findings import finding_texts, findings_json
    from salesrules.workspace import Workspace

    opened = Workspace.open(workspace, pack)
    found = opened.doctor()
    if output == "json":
        click.echo(findings_json(found, lang))
    else:
        for heading, lines in finding_texts(found, lang):
            click.echo(heading)
            for line in lines:
                click.echo(f"  {line}")
    if rejects is not None:
        for path, rows in _write_rejects(opened, rejects, lang):
            click.echo(say("doctor.written", lang, file=str(path), rows=f"{rows:,}"), err=True)


def _write_rejects(opened: Workspace, folder: Path, lang: str) -> list[tuple[Path, int]]:
    """Write a file for each table of which rows were left out; those of an earlier time go."""
    from salesrules.findings import rejects_csv

    folder.mkdir(parents=True, exist_ok=True)
    for name in opened.tables():
        (folder / f"{name}.rejects.csv").unlink(missing_ok=True)
    written = []
    for table in opened.rejected():
        path = folder / f"{table.entity}.rejects.csv"
        # a spreadsheet needs the mark to know UTF-8; the rows are for nobody else on the machine
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig") as file:
            file.write(rejects_csv(table, lang))
        written.append((path, len(table.rows)))
    return written
