"""A Guess to a table of salesrules.toml: as text with what is unsure beside it, and into the file without a loss."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from salesrules.issue import Issue, QuestionError, Span, say
from salesrules.sources.guessing.guess import Guess
from salesrules.sources.settings.bindings import FILE, Settings

NEW = "imported"  # the source of files that lie in the folder of none


def mapping(found: Guess, settings: Settings, lang: str) -> str:
    """The table, with a comment at all that somebody should look at."""
    source, folder = _source(found, settings)
    lines = [f"[sources.{source}.{_text_key(found.entity)}]"]
    lines.append(f"file = {_text(os.path.relpath(found.path.resolve(), folder))}")
    if found.sheet:
        lines.append(f"sheet = {_text(found.sheet)}")
    lines += _formats(found)
    lines += [f"# {say('guess.missing', lang, field=field)}" for field in found.missing]
    if found.unused:
        lines.append(f"# {say('guess.unused', lang, columns=', '.join(found.unused))}")
    lines.append(f"[sources.{source}.{_text_key(found.entity)}.columns]")
    for match in found.matches:
        doubt = match.doubt or (None if match.sure else "guess.unsure")
        line = f"{_text_key(match.field)} = {_text(match.column)}"
        lines.append(f"{line}  # {say(doubt, lang)}" if doubt else line)
    return "\n".join(lines) + "\n"


def append(tables: list[str], settings: Settings) -> Path:
    """Write tables at the end of salesrules.toml, and return the copy of what it was before.

    Raises: QuestionError if the file would not be TOML any more.
    """
    path = settings.root / FILE
    old = path.read_text(encoding="utf-8")
    new = "\n".join([old.rstrip("\n") + "\n", *tables])
    try:
        tomllib.loads(new.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise QuestionError([Issue("guess.not_appended", Span(FILE), {"problem": str(error)})]) from error
    copy = next(_free(path))
    copy.write_text(old, encoding="utf-8")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=settings.root, delete=False) as file:
        file.write(new)
    Path(file.name).chmod(path.stat().st_mode)
    os.replace(file.name, path)
    return copy


def must_be_new(found: Guess, others: Sequence[Guess], settings: Settings, pack: str) -> None:
    """Refuse an entity that is bound already, or that another file was taken for.

    Raises: QuestionError at the place where it is bound.
    """
    for other in others:
        if other.entity == found.entity:
            words = {"file": str(found.path), "other": str(other.path), "entity": found.entity}
            raise QuestionError([Issue("guess.twice", Span(str(found.path)), words)])
    binding = settings.for_entity(found.entity, pack)
    if binding is not None:
        raise QuestionError([Issue("guess.bound", binding.span, {"entity": found.entity})])


def _free(path: Path) -> Iterator[Path]:
    """Names for a copy that nothing has yet."""
    number = 0
    while True:
        copy = path.with_name(f"{path.name}.before{number or ''}")
        if not copy.exists():
            yield copy
        number += 1


def _source(found: Guess, settings: Settings) -> tuple[str, Path]:
    """The source in whose folder the file lies, or a new one."""
    for name, source in settings.sources.items():
        folder = (settings.root / source.get("folder", ".")).resolve()
        if not {"file", "files", "url"} & {*source} and found.path.resolve().parent == folder:
            return name, folder
    return NEW, settings.root.resolve()


def _formats(found: Guess) -> Iterator[str]:
    formats = found.formats
    if formats.dates:
        yield f"dates = {_text(formats.dates)}"
    if formats.decimal != ".":
        yield f"decimal = {_text(formats.decimal)}"
    if formats.thousands:
        yield f"thousands = {_text(formats.thousands)}"
    if formats.true:
        yield f"true = [{', '.join(map(_text, formats.true))}]"
        yield f"false = [{', '.join(map(_text, formats.false))}]"
    if found.nulls:
        yield f"nulls = [{', '.join(map(_text, found.nulls))}]"


def _text(text: str) -> str:
    """A string of TOML; what JSON writes is one, but for the character that it leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text_key(name: str) -> str:
    return name if name.isascii() else _text(name)
