"""The verb by which somebody stands in for another: delegate."""

from __future__ import annotations

from typing import Any

import click

from salesrules.cli.verb import day, verb
from salesrules.issue import say


@verb("delegate", acts=True)
@click.argument("giver", required=False)
@click.option("--to", metavar="PERSON", help="Who stands in.")
@day("--from", "begins", help="The first day; today.")
@day("--until", help="The first day on which it is over.")
@click.option("--only", default="approve", metavar="A,B", help="The actions that are lent, approve if nothing is said.")
@click.option("--of", "entities", multiple=True, metavar="ENTITY", help="Only for records of this; may be repeated.")
def delegate(giver: str | None, to: str | None, **given: Any) -> None:
    """Let somebody act in the place of GIVER for a while, by a delegation rule; without GIVER: what is in force.

    \b
    salesrules delegate --as P-0002
    salesrules delegate --as P-0002 P-0002 --to P-0003 --until 2026-07-15
    salesrules delegate --as P-0002 P-0002 --to P-0003 --until 2026-07-15 --only read,approve --of opportunity
    salesrules see --as P-0003 --for P-0002 opportunity

    It takes the giver, or the role that the rule asks for. It ends by itself; said again for the same two people it
    counts as said last, so that today as the last day ends it. What is lent beside approve is asked for with --for.
    """
    from salesrules.cli.working import doer
    from salesrules.deputing import Deputing
    from salesrules.phrases import stand_in_text

    working, person, lang = doer(given)
    door, pack = Deputing(working), working.workspace.pack
    if giver is None:
        found = door.listed(person)
        for one in found:
            click.echo(stand_in_text(pack, one, lang))
        click.echo(say("delegation.count", lang, count=f"{len(found):,}"))
        return
    if to is None or given["until"] is None:
        raise click.UsageError(say("delegation.incomplete", lang))
    actions = [word.strip() for word in given["only"].split(",") if word.strip()]
    start = given["begins"] or working.today()
    one = door.delegate(person, giver, to, start, given["until"], actions, given["entities"])
    click.echo(stand_in_text(pack, one, lang))
