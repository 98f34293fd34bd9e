"""The verbs for those who bind an organisation's own tables: doctor, import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.verb import output, verb
from salesrules.cli.writing import writing
from salesrules.issue import Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.overseeing import Overseer


@verb("doctor")
@output("text", "json")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the rows that were left out here, a CSV file for each table, with the reason beside each row.",
)
def doctor(output: str, rejects: Path | None, workspace: Path, pack: str | None, lang: str) -> None:
    """How the tables were read, what was left out, and how good the records are.

    \b
    salesrules doctor
    salesrules doctor --rejects to-mend     # open the files, mend the rows, import them again
    salesrules doctor --output json
    """
    from salesrules.findings import finding_texts, findings_json
    from salesrules.overseeing import Overseer
    from salesrules.workspace import Workspace

    opened = Workspace.open(workspace, pack)
    overseer = Overseer(opened)
    found, quality = overseer.doctor(), overseer.quality()
    if output == "json":
        click.echo(findings_json(found, quality, lang))
    else:
        for heading, lines in finding_texts(opened.pack, found, quality, lang):
            click.echo(heading)
            for line in lines:
                click.echo(f"  {line}")
    if rejects is not None:
        with writing("--rejects", rejects):
            written = _write_rejects(overseer, rejects, lang)
        for path, rows in written:
            click.echo(say("doctor.written", lang, file=str(path), rows=f"{rows:,}"), err=True)


def _write_rejects(overseer: Overseer, folder: Path, lang: str) -> list[tuple[Path, int]]:
    """Write a file for each table of which rows were left out; those of an earlier time go."""
    from salesrules.findings import rejects_csv

    folder.mkdir(parents=True, exist_ok=True)
    for name in overseer.tables():
        (folder / f"{name}.rejects.csv").unlink(missing_ok=True)
    written = []
    for table in overseer.rejected():
        path = folder / f"{table.entity}.rejects.csv"
        # a spreadsheet needs the mark to know UTF-8; the rows are for nobody else on the machine
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig") as file:
            file.write(rejects_csv(table, lang))
        written.append((path, len(table.rows)))
    return written


@verb("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE..."
)
@click.option("--guess", is_flag=True, help="Say which column is probably which field.")
@click.option("--entity", metavar="ENTITY", help="What the rows of the file are; without it that is guessed too.")
@click.option("--sheet", metavar="SHEET", help="The sheet of a workbook; the first one.")
@click.option("--write", is_flag=True, help="Append the guess to salesrules.toml; a copy of what it was is kept.")
def import_files(
    files: tuple[Path, ...],
    guess: bool,
    entity: str | None,
    sheet: str | None,
    write: bool,
    workspace: Path,
    pack: str | None,
    lang: str,
) -> None:
    """A binding for files, guessed from their headings and rows.

    \b
    salesrules import --guess data/customers.csv
    salesrules import --guess 客户.xlsx --sheet 客户 --entity customer --write
    """
    from salesrules.reading import guess_mappings
    from salesrules.sources.guessing.mapping import append as append_mappings
    from salesrules.sources.settings.bindings import read_settings

    if not guess:
        raise QuestionError([Issue("guess.say_guess", Span("--guess"))])
    if entity is not None and len(files) > 1:
        raise QuestionError([Issue("guess.one_file", Span("--entity"))])
    settings = read_settings(workspace)
    tables = guess_mappings(settings, pack, files, lang, entity, sheet)
    click.echo("\n".join(tables), nl=False)
    if write:
        with writing("--write", settings.root):
            copy = append_mappings(tables, settings)
        click.echo(say("guess.written", lang, file=str(copy)), err=True)
