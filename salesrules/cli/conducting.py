"""The verbs of conduct: who is charged with which violations, why it came to them, and what was done about them."""

from __future__ import annotations

from typing import Any

import click

from salesrules.cli.verb import verb
from salesrules.issue import say


@verb("violations", acts=True)
@click.option("--team", is_flag=True, help="Of all who report to you as well.")
@click.option("--settled", is_flag=True, help="Those that are settled as well, with the notes.")
def violations(team: bool, settled: bool, **given: Any) -> None:
    """Violations of the rules of conduct that you are charged with and that nobody has settled, the gravest first.

    \b
    salesrules violations --as P-0005
    salesrules violations --as P-0008 --team --settled

    They are noted by `run clocks`. Of other people you are told what you may know anyway.
    """
    from salesrules.charges import charge_texts
    from salesrules.conducting import Conducting

    door, lang = Conducting.open(given["workspace"], given["pack"]), given["lang"]
    workspace = door.working.workspace
    found = door.violations(workspace.person(given["person"]), team, settled)
    for sentence in charge_texts(workspace.pack, found, door.working.times, lang):
        click.echo("  " * sentence.depth + sentence.text)
    click.echo(say("conduct.count", lang, count=f"{len(found.told) + found.hidden:,}"))


@verb("settle", acts=True)
@click.argument("violation", type=int)
@click.option("--note", required=True, metavar="TEXT", help="What was done about it; who is charged reads it.")
def settle(violation: int, note: str, **given: Any) -> None:
    """Close a violation, by its number, with a note of what was done about it.

    \b
    salesrules settle --as P-0008 4212 --note "talked it over, the customer was called"

    For those to whom the one who is charged reports, and who may be told of the violation; nobody settles their own.
    """
    from salesrules.cli.working import print_facts
    from salesrules.conducting import Conducting

    door = Conducting.open(given["workspace"], given["pack"])
    person = door.working.workspace.person(given["person"])
    print_facts([door.settle(person, violation, note)], given["lang"])


@verb("answer", acts=True)
@click.argument("violation", type=int)
@click.option("--because", required=True, metavar="TEXT", help="Why it came to it; those above read it.")
def answer(violation: int, because: str, **given: Any) -> None:
    """Say why it came to a violation, by its number, before anybody settles it.

    \b
    salesrules answer --as P-0005 4212 --because "two customers put their visits off"

    For the one who is charged, and for those to whom that one reports and who may be told of the violation.
    """
    from salesrules.cli.working import print_facts
    from salesrules.conducting import Conducting

    door = Conducting.open(given["workspace"], given["pack"])
    person = door.working.workspace.person(given["person"])
    print_facts([door.answer(person, violation, because)], given["lang"])
