"""Proposals that are open to the file by which a CRM takes them over: its headings, and the words of its table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from salesrules.meaning import PERSON
from salesrules.pack.followed import OWNER, POOL
from salesrules.pack.pack import Pack
from salesrules.work.reconcile import Proposal

STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Template:
    """The headings of an import that updates records: of the number, the owner, the stage and the pool.

    `mark` says whether the file begins with the mark by which spreadsheets know UTF-8.
    """

    id: str
    heads: Mapping[str, str]
    mark: bool = False


TEMPLATES: Mapping[str, Template] = {
    "fxiaoke": Template("唯一性ID", {OWNER: "负责人", STAGE: "销售阶段", POOL: "公海"}, mark=True),
    "zoho": Template("Record Id", {OWNER: "Owner", STAGE: "Stage", POOL: "Pool"}),
    "salesforce": Template("Id", {OWNER: "OwnerId", STAGE: "StageName", POOL: "Pool__c"}),
    "hubspot": Template("Record ID", {OWNER: "Owner", STAGE: "Deal Stage", POOL: "Pool"}),
}
"""By CRM. The first column finds the record: the CRM's own number, so the key of the entity has to be that."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The file, how many records it moves, and how many are left out.

    Those move to nobody, which no import can say, or to somebody of whom it is not known what the CRM calls them.
    `closed` counts by field those that the person reads and may not export.
    """

    content: bytes
    records: int
    to_nobody: int
    to_unknown: int
    closed: Mapping[str, int] = field(default_factory=dict)


def moves(
    pack: Pack,
    entity: str,
    proposals: Iterable[Proposal],
    template: Template,
    people: Mapping[str, str] | None = None,
) -> Moves:
    """What is open of an entity, a line a record, with a column for each field that some record changes.

    A cell is empty where that field stays as it is, which importers leave alone.
    Args: people: what the CRM calls people, by id; their ids if None.
    """
    rows: dict[str, dict[str, str]] = {}
    nobody, unknown = set(), set()
    for each in proposals:
        if each.entity != entity or each.outcome != "open":
            continue
        if each.value is None:
            nobody.add(each.key)
        elif people is not None and is_person(pack, each) and each.value not in people:
            unknown.add(each.key)
        else:
            word = people[each.value] if people is not None and is_person(pack, each) else _word(pack, each)
            rows.setdefault(each.key, {})[_head(pack, each, template)] = word
    rows = {key: row for key, row in rows.items() if key not in unknown}
    heads = [head for head in template.heads.values() if any(head in row for row in rows.values())]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([template.id, *heads])
    writer.writerows([key, *(row.get(head, "") for head in heads)] for key, row in sorted(rows.items()))
    return Moves(
        text.getvalue().encode("utf-8-sig" if template.mark else "utf-8"), len(rows), len(nobody), len(unknown)
    )


def kept_back(entity: str, read: Iterable[Proposal], exported: Iterable[Proposal]) -> dict[str, int]:
    """How many records of an entity a person reads an open proposal about that is not among the exported, by field."""
    may = {(each.field, each.key) for each in exported}
    found = {(each.field, each.key) for each in read if each.entity == entity and each.outcome == "open"} - may
    return dict(sorted(Counter(name for name, _ in found).items()))


def is_person(pack: Pack, each: Proposal) -> bool:
    """Whether what is proposed is who has a record."""
    return pack.entities[each.entity].fields[each.field].to == PERSON


def _head(pack: Pack, each: Proposal, template: Template) -> str:
    is_stage = pack.entities[each.entity].fields[each.field].type == "stage"
    return template.heads[STAGE if is_stage else each.field]


def _word(pack: Pack, each: Proposal) -> str:
    """What the table calls a value: for a stage its alias, if the pack knows one, which is read back as the same."""
    field = pack.entities[each.entity].fields[each.field]
    aliases = pack.aliases.get(str(field.process), {}) if field.process is not None else {}
    return next((alias for alias, stage in aliases.items() if stage == each.value), str(each.value))
