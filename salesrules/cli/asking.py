"""The verbs by which a person asks about figures and reasons: kpi, can, why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.pooling import look_at
from salesrules.cli.printing import print_answer, print_day, print_explanation, print_origin
from salesrules.cli.verb import EXIT, output, verb
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.workspace import Principal, Workspace

_ABOUT = click.option("--person", "about", metavar="PERSON", help="About somebody else, for those who may audit it.")


@verb("kpi", asks=True, lent=True)
@click.argument("kpi")
@click.option("--by", multiple=True, metavar="FIELD", help="Group by a field or path; several times for several.")
@output("table", "csv", "json")
def kpi(kpi: str, by: tuple[str, ...], output: str, **given: Any) -> None:
    """A figure over the rows a person may aggregate.

    \b
    salesrules kpi --as P-0005 signed
    salesrules kpi --as P-0001 signed --by customer.region --by product
    salesrules kpi --as P-0006 open_pipeline --by stage --output csv

    What is printed as csv or json is exported: some grant must let the person export every row behind the figure.
    """
    from salesrules.export import to_csv, to_json
    from salesrules.phrases import dated, placed

    workspace, person, lang = asker(given)
    kpi = workspace.named("kpi", kpi)
    if output != "table":
        answer = workspace.export_kpi(person, kpi, by)
        of_day = {**dated(person.day, workspace.today(), lang), **placed(person)}
        click.echo(to_csv(answer) if output == "csv" else to_json(answer, about=of_day), nl=output == "json")
        return
    answer = workspace.kpi(person, kpi, by)
    note = workspace.pack.kpis[kpi].note
    if note:
        click.echo(note.in_(lang))
    print_answer(workspace.pack, answer, lang)


@verb("can", asks=True, lent=True)
@click.argument("action")
@click.argument("entity")
@click.argument("key", required=False)
@click.option("--field", help="One field; without it, any of the record.")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="For create and update, what is written.")
@_ABOUT
def can(
    action: str, entity: str, key: str | None, field: str | None, sets: tuple[str, ...], about: str | None, **given: Any
) -> None:
    """Yes or no, as exit code 0 or 5: may a person do it?

    \b
    salesrules can --as P-0005 read customer C-00007 --field phone
    salesrules can --as P-0005 create customer --set name=Acme --set owner=P-0005
    salesrules can --as P-0005 update customer C-00018 --set phone=13800000000
    """
    if sets and (field or about):
        raise click.UsageError(say("ask.write_alone", given["lang"]))
    if not sets and key is None:
        raise click.UsageError(say("ask.no_key", given["lang"]))
    pairs = _settings(sets)
    workspace, person, lang = asker(given)
    closed = workspace.closed_to(person, action, entity, pairs, key) if sets else ()
    allowed = not closed if key is None or sets else workspace.can(person, action, entity, key, field, about)
    click.echo(say("can.yes" if allowed else "can.no", lang))
    for each in closed:
        click.echo(say(f"can.closed_{each.row}", lang, what=workspace.pack.categories[each.category].label.in_(lang)))
    if not allowed:
        sys.exit(EXIT[AccessDenied])


def _settings(sets: tuple[str, ...]) -> list[tuple[str, str]]:
    """Fields and values out of `field=value`."""
    wrong = [text for text in sets if "=" not in text]
    if wrong:
        raise QuestionError([Issue("ask.not_a_setting", Span("--set"), {"text": text}) for text in wrong])
    parts = (text.partition("=") for text in sets)
    return [(name.strip(), value) for name, _, value in parts]


@verb("why", asks=True, lent=True)
@click.argument("entity")
@click.argument("key")
@click.option("--field", help="One field; without it, every category of the record.")
@click.option("--action", help="read, aggregate, export, update, assign ...; read without it.")
@click.option("--owner", is_flag=True, help="Why it went to whom it did; with --person why not to that one.")
@_ABOUT
def why(entity: str, key: str, field: str | None, action: str | None, about: str | None, **given: Any) -> None:
    """Why a person sees a cell or not, grant by grant and term by term; or why a record went to whom it did.

    \b
    salesrules why --as P-0005 customer C-00017 --field phone
    salesrules why --as P-0001 customer C-00017 --field phone --person P-0005
    salesrules why --as P-0001 lead L-00005 --owner
    """
    if given["owner"]:
        if field or action:
            raise click.UsageError(say("assign.owner_alone", given["lang"]))
        _why_owner(entity, key, about, given)
        return
    action = action or "read"
    workspace, person, lang = asker(given)
    entity = workspace.named("entity", entity)
    field = workspace.named("field", field, entity) if field is not None else None
    explained = workspace.why(person, action, entity, key, field, about)
    look_at(workspace, person, entity, key)
    for found in explained:
        print_explanation(workspace.pack, found, lang, field)
    if action == "approve" and about is None and workspace.pack.delegation and person.lent is None:
        _why_instead(workspace, person, entity, key, lang)
    if origin := workspace.origin(person, entity, key, field):
        print_origin(workspace.pack, origin, lang)


def _why_instead(workspace: Workspace, person: Principal, entity: str, key: str, lang: str) -> None:
    """In whose place somebody can approve a record, beside what grants say."""
    from salesrules.deputing import Deputing
    from salesrules.working import Working

    for one in Deputing(Working.over(workspace)).instead(person, entity, key):
        words = {"giver": one.giver, "until": one.until.isoformat(), "rule": one.rule}
        click.echo(say("delegation.why", lang, **words))


def _why_owner(entity: str, key: str, about: str | None, given: dict[str, Any]) -> None:
    """The last decision about a record, with its reasons."""
    from salesrules.retracing import Retracing
    from salesrules.whose import recalled_texts

    retracing = Retracing.open(given["workspace"], given["pack"])
    person = retracing.workspace.person(given["person"], given["at"])
    print_day(retracing.workspace, person.day, given["lang"])
    person = put_on(retracing.workspace, person, given)
    found = retracing.why(person, entity, key, about)
    look_at(retracing.workspace, person, retracing.workspace.named("entity", entity), key)
    if found is None:
        click.echo(say("assign.undecided", given["lang"]))
        return
    for text in recalled_texts(retracing.workspace.pack, found, given["lang"]):
        click.echo(text)


def asker(given: dict[str, Any]) -> tuple[Workspace, Principal, str]:
    """The workspace, the person who asks and the language."""
    from salesrules.workspace import Workspace

    workspace = Workspace.open(given["workspace"], given["pack"])
    person = workspace.person(given["person"], given["at"])
    print_day(workspace, person.day, given["lang"])
    return workspace, put_on(workspace, person, given), given["lang"]


def put_on(workspace: Workspace, person: Principal, given: dict[str, Any]) -> Principal:
    """The one in whose place the person asks or acts, if --for names one, which is said; else the person."""
    from salesrules.deputing import Deputing
    from salesrules.phrases import in_place_text
    from salesrules.working import Working

    if given.get("giver") is None:
        return person
    lender = Deputing(Working.over(workspace)).in_place_of(person, given["giver"])
    click.echo(in_place_text(workspace.pack, lender, given["lang"]), err=True)
    return lender
