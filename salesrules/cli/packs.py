"""The verbs of those who write packs: validate, diff, format, schema."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from salesrules.cli.printing import print_issues, print_rejects
from salesrules.cli.verb import EXIT, output, verb
from salesrules.cli.writing import writing
from salesrules.issue import Issue, PackError, QuestionError, Span, in_order, say


@verb("validate")
@output("table", "json", "sarif")
def validate(output: str, workspace: Path, pack: str | None, lang: str) -> None:
    """Check a pack and the data that it is bound to.

    \b
    salesrules validate
    salesrules validate --pack adventureworks --lang zh
    salesrules validate --output sarif > salesrules.sarif
    """
    from salesrules import report
    from salesrules.overseeing import Overseer
    from salesrules.reading import read_program
    from salesrules.sources.settings.bindings import read_settings
    from salesrules.workspace import Workspace

    start = time.perf_counter()
    settings = read_settings(workspace)
    read = read_program(settings, pack)
    issues, opened = read.issues, None
    if read.program is not None:
        try:
            opened = Workspace.over(read.program, settings)
            issues = in_order([*issues, *opened.warnings])
        except PackError as error:
            issues = in_order([*issues, *error.issues])
    if output == "table":
        print_issues(issues, workspace, lang)
        if read.program is not None:
            _print_summary(read.program.pack, lang)
        if opened is not None:
            print_rejects(opened, lang)
            people = len({post.person for post in opened.posts()})
            click.echo(say("validate.data", lang, rows=f"{Overseer(opened).row_count():,}", people=f"{people:,}"))
        click.echo(report.summary(issues, read.files, time.perf_counter() - start, lang))
    else:
        click.echo(report.json(issues, lang) if output == "json" else report.sarif(issues, lang))
    if any(issue.severity == "error" for issue in issues):
        sys.exit(EXIT[PackError])


def _print_summary(pack: Any, lang: str) -> None:
    from salesrules.pack.pack import summary

    counts = [
        say("validate.count", lang, count=count, thing=say(f"section.{name}", lang)) for name, count in summary(pack)
    ]
    name = f"{pack.about.label.in_(lang)} ({pack.about.pack} {pack.about.version})"
    click.echo(say("validate.pack", lang, pack=name, counts=say("list.and", lang).join(counts)))


@verb("diff")
@click.argument("old")
@output("table", "json")
def diff(old: str, output: str, workspace: Path, pack: str | None, lang: str) -> None:
    """What is otherwise in the pack than in OLD: another pack by its name, or the same one in another folder.

    \b
    salesrules diff standard --pack standard_next
    salesrules diff ../as-published
    salesrules diff ../as-published --output json

    What that does to the work is told by `salesrules replay`.
    """
    from salesrules.audit.differences import differences
    from salesrules.reading import read_version
    from salesrules.sources.settings.bindings import read_settings

    settings = read_settings(workspace)
    then = read_version(settings, old, pack)
    now = read_version(settings, pack or str(settings.pack))
    found = list(differences(then, now))
    if output == "json":
        rows = [{**asdict(one), "place": str(one.place) if one.place is not None else None} for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo(say("diff.head", lang, old=_version(then), new=_version(now), count=f"{len(found):,}"))
    for one in found:
        code = "diff.added" if one.old is None else "diff.gone" if one.new is None else "diff.changed"
        what, said = " ".join((one.section, ".".join(one.path))), one.new or one.old
        if said and code != "diff.changed" and said not in one.path[-1]:
            what = say("diff.value", lang, what=what, value=said)
        words = {"what": what, "place": str(one.place or "-")}
        click.echo(say(code, lang, old=one.old or "-", new=one.new or "-", **words))


def _version(pack: Any) -> str:
    return f"{pack.about.pack} {pack.about.version}"


@verb("format")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Change nothing; exit code 3 if a file would change.")
def format_files(files: tuple[Path, ...], check: bool, workspace: Path, pack: str | None, lang: str) -> None:
    """Lay out the YAML of a pack; comments and meaning stay.

    \b
    salesrules format                       # every file of the pack
    salesrules format rules/acme/kpis.yaml
    salesrules format --check
    """
    from salesrules.load.layout import layout
    from salesrules.load.text import read_text

    changed, issues = [], []
    for path in files or _files(workspace, pack):
        old, problem = read_text(path, str(path))
        new, wrong = layout(old, str(path)) if problem is None else (old, [problem])
        issues += wrong
        if new != old:
            changed.append(path)
            if not check:
                with writing("FILE", path):
                    path.write_bytes(new.encode())  # bytes, so that each line ends as it did
    print_issues(in_order(issues), Path(), lang)
    for path in changed:
        click.echo(say("format.would_change" if check else "format.changed", lang, file=str(path)))
    if not changed:
        click.echo(say("format.nothing", lang))
    if issues or (check and changed):
        sys.exit(EXIT[PackError])


def _files(workspace: Path, pack: str | None) -> list[Path]:
    from salesrules.sources.settings.bindings import read_settings

    name = pack or read_settings(workspace).pack
    found = [
        path for folder in ("rules", "policies") for path in sorted((workspace / folder / str(name)).rglob("*.yaml"))
    ]
    if not found:
        raise QuestionError([Issue("format.no_files", Span("salesrules.toml"), {"name": str(name)})])
    return found


@verb("schema")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("salesrules/schema"))
def schema(folder: Path, workspace: Path, pack: str | None, lang: str) -> None:
    """JSON Schemas of all pack files, and the settings that bind them in VS Code.

    \b
    salesrules schema                       # into salesrules/schema, where line 1 of the files looks for them
    salesrules schema ../schemas
    """
    from salesrules.load.schema import write_schemas

    with writing("FOLDER", workspace / folder):
        written = write_schemas(workspace / folder, folder.as_posix())
    click.echo(say("schema.written", lang, count=len(written), folder=str(workspace / folder)))
