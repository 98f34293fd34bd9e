"""What an expression can be about: kinds of values, and the names a pack gives meaning to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value; `of` is the entity of a ref, the dimension of a member, the currency of money."""

    name: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.of}".strip()


BOOLEAN, TEXT, INTEGER, DECIMAL = Kind("boolean"), Kind("text"), Kind("integer"), Kind("decimal")
PERCENT, DATE, DOUBLE, NULL = Kind("percent"), Kind("date"), Kind("double"), Kind("null")
NUMBERS = frozenset({"integer", "decimal", "money", "percent", "double"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name that expressions of a pack may use.

    `fields` has the kind of each field by entity; `members` the member ids by dimension; `trees` the
    entities and dimensions whose rows have a parent; `post` the kinds of what a post carries.
    """

    fields: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    trees: frozenset[str] = frozenset()
    post: Mapping[str, Kind] = field(default_factory=dict)
    kpis: Mapping[str, Kind] = field(default_factory=dict)
