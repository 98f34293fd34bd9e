"""The verb see: the records of an entity as one person sees them, on the screen or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.asking import asker
from salesrules.cli.pooling import counted
from salesrules.cli.printing import print_answer
from salesrules.cli.verb import verb
from salesrules.cli.writing import writing
from salesrules.issue import Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.workspace import Answer, Pack

_TEXTS, _FILES = ("csv", "json"), ("csv", "json", "xlsx", "parquet")


@verb("see", asks=True, lent=True)
@click.argument("entity")
@click.option("--where", default="", metavar="EXPR", help="Only records for which this holds.")
@click.option("--columns", default="", metavar="A,B", help="These fields, or paths such as customer.region.")
@click.option(
    "--sort", default="", metavar="A,-B", help="By these; a minus turns one round. What you do not see is last."
)
@click.option("--page", type=click.IntRange(1, 1_000_000), default=1)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, help="Rows a page.")
@click.option("--all", "everything", is_flag=True, help="All pages at once.")
@click.option(
    "--output", type=click.Choice(["table", *_FILES]), help="How to print it; else by the end of --file, else a table."
)
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="Write it here.")
@click.option("--labels", is_flag=True, help="Labels instead of ids above the columns of a file.")
def see(entity: str, page: int, limit: int, everything: bool, **given: Any) -> None:
    """The records of ENTITY that a person sees.

    \b
    salesrules see --as P-0005 customer
    salesrules see --as P-0005 customer --where "region = 'shanghai' and phone is not null" --sort -name
    salesrules see --as P-0002 opportunity --columns id,customer.name,amount --sort -amount --limit 50 --page 2
    salesrules see --as P-0002 opportunity --all --file deals.xlsx --labels
    salesrules see --as P-0003 --for P-0002 opportunity

    A record that hides a field of --where does not match. What is printed as csv, json, xlsx or parquet is exported:
    cells that the person may not export are empty, and are counted.
    """
    from salesrules.phrases import dated, placed

    kind, file = _kind(given["output"], given["file"]), given["file"]
    question = {name: given[name] for name in ("where", "columns", "sort")}
    workspace, person, lang = asker(given)
    rows, skipped = (None, 0) if everything else (limit, (page - 1) * limit)
    if kind != "table":
        answer = counted(workspace, person, workspace.export(person, entity, rows, skipped, **question), lang)
        of_day = {**dated(person.day, workspace.today(), lang), **placed(person)}
        _write(workspace.pack, answer, kind, file, given["labels"], of_day, lang)
        return
    answer = counted(workspace, person, workspace.see(person, entity, rows, skipped, **question), lang)
    _print(workspace.pack, answer, lang)
    if not everything and page * limit < answer.total:
        click.echo(say("see.next", lang, page=page + 1))


def _kind(output: str | None, file: Path | None) -> str:
    """What to write: what was asked for, or what the file is called.

    Raises: QuestionError for a file of no known kind, and for one that is no text and has nowhere to go.
    """
    if file is None:
        if output is not None and output not in ("table", *_TEXTS):
            raise QuestionError([Issue("export.needs_file", Span("--output"), {"format": output})])
        return output or "table"
    kind = output or file.suffix.removeprefix(".").lower()
    if kind not in _FILES:
        raise QuestionError([Issue("export.unknown_kind", Span("--file"), {"file": file.name})])
    return kind


def _print(pack: Pack, answer: Answer, lang: str) -> None:
    from salesrules.phrases import reason_line, uncompared_line

    click.echo(reason_line(pack, answer, lang))
    if answer.uncompared:
        click.echo(uncompared_line(answer, lang))
    if answer.rows:
        print_answer(pack, answer, lang)


def _write(
    pack: Pack, answer: Answer, kind: str, file: Path | None, labels: bool, of_day: dict[str, str], lang: str
) -> None:
    """The export to its file or to standard output; what it leaves out is said on standard error."""
    from salesrules.export import as_file
    from salesrules.phrases import column_text, left_out_lines, uncompared_line

    heads = [column_text(pack, answer, name, lang) for name in answer.columns] if labels else None
    made = as_file(answer, kind, heads, of_day)
    if file is None:
        click.echo(made, nl=False)
    else:
        with writing("--file", file):
            file.write_bytes(made)
        click.echo(say("export.written", lang, rows=f"{len(answer.rows):,}", file=str(file)), err=True)
    for text in [*left_out_lines(answer, lang), *([uncompared_line(answer, lang)] if answer.uncompared else [])]:
        click.echo(text, err=True)
