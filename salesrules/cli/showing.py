"""The verbs that show the product: demo, serve."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.printing import print_reason, print_rejects, print_table
from salesrules.cli.verb import verb
from salesrules.issue import Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.workspace import Workspace

_COUNTS = ("people", "customers", "opportunities")
_LOCAL = ("127.0.0.1", "localhost")
_FIGURES = ("signed", "win_rate")


@verb("demo")
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
    from salesrules.workspace import Workspace

    if keep and keep.exists() and any(keep.iterdir()):
        raise QuestionError([Issue("demo.not_empty", Span("--keep"), {"folder": str(keep)})])
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        made = make(folder, seed)
        click.echo(say("demo.made", lang, **{name: f"{getattr(made, name):,}" for name in _COUNTS}, seed=seed))
        _tell(Workspace.open(folder), (made.rep, made.manager, made.auditor), lang)
        next_steps = "demo.next_kept" if keep else "demo.next"
        click.echo("\n" + say(next_steps, lang, folder=str(keep), rep=made.rep))


def _tell(workspace: Workspace, people: tuple[str, ...], lang: str) -> None:
    """The same question of several people, then why one cell is hidden from the first."""
    from salesrules.phrases import figure_text
    from salesrules.workspace import Mark

    pack, rows, hidden = workspace.pack, [], []
    for id in people:
        person = workspace.person(id)
        answer = workspace.see(person, "customer", limit=1_000)
        masked = [row for row in answer.rows if Mark.HIDDEN in row]
        hidden += [row for row in masked if row[answer.columns.index("owner")] is not None]
        texts = [figure_text(pack, kpi, workspace.kpi(person, kpi).rows[0][0], lang) for kpi in _FIGURES]
        role = pack.roles[person.hats[0].post.role].label.in_(lang)
        name = person.row["name" if lang == "zh" else "name_en"]
        rows.append([f"{id} {name}", role, f"{answer.total:,}", f"{len(masked):,}", *texts])
    heads = [say(f"demo.{head}", lang) for head in ("person", "role", "customers", "masked")]
    click.echo("\n" + say("demo.question", lang))
    print_table([*heads, *(pack.kpis[kpi].label.in_(lang) for kpi in _FIGURES)], rows, {2, 3, 4, 5})
    key, field = hidden[0][0], "phone"
    label = pack.entities["customer"].fields[field].label
    assert label is not None
    click.echo(say("demo.why", lang, person=people[0], field=label.in_(lang), key=key))
    for reason in workspace.why(workspace.person(people[0]), "read", "customer", key, field):
        print_reason(pack, reason, lang)


@verb("serve")
@click.option("--host", default="127.0.0.1", help="Where to listen; only this machine by default.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000)
def serve(workspace: Path, pack: str | None, lang: str, host: str, port: int) -> None:
    """The workspace as pages, until Ctrl+C.

    \b
    salesrules demo --keep my-demo
    salesrules serve --workspace my-demo --port 8000
    """
    from salesrules.workspace import Workspace
    from salesrules_web.server import listen

    if host not in _LOCAL:  # whoever reaches the pages can be anyone: there are no passwords yet
        raise QuestionError([Issue("serve.not_local", Span("--host"), {"host": host})])
    opened = Workspace.open(workspace, pack)
    print_rejects(opened, lang)
    try:
        server = listen(opened, host, port)
    except OSError as error:
        words = {"host": host, "port": str(port), "problem": error.strerror or str(error)}
        raise QuestionError([Issue("serve.no_port", Span("--port"), words)]) from error
    click.echo(say("serve.at", lang, url=f"http://{host}:{server.effective_port}/"))
    server.run()
