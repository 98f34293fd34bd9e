"""stages.yaml: the processes that records go through, step by step, the clocks that run meanwhile, and conduct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.conduct import ConductRule, DeviationRule
from salesrules.pack.label import Label
from salesrules.pack.values import Duration, Percent
from salesrules.pack.word import Word

Clock = Literal["follow_up", "stage", "claim", "assign", "change", "create"]
Priority = Literal["high", "normal", "low"]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do in a stage.

    Keys:
      label: what people call it
      due: how long after the stage began
      by: whose task it is, as a path from the record
      required: whether the stage can only be left once it is done
      priority: how urgent it is among what a person has to do
      when: for which records; without it for all
    """

    id: str
    span: Span
    label: Label
    due: Duration
    by: Expression
    required: bool = False
    priority: Priority = "normal"
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature that a record needs before it leaves the stage.

    Keys:
      role: who signs
      when: for which records; without it for all
      within: the member of the record that the post of the signer must be bound to
    """

    span: Span
    role: Word
    when: Expression | None = None
    within: Expression | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """What happens when nothing happens; clocks run on facts, so no path can skip them.

    Keys:
      after: how long
      since: the fact from which the clock runs
      do: what happens then
      who: whom to remind or to tell, as a path from the record
      pool: for recycle, the pool that the record goes to
    """

    span: Span
    after: Duration
    do: Literal["remind", "escalate", "recycle"]
    since: Clock = "follow_up"
    who: Expression | None = None
    pool: Word | None = None


@dataclass(frozen=True, slots=True)
class Playbook:
    """What tells people how to do a stage, in each language.

    Keys:
      en: the Markdown file in English
      zh: the Markdown file in Chinese
    """

    en: Word
    zh: Word


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a process.

    Keys:
      label: what people call it
      goal: what it is for
      next: the stages that can follow; [] for an end
      lifecycle: the member of the lifecycle dimension that a record here counts under
      probability: how likely a record here is won, for the forecast
      enter_when: what must be true before a record comes in
      exit_when: what must be true before it leaves
      skip_when: for which records the stage is passed over
      gives_up: whether records are given up here, so that they may come whatever is still to be done before
      tasks: what is to be done here
      approvals: which signatures are needed here
      idle: what happens when nothing happens
      metric: the kpi that tells how well the stage works
      playbook: the Markdown file that tells people how to do it, or one a language, from the folder of this file
    """

    id: str
    span: Span
    label: Label
    next: tuple[Word, ...] | None = None
    goal: Label | None = None
    lifecycle: Word | None = None
    probability: Percent | None = None
    enter_when: Expression | None = None
    exit_when: Expression | None = None
    skip_when: Expression | None = None
    gives_up: bool = False
    tasks: tuple[Task, ...] = ()
    approvals: tuple[Approval, ...] = ()
    idle: tuple[Idle, ...] = ()
    metric: Word | None = None
    playbook: Word | Playbook | None = None

    @property
    def playbooks(self) -> Mapping[str, Word]:
        """The file that the playbook stands in, by language, as it is written."""
        match self.playbook:
            case None:
                return {}
            case Playbook(en, zh):
                return {"en": en, "zh": zh}
            case file:
                return {"en": file, "zh": file}


@dataclass(frozen=True, slots=True)
class VariantStage:
    """A step of another list, and the stage that it is.

    Keys:
      label: what people there call it
      is: the stage of the process
    """

    id: str
    span: Span
    is_: Word
    label: Label


@dataclass(frozen=True, slots=True)
class Variant:
    """Another list of steps, longer or shorter, that maps onto the stages of the process.

    Keys:
      label: what people call the list
      stages: its steps in order
    """

    id: str
    span: Span
    label: Label
    stages: tuple[VariantStage, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """The stages that the records of an entity go through; the first one is where they begin.

    Keys:
      label: what people call it
      entity: whose records go through it
      when: which records of the entity; without it all
      stages: in order
      variants: other lists of steps, mapped onto the stages
    """

    id: str
    span: Span
    label: Label
    entity: Word
    stages: tuple[Stage, ...]
    when: Expression | None = None
    variants: dict[str, Variant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagesFile:
    """The processes of the organisation, and how people should behave meanwhile.

    Keys:
      processes: by id
      conduct: the rules of conduct by id
      deviations: the rules about days against their plan by id
    """

    processes: dict[str, Process] = field(default_factory=dict)
    conduct: dict[str, ConductRule] = field(default_factory=dict)
    deviations: dict[str, DeviationRule] = field(default_factory=dict)
