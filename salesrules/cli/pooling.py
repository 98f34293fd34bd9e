"""The verbs by which records go from a pool to people, back, and from one to another."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.verb import EXIT, output, verb
from salesrules.issue import AccessDenied, say

if TYPE_CHECKING:
    from salesrules.pooling import Offers, OwnerChange, Pooling, Principal
    from salesrules.workspace import Answer, Workspace

_SHOWN = 20  # records of a bulk run that are told one by one
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be.")
_keys = click.argument("keys", nargs=-1, required=True, metavar="KEY...")


@verb("pool", acts=True)
@click.argument("name", metavar="POOL")
@click.option("--page", type=click.IntRange(1, 1_000_000), default=1)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, help="Rows a page.")
@output("table", "count")
def pool(name: str, page: int, limit: int, **given: Any) -> None:
    """The records that wait in POOL, as far as you may look in, and which of them you can claim now.

    \b
    salesrules pool --as P-0005 lead_pool
    salesrules pool --as P-0005 线索池 --output count

    What a pool keeps back until the claim is hidden here as everywhere. One that you cannot claim says why not.
    """
    pooling, person, lang = _doer(given)
    found = pooling.pool(person, name, limit if given["output"] == "table" else 0, (page - 1) * limit)
    words = {"total": f"{found.total:,}", "claimable": f"{found.claimable:,}"}
    click.echo(say("pool.head", lang, pool=found.pool.label.in_(lang), **words))
    if found.offers and given["output"] == "table":
        _print_offers(pooling, person, found, lang)
    if found.kept is not None:
        click.echo(say("pool.kept_back", lang, **pooling.kept_words(found.kept)))


@verb("claim", acts=True)
@click.argument("entity")
@_keys
@click.option("--for", "to", metavar="PERSON", help="As the manager of the pool: give them to this person.")
@_dry_run
def claim(entity: str, keys: tuple[str, ...], to: str | None, dry_run: bool, **given: Any) -> None:
    """Take records out of their pool, or say everything that is against it.

    \b
    salesrules claim --as P-0005 lead L-00012 L-00031 --dry-run
    salesrules claim --as P-0001 lead L-00012 --for P-0005

    Of two who claim a record at the same time one gets it. With --for it takes a grant to assign and a post that
    manages the pool; who gets it must be a member, with room in hand.
    """
    from salesrules.deputing import Deputing

    pooling, person, lang = _doer(given)
    if to is None:
        _print_changes(pooling, pooling.claim(person, entity, keys, dry_run), lang)
    else:
        found = pooling.assign(person, entity, keys, to, dry_run)
        if any(each.against for each in found) and any(
            one.giver == to for one in Deputing(pooling.working).in_force(person)
        ):
            click.echo(say("hand.not_in_place", lang, giver=to), err=True)
        _print_changes(pooling, found, lang)


@verb("return", acts=True)
@click.argument("entity")
@_keys
@_dry_run
def give_back(entity: str, keys: tuple[str, ...], dry_run: bool, **given: Any) -> None:
    """Put records back into the pool that they came from.

    \b
    salesrules return --as P-0005 lead L-00012
    """
    pooling, person, lang = _doer(given)
    _print_changes(pooling, pooling.give_back(person, entity, keys, dry_run), lang)


@verb("transfer", acts=True)
@click.argument("entity")
@_keys
@click.option("--to", required=True, metavar="PERSON", help="Who is to have them.")
@_dry_run
def transfer(entity: str, keys: tuple[str, ...], to: str, dry_run: bool, **given: Any) -> None:
    """Give records of one owner to another.

    \b
    salesrules transfer --as P-0001 customer C-00012 --to P-0005
    """
    pooling, person, lang = _doer(given)
    _print_changes(pooling, pooling.transfer(person, entity, keys, to, dry_run), lang)


@verb("conflicts", acts=True)
def conflicts(**given: Any) -> None:
    """Open ownership conflicts that you judge, or are on a side of.

    \b
    salesrules conflicts --as P-0002

    They are noted by `run clocks`, and when somebody claims what somebody else has.
    """
    from salesrules.deeds import case_texts

    pooling, person, lang = _doer(given)
    found = pooling.conflicts(person)
    for each in found:
        for sentence in case_texts(pooling.working.workspace.pack, each, lang):
            click.echo("  " * sentence.depth + sentence.text)
    click.echo(say("conflict.count", lang, count=f"{len(found):,}"))


@verb("judge", acts=True)
@click.argument("case")
@click.option("--to", required=True, metavar="PERSON", help="The side that gets every record of it.")
@click.option("--note", default="", metavar="TEXT", help="Why; whoever reads the records reads it.")
def judge(case: str, to: str, note: str, **given: Any) -> None:
    """Decide an ownership conflict: one of its sides gets every record of it.

    \b
    salesrules judge --as P-0002 customer-3 --to P-0005 --note "registered first"

    For the role that the pack names, where it covers every record.
    """
    from salesrules.cli.working import print_facts

    pooling, person, lang = _doer(given)
    print_facts(pooling.judge(person, case, to, note), lang)


def _doer(given: dict[str, Any]) -> tuple[Pooling, Principal, str]:
    """The workspace with its log, the person who does something, and the language."""
    from salesrules.pooling import Pooling

    pooling = Pooling.open(given["workspace"], given["pack"])
    return pooling, pooling.working.workspace.person(given["person"]), given["lang"]


def _print_changes(pooling: Pooling, found: tuple[OwnerChange, ...], lang: str) -> None:
    """Each record with what is against it; of many the first ones, and how many there are of each kind."""
    from salesrules.deeds import change_texts

    for each in found[:_SHOWN]:
        for sentence in change_texts(pooling.working.workspace.pack, each, pooling.working.zone, lang):
            click.echo("  " * sentence.depth + sentence.text)
    if len(found) > 1:
        counts = Counter("done" if each.done else "may" if not each.against else "not" for each in found)
        words = {name: f"{counts[name]:,}" for name in ("done", "may", "not")}
        click.echo(say("hand.counts", lang, total=f"{len(found):,}", **words))
    if any(each.against for each in found):
        sys.exit(EXIT[AccessDenied])


def _print_offers(pooling: Pooling, person: Principal, found: Offers, lang: str) -> None:
    """A page as a table: the cells that the person reads, where each record lies, and why it cannot be claimed."""
    from salesrules.cli.printing import print_table
    from salesrules.deeds import against_text
    from salesrules.phrases import answer_texts, column_text, moment_text

    pack, zone = pooling.working.workspace.pack, pooling.working.zone
    shown = dict(zip(found.shown.keys, answer_texts(pack, found.shown, lang), strict=True))
    columns = list(found.shown.columns)
    (key,) = pack.entities[found.shown.entity].key
    heads = [column_text(pack, found.shown, name, lang) for name in columns]
    rows = []
    for offer in found.offers:
        cells = shown.get(offer.key, [offer.key if name == key else "" for name in columns])
        since = moment_text(offer.since, zone) if offer.since is not None else ""
        why = say("list.comma", lang).join(against_text(pack, each, person.id, zone, lang) for each in offer.against)
        rows.append([*cells, offer.part or "", since, why or say("pool.yes", lang)])
    print_table([*heads, *(say(f"pool.{name}", lang) for name in ("part", "since", "now"))], rows)


def counted(workspace: Workspace, person: Principal, answer: Answer, lang: str) -> Answer:
    """A list without what is beyond the looks that pools allow in a day; what is left out is said on standard error."""
    from salesrules.pooling import Pooling, is_capped
    from salesrules.working import Working

    if not is_capped(workspace.snapshot, answer.entity):
        return answer
    pooling = Pooling(Working.over(workspace))
    shown, kept = pooling.counted(person, answer)
    if kept is not None:
        click.echo(say("pool.kept_back", lang, **pooling.kept_words(kept)), err=True)
    return shown


def look_at(workspace: Workspace, person: Principal, entity: str, key: str) -> None:
    """Count that a person is told of a record, if it waits in a pool that counts.

    Raises: AccessDenied beyond what the pool allows in a day.
    """
    from salesrules.pooling import Pooling, is_capped
    from salesrules.working import Working

    if is_capped(workspace.snapshot, entity):
        Pooling(Working.over(workspace)).look_at(person, entity, key)
