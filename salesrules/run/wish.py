"""What somebody would create or update, as it was typed, to a Wish, with every mistake that the pack alone tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from salesrules.access.snapshot import Principal
from salesrules.issue import Issue, QuestionError, Span
from salesrules.pack.computed import is_computed
from salesrules.pack.pack import Pack

WRITING = ("create", "update")
SET = Span("--set")


@dataclass(frozen=True, slots=True)
class Wish:
    """A record to be, or a change to one: texts by field, and of a change the key of the record."""

    asker: Principal
    entity: str
    values: Mapping[str, str]
    key: str | None = None

    @property
    def action(self) -> str:
        """`update` for a record that is there, else `create`."""
        return "create" if self.key is None else "update"


def read_wish(
    pack: Pack,
    asker: Principal,
    entity: str,
    key: str | None,
    values: Sequence[tuple[str, str]],
    named: Callable[[str], str],
) -> Wish:
    """Args: named: the id of a field by its id or label.

    Raises: QuestionError with every field that is none, is set twice, or cannot be set.
    """
    issues: list[Issue] = [] if values else [Issue("ask.nothing_set", SET)]
    found: dict[str, str] = {}
    for name, text in values:
        try:
            field = named(name)
        except QuestionError as error:
            issues += error.issues
            continue
        issues += _wrong(pack, entity, field, key, found)
        found[field] = text
    if issues:
        raise QuestionError(issues)
    return Wish(asker, entity, found, key)


def _wrong(pack: Pack, entity: str, field: str, key: str | None, before: Mapping[str, str]) -> Iterator[Issue]:
    known = pack.entities[entity]
    if field in before:
        yield Issue("ask.set_twice", SET, {"name": field})
    if key is not None and field in known.key:
        yield Issue("ask.set_key", SET, {"name": field})
    if is_computed(pack, entity, known.fields[field]):
        yield Issue("ask.set_computed", SET, {"name": field})
