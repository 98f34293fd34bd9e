"""What an asker is told of one decision: each grant that speaks, what its slice says there, and from which values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salesrules.expr.syntax import Expression
from salesrules.pack.policies import Grant
from salesrules.run.answer import Mark

Holds = bool | None | Mark
"""Whether a condition is true, false or null; `Mark.HIDDEN` where that hangs on cells that the asker may not know."""


@dataclass(frozen=True, slots=True)
class TermHere:
    """A term of a slice on one record, with the fields that it reads and the value of each, or `Mark.HIDDEN`."""

    written: Expression
    holds: Holds
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LineHere:
    """A grant of the person asked about, and what its slice says on the record.

    `of` is the entity that `written` is about; `tie` says whether all of its terms must hold, `and`, or any, `or`.
    """

    grant: Grant
    holds: Holds
    written: Expression
    of: str
    tie: str
    terms: tuple[TermHere, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision about one category of one record, as it may be told to who asks.

    `person` is who it is about, None for the asker. `others` are the grants by which other roles may do it, for those
    who may audit the cell; `nearest` is the line of the person's own that is closest to opening it, where none does.
    """

    action: str
    entity: str
    key: str
    category: str
    allowed: bool
    person: str | None
    lines: tuple[LineHere, ...]
    others: tuple[Grant, ...] | None = None
    nearest: LineHere | None = None
