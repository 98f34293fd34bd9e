"""Modules: the parts of the work, such as order management, that people are granted by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.word import Word

MODULE = "module."
"""How the object of a grant begins that is about a module."""


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the work: a grant on `module.<id>` is about everything that the module holds.

    Keys:
      label: what people call it
      holds: its entities, each with the categories of fields that belong to the module; `*` is the whole of one
    """

    id: str
    span: Span
    label: Label
    holds: dict[Word, tuple[Word, ...]]

    def categories(self, entity: str, asked: str, known: Collection[str]) -> tuple[str, ...]:
        """What a grant on a category, or on `*`, means of an entity that has the categories `known`."""
        held = self.holds.get(Word(entity), ())
        if asked == "*":
            return tuple(map(str, held))
        return (asked,) if asked in known and ("*" in held or asked in held) else ()
