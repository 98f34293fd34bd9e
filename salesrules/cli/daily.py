"""The verbs of a working day: what was planned for it and done, and how to do what a stage asks for."""

from __future__ import annotations

from typing import Any

import click

from salesrules.cli.pooling import look_at
from salesrules.cli.verb import verb
from salesrules.cli.working import doer


@verb("playbook", acts=True)
@click.argument("entity")
@click.argument("key")
def playbook(entity: str, key: str, **given: Any) -> None:
    """How to do what the stage of a record asks for: the playbook of the stage, as it is written.

    \b
    salesrules playbook --as P-0005 opportunity O-00716 --lang zh
    """
    from salesrules.deeds import playbook_texts

    working, person, lang = doer(given)
    entity = working.workspace.named("entity", entity)
    outlooks = working.outlook(person, entity, key)
    look_at(working.workspace, person, entity, key)
    for found in outlooks:
        for text in playbook_texts(working.workspace.pack, found, lang):
            click.echo(text)


@verb("day", asks=True)
@click.option("--team", is_flag=True, help="Of all who report to you as well, a line each.")
def day(team: bool, **given: Any) -> None:
    """The tasks planned for a day against those done: what was done, what was not, and what was done besides.

    \b
    salesrules day --as P-0005
    salesrules day --as P-0008 --team --at 2026-06-29

    Planned is what was open when the day began and due by its end.
    """
    from salesrules.deeds import day_texts

    working, person, lang = doer(given)
    clocks = {clock.id: clock for clock in working.clocks}
    for found in working.day(person, person.day, team):
        texts = day_texts(working.workspace.pack, found, clocks, working.times, lang)
        for sentence in texts[:1] if team else texts:
            click.echo("  " * sentence.depth + sentence.text)
