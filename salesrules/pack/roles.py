"""roles.yaml: what people can be, and where the posts that tie people to roles are read from."""

from __future__ import annotations

from dataclasses import dataclass, field

from salesrules.issue import Span
from salesrules.pack.dimensions import Table
from salesrules.pack.label import Label


@dataclass(frozen=True, slots=True)
class Role:
    """What a post makes a person; `includes` adds the rights of other roles, `scope` names what a post is bound to."""

    id: str
    span: Span
    label: Label
    includes: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RolesFile:
    """The sections of roles.yaml."""

    roles: dict[str, Role]
    posts: Table | None = field(default=None)
