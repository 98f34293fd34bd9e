"""The verbs of those who look back on how work was given out: fairness, progress, replay."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.assigning import BEYOND
from salesrules.cli.verb import AT, day, output, verb
from salesrules.issue import Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.progressed import By


@verb("fairness")
@click.argument("entity")
@AT
def fairness(entity: str, **given: Any) -> None:
    """How the work of ENTITY is spread over those who could get some, by rule and by team.

    \b
    salesrules fairness lead
    """
    from salesrules.retracing import Retracing
    from salesrules.whose import balance_texts

    retracing = Retracing.open(given["workspace"], given["pack"])
    found = retracing.balance(entity, given["at"])
    for text in balance_texts(retracing.workspace.pack, found, given["lang"]):
        click.echo(text)


@verb("progress")
@click.argument("entity")
@click.option("--window", metavar="TIME", help="How far back, such as 14d or 2mo; that of `fairness`, else 30d.")
@click.option("--by", type=click.Choice(["rule", "team", "person"]), default="rule", help="A line for each of these.")
@output("table", "json")
def progress(entity: str, window: str | None, by: By, output: str, **given: Any) -> None:
    """What became of the records of ENTITY that were given out: worked on, moved on, gone back, or left lying.

    \b
    salesrules progress lead
    salesrules progress new_leads --window 14d --by team
    salesrules progress lead --by person --output json

    Each counts once, for what it is now; whoever has most untouched comes first, with the day of the oldest.
    """
    from salesrules.cli.printing import print_table
    from salesrules.export.progress import progress_json
    from salesrules.pack.values import Duration
    from salesrules.progressed import COLUMNS, progress_rows, progress_text
    from salesrules.retracing import Retracing

    try:
        length = Duration.of(window) if window is not None else None
    except ValueError:
        raise QuestionError([Issue("progress.window", Span("--window"), {"window": str(window)})]) from None
    retracing, lang = Retracing.open(given["workspace"], given["pack"]), given["lang"]
    found = retracing.progress(entity, length)
    if output == "json":
        click.echo(progress_json(found))
        return
    click.echo(progress_text(retracing.workspace.pack, found, lang))
    heads = [say(f"progress.{name}", lang) for name in (by, *COLUMNS)]
    print_table(heads, progress_rows(found, by, retracing.working.times, lang), range(1, len(heads)))


@verb("replay")
@click.argument("entity")
@day("--since", help="The first day; as `fairness` says.")
@click.option("--run", metavar="RUN", help="Only this run, as `assign` named it.")
def replay(entity: str, run: str | None, **given: Any) -> None:
    """What the rules as they stand now would have made of the records of ENTITY that runs gave out.

    \b
    salesrules replay lead
    salesrules replay lead --since 2026-06-01 --pack standard_next
    salesrules replay lead --run "new_leads 2026-03-15T01:00:00.000000+00:00"

    Nothing is written. Every run is taken again with its day and its seed; without a change of rules, people or records
    nothing differs. The exit code is 1 if the outcome is more unequal than `fairness` of the pack allows.
    """
    from salesrules.hindsight import hindsight_texts
    from salesrules.retracing import Retracing

    if run is not None and given["since"] is not None:
        raise click.UsageError(say("replay.run_or_since", given["lang"]))
    retracing = Retracing.open(given["workspace"], given["pack"])
    found = retracing.hindsight(entity, given["since"], run)
    for text in hindsight_texts(retracing.workspace.pack, found, given["lang"]):
        click.echo(text)
    if found.beyond:
        sys.exit(BEYOND)
