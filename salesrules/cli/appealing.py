"""The verbs by which people contest who got a record, and others decide about it: appeal, appeals."""

from __future__ import annotations

from typing import Any

import click

from salesrules.cli.verb import verb
from salesrules.issue import say


@verb("appeal", acts=True)
@click.argument("entity")
@click.argument("key")
@click.option("--because", required=True, metavar="TEXT", help="Why; for those who decide about it.")
def appeal(entity: str, key: str, because: str, **given: Any) -> None:
    """Contest the last decision about who got a record.

    \b
    salesrules appeal --as P-0001 lead L-00719 --because "my region, and I had room"

    For those who may ask why it went to whom it did. The appeal is noted in the log; it changes nothing by itself.
    """
    from salesrules.appealing import Appealing

    appealing = Appealing.open(given["workspace"], given["pack"])
    found = appealing.appeal(appealing.working.workspace.person(given["person"]), entity, key, because)
    click.echo(say("appeal.noted", given["lang"], id=str(found.id), key=key))


@verb("appeals", acts=True)
@click.option("--close", type=int, metavar="ID", help="Decide about this one; with --outcome and --because.")
@click.option("--outcome", type=click.Choice(["upheld", "dismissed"]), help="With --close: what was decided.")
@click.option("--because", default="", metavar="TEXT", help="With --close: why.")
def appeals(close: int | None, outcome: str | None, because: str, **given: Any) -> None:
    """The open appeals about records that you audit: each decision, recomputed, with those that are alike.

    \b
    salesrules appeals --as P-0001
    salesrules appeals --as P-0001 --close 4212 --outcome dismissed --because "the rule was applied to everyone alike"

    Looking takes a grant to audit `decision`, closing one to approve it; nobody closes an appeal of their own, or about
    a record that they got or gave out. What an appeal that is upheld leads to is up to you: `rebalance`, another rule.
    """
    from salesrules.appealing import Appealing
    from salesrules.contested import review_texts

    appealing, lang = Appealing.open(given["workspace"], given["pack"]), given["lang"]
    workspace = appealing.working.workspace
    person = workspace.person(given["person"])
    if (close is None) != (outcome is None):
        raise click.UsageError(say("appeal.close_with", lang))
    if close is not None and outcome is not None:
        appealing.close(person, close, outcome, because)
        click.echo(say("appeal.closed", lang, id=str(close), outcome=say(f"outcome.{outcome}", lang)))
        return
    found = appealing.reviews(person)
    for review in found:
        for text in review_texts(workspace.pack, review, lang):
            click.echo(text)
    click.echo(say("appeal.count", lang, count=f"{len(found):,}"))
