"""The verbs that keep log, tables and messages in step: sync, run, outbox, export, reconcile, verify."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.verb import day, output, verb
from salesrules.cli.working import doer
from salesrules.cli.writing import writing
from salesrules.issue import Issue, PackError, Span, say

if TYPE_CHECKING:
    from datetime import date


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
@day("--since", help="Only what was proposed from that day on.")
def reconcile(since: date | None, **given: Any) -> None:
    """What became of proposals: done, done otherwise, not done, still open.

    \b
    salesrules reconcile --as P-0002 --since 2026-06-01

    Where the table is right about owner or stage, what is done here only counts once the table shows it.
    """
    from zoneinfo import ZoneInfo

    from salesrules.deeds import proposal_text

    working, person, lang = doer(given)
    pack = working.workspace.pack
    found = working.reconcile(person, working.times.begin(since) if since is not None else None)
    for each in found:
        click.echo(proposal_text(pack, each, ZoneInfo(pack.about.timezone), lang))
    counts = Counter(each.outcome for each in found)
    words = {name: f"{counts[name]:,}" for name in ("done", "otherwise", "lapsed", "open", "replaced")}
    click.echo(say("reconcile.counts", lang, total=f"{len(found):,}", **words))


@verb("export", acts=True)
@click.argument("what", type=click.Choice(["moves"]))
@click.argument("entity")
@click.option("--template", type=click.Choice(["fxiaoke", "zoho", "salesforce", "hubspot"]), required=True)
@click.option("--people", metavar="FIELD", help="The field of people by which the CRM knows them, such as `email`.")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Write it here.")
def export(what: str, entity: str, template: str, file: Path, people: str | None, **given: Any) -> None:
    """What is proposed and still open, as the file by which a CRM takes it over.

    \b
    salesrules export moves --as P-0002 opportunity --template salesforce --file moves.csv
    salesrules export moves --as P-0002 lead --template hubspot --people email --file moves.csv

    Once the CRM has taken it and the tables show it, `sync` notes it, and `reconcile` tells what was done.
    """
    working, person, lang = doer(given)
    found = working.moves(person, entity, template, people)
    with writing("--file", file):
        file.write_bytes(found.content)
    click.echo(say("export.written", lang, rows=f"{found.records:,}", file=str(file)))
    if found.to_nobody:
        click.echo(say("export.to_nobody", lang, count=f"{found.to_nobody:,}"))
    if found.to_unknown:
        click.echo(say("export.to_unknown", lang, count=f"{found.to_unknown:,}", field=str(people)))
    pack = working.workspace.pack
    for name, count in found.closed.items():
        label = pack.label_of(pack.entities[entity].fields[name])
        shown = label.in_(lang) if label is not None else name
        click.echo(say("export.moves_closed", lang, count=f"{count:,}", field=shown))


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
