"""A name that stands in a pack for something declared elsewhere: text that knows its own place."""

from __future__ import annotations

from pathlib import PurePath

from salesrules.issue import Span


class Word(str):
    """Plain text for every purpose; `span` is where it stands, so a wrong name is shown exactly."""

    __slots__ = ("span",)
    span: Span

    def __new__(cls, text: str, span: Span | None = None) -> Word:
        """The text, with its place if it comes from a file."""
        word = super().__new__(cls, text)
        word.span = span or Span("")
        return word


def file_beside(word: Word) -> str:
    """The file that a word names from the folder of the file in which it stands, named as that one is."""
    return str(PurePath(word.span.file).parent / word)
