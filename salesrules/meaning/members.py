"""Meanings that were read before the members of tables were known, to Meanings that name only members that are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from salesrules.expr.typed import Constant, Leaf, Typed, nodes
from salesrules.issue import Issue
from salesrules.meaning import Meanings, meanings_of
from salesrules.meaning.vocabulary import vocabulary_of
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.pack import Pack

_MEMBER = "member:"


def with_members_named(written: Pack, read: Pack, meanings: Meanings) -> tuple[Meanings, list[Issue]]:
    """The Meanings of a pack beside the members of its tables, and what its expressions say wrongly of these.

    Questions may name the members by their labels. The pack names them by id, because its computed fields are
    stored before the labels are known.

    Args: written: the pack as its author wrote it; read: the same with the members of its tables.
    """
    tables = {id for id, dimension in written.dimensions.items() if isinstance(dimension.members, MemberTable)}
    # tables do not say in which order their members stand
    asked = replace(vocabulary_of(read), ordered=meanings.vocabulary.ordered)
    if not tables & _dimensions_named(meanings):
        return replace(meanings, vocabulary=asked), []
    labels = {id: names for id, names in asked.labels.items() if id not in tables}
    aliases = {id: meanings.vocabulary.labels[id] for id in tables & meanings.vocabulary.labels.keys()}
    found, issues = meanings_of(read, replace(asked, labels=labels | aliases))
    return replace(found, vocabulary=asked), [_by_id(issue, asked.labels) for issue in issues]


def _dimensions_named(meanings: Meanings) -> set[str]:
    """The dimensions of which some expression names a member."""
    return {dimension for tree in _trees(meanings) for dimension in _named(tree)}


def _trees(meanings: Meanings) -> Iterable[Typed]:
    for kind in (meanings.slices, meanings.formulas, meanings.dates, meanings.active, meanings.conditions):
        yield from kind.values()


def _named(tree: Typed) -> Iterator[str]:
    for node in nodes(tree):
        if isinstance(node, Constant) and node.kind.name == "member":
            yield node.kind.of
        elif isinstance(node, Leaf) and node.root.startswith(_MEMBER):
            yield node.root.removeprefix(_MEMBER)


def _by_id(issue: Issue, labels: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Issue:
    """The issue; for a label that stands where an id belongs, with the id that it means."""
    if issue.code != "expr.unknown_member":
        return issue
    meant = labels.get(issue.words["dimension"], {}).get(issue.words["name"], ())
    return replace(issue, near=meant[0]) if len(meant) == 1 else issue
