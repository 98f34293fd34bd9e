"""What the engine says of a file that it could not read to the end, to an Issue that names the line."""

from __future__ import annotations

import re

from salesrules.issue import EngineError, Issue, PackError
from salesrules.sources.raw.relations import Relation, unreadable
from salesrules.sources.settings.bindings import Binding

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_COLUMNS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_FILE = re.compile(r"^  file = (.+)$", re.MULTILINE)


def broken(binding: Binding, source: Relation, error: EngineError) -> PackError:
    """The refusal of a source that was found broken while its rows were read."""
    said = str(error.__cause__)
    files = [part.file for part in source.parts]
    named = [file for file in _FILE.findall(said) if file in files]  # else it is the copy of one
    shown = named[0] if named else files[0] if len(files) == 1 else binding.shown
    line, columns = _LINE.search(said), _COLUMNS.search(said)
    words = {"file": shown, "line": line[1] if line else ""}
    if "invalid state" in said:
        return PackError([Issue("source.mixed_lines", binding.at("file"), {"file": shown})])
    if line and columns:
        counts = {"expected": columns[1], "found": columns[2]}
        return PackError([Issue("source.ragged", binding.at("file"), {**words, **counts})])
    if line and "unterminated quote" in said:
        return PackError([Issue("source.open_quote", binding.at("file"), words)])
    return unreadable(binding, error.said, shown)
