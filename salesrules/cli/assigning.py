"""The verbs of those who look after who gets the work: assign, rebalance, handover, confirm."""

from __future__ import annotations

import sys
from typing import Any

import click

from salesrules.cli.verb import AT, day, verb
from salesrules.issue import Issue, QuestionError, Span, say

BEYOND = 1
"""The exit code of a dry run whose outcome is beyond the limit of the pack."""
_IF_AT = day("--at", help="With --dry-run: as if it were this day.")


@verb("assign")
@click.argument("entity")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be; nothing is written.")
@_IF_AT
@click.option("--record", "key", metavar="KEY", help="With --dry-run: what would become of one record, and why.")
@click.option("--person", metavar="PERSON", help="With --record: why this person would not get it.")
@click.option("--seed", metavar="TEXT", help="What chance is drawn from; the assignment and the day.")
def assign(entity: str, dry: bool, seed: str | None, key: str | None, person: str | None, **given: Any) -> None:
    """Who gets the records of ENTITY that wait, or those of one assignment by its id.

    \b
    salesrules assign lead --dry-run
    salesrules assign lead --dry-run --record L-00005 --person P-0007
    salesrules assign new_leads

    All of it is written or none. A record that nobody gets waits in a pool, and says why. With --dry-run the exit code
    is 1 if the outcome is more unequal than `fairness` of the pack allows.
    """
    from salesrules.assigning import Assigner
    from salesrules.whose import assigned_texts, recalled_texts, stopped_text

    if not dry and (given["at"] is not None or key is not None or person is not None):
        raise click.UsageError(say("assign.record_dry" if key or person else "assign.at_dry", given["lang"]))
    assigner = Assigner.open(given["workspace"], given["pack"])
    if key is not None:
        told = assigner.would(entity, key, person, seed, given["at"])
        if told is None:
            raise QuestionError([Issue("assign.not_waiting", Span("--record"), {"key": key})])
        for text in recalled_texts(assigner.workspace.pack, told, given["lang"], would=True):
            click.echo(text)
        return
    found = assigner.assign(entity, dry, seed, given["at"])
    for text in assigned_texts(assigner.workspace.pack, found, given["lang"]):
        click.echo(text)
    if dry and found.beyond:
        click.echo(stopped_text(assigner.workspace.pack, found, given["lang"]))
    click.echo(say("assign.kept" if found.kept else "assign.not_kept", given["lang"], run=found.kept or ""))
    if dry and found.beyond:
        sys.exit(BEYOND)


@verb("rebalance")
@click.argument("entity")
@click.option("--within", type=click.IntRange(0, 100), default=20, help="Percent of the mean that anybody may be off.")
@AT
def rebalance(entity: str, within: int, **given: Any) -> None:
    """The fewest moves of active records of ENTITY after which people have about as many; nothing is written.

    \b
    salesrules rebalance lead --within 30
    """
    from fractions import Fraction

    from salesrules.assigning import Assigner
    from salesrules.whose import rebalanced_texts

    assigner = Assigner.open(given["workspace"], given["pack"])
    for text in rebalanced_texts(assigner.rebalance(entity, Fraction(within, 100), given["at"]), given["lang"]):
        click.echo(text)


@verb("handover")
@click.argument("person")
@click.option("--by", metavar="HANDOVER", help="Which handover; the first that is for the person.")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be; nothing is written.")
@_IF_AT
def handover(person: str, by: str | None, dry: bool, **given: Any) -> None:
    """Who gets all that PERSON holds, rule by rule, and what no rule takes.

    \b
    salesrules handover P-0031 --dry-run
    """
    from salesrules.leaving import Leaving
    from salesrules.whose import handed_texts
    from salesrules.working import Working

    if given["at"] is not None and not dry:
        raise click.UsageError(say("assign.at_dry", given["lang"]))
    working = Working.open(given["workspace"], given["pack"])
    found = Leaving(working).hand_over(person, dry, by, given["at"])
    for text in handed_texts(working.workspace.pack, found, given["lang"]):
        click.echo(text)
    if dry:
        click.echo(say("assign.not_kept", given["lang"]))


@verb("confirm", acts=True)
@click.argument("entity", required=False)
@click.argument("key", required=False)
def confirm(entity: str | None, key: str | None, **given: Any) -> None:
    """Agree that a record of somebody who goes is handed over; without a record: those that wait for you.

    \b
    salesrules confirm --as P-0002
    salesrules confirm --as P-0002 customer C-00031

    For whom the handover asks. It goes once all of them agree.
    """
    from salesrules.cli.working import doer, print_facts
    from salesrules.leaving import Leaving
    from salesrules.whose import waiting_text

    working, person, lang = doer(given)
    door = Leaving(working)
    if entity is not None and key is not None:
        print_facts(door.agree(person, entity, key), lang)
        return
    found = [one for one in door.to_agree(person) if entity in (None, one.entity)]
    for one in found:
        click.echo(waiting_text(working.workspace.pack, one, lang))
    click.echo(say("handover.to_agree", lang, count=f"{len(found):,}"))
