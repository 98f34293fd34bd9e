"""Bytes of a text file to its encoding, and text that was encoded twice to the text that was meant."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NULS = "it has NUL characters: if it is UTF-16, write encoding = 'utf-16-le'"
_LATE = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0))  # not where Latin-1 has them
_NEXT = f"[\x80-\xbf{_LATE}]"
TWICE = f"[\xc2-\xdf]{_NEXT}|[\xe0-\xef]{_NEXT}{{2}}|[\xf0-\xf4]{_NEXT}{{3}}"
"""A regular expression for one character of UTF-8 that was read as Latin-1 or Windows-1252."""
_TWICE = re.compile(TWICE)


def encoding_of(path: Path) -> str:
    """`utf-8`, `utf-16` with its mark, or `gb18030`: the first under which the whole file can be read.

    Raises: ValueError if it is none of them, or reads as GB18030 only in characters that hardly anybody writes.
    """
    with path.open("rb") as file:
        start = file.read(CHUNK)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        raise ValueError(_NULS)
    for encoding in ("utf-8", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as text:
                while piece := text.read(CHUNK):
                    if "\0" in piece:
                        raise ValueError(_NULS)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not _is_chinese(start.decode("gb18030", "ignore")):
            break
        return encoding
    raise ValueError("the encoding is neither UTF-8 nor GB18030: name it, for example encoding = 'cp1252'")


def _is_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII are common ones; bytes of Western text happen to be rare ones."""
    found = [character for character in text if character > "\x7f"]
    common = sum(bool(character.encode("gb2312", "ignore")) for character in found)
    return 2 * common >= len(found)


def mended(text: str) -> str:
    """The text with everything that was encoded twice read as it was meant; the rest stays."""
    return _TWICE.sub(_once, text)


def _once(match: re.Match[str]) -> str:
    codes = b"".join(character.encode("latin-1" if character <= "\xff" else "cp1252") for character in match[0])
    try:
        return codes.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
