"""The verbs by which people get on with their work: each asks the door to the log, and prints what came of it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.verb import EXIT, output, verb
from salesrules.issue import AccessDenied, Issue, PackError, QuestionError, Span, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from salesrules.working import Event, Passage, Principal, Working

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


@verb("done", acts=True)
@click.argument("entity")
@click.argument("key")
@click.argument("task")
def done(entity: str, key: str, task: str, **given: Any) -> None:
    """Note that a task of the stage that a record is in is done.

    \b
    salesrules done --as P-0005 opportunity O-00716 needs_form

    For those who may advance the record, and for the person whose task it is.
    """
    working, person, lang = doer(given)
    print_facts([working.task_done(person, entity, key, task)], lang)


@verb("approve", acts=True)
@click.argument("entity")
@click.argument("key")
def approve(entity: str, key: str, **given: Any) -> None:
    """Sign whatever a record needs in its stage and you can sign.

    \b
    salesrules approve --as P-0002 opportunity O-00095

    It takes a grant to approve the record, and a post in the role that signs, whose scope the record lies in. If the
    figures change that the signature was for, it has to be given again.
    """
    working, person, lang = doer(given)
    print_facts(working.approve(person, entity, key), lang)


@verb("follow-up", acts=True)
@click.argument("entity")
@click.argument("key")
@click.option("--note", default="", metavar="TEXT", help="What was said; whoever reads the record reads it.")
def follow_up(entity: str, key: str, note: str, **given: Any) -> None:
    """Note that you were in touch about a record: clocks that run since the last follow-up start anew.

    \b
    salesrules follow-up --as P-0005 opportunity O-00716 --note "sample sent"

    For those who may update any of the record.
    """
    working, person, lang = doer(given)
    print_facts([working.follow_up(person, entity, key, note)], lang)


@verb("history", asks=True)
@click.argument("entity")
@click.argument("key")
def history(entity: str, key: str, **given: Any) -> None:
    """Everything that happened to a record, who did it and when.

    \b
    salesrules history --as P-0005 opportunity O-00716
    """
    from zoneinfo import ZoneInfo

    from salesrules.deeds import told_text

    working, person, lang = doer(given)
    pack = working.workspace.pack
    for told in working.history(person, entity, key):
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
    from datetime import timedelta

    from salesrules.working import due_text

    working, person, lang = doer(given)
    times, at = working.times, None
    if given["at"] is not None:
        at = times.begin(person.day + timedelta(1)) - timedelta(microseconds=1)
    found = working.due(person, at, mine)
    for each in found:
        click.echo(due_text(working.workspace.pack, each, times, lang))
    click.echo(say("due.count", lang, count=f"{len(found):,}"))
    if unseen := working.unseen():
        click.echo(say("due.unseen", lang, count=f"{unseen:,}"), err=True)


@verb("run")
@click.argument("what", type=click.Choice(["clocks"]))
@output("text", "count")
def run(what: str, output: str, **given: Any) -> None:
    """Do what is due by now: reminders, escalations, and records that go back to their pool.

    \b
    salesrules run clocks

    For a scheduler, as often as you like: what was done is not done again.
    """
    from salesrules.working import Working, due_text

    working = Working.open(given["workspace"], given["pack"])
    found = working.run_clocks()
    for each in found if output == "text" else ():
        click.echo(due_text(working.workspace.pack, each, working.times, given["lang"]))
    click.echo(say("run.clocks_done", given["lang"], count=f"{len(found):,}"))
    sent = Counter(message.fate for message in working.send())
    if sent:
        words = {name: str(sent[name]) for name in ("sent", "waits", "doubtful", "given_up")}
        click.echo(say("run.messages", given["lang"], **words))


@verb("outbox")
@click.option("--again", multiple=True, metavar="ID", help="Send a message that is in doubt once more.")
def outbox(again: tuple[str, ...], **given: Any) -> None:
    """Messages that wait, that were refused too often, or that are in doubt: nobody knows whether they arrived.

    \b
    salesrules outbox
    salesrules outbox --again 0123456789abcdef01234567

    A message that may have arrived is not sent twice unless somebody says so.
    """
    from salesrules.working import Working

    working = Working.open(given["workspace"], given["pack"])
    for id in again:
        working.send_again(id)
    found = [message for message in working.messages() if message.fate != "sent"]
    for each in found:
        words = {"id": each.id, "channel": each.channel, "person": each.person, "tries": str(each.tries)}
        fate = say(f"outbox.{each.fate}", given["lang"])
        click.echo(say("outbox.line", given["lang"], fate=fate, problem=each.problem or "-", **words))
    click.echo(say("outbox.count", given["lang"], count=str(len(found))))


@verb("sync")
def sync(**given: Any) -> None:
    """Note in the log what the tables show that is otherwise than it was last seen.

    \b
    salesrules sync

    Imports, workflows of the CRM and edits by hand so move the clocks like everything else.
    """
    from salesrules.working import Working

    working = Working.open(given["workspace"], given["pack"])
    counts = Counter(event.entity for event in working.sync())
    for entity, count in sorted(counts.items()):
        label = working.workspace.pack.entities[entity].label.in_(given["lang"])
        click.echo(say("sync.of", given["lang"], entity=label, count=f"{count:,}"))
    click.echo(say("sync.count", given["lang"], count=f"{sum(counts.values()):,}"))


@verb("reconcile", acts=True)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only what was proposed from that day on."
)
def reconcile(since: datetime | None, **given: Any) -> None:
    """What became of proposals: done, done otherwise, not done, still open.

    \b
    salesrules reconcile --as P-0002 --since 2026-06-01

    Where the table is right about owner or stage, what is done here only counts once the table shows it.
    """
    from zoneinfo import ZoneInfo

    from salesrules.deeds import proposal_text

    working, person, lang = doer(given)
    pack = working.workspace.pack
    found = working.reconcile(person, working.times.begin(since.date()) if since is not None else None)
    for each in found:
        click.echo(proposal_text(pack, each, ZoneInfo(pack.about.timezone), lang))
    counts = Counter(each.outcome for each in found)
    words = {name: f"{counts[name]:,}" for name in ("done", "otherwise", "lapsed", "open", "replaced")}
    click.echo(say("reconcile.counts", lang, total=f"{len(found):,}", **words))


@verb("export", acts=True)
@click.argument("what", type=click.Choice(["moves"]))
@click.argument("entity")
@click.option("--template", type=click.Choice(["fxiaoke", "zoho", "salesforce", "hubspot"]), required=True)
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Write it here.")
def export(what: str, entity: str, template: str, file: Path, **given: Any) -> None:
    """What is proposed and still open, as the file by which a CRM takes it over.

    \b
    salesrules export moves --as P-0002 opportunity --template salesforce --file moves.csv

    Once the CRM has taken it and the tables show it, `sync` notes it, and `reconcile` tells what was done.
    """
    working, person, lang = doer(given)
    found = working.moves(person, entity, template)
    try:
        file.write_bytes(found.content)
    except OSError as error:
        words = {"file": str(file), "problem": error.strerror or str(error)}
        raise QuestionError([Issue("export.cannot_write", Span("--file"), words)]) from error
    click.echo(say("export.written", lang, rows=f"{found.records:,}", file=str(file)))
    if found.to_nobody:
        click.echo(say("export.to_nobody", lang, count=f"{found.to_nobody:,}"))


@verb("verify")
def verify(**given: Any) -> None:
    """Whether the log is as it was written: no row changed, none taken out, none put in.

    \b
    salesrules verify

    Note the last hash of each log elsewhere: whoever can write to the database could rewrite all of it.
    """
    from salesrules.working import Working

    found = Working.open(given["workspace"], given["pack"]).verify()
    for log, rows in found.rows.items():
        words = {"log": say(f"verify.{log}", given["lang"]), "rows": f"{rows:,}", "hash": found.heads[log]}
        click.echo(say("verify.log", given["lang"], **words))
    issues = [Issue("verify.broken", Span(log, seq), {"place": str(seq)}) for log, seq in found.broken]
    if issues:
        raise PackError(issues)


def print_facts(events: Sequence[Event], lang: str) -> None:
    """What was noted."""
    for event in events:
        fact = say(f"fact.{event.kind}", lang)
        click.echo(say("fact.noted", lang, key=event.key, fact=fact, rule=event.rule or "-"))


def doer(given: dict[str, Any]) -> tuple[Working, Principal, str]:
    """The workspace with its log, the person who does or asks something, and the language."""
    from salesrules.working import Working

    working = Working.open(given["workspace"], given["pack"])
    at = given.get("at")
    return working, working.workspace.person(given["person"], at.date() if at else None), given["lang"]


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
