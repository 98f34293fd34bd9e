"""What all verbs share: the group, the common options, and how a refusal becomes text and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from salesrules import __version__
from salesrules.cli.printing import print_issues
from salesrules.issue import AccessDenied, EngineError, PackError, QuestionError, SalesrulesError, say

EXIT = {QuestionError: 2, PackError: 3, AccessDenied: 5, EngineError: 6}
LANG = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


class _Verbs(click.Group):
    """Lists the verbs in the order in which people need them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a verb; a letter that the terminal or a pipe cannot show becomes a question mark."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **extra)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="salesrules")
def main() -> None:
    """Rules of a sales organisation: who sees which rows and fields, and what the figures are.

    \b
    Try it:   salesrules demo
    Then:     salesrules demo --keep my-demo && cd my-demo
              salesrules see --as P-0005 customer
              salesrules serve
    Exit codes: 0 fine, 1 unexpected, or a dry run beyond a limit of the pack, 2 usage, 3 invalid pack or data,
    4 tests failed, 5 denied, 6 the database could not answer.
    """


def verb(
    name: str, *, asks: bool = False, acts: bool = False, lent: bool = False
) -> Callable[[Callable[..., None]], click.Command]:
    """A command with the options that all share; one that `asks` for somebody takes --as and --at too.

    One that `acts` takes --as alone: what is done is done now. What can be `lent` takes --for.
    """

    def decorate(run: Callable[..., None]) -> click.Command:
        @wraps(run)
        def guarded(**given: Any) -> None:
            try:
                run(**given)
            except SalesrulesError as error:
                print_issues(error.issues, given["workspace"], given["lang"], _typed(given))
                if isinstance(error, EngineError) and not asks:  # who asks for somebody is told nothing of the data
                    click.echo(say("engine.said", given["lang"], said=error.said), err=True)
                sys.exit(next((code for kind, code in EXIT.items() if isinstance(error, kind)), 1))

        command: Callable[..., None] = guarded
        own = [*(_ASKING if asks else _ASKING[:1] if acts else ()), *([_FOR] if lent else ())]
        for option in reversed([*own, *_COMMON]):
            command = option(command)
        return click.command(name=name)(command)

    return decorate


def _typed(given: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, by option: `--as` has the name `person` where a verb is run."""
    options = (option for option in click.get_current_context().command.params if isinstance(option, click.Option))
    texts = ((name, given.get(str(option.name))) for option in options for name in option.opts)
    return {name: text for name, text in texts if isinstance(text, str)}


def output(*formats: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option --output with these formats, the first by default."""
    return click.option("--output", type=click.Choice(formats), default=formats[0], help="How to print the answer.")


def day(*names: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that takes a day, which is a `date` where a verb is run, or None."""

    def read(_: click.Context, __: click.Parameter, moment: datetime | None) -> date | None:
        return moment.date() if moment is not None else None

    return click.option(*names, type=click.DateTime(["%Y-%m-%d"]), callback=read, metavar="DAY", help=help)


AT = day("--at", help="The day it is asked about; today.")

_ASKING = (click.option("--as", "person", required=True, metavar="PERSON", help="Who asks."), AT)
_FOR = click.option(
    "--for", "giver", metavar="PERSON", help="In the place of this person, as far as it is lent to you."
)
_COMMON = (
    click.option(
        "--workspace",
        envvar="SALESRULES_WORKSPACE",
        default=".",
        type=click.Path(path_type=Path),
        help="The folder that holds salesrules.toml; this one.",
    ),
    click.option("--pack", envvar="SALESRULES_PACK", help="The pack; the one that salesrules.toml names."),
    click.option("--lang", envvar="SALESRULES_LANG", type=click.Choice(["en", "zh"]), default=LANG),
)
