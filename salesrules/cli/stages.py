"""The verb about how records go through their process: stages."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from salesrules.cli.printing import print_day, print_table
from salesrules.cli.verb import day, output, verb
from salesrules.cli.working import doer
from salesrules.issue import say


@verb("stages", asks=True)
@click.argument("process", metavar="PROCESS|ENTITY")
@day("--from", "start", help="The first day that counts; the first of the log.")
@day("--to", "end", help="The day after the last one; the day after --at.")
@output("table", "csv", "json")
def stages(process: str, start: date | None, end: date | None, output: str, **given: Any) -> None:
    """How records went through the stages of a process: who came, where they went on to, who is there, for how long.

    \b
    salesrules stages --as P-0002 opportunity
    salesrules stages --as P-0002 sales --from 2026-06-01 --to 2026-07-01
    salesrules stages --as P-0002 sales --at 2026-06-30 --lang zh

    Over the records of which you read key and stage, from the log. What is printed as csv or json is exported: the
    grants must let you export both of every record that counts.
    """
    from salesrules.export.stages import stages_csv, stages_json
    from salesrules.staged import COLUMNS, stages_rows, stages_texts

    working, person, lang = doer(given)
    print_day(working.workspace, person.day, lang)
    found = working.stages(person, process, start, end, leaves=output != "table")
    if output != "table":
        click.echo(stages_csv(found) if output == "csv" else stages_json(found), nl=output == "json")
        return
    pack = working.workspace.pack
    for text in stages_texts(pack, found, lang):
        click.echo(text)
    heads = [say(f"stages.{name}", lang) for name in ("stage", *COLUMNS)]
    print_table(heads, stages_rows(pack, found, lang), range(1, len(heads)))
