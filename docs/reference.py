"""Verbs, YAML keys and message codes to the pages in docs/reference/, which a test keeps in step with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args

import click

from salesrules.cli import main
from salesrules.issue import catalogue
from salesrules.load.scalars import SCALARS
from salesrules.load.schema import KINDS
from salesrules.load.shapes import Key, about_noun, keys_of, rest_of, shapes_of

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
    parts = ["# Keys of pack files\n\nBy file kind, each part once; a key marked * must be there.\n"]
    seen: list[type] = []
    for kind, noun in KINDS.items():
        parts.append(f"## {kind}.yaml\n")
        for part in _nouns(noun, seen):
            lines = [f"- `{key.name}`{'' if key.optional else '*'}: {key.about}{_words(key)}" for key in keys_of(part)]
            parts.append(f"**{part.__name__}**: {about_noun(part)}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _words(key: Key) -> str:
    """The words that a key takes, where there are only so many."""
    options = ", ".join(f"`{option}`" for option in dict.fromkeys(_options(key.type)))
    shapes = shapes_of(key.type)
    besides = bool(shapes.options) and bool(shapes.nouns or shapes.map or shapes.list or shapes.scalar)
    return f" ({'or ' if besides else ''}{options})" if options else ""


def _options(kind: Any) -> Iterator[str]:
    """The words of a type, or of what a list or mapping of that type holds."""
    shapes = shapes_of(kind)
    yield from shapes.options
    for inside in (*get_args(shapes.map)[1:], *get_args(shapes.list)[:1]):
        yield from _options(inside)


def _nouns(noun: type, seen: list[type]) -> Iterator[type]:
    if noun not in seen:
        seen.append(noun)
        yield noun
        rest = rest_of(noun)
        for key in (*keys_of(noun), *((rest,) if rest else ())):
            for inner in _inside(key.type):
                yield from _nouns(inner, seen)


def _inside(kind: Any) -> Iterator[type]:
    if is_dataclass(kind) and isinstance(kind, type) and kind not in SCALARS:
        yield kind
    for argument in get_args(kind):
        yield from _inside(argument)


def _issues() -> str:
    parts = [
        "# Messages\n\nEvery text of the product by its code, in both languages.\n\n| code | en | zh |\n|---|---|---|\n"
    ]
    for code, texts in catalogue().items():
        row = " | ".join(_of_several(texts[lang]).replace("|", "\\|").replace("\n", " ") for lang in ("en", "zh"))
        parts.append(f"| `{code}` | {row} |\n")
    return "".join(parts)


def _of_several(text: str) -> str:
    """A message as it is where a count is not one."""
    return re.sub(r"\{\w+:[^|{}]*\|([^{}]*)\}", r"\1", text)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
