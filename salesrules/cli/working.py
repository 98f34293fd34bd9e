"""The verbs by which people get on with their work: advance, done, approve, follow-up, history, due."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.asking import put_on
from salesrules.cli.verb import EXIT, verb
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from salesrules.working import Event, Passage, Principal, Working

_SHOWN = 20  # records of a bulk run that are told one by one


@verb("advance", acts=True, lent=True)
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
    chosen = _chosen_keys(working, person, entity, keys, where)
    found = working.advance(person, entity, chosen, to, process, given["dry_run"])
    _print_passages(working, found, lang)
    if any(each.unmet for each in found):
        sys.exit(EXIT[AccessDenied])


@verb("done", acts=True, lent=True)
@click.argument("entity")
@click.argument("key")
@click.argument("task")
def done(entity: str, key: str, task: str, **given: Any) -> None:
    """Note that a task of the stage that a record is in is done.

    \b
    salesrules done --as P-0005 opportunity O-00716 needs_form

    For those who may advance the record, and for the person whose task it is.
    """
    _note(given, lambda working, person: working.task_done(person, entity, key, task))


@verb("approve", acts=True, lent=True)
@click.argument("entity")
@click.argument("key")
def approve(entity: str, key: str, **given: Any) -> None:
    """Sign whatever a record needs in its stage and you can sign.

    \b
    salesrules approve --as P-0002 opportunity O-00095

    It takes a grant to approve the record, and a post in the role that signs, whose scope the record lies in. If the
    figures change that the signature was for, it has to be given again. What you cannot sign yourself is signed in the
    place of those for whom you stand in; with --for, in the place of that one alone.
    """
    _note(given, lambda working, person: working.approve(person, entity, key))


@verb("follow-up", acts=True, lent=True)
@click.argument("entity")
@click.argument("key")
@click.option("--note", default="", metavar="TEXT", help="What was said; whoever reads the record reads it.")
def follow_up(entity: str, key: str, note: str, **given: Any) -> None:
    """Note that you were in touch about a record: clocks that run since the last follow-up start anew.

    \b
    salesrules follow-up --as P-0005 opportunity O-00716 --note "sample sent"

    For those who may update any of the record.
    """
    _note(given, lambda working, person: working.follow_up(person, entity, key, note))


@verb("history", asks=True, lent=True)
@click.argument("entity")
@click.argument("key")
def history(entity: str, key: str, **given: Any) -> None:
    """Everything that happened to a record, who did it and when.

    \b
    salesrules history --as P-0005 opportunity O-00716
    """
    from zoneinfo import ZoneInfo

    from salesrules.deeds import told_text
    from salesrules.pooling import Pooling

    working, person, lang = doer(given)
    pack = working.workspace.pack
    told_of = working.history(person, entity, key)
    Pooling(working).look_at(person, entity, key)
    for told in told_of:
        click.echo(told_text(pack, told, ZoneInfo(pack.about.timezone), lang))


@verb("due", asks=True)
@click.option("--mine", is_flag=True, help="Only what is for you.")
def due(mine: bool, **given: Any) -> None:
    """What is due on the records that you know of: tasks, reminders, escalations, and what goes back to its pool.

    \b
    salesrules due --as P-0005
    salesrules due --as P-0002 --at 2026-12-01 --lang zh

    --at tells what will be due by the end of that day if nothing happens before.
    """
    from salesrules.working import due_text

    working, person, lang = doer(given)
    times, at = working.times, None
    if given["at"] is not None:
        at = times.end(person.day)
    found = working.due(person, at, mine)
    for each in found:
        click.echo(due_text(working.workspace.pack, each, times, lang))
    click.echo(say("due.count", lang, count=f"{len(found):,}"))
    if unseen := working.unseen():
        click.echo(say("due.unseen", lang, count=f"{unseen:,}"), err=True)


def _note(given: dict[str, Any], told: Callable[[Working, Principal], Sequence[Event]]) -> None:
    """Have a person tell something of a record, and print what was noted."""
    working, person, lang = doer(given)
    print_facts(told(working, person), lang)


def print_facts(events: Iterable[Event], lang: str) -> None:
    """What was noted."""
    from salesrules.working import FOR

    for event in events:
        words = {"key": event.key, "fact": say(f"fact.{event.kind}", lang), "rule": event.rule or "-"}
        person = event.values.get(FOR)
        click.echo(say("fact.noted_for", lang, person=person, **words) if person else say("fact.noted", lang, **words))


def doer(given: dict[str, Any]) -> tuple[Working, Principal, str]:
    """The workspace with its log, the person who does or asks something, and the language."""
    from salesrules.working import Working

    working = Working.open(given["workspace"], given["pack"])
    person = working.workspace.person(given["person"], given.get("at"))
    return working, put_on(working.workspace, person, given), given["lang"]


def _chosen_keys(
    working: Working, person: Principal, entity: str, keys: tuple[str, ...], where: str
) -> tuple[str, ...]:
    """The records that were named, or those that the person sees and a condition picks.

    Raises: QuestionError if neither or both are given.
    """
    if bool(keys) == bool(where.strip()):
        raise QuestionError([Issue("work.keys_or_where", Span("--where"))])
    return keys or working.workspace.see(person, entity, None, where=where).keys


def _print_passages(working: Working, found: tuple[Passage, ...], lang: str) -> None:
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
