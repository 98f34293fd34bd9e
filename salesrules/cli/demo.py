"""The verb demo: a made-up company, one question put by three people, and why one of them sees less."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesrules.cli.printing import print_explanation, print_table
from salesrules.cli.verb import verb
from salesrules.cli.writing import writing
from salesrules.issue import Issue, QuestionError, Span, say

if TYPE_CHECKING:
    from salesrules.demo import Made
    from salesrules.workspace import Answer, Pack, Principal, Workspace

_ENTITY, _FIELD = "customer", "phone"
_FIGURES = ("signed", "win_rate")
_SECTIONS = ("stages", "dimensions", "kpis", "roles", "grants")


@verb("demo")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Leave the workspace here."
)
@click.option(
    "--size",
    type=click.Choice(["small", "normal", "large"]),
    default="normal",
    help="Six hundred customers, twenty thousand, or ten million rows in Parquet files.",
)
@click.option("--seed", type=int, default=7, help="Another company for another number.")
def demo(keep: Path | None, size: str, seed: int, lang: str, **_: Any) -> None:
    """A made-up company, one question, three answers.

    \b
    salesrules demo
    salesrules demo --keep my-demo --lang zh
    salesrules demo --size small --seed 8
    """
    from salesrules.demo import make
    from salesrules.workspace import Workspace

    if keep is not None:
        with writing("--keep", keep):
            keep.mkdir(parents=True, exist_ok=True)
            if any(keep.iterdir()):
                raise QuestionError([Issue("demo.not_empty", Span("--keep"), {"folder": str(keep)})])
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        _progress("demo.making", size, lang)
        with writing("--keep", folder):
            made = make(folder, seed, size)
        counts = {name: f"{getattr(made, name):,}" for name in ("people", "customers", "opportunities", "rows")}
        click.echo(say("demo.made", lang, **counts, seed=seed))
        _progress("demo.reading", size, lang)
        workspace = Workspace.open(folder)
        _tell_pack(workspace, lang)
        _tell_people(workspace, made, lang)
        _tell_why(workspace, made.rep, lang)
        if size != "large":  # there it takes as long as all the rest
            _tell_assignment(folder, lang)
        if keep is not None and size != "large":  # whose log would be as large
            _progress("demo.living", size, lang)
            _live(workspace, folder, made, seed, lang)
        next_steps = "demo.next_kept" if keep else "demo.next"
        click.echo("\n" + say(next_steps, lang, folder=str(keep), rep=made.rep))


def _progress(code: str, size: str, lang: str) -> None:
    """What is being waited for; a small company is there at once."""
    if size != "small":
        click.echo(say(code, lang), err=True)


def _tell_pack(workspace: Workspace, lang: str) -> None:
    """What the pack declares, and what of the data could not be read."""
    from salesrules.pack.pack import summary
    from salesrules.phrases import reject_text

    about, counts = workspace.pack.about, dict(summary(workspace.pack))
    things = [say("validate.count", lang, count=counts[name], thing=say(f"section.{name}", lang)) for name in _SECTIONS]
    pack = f"{about.label.in_(lang)} ({about.pack} {about.version})"
    click.echo(say("validate.pack", lang, pack=pack, counts=say("list.and", lang).join(things)))
    click.echo(say("demo.broken", lang))
    for reject in workspace.rejects:
        click.echo(f"  {reject_text(workspace.pack, reject, lang)}")


def _tell_people(workspace: Workspace, made: Made, lang: str) -> None:
    """The same question of three people."""
    from salesrules.phrases import figure_text, post_text

    pack, rows = workspace.pack, []
    for id in (made.rep, made.manager, made.auditor):
        person = workspace.person(id)
        answer = workspace.see(person, _ENTITY, limit=1)
        figures = [figure_text(pack, kpi, workspace.kpi(person, kpi).rows[0][0], lang) for kpi in _FIGURES]
        count = f"{answer.total:,}" if answer.total else say("demo.totals_only", lang)
        post = post_text(pack, person.hats[0].post, lang)
        rows.append([_name(person, lang), post, count, _hidden_text(pack, answer, lang), *figures])
    heads = [say(f"demo.{head}", lang) for head in ("person", "role", "customers", "masked")]
    click.echo("\n" + say("demo.question", lang))
    print_table([*heads, *(pack.kpis[kpi].label.in_(lang) for kpi in _FIGURES)], rows, {2, 4, 5})


def _name(person: Principal, lang: str) -> str:
    """The number and name of a person; readers of English are told how to say it."""
    name = person.row["name"]
    return f"{person.id} {name}" if lang == "zh" else f"{person.id} {person.row['name_en']} {name}"


def _hidden_text(pack: Pack, answer: Answer, lang: str) -> str:
    """Which categories are hidden, and on how many rows."""
    everything = {field.category for field in pack.entities[answer.entity].fields.values()}
    parts = []
    for shown, count in answer.visible.items():
        if missing := sorted(everything - shown):
            names = say("list.and", lang).join(pack.categories[category].label.in_(lang) for category in missing)
            parts.append(say("demo.hidden_on", lang, categories=names, count=f"{count:,}"))
    return say("list.and", lang).join(parts) or say("demo.nothing_hidden", lang) if answer.total else ""


def _tell_why(workspace: Workspace, rep: str, lang: str) -> None:
    """Why one cell, of a customer whom somebody else owns, is hidden from the representative."""
    from salesrules.workspace import Mark, Masked

    person, pack = workspace.person(rep), workspace.pack
    answer = workspace.see(person, _ENTITY, limit=1_000)
    owner, field = (answer.columns.index(name) for name in ("owner", _FIELD))
    key = next(
        key
        for key, row in zip(answer.keys, answer.rows, strict=True)
        if isinstance(row[field], Mark | Masked) and row[owner] is not None
    )
    label = pack.entities[_ENTITY].fields[_FIELD].label
    assert label is not None
    click.echo(say("demo.why", lang, person=_name(person, lang), field=label.in_(lang), key=key))
    for found in workspace.why(person, "read", _ENTITY, key, _FIELD):
        print_explanation(pack, found, lang, _FIELD)


def _live(workspace: Workspace, folder: Path, made: Made, seed: int, lang: str) -> None:
    """Have the people of the company work for a few weeks, so that its log, and every page of work, has something.

    Some of what there is then is told, and left in a file that gives a shell its names.
    """
    from salesrules.demo.past import past
    from salesrules.demo.today import FILE, examples
    from salesrules.working import Working

    working = Working.over(workspace)
    try:
        past(working, seed)
        lines = [example.line(made, lang) for example in examples(working, made)]
        head = "# " + say("demo.today_head", lang, day=working.today().isoformat())
    finally:
        working.store.close()
    (folder / FILE).write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    click.echo("\n".join(["", say("demo.today", lang, file=FILE), *(f"  {line}" for line in lines)]))


def _tell_assignment(folder: Path, lang: str) -> None:
    """Who would get one of the leads that wait, with the reasons, and how work would then be spread."""
    from salesrules.assigning import Assigner
    from salesrules.whose import recalled_texts, spread_text

    assigner = Assigner.open(folder)
    try:
        found = assigner.assign("lead", dry=True, seed="demo")
        keys = (key for at, key in enumerate(found.run.arrivals.keys) if found.run.person(at) is not None)
        told = assigner.told(found, next(keys, ""))
    finally:
        assigner.working.store.close()
    click.echo("\n" + say("demo.assigned", lang))
    for text in recalled_texts(assigner.workspace.pack, told, lang, would=True) if told is not None else ():
        click.echo(f"  {text}")
    if found.spread is not None:
        click.echo("  " + spread_text(found.spread, "load", lang))
