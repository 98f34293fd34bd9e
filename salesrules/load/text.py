"""A file to its text: whatever keeps a file from being read is an issue, found before it costs time or memory."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from salesrules.issue import Issue, Span

MAX_BYTES = 20_000_000

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_text(path: Path, file: str) -> tuple[str, Issue | None]:
    """The text of a file without its byte order mark, or the issue that says why there is none."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return "", Issue("file.not_a_file", Span(file))
        if about.st_size > MAX_BYTES:
            words = {"found": f"{about.st_size:,}", "limit": f"{MAX_BYTES:,}"}
            return "", Issue("file.too_large", Span(file), words)
        return decode(path.read_bytes(), file)
    except OSError as error:
        return "", Issue("file.unreadable", Span(file), {"problem": error.strerror or "unknown"})


def decode(content: bytes, file: str) -> tuple[str, Issue | None]:
    """The text that UTF-8 bytes say, without a byte order mark."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff"), None
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        place = Span(file, line, column, line, column + 1)
        encoding = "UTF-16" if content.startswith(_UTF_16) else _likely(content)
        return "", Issue("file.in_encoding", place, {"name": encoding}) if encoding else Issue("file.not_utf8", place)


def _likely(content: bytes) -> str | None:
    """GB18030 where the bytes make sense in it, as in files saved by spreadsheets in Chinese."""
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GB18030"


def invisible_characters(text: str, file: str) -> list[Issue]:
    """The first control character or the like: packs hold none, and parsers disagree about them."""
    found = _INVISIBLE.search(text)
    if found is None:
        return []
    before = re.split(r"\r\n|\r|\n", text[: found.start()])
    line, column = len(before), len(before[-1]) + 1
    words = {"character": f"U+{ord(found[0]):04X}"}
    return [Issue("file.invisible_character", Span(file, line, column, line, column + 1), words)]
