"""The verb of those who share out what there is: resources."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.verb import AT, output, verb
from salesrules.issue import say

if TYPE_CHECKING:
    from salesrules.overseeing import Resource, Share
    from salesrules.workspace import Workspace


@verb("resources")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@AT
@output("table", "csv", "json")
def resources(
    names: tuple[str, ...], at: date | None, output: str, workspace: Path, pack: str | None, lang: str
) -> None:
    """Who gets how much of the resources of the pack: people, money, time, market work.

    \b
    salesrules resources
    salesrules resources marketing_budget --at 2026-07-01
    salesrules resources marketing_budget --output csv > budget.csv

    The parts of one whole add up to it, to the cent.
    """
    from salesrules.overseeing import Overseer
    from salesrules.workspace import Workspace

    opened = Workspace.open(workspace, pack)
    day = at or opened.today()
    found = [Overseer(opened).shares(day, name) for name in names or opened.pack.resources]
    if output == "table":
        for resource, shares in found:
            _print(opened, resource, shares, day.isoformat(), lang)
        if not found:
            click.echo(say("resource.none", lang))
        return
    rows = [
        {
            "resource": resource.id,
            **{str(step.by): member for step, member in zip(resource.split, one.members, strict=False)},
            "share": round(float(one.of_parent), 6),
            "amount": str(one.amount),
        }
        for resource, shares in found
        for one in shares
    ]
    if output == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    columns = dict.fromkeys(name for row in rows for name in row)
    out = io.StringIO()
    writer = csv.DictWriter(out, sorted(columns, key=lambda name: name in ("share", "amount")), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(out.getvalue(), nl=False)


def _print(opened: Workspace, resource: Resource, shares: tuple[Share, ...], day: str, lang: str) -> None:
    from salesrules.phrases import member_text

    unit = opened.pack.about.currency if resource.kind == "money" else say(f"resource.of_{resource.kind}", lang)
    words = {"label": resource.label.in_(lang), "unit": unit, "day": day}
    click.echo(say("resource.head", lang, amount=_amount(resource, resource.amount), **words))
    for one in shares:
        depth = len(one.members)
        member = member_text(opened.pack, str(resource.split[depth - 1].by), one.members[-1], lang)
        told = {"member": member, "amount": _amount(resource, one.amount), "share": f"{float(one.of_parent):.1%}"}
        click.echo("  " * depth + say("resource.line", lang, **told))


def _amount(resource: Resource, amount: Decimal) -> str:
    """With as many digits as the smallest part has."""
    return f"{amount.quantize(resource.smallest):,}"
