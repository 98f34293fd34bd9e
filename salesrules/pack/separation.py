"""separation.yaml: what nobody may do both of, who may stand in for whom, and what opens in an emergency."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Duration
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Separation:
    """Two powers that no one person may have at once.

    Keys:
      label: what people call the rule
      never_both: the two powers, each an action and an object such as `approve attainment`
      same: where they must meet to clash: the dimensions of the posts, `period`, or `record`
      also_through: ways in which a power can come that count as well
    """

    id: str
    span: Span
    label: Label
    never_both: tuple[Word, ...]
    same: tuple[Word, ...] = ()
    also_through: tuple[Literal["includes", "delegation"], ...] = ()


@dataclass(frozen=True, slots=True)
class Longer:
    """Who may allow more than the rule.

    Keys:
      approve: the role
    """

    approve: Word


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who may lend which powers to whom.

    Keys:
      label: what people call the rule
      from: the roles that may lend
      to: the roles that may stand in; without it anyone with a post
      what: the actions that can be lent
      never: the actions that cannot
      max: for how long at most
      longer: who may allow more
      approve: the role that must agree
      unless: `separation` where a stand-in that breaks a separation is refused
    """

    id: str
    span: Span
    from_: tuple[Word, ...]
    what: tuple[Word, ...]
    max: Duration
    label: Label | None = None
    to: tuple[Word, ...] = ()
    never: tuple[Word, ...] = ()
    longer: Longer | None = None
    approve: Word | None = None
    unless: Literal["separation"] | None = None


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """What a person may open alone in an emergency, watched.

    Keys:
      label: what people call the rule
      who: the roles
      what: the actions
      category: the categories of fields
      max: for how long
      reason: whether a reason must be given
      tell: the roles that are told
    """

    id: str
    span: Span
    who: tuple[Word, ...]
    what: tuple[Word, ...]
    category: tuple[Word, ...]
    max: Duration
    tell: tuple[Word, ...]
    label: Label | None = None
    reason: Literal["required", "optional"] = "required"


@dataclass(frozen=True, slots=True)
class SeparationFile:
    """Limits on power beside the grants.

    Keys:
      separation: what nobody may do both of, by id
      delegation: who may stand in for whom, by id
      breakglass: what opens in an emergency, by id
    """

    separation: dict[str, Separation] = field(default_factory=dict)
    delegation: dict[str, Delegation] = field(default_factory=dict)
    breakglass: dict[str, BreakGlass] = field(default_factory=dict)
