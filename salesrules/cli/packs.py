"""The verbs of those who write packs: validate, format, schema."""

from __future__ import annotations

import sys
import time
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
