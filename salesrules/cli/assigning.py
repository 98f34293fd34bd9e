"""The verb assign: every record that waits goes to whom the rules say, or it is only said who that would be."""

from __future__ import annotations

from typing import Any

import click

from salesrules.cli.verb import verb
from salesrules.issue import say


@verb("assign")
@click.argument("entity")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be; nothing is written.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="With --dry-run: as if it were this day.")
@click.option("--seed", metavar="TEXT", help="What chance is drawn from; the assignment and the day.")
def assign(entity: str, dry: bool, seed: str | None, **given: Any) -> None:
    """Who gets the records of ENTITY that wait, or those of one assignment by its id.

    \b
    salesrules assign lead --dry-run
    salesrules assign new_leads

    All of it is written or none. A record that nobody gets waits in a pool, and says why.
    """
    from salesrules.assigning import Assigner
    from salesrules.whose import assigned_texts

    if given["at"] is not None and not dry:
        raise click.UsageError(say("assign.at_dry", given["lang"]))
    assigner = Assigner.open(given["workspace"], given["pack"])
    found = assigner.assign(entity, dry, seed, given["at"].date() if given["at"] else None)
    for text in assigned_texts(assigner.workspace.pack, found, given["lang"]):
        click.echo(text)
    click.echo(say("assign.kept" if found.kept else "assign.not_kept", given["lang"], run=found.kept or ""))
