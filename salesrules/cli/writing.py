"""Writing a file or folder that somebody named, to an issue at the option where it cannot be made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesrules.issue import Issue, QuestionError, Span


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Whatever is written inside.

    Raises: QuestionError at the option if the system refuses.
    """
    try:
        yield
    except OSError as error:
        words = {"file": str(error.filename or path), "problem": error.strerror or str(error)}
        raise QuestionError([Issue("export.cannot_write", Span(option), words)]) from error
