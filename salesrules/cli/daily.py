"""The verbs of a working day: how to do what a stage asks for."""

from __future__ import annotations

from typing import Any

import click

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
    for found in working.outlook(person, entity, key):
        for text in playbook_texts(working.workspace.pack, found, lang):
            click.echo(text)
