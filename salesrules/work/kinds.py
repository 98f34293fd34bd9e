"""The kinds of facts that the log has, and which of them say what."""

from __future__ import annotations

CREATED, OBSERVED = "created", "observed"
ASSIGNED, CLAIMED, RETURNED, RECYCLED = "assigned", "claimed", "returned", "recycled"
TRANSFERRED = "transferred"
CONTESTED, JUDGED = "contested", "judged"
ADVANCED, TASK_DONE, APPROVED, FOLLOWED_UP = "advanced", "task_done", "approved", "followed_up"
REMINDED, ESCALATED = "reminded", "escalated"
APPEALED, APPEAL_CLOSED = "appealed", "appeal_closed"
VIOLATED, KEPT_AGAIN, ANSWERED, SETTLED = "violated", "kept_again", "answered", "settled"
DAY_CLOSED = "day_closed"
PASSED = "passed"
HANDED, AGREED = "handed", "agreed"
DELEGATED, VIEWED = "delegated", "viewed"

SEEN = (CREATED, OBSERVED)
"""What says how a table is: where the table is right, only these are facts, and the others propose."""
CHARGES = (VIOLATED, KEPT_AGAIN, ANSWERED, SETTLED)
"""What is told to who is charged and to their managers, and stands in no history."""
ASIDE = (
    *(REMINDED, ESCALATED, CONTESTED, APPEALED, APPEAL_CLOSED, PASSED, HANDED, AGREED, DELEGATED, VIEWED, DAY_CLOSED),
    *CHARGES,
)
"""What is written about a record without changing it: it moves no clock."""
GONE = "#gone"  # the value by which an observation says that the table no longer has the record
SYSTEM = "salesrules"  # the actor of what nobody did

# what an event says beside the fields of its record; no field is called so
PROCESS, FROM, TASK, APPROVAL, FIGURES = "#process", "#from", "#task", "#approval", "#figures"
NOTE, CLOCK, SINCE, PERSON = "#note", "#clock", "#since", "#person"
BECAUSE, RUN, APPEAL, OUTCOME = "#because", "#run", "#appeal", "#outcome"
VIOLATION = "#violation"
PLAN, DAYS = "#plan", "#days"  # what was planned for a day, and done of it; the days of a deviation
CASE, FIRST, STANDS = "#case", "#first", "#stands"
FORMER, CREDIT_OLD, CREDIT_NEW, CREDIT_UNTIL = "#former", "#credit old", "#credit new", "#credit until"
TO_POOL, SETS, ASKED = "#to pool", "#sets", "#asked"  # where a record goes once all who are asked agree
BEGINS, UNTIL, ENTITIES = "#begins", "#until", "#entities"  # when somebody stands in, and for records of what
ONLY = "#only"  # the actions that are lent; an older event says none, and lends to approve alone
FOR, LEFT_BY = "#for", "#left by"  # in whose place somebody does it, and who had left an approval to that one
