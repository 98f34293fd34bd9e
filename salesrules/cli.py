"""One verb a job: ask the door, print the answer, end with an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Container
from datetime import datetime
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any

import click

from salesrules import __version__
from salesrules.issue import AccessDenied, Issue, PackError, QuestionError, SalesrulesError, say

EXIT = {QuestionError: 2, PackError: 3, AccessDenied: 5}


class _Verbs(click.Group):
    """Lists the verbs in the order in which people need them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="salesrules")
def main() -> None:
    """Rules of a sales organisation: who sees which rows and fields, and what the figures are.

    \b
    Try it:   salesrules demo
    Then:     salesrules demo --keep my-demo && cd my-demo
              salesrules see --as P-0005 customer
              salesrules serve
    """


def _verb(*, asks: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command with the options that all share; one that `asks` for somebody takes --as and --at too."""

    def decorate(run: Callable[..., None]) -> Callable[..., None]:
        @wraps(run)
        def guarded(**given: Any) -> None:
            try:
                run(**given)
            except SalesrulesError as error:
                _print_issues(error.issues, given["lang"])
                sys.exit(next((code for kind, code in EXIT.items() if isinstance(error, kind)), 1))

        command: Callable[..., None] = guarded
        if asks:
            at = click.DateTime(["%Y-%m-%d"])
            command = click.option("--at", type=at, metavar="DAY", help="The day it is asked about; today.")(command)
            command = click.option("--as", "person", required=True, metavar="PERSON", help="Who asks.")(command)
        lang = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
        options = [
            click.option("--workspace", envvar="SALESRULES_WORKSPACE", default=".", type=click.Path(path_type=Path)),
            click.option("--pack", envvar="SALESRULES_PACK", help="The pack; the one that salesrules.toml names."),
            click.option("--lang", envvar="SALESRULES_LANG", type=click.Choice(["en", "zh"]), default=lang),
        ]
        for option in reversed(options):
            command = option(command)
        return main.command(name=run.__name__)(command)

    return decorate


def _output(*formats: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option("--output", type=click.Choice(formats), default=formats[0], help="How to print the answer.")


@_verb()
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Leave the workspace here."
)
@click.option("--seed", type=int, default=7, help="Another company for another number.")
def demo(keep: Path | None, seed: int, lang: str, **_: Any) -> None:
    """A made-up company, one question, three answers.

    \b
    salesrules demo
    salesrules demo --keep my-demo --lang zh
    """
    from salesrules.demo import make

    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        if keep and keep.exists() and any(keep.iterdir()):
            raise QuestionError([Issue("demo.not_empty", _here("--keep"), {"folder": str(keep)})])
        made = make(folder, seed)
        click.echo(say("demo.made", lang, **{name: f"{getattr(made, name):,}" for name in _COUNTS}, seed=seed))
        workspace = _open(folder, None, lang)
        _tell(workspace, (made.rep, made.manager, made.auditor), lang)
        next_steps = "demo.next_kept" if keep else "demo.next"
        click.echo("\n" + say(next_steps, lang, folder=str(keep), rep=made.rep))


_COUNTS = ("people", "customers", "opportunities")


def _tell(workspace: Any, people: tuple[str, ...], lang: str) -> None:
    """The same question of several people, then why one cell is hidden from the first."""
    from salesrules.phrases import figure_text, reason_texts
    from salesrules.run.answer import Mark

    pack, figures = workspace.pack, ("signed", "win_rate")
    rows, hidden = [], []
    for id in people:
        person = workspace.person(id)
        answer = workspace.see(person, "customer", limit=1_000)
        masked = [row for row in answer.rows if Mark.HIDDEN in row]
        hidden += [row for row in masked if row[answer.columns.index("owner")] is not None]
        texts = [figure_text(pack, kpi, workspace.kpi(person, kpi).rows[0][0], lang) for kpi in figures]
        role = pack.roles[person.hats[0].post.role].label.in_(lang)
        name = person.row["name" if lang == "zh" else "name_en"]
        rows.append([f"{id} {name}", role, f"{answer.total:,}", f"{len(masked):,}", *texts])
    heads = [say(f"demo.{head}", lang) for head in ("person", "role", "customers", "masked")]
    click.echo("\n" + say("demo.question", lang))
    _print_table([*heads, *(pack.kpis[kpi].label.in_(lang) for kpi in figures)], rows, {2, 3, 4, 5})
    key, field = hidden[0][0], "phone"
    label = pack.entities["customer"].fields[field].label
    click.echo(say("demo.why", lang, person=people[0], field=label.in_(lang), key=key))
    for reason in workspace.why(workspace.person(people[0]), "read", "customer", key, field):
        _print_reason(reason_texts(pack, reason, lang))


@_verb()
def validate(workspace: Path, pack: str | None, lang: str) -> None:
    """Check a pack and the data that it is bound to.

    \b
    salesrules validate
    salesrules validate --pack adventureworks --lang zh
    """
    from salesrules.sources.bindings import read_settings
    from salesrules.workspace import Workspace, read_program

    start = time.perf_counter()
    settings = read_settings(workspace)
    program, issues = read_program(settings, pack)
    _print_issues(issues, lang)
    if program is None:
        click.echo(say("validate.failed", lang, errors=len(issues)))
        sys.exit(EXIT[PackError])
    counts = {name: len(getattr(program.pack, name)) for name in _SECTIONS}
    about = program.pack.about
    milliseconds = f"{(time.perf_counter() - start) * 1000:.0f}"
    click.echo(say("validate.fine", lang, pack=f"{about.pack} {about.version}", ms=milliseconds, **counts))
    opened = Workspace.over(program, settings)
    _print_rejects(opened, lang)
    people = len({post.person for post in opened.posts()})
    click.echo(say("validate.data", lang, rows=f"{opened.row_count():,}", people=f"{people:,}"))


_SECTIONS = ("entities", "dimensions", "roles", "slices", "grants", "kpis")


@_verb(asks=True)
@click.argument("entity")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, help="Rows a page.")
@click.option("--page", type=click.IntRange(1), default=1)
def see(entity: str, limit: int, page: int, **given: Any) -> None:
    """The records of ENTITY that a person sees.

    \b
    salesrules see --as P-0005 customer
    salesrules see --as P-0002 opportunity --limit 50 --page 2 --at 2026-03-15
    """
    from salesrules.phrases import reason_line

    workspace, person, lang = _ask(given)
    answer = workspace.see(person, entity, limit, (page - 1) * limit)
    click.echo(reason_line(workspace.pack, answer, lang))
    if answer.rows:
        _print_answer(workspace.pack, answer, lang)
    if page * limit < answer.total:
        click.echo(say("see.next", lang, page=page + 1))


@_verb(asks=True)
@click.argument("kpi")
@click.option("--by", multiple=True, metavar="FIELD", help="Group by a field or path; several times for several.")
@_output("table", "csv", "json")
def kpi(kpi: str, by: tuple[str, ...], output: str, **given: Any) -> None:
    """A figure over the rows a person may aggregate.

    \b
    salesrules kpi --as P-0005 signed
    salesrules kpi --as P-0001 signed --by customer.region --by product --output csv
    """
    from salesrules.export import to_csv, to_json

    workspace, person, lang = _ask(given)
    answer = workspace.kpi(person, kpi, by)
    if output != "table":
        click.echo(to_csv(answer) if output == "csv" else to_json(answer), nl=output == "json")
        return
    note = workspace.pack.kpis[kpi].note
    if note:
        click.echo(note.in_(lang))
    _print_answer(workspace.pack, answer, lang)


@_verb(asks=True)
@click.argument("action")
@click.argument("entity")
@click.argument("key")
@click.option("--field", help="One field; without it, any of the record.")
def can(action: str, entity: str, key: str, field: str | None, **given: Any) -> None:
    """Yes or no, as exit code 0 or 5: may a person do it?

    \b
    salesrules can --as P-0005 read customer C-00007 --field phone
    """
    workspace, person, lang = _ask(given)
    allowed = workspace.can(person, action, entity, key, field)
    click.echo(say("can.yes" if allowed else "can.no", lang))
    if not allowed:
        sys.exit(EXIT[AccessDenied])


@_verb(asks=True)
@click.argument("entity")
@click.argument("key")
@click.option("--field", help="One field; without it, every category of the record.")
@click.option("--action", default="read", help="read, aggregate, export, update, assign ...")
def why(entity: str, key: str, field: str | None, action: str, **given: Any) -> None:
    """Why a person sees a cell or not, grant by grant.

    \b
    salesrules why --as P-0005 customer C-00017 --field phone
    """
    from salesrules.phrases import reason_texts

    workspace, person, lang = _ask(given)
    for reason in workspace.why(person, action, entity, key, field):
        _print_reason(reason_texts(workspace.pack, reason, lang))


@_verb()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000)
def serve(workspace: Path, pack: str | None, lang: str, host: str, port: int) -> None:
    """The workspace as pages, until Ctrl+C.

    \b
    salesrules demo --keep my-demo
    salesrules serve --workspace my-demo --port 8000
    """
    from salesrules_web.server import serve as serve_pages

    opened = _open(workspace, pack, lang)
    click.echo(say("serve.at", lang, url=f"http://{host}:{port}/"))
    serve_pages(opened, host, port)


def _here(option: str) -> Any:
    from salesrules.issue import Span

    return Span(option)


def _open(root: Path, pack: str | None, lang: str) -> Any:
    """The workspace; what of its data was left out is said on the way."""
    from salesrules.workspace import Workspace

    opened = Workspace.open(root, pack)
    _print_rejects(opened, lang)
    return opened


def _ask(given: dict[str, Any]) -> tuple[Any, Any, str]:
    """The workspace, the person who asks and the language."""
    workspace = _open(given["workspace"], given["pack"], given["lang"])
    at: datetime | None = given["at"]
    return workspace, workspace.person(given["person"], at.date() if at else None), given["lang"]


def _print_issues(issues: tuple[Issue, ...], lang: str) -> None:
    for issue in issues:
        click.echo(issue.line(lang), err=True)


def _print_rejects(workspace: Any, lang: str) -> None:
    from salesrules.phrases import reject_text

    for reject in workspace.rejects:
        click.echo(reject_text(reject, lang), err=True)


def _print_answer(pack: Any, answer: Any, lang: str) -> None:
    from salesrules.phrases import answer_texts, column_text

    heads = [column_text(pack, answer, name, lang) for name in answer.columns]
    numeric = {i for i in range(len(heads)) if any(isinstance(row[i], int | float | Decimal) for row in answer.rows)}
    _print_table(heads, answer_texts(pack, answer, lang), numeric)


def _print_reason(texts: list[str]) -> None:
    click.echo(texts[0])
    for text in texts[1:]:
        click.echo(f"  {text}")


def _print_table(heads: list[str], rows: list[list[str]], numeric: Container[int] = ()) -> None:
    """Rows of texts under headings; the columns in `numeric` stand to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(Text(head), justify="right" if index in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=10_000)
    console.print(table)
