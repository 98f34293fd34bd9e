"""Facts about change files."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, members_of, unless_known
from salesrules.issue import Issue
from salesrules.pack.changes import Change, MergeStep, PostStep, SplitStep
from salesrules.pack.pack import Pack
from salesrules.pack.word import Word


def changes_split_and_merge_members(pack: Pack) -> Iterator[Issue]:
    for change in pack.changes.values():
        for dimension, member in _members(change):
            yield from unless_known("change.unknown_dimension", dimension, pack.dimensions)
            known = members_of(pack, dimension)
            if known is not None:
                yield from unless_known("change.unknown_member", member, known, dimension=dimension)


def changed_posts_have_known_roles(pack: Pack) -> Iterator[Issue]:
    for change in pack.changes.values():
        for post in (step.post for step in change.steps if isinstance(step, PostStep)):
            ends = (post.ends.role,) if post.ends else ()
            yield from all_known("change.unknown_role", (post.role, *ends), pack.roles)
            scope = (*post.scope, *(post.ends.scope if post.ends else ()))
            yield from all_known("change.unknown_dimension", scope, pack.dimensions)


def what_is_carried_is_known(pack: Pack) -> Iterator[Issue]:
    for change in pack.changes.values():
        yield from all_known("change.unknown_table", change.carry.tables, pack.tables)
        for name, carried in change.carry.records.items():
            yield from unless_known("change.unknown_entity", name, pack.entities)
            entity = pack.entities.get(name)
            if entity is not None:
                yield from unless_known("change.unknown_field", carried.go_with, entity.fields, entity=entity.id)


def _members(change: Change) -> Iterator[tuple[Word, Word]]:
    """Each old member that a change splits or merges, with its dimension."""
    for step in change.steps:
        if isinstance(step, SplitStep):
            yield from step.split.members.items()
        elif isinstance(step, MergeStep):
            for dimension, members in step.merge.members.items():
                for member in members:
                    yield dimension, member
