"""roles.yaml: what people can be, and where the posts that tie people to roles are read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.table import Table
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Role:
    """What a post makes a person.

    Keys:
      label: what people call it
      includes: roles whose rights it has as well
      scope: the dimensions that a post in it is bound to; a blank one is refused, `*` means all
    """

    id: str
    span: Span
    label: Label
    includes: tuple[Word, ...] = ()
    scope: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class PostTable(Table):
    """A table of posts: person, role, the scopes, from, to and reason.

    Keys:
      role: the role that every row is a post in, where the table has no such column
    """

    role: Word | None = None


@dataclass(frozen=True, slots=True)
class RolesFile:
    """What people can be.

    Keys:
      roles: by id
      posts: the table of posts, or several
      leave: the table of who is away: person, from, to, the first day back, and reason
    """

    roles: dict[str, Role] = field(default_factory=dict)
    posts: PostTable | tuple[PostTable, ...] | None = None
    leave: Table | None = None


def including(roles: Mapping[str, Role], names: Iterable[str]) -> frozenset[str]:
    """These roles and all that include one of them, at any depth."""
    found = set(names)
    while more := {role.id for role in roles.values() if role.id not in found and found.intersection(role.includes)}:
        found |= more
    return frozenset(found)
