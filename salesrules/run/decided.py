"""A question about what a person may do to a record to decisions, for those who may put it."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.access.why import Reason, reason
from salesrules.engines.engine import Engine
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.pack.policies import ROW_ACTIONS
from salesrules.run.knowable import KNOWING
from salesrules.run.records import no_such_record, record_leaves


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one record: who asks, about whom, what they would do, and to which categories."""

    asker: Principal
    subject: Principal
    action: str
    entity: str
    key: str
    categories: tuple[str, ...]

    @property
    def about_other(self) -> bool:
        """Whether somebody asks about somebody else."""
        return self.subject.id != self.asker.id


def may_audit(snapshot: Snapshot, principal: Principal, entity: str) -> bool:
    """Whether some grant lets the person ask what others may do to some of an entity."""
    fields = snapshot.program.pack.entities[entity].fields.values()
    return any(snapshot.cell(principal, entity, "audit", field.category).allows for field in fields)


def not_an_auditor(entity: str) -> AccessDenied:
    """The one answer to whoever asks about others without the right, whatever they ask."""
    return AccessDenied([Issue("access.no_audit", Span(entity), {"entity": entity})])


def categories_of(snapshot: Snapshot, entity: str, action: str, field: str | None) -> tuple[str, ...]:
    """The categories that a question is about: that of one field, all of them, or `*` for what is done to a row."""
    fields = snapshot.program.pack.entities[entity].fields
    if action in ROW_ACTIONS:
        return ("*",)
    return (fields[field].category,) if field else tuple(sorted({each.category for each in fields.values()}))


def decide(engine: Engine, snapshot: Snapshot, asked: Asked) -> tuple[Reason, ...]:
    """The decision for each category, with full rights: it is the caller's to keep inside what the asker may not know.

    Raises: AccessDenied, in the same words, for a record that does not exist and for one the asker may not know; and
        where a question about somebody else is about more than the asker may audit.
    """
    row = record_leaves(engine, snapshot, asked.asker, asked.entity, asked.key)

    def about(who: Principal, action: str, category: str) -> Reason:
        return reason(snapshot, who, action, asked.entity, asked.key, category, row)

    knowing = ("audit",) if asked.about_other else KNOWING
    everything = categories_of(snapshot, asked.entity, "read", None)
    if not any(about(asked.asker, action, category).allowed for action in knowing for category in everything):
        raise no_such_record(asked.entity, asked.key)
    if asked.about_other and not all(about(asked.asker, "audit", c).allowed for c in asked.categories):
        raise not_an_auditor(asked.entity)
    return tuple(about(asked.subject, asked.action, category) for category in asked.categories)
