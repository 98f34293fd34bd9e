"""What an expression can be about: kinds of values, and the names a pack gives meaning to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from salesrules.issue import Term


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    `of` is the entity of a ref, the dimension of a member, the process of a stage, the currency of money, the
    unit of a duration, and for a list the kind of its items.
    """

    name: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.of}".strip()

    @property
    def term(self) -> Term:
        """The kind as people call it, in the language of the sentence that it stands in."""
        return Term(f"kind.{self}")

    @property
    def item(self) -> Kind:
        """The kind of the items of a list."""
        name, _, of = self.of.partition(" ")
        return Kind(name, of)


PLACES = Kind("places")  # the second argument of round, which engines want written out
BOOLEAN, TEXT, INTEGER, DECIMAL = Kind("boolean"), Kind("text"), Kind("integer"), Kind("decimal")
PERCENT, DATE, TIMESTAMP = Kind("percent"), Kind("date"), Kind("timestamp")
DOUBLE, NULL = Kind("double"), Kind("null")
RATIO = Kind("ratio")  # a quotient of like amounts: a double that compares with percents

EXACT = frozenset({"decimal", "money", "percent"})
INEXACT = frozenset({"double", "ratio", "amount"})  # an amount is a double in the currency `of`
NUMBERS = EXACT | INEXACT | {"integer"}
ORDERED = NUMBERS | {"date", "timestamp"}


@dataclass(frozen=True, slots=True)
class Many:
    """Records that point at one: rows of `entity` whose field `by` is its key; `fields` are the names they go by."""

    entity: str
    by: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValueTable:
    """A table that is a function of its keys."""

    keys: tuple[Kind, ...]
    value: Kind


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name that expressions of a pack may use.

    `fields` has the kind of each field by entity; `members` the member ids by dimension, for those that the pack
    itself lists; `trees` the entities and dimensions whose rows have a parent; `post` the kinds of what a post
    carries. `labels` are other names of fields by entity, of members by dimension, and of KPIs under `kpi`; a
    label may mean several things, which is an issue where it is used. `parents` are members that have children,
    `ordered` dimensions whose members stand in order, `stages` the stages by process, in order; `credits` what each
    credit gives, a person; `calendar` the one that working days and hours are counted by.
    """

    fields: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    trees: frozenset[str] = frozenset()
    post: Mapping[str, Kind] = field(default_factory=dict)
    kpis: Mapping[str, Kind] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    parents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ordered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    state: Mapping[str, Kind] = field(default_factory=dict)
    many: Mapping[str, Mapping[str, Many]] = field(default_factory=dict)
    tables: Mapping[str, ValueTable] = field(default_factory=dict)
    closed_kpis: frozenset[str] = frozenset()
    credits: Mapping[str, Kind] = field(default_factory=dict)
    fiscal_year_start: tuple[int, int] = (1, 1)
    week_basis: str = "iso"
    timezone: str = "UTC"
    calendar: str = ""
