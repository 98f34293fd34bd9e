"""Verbs, YAML keys and message codes to the pages in docs/reference/, which a test keeps in step with the code."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args

import click

from salesrules.cli import main
from salesrules.expr.syntax import Expression
from salesrules.issue import catalogue
from salesrules.load.schema import KINDS
from salesrules.load.structure import keys_of

FOLDER = Path(__file__).parent / "reference"


def pages() -> Mapping[str, str]:
    """The text of each page by file name."""
    return {"commands.md": _commands(), "keys.md": _keys(), "issues.md": _issues()}


def _commands() -> str:
    parts = ["# Commands\n\nWhat `salesrules VERB --help` says of each verb.\n"]
    for name in main.list_commands(click.Context(main)):
        command = main.commands[name]
        with click.Context(command, info_name=f"salesrules {name}") as context:
            text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {name}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


def _keys() -> str:
    parts = ["# Keys of pack files\n\nBy file kind; a key marked * must be there.\n"]
    for kind, noun in KINDS.items():
        parts.append(f"## {kind}.yaml\n")
        for part in _nouns(noun, []):
            lines = inspect.cleandoc(part.__doc__ or "").splitlines()
            keys = ", ".join(f"`{name}`{'' if optional else '*'}" for name, _, optional in keys_of(part))
            parts.append(f"**{part.__name__}**: {' '.join(lines)}\n\n{keys}\n")
    return "\n".join(parts)


def _nouns(noun: type, seen: list[type]) -> Iterator[type]:
    if noun not in seen and noun is not Expression:
        seen.append(noun)
        yield noun
        for _, kind, _ in keys_of(noun):
            for inner in _inside(kind):
                yield from _nouns(inner, seen)


def _inside(kind: Any) -> Iterator[type]:
    if is_dataclass(kind) and isinstance(kind, type):
        yield kind
    for argument in get_args(kind):
        yield from _inside(argument)


def _issues() -> str:
    parts = [
        "# Messages\n\nEvery text of the product by its code, in both languages.\n\n| code | en | zh |\n|---|---|---|\n"
    ]
    for code, texts in catalogue().items():
        row = " | ".join(texts[lang].replace("|", "\\|").replace("\n", " ") for lang in ("en", "zh"))
        parts.append(f"| `{code}` | {row} |\n")
    return "".join(parts)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
