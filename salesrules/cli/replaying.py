"""The verb of those who change how work is given out and want to know what that changes: replay."""

from __future__ import annotations

import sys
from typing import Any

import click

from salesrules.cli.assigning import BEYOND
from salesrules.cli.verb import verb
from salesrules.issue import say


@verb("replay")
@click.argument("entity")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The first day; as `fairness` says.")
@click.option("--run", metavar="RUN", help="Only this run, as `assign` named it.")
def replay(entity: str, run: str | None, **given: Any) -> None:
    """What the rules as they stand now would have made of the records of ENTITY that runs gave out.

    \b
    salesrules replay lead
    salesrules replay lead --since 2026-06-01 --pack standard_next
    salesrules replay lead --run "new_leads 2026-03-15T01:00:00.000000+00:00"

    Nothing is written. Every run is taken again with its day and its seed; without a change of rules, people or records
    nothing differs. The exit code is 1 if the outcome is more unequal than `fairness` of the pack allows.
    """
    from salesrules.assigning import Assigner
    from salesrules.hindsight import hindsight_texts

    if run is not None and given["since"] is not None:
        raise click.UsageError(say("replay.run_or_since", given["lang"]))
    assigner = Assigner.open(given["workspace"], given["pack"])
    found = assigner.hindsight(entity, given["since"].date() if given["since"] else None, run)
    for text in hindsight_texts(assigner.workspace.pack, found, given["lang"]):
        click.echo(text)
    if found.beyond:
        sys.exit(BEYOND)
