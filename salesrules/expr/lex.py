"""Text to tokens: words, numbers with their units, texts and symbols, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_FULL_WIDTH = str.maketrans("（），＝＜＞％＋－＊／！＆｜", "(),=<>%+-*/!&|")
_PIECES = re.compile(
    r"'(?:[^']|'')*'?"  # a text keeps its characters, whatever they are
    r"|[‘’][^‘’']*[‘’']?"  # so does one in the quotes of a Chinese keyboard, but for those quotes
    r"|\[[^\]]*\]?"  # and a name in brackets
    r"|[^'‘’\[]+"
)
# marks that make a letter together with the one before: accents, Hebrew, Arabic, Devanagari, Thai
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e"
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<label>\[[^\[\]]+\])"
    r"|(?P<number>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?)(?P<unit>%|\w+)?"
    rf"|(?P<name>[^\W\d][\w{_MARKS}]*)"
    r"|(?P<symbol><>|<=|>=|==|!=|&&|\|\||[-+*/=<>(),.])"
    r"|(?P<foreign>[≥≤≠\"“”%;])"
)
_MISSPELT = {
    **{"==": "=", "!=": "<>", "&&": "and", "||": "or", "≥": ">=", "≤": "<=", "≠": "<>"},
    **dict.fromkeys('"“”', "'"),
}


@dataclass(slots=True)
class Token:
    """One token; `kind` is text, label, number, name, symbol or end.

    `unit` is what follows a number at once; `word` is what the grammar compares: a name or symbol in lower case.
    """

    kind: str
    text: str
    start: int
    end: int
    unit: str = ""
    word: str = ""


class Flaw(Exception):
    """What stops an expression from being read; never leaves the parser."""

    def __init__(self, code: str, start: int, end: int, **words: str) -> None:
        super().__init__(code)
        self.code, self.start, self.end, self.words = code, start, end, words


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, and one that says it ends.

    Raises: Flaw at the first character that begins none.
    """
    if not text.isascii():
        text = _PIECES.sub(_ascii, text)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match["foreign"]:
            raise _stranger(text, at)
        if match[0] in _MISSPELT:
            raise Flaw("expr.other_dialect", at, match.end(), found=match[0], write=_MISSPELT[match[0]])
        if match["space"] is None:
            tokens.append(_token(match))
        at = match.end()
    tokens.append(Token("end", "", len(text), len(text) + 1))
    return tokens


def _ascii(piece: re.Match[str]) -> str:
    """The piece with full-width signs as ASCII, character by character, so that places stay."""
    text = piece[0]
    if text[0] in "'[":
        return text
    if text[0] in "‘’":
        closed = len(text) > 1 and text[-1] in "‘’'"
        return f"'{text[1:-1]}'" if closed else "'" + text[1:]
    return text.translate(_FULL_WIDTH)


def _token(match: re.Match[str]) -> Token:
    start, end = match.span()
    kind = "number" if match["number"] else str(match.lastgroup)
    found = match[kind]
    if kind == "label":
        found = found[1:-1].strip()
    if not found.isascii():
        found = unicodedata.normalize("NFC", found)
    word = found.lower() if kind in ("name", "symbol") else ""
    return Token(kind, found, start, end, match["unit"] or "", word)


def _stranger(text: str, at: int) -> Flaw:
    found = text[at]
    if found == "'":
        return Flaw("expr.open_text", at, len(text))
    if found == "[":
        return Flaw("expr.open_label", at, len(text))
    if found == "%":
        return Flaw("expr.lone_percent", at, at + 1)
    if found in _MISSPELT:
        return Flaw("expr.other_dialect", at, at + 1, found=found, write=_MISSPELT[found])
    return Flaw("expr.unexpected", at, at + 1, found=found)
