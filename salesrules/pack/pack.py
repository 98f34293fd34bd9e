"""The whole pack in one noun."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.assignment import Assignment, Conflict, Handover
from salesrules.pack.changes import Change
from salesrules.pack.conduct import ConductRule, DeviationRule
from salesrules.pack.credits import Credit
from salesrules.pack.dimensions import Dimension
from salesrules.pack.entities import Category, Entity, Field
from salesrules.pack.incentives import Closing, Incentive
from salesrules.pack.kpis import Kpi
from salesrules.pack.label import Label
from salesrules.pack.modules import Module
from salesrules.pack.policies import Grant, Slice
from salesrules.pack.pools import Pool
from salesrules.pack.resources import Resource
from salesrules.pack.roles import PostTable, Role
from salesrules.pack.scorecards import Review, Scorecard
from salesrules.pack.separation import BreakGlass, Delegation, Separation
from salesrules.pack.stages import Process, Stage
from salesrules.pack.table import Table
from salesrules.pack.tables import Calendar, ValueTable
from salesrules.pack.targets import Target
from salesrules.pack.word import Word, file_beside

_NEW_YEAR = Word("01-01")


@dataclass(frozen=True, slots=True)
class Rates(Table):
    """Exchange rates with dates: a table of currency, from, rate and, where there are several, kind.

    Keys:
      as_of: the day whose rate counts: that of the row, or the last of its month, quarter or year
      use: the kind of rate, where the table has several
    """

    as_of: Literal["day", "month", "quarter", "year"] = "day"
    use: str | None = None


@dataclass(frozen=True, slots=True)
class PackFile:
    """The name, version and conventions of a pack.

    Keys:
      pack: its name, that of its folders
      version: major.minor.patch
      label: what people call it
      currency: the currency of money without a currency field
      timezone: where its days begin, such as Asia/Shanghai
      extends: the packs that it changes, with the versions that it fits, such as standard@^1.0
      fiscal_year_start: month and day on which a fiscal year begins
      week_basis: how weeks are numbered
      calendar: the working calendar, where a member has none of its own
      tax: whether amounts include tax
      rates: exchange rates, where there are several currencies
    """

    pack: str
    version: str
    label: Label
    currency: str
    timezone: Word
    extends: tuple[Word, ...] = ()
    fiscal_year_start: Word = _NEW_YEAR
    week_basis: Literal["iso", "sunday"] = "iso"
    calendar: Word | None = None
    tax: Literal["included", "excluded"] | None = None
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a pack says; `span` is its pack.yaml. Each mapping is a section of its files, by id.

    `playbooks` has the text of each Markdown file that stages name, by `file_beside`.
    """

    span: Span
    about: PackFile
    entities: Mapping[str, Entity] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    modules: Mapping[str, Module] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, Word]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    posts: PostTable | tuple[PostTable, ...] | None = None
    leave: Table | None = None
    tables: Mapping[str, ValueTable] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    processes: Mapping[str, Process] = field(default_factory=dict)
    conduct: Mapping[str, ConductRule] = field(default_factory=dict)
    deviations: Mapping[str, DeviationRule] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    kpis: Mapping[str, Kpi] = field(default_factory=dict)
    counts_under: Mapping[Word, Mapping[Word, Expression]] = field(default_factory=dict)
    credits: Mapping[str, Credit] = field(default_factory=dict)
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    incentives: Mapping[str, Incentive] = field(default_factory=dict)
    closing: Mapping[str, Closing] = field(default_factory=dict)
    slices: Mapping[str, Slice] = field(default_factory=dict)
    exclusive: tuple[tuple[Word, ...], ...] = ()
    grants: tuple[Grant, ...] = ()
    separation: Mapping[str, Separation] = field(default_factory=dict)
    delegation: Mapping[str, Delegation] = field(default_factory=dict)
    breakglass: Mapping[str, BreakGlass] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    playbooks: Mapping[str, str] = field(default_factory=dict)

    @property
    def post_tables(self) -> tuple[PostTable, ...]:
        """The tables of posts, in the order in which they are written."""
        return self.posts if isinstance(self.posts, tuple) else (self.posts,) if self.posts else ()

    @property
    def grant_lines(self) -> tuple[Grant, ...]:
        """The lines of grants.csv as they stand there; `grants` has those on modules part by part."""
        return tuple(dict.fromkeys(grant.written for grant in self.grants))

    def charge(self, id: str) -> ConductRule | DeviationRule:
        """The rule by which somebody is charged with a violation; the two kinds share no id."""
        return self.conduct[id] if id in self.conduct else self.deviations[id]

    def playbook(self, stage: Stage, lang: str) -> str | None:
        """What tells people how to do a stage, as Markdown, if it has a playbook."""
        named = stage.playbooks.get(lang)
        return self.playbooks[file_beside(named)] if named is not None else None

    def label_of(self, field: Field) -> Label | None:
        """What people call a field: its own label, or else that of the dimension that it chooses from."""
        dimension = self.dimensions.get(field.dimension) if field.label is None and field.dimension else None
        return dimension.label if dimension is not None else field.label

    def tree_of(self, entity: str) -> str | None:
        """The field by which rows of an entity point at their parent, if the entity is a tree."""
        fields = self.entities[entity].fields.values()
        return next((f.id for f in fields if f.type == "ref" and f.to == entity), None)


def summary(pack: Pack) -> tuple[tuple[str, int], ...]:
    """How many things each section declares, in the order of `Pack`; empty sections are left out."""
    found: list[tuple[str, int]] = []
    for section in fields(pack):
        content: Any = pack.grant_lines if section.name == "grants" else getattr(pack, section.name)
        # of posts the pack only has the tables
        if isinstance(content, Sized) and len(content) and section.name != "posts":
            found.append((section.name, len(content)))
        if section.name == "processes" and content:
            found.append(("stages", sum(len(process.stages) for process in pack.processes.values())))
    return tuple(found)
