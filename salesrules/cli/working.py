"""The verbs by which people get on with their work: each asks the door to the log, and prints what came of it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.verb import EXIT, verb
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.working import Passage, Principal, Working

_SHOWN = 20  # records of a bulk run that are told one by one


@verb("advance", acts=True)
@click.argument("entity")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option(
    "--to", required=True, metavar="STAGE", help="The stage: its id, its label, an alias or a step of a variant."
)
@click.option("--where", default="", metavar="EXPR", help="Instead of keys: the records for which this holds.")
@click.option("--process", metavar="PROCESS", help="Where the records go through several processes.")
@click.option("--dry-run", is_flag=True, help="Only say what would be.")
def advance(entity: str, keys: tuple[str, ...], to: str, where: str, process: str | None, **given: Any) -> None:
    """Move records to another stage, or say everything that stands in the way.

    \b
    salesrules advance --as P-0005 opportunity O-00012 --to proposal --dry-run
    salesrules advance --as P-0005 opportunity O-00012 --to 方案制定
    salesrules advance --as P-0002 opportunity --where "stage = 'identify'" --to lost

    All records of one run go or none does: one that may not is told with the rest, and does not stop the others.
    """
    working, person, lang = doer(given)
    chosen = chosen_keys(working, person, entity, keys, where)
    found = working.advance(person, entity, chosen, to, process, given["dry_run"])
    print_passages(working, found, lang)
    if any(each.unmet for each in found):
        sys.exit(EXIT[AccessDenied])


def doer(given: dict[str, Any]) -> tuple[Working, Principal, str]:
    """The workspace with its log, the person who does something now, and the language."""
    from salesrules.working import Working

    working = Working.open(given["workspace"], given["pack"])
    return working, working.workspace.person(given["person"]), given["lang"]


def chosen_keys(working: Working, person: Principal, entity: str, keys: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The records that were named, or those that the person sees and a condition picks.

    Raises: QuestionError if neither or both are given.
    """
    if bool(keys) == bool(where.strip()):
        raise QuestionError([Issue("work.keys_or_where", Span("--where"))])
    return keys or working.workspace.see(person, entity, None, where=where).keys


def print_passages(working: Working, found: tuple[Passage, ...], lang: str) -> None:
    """Each record with what stands in its way; of many the first ones, and how many there are of each kind."""
    from salesrules.deeds import passage_texts

    for each in found[:_SHOWN]:
        for sentence in passage_texts(working.workspace.pack, each, lang):
            click.echo("  " * sentence.depth + sentence.text)
    if len(found) > 1:
        counts = Counter("done" if each.done else "may" if not each.unmet else "not" for each in found)
        click.echo(
            say("work.counts", lang, total=f"{len(found):,}", **{n: f"{counts[n]:,}" for n in ("done", "may", "not")})
        )
