"""What came of the wish to move a record to another stage: it may, or everything that stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.run.explanation import TermHere

What = Literal["right", "elsewhere", "no_way", "here", "waits", "skip", "exit", "enter", "task", "approval", "changed"]
"""Why not: no right, not in this process, no way there from here, there already, proposed already and not yet in the
table, passed over for this record, a condition to leave or to come in, a task, a signature, one given for other
figures."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing that stands in the way.

    `id` is the stage, the task or the role that it is about; `terms` those of its condition that are not true, as far
    as the asker may know them.
    """

    what: What
    id: str
    terms: tuple[TermHere, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A record on its way from a stage to another; with nothing unmet it may go, and `done` says that it went.

    `proposed` says that the table is right about the stage, so that it only counts once the table shows it.
    """

    entity: str
    key: str
    process: str
    start: str | None
    to: str
    unmet: tuple[Unmet, ...] = ()
    done: bool = False
    proposed: bool = False
