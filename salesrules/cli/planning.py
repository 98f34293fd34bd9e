"""The verbs of those who staff an organisation: balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesrules.cli.printing import print_day, print_reject_count, print_table
from salesrules.cli.verb import AT, output, verb
from salesrules.issue import Several, say

if TYPE_CHECKING:
    from salesrules.overseeing import Balance
    from salesrules.workspace import Workspace


@verb("balance")
@click.argument("dimension")
@click.option("--level", metavar="LEVEL", help="A level of the dimension; the lowest members if it is left out.")
@AT
@output("table", "csv", "json")
def balance(
    dimension: str, level: str | None, at: date | None, output: str, workspace: Path, pack: str | None, lang: str
) -> None:
    """How evenly the territories of a dimension are staffed.

    \b
    salesrules balance region
    salesrules balance region --level area
    salesrules balance region --at 2026-07-01 --output csv > balance.csv
    """
    from salesrules.export.balance import balance_csv, balance_json
    from salesrules.overseeing import Overseer
    from salesrules.workspace import Workspace

    opened = Workspace.open(workspace, pack)
    print_reject_count(opened, lang)
    found = Overseer(opened).balance(at or opened.today(), dimension, level)
    print_day(opened, found.day, lang)
    if output != "table":
        click.echo(balance_csv(found) if output == "csv" else balance_json(found), nl=output == "json")
        return
    for sentence in _sentences(opened, found, lang):
        click.echo(sentence)
    _print(opened, found, lang)


def _sentences(opened: Workspace, found: Balance, lang: str) -> Iterator[str]:
    """Who is busiest and who idlest, where nobody is, and what is not known."""
    staffed = [(one.each, one) for one in found.territories if one.each is not None]
    if staffed:
        (most, busiest), (least, idlest) = staffed[0], staffed[-1]
        words = {"busiest": _name(opened, found, busiest.member, lang), "most": _percent(most)}
        if len(staffed) == 1 or not least:
            yield say("balance.one", lang, **words)
        else:
            words |= {"idlest": _name(opened, found, idlest.member, lang), "least": _percent(least)}
            yield say("balance.busiest", lang, times=f"{float(most / least):.1f}", **words)
    empty = [one for one in found.territories if one.potential and not one.people]
    if empty:
        names = Several.of(_name(opened, found, one.member, lang) for one in empty)
        share = sum((one.potential or Fraction(0) for one in empty), Fraction(0))
        yield say("balance.nobody", lang, members=names, share=_percent(share))
    for one in found.unknown:
        words = {"member": _name(opened, found, one.member, lang), "factor": one.factor}
        if one.found is None:
            yield say("balance.unknown", lang, **words)
        else:
            yield say("balance.no_number", lang, found=one.found, **words)
    if found.elsewhere:
        yield say("balance.elsewhere", lang, count=f"{found.elsewhere:,}")
    yield say("balance.how", lang, factors=Several.of(_factors(opened, found, lang)))


def _factors(opened: Workspace, found: Balance, lang: str) -> Iterator[str]:
    potential = opened.pack.dimensions[found.dimension].potential
    for factor in potential.factors.values() if potential is not None else ():
        words = {"label": factor.label.in_(lang), "weight": f"{(factor.weight * 100).normalize():f}%"}
        yield say("balance.inverse" if factor.inverse else "balance.factor", lang, **words)


def _print(opened: Workspace, found: Balance, lang: str) -> None:
    dimension = opened.pack.dimensions[found.dimension]
    assert dimension.potential is not None
    records = opened.pack.entities[dimension.potential.of].label.in_(lang)
    heads = [dimension.label.in_(lang), say("balance.potential", lang), records, say("balance.people", lang)]
    heads += [say("balance.each", lang), say("balance.records_each", lang, records=records)]
    rows = [
        [
            _name(opened, found, one.member, lang),
            _percent(one.potential),
            f"{one.records:,}",
            f"{float(one.people):,.1f}",
            _percent(one.each),
            "" if one.records_each is None else f"{float(one.records_each):,.1f}",
        ]
        for one in found.territories
    ]
    print_table(heads, rows, range(1, len(heads)))


def _name(opened: Workspace, found: Balance, member: str, lang: str) -> str:
    from salesrules.phrases import member_text

    return member_text(opened.pack, found.dimension, member, lang)


def _percent(share: Fraction | None) -> str:
    return "" if share is None else f"{float(share):.1%}"
