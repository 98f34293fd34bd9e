"""A pack to its Clocks: everything that becomes due by itself when a time has passed since a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from salesrules.expr.kinds import Kind
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Constant, Leaf, Typed
from salesrules.meaning import PERSON, Meanings
from salesrules.pack.followed import OWNER
from salesrules.pack.pack import Pack
from salesrules.pack.pools import Pool, Protect, Recycle
from salesrules.pack.stages import Clock as Since
from salesrules.pack.stages import Priority, Process, Stage
from salesrules.pack.values import Duration

Do = Literal["remind", "escalate", "recycle", "task", "violation"]


@dataclass(frozen=True, slots=True)
class Clock:
    """What is done with a record of `entity` once `after` is over, and about whom.

    `id` is its name in the log; a clock of a stage runs for records that are there, others for all that have an
    owner. In place of `after`, `idle` says for each record how long, or `on` the day that it waits for. `before` is
    how much earlier it strikes: a reminder of another clock. `protect` holds it back; `task` is the one that is to be
    done.
    """

    id: str
    entity: str
    do: Do
    after: Duration | None
    since: Since
    process: Process | None = None
    stage: Stage | None = None
    when: Expression | None = None
    who: Typed | None = None
    pool: str | None = None
    before: Duration | None = None
    protect: Protect | None = None
    task: str | None = None
    idle: Typed | None = None
    on: Typed | None = None
    priority: Priority = "normal"


def clocks_of(pack: Pack, meanings: Meanings) -> tuple[Clock, ...]:
    """Every clock of a pack: of stages, of the tasks in them, and of pools that say themselves how long they wait."""
    found = [clock for process in pack.processes.values() for clock in _of_process(pack, process, meanings)]
    return (*found, *(clock for pool in pack.pools.values() for clock in _of_pool(pack, pool, meanings)))


def _of_process(pack: Pack, process: Process, meanings: Meanings) -> Iterator[Clock]:
    entity, trees = str(process.entity), meanings.conditions
    for stage in process.stages:
        at = f"{process.id}.{stage.id}"
        for nth, idle in enumerate(stage.idle, start=1):
            pool = str(idle.pool) if idle.pool is not None else None
            protect = pack.pools[pool].protect if pool is not None and idle.do == "recycle" else None
            yield Clock(
                f"{at}.{idle.do} {nth}",
                entity,
                idle.do,
                idle.after,
                idle.since,
                process,
                stage,
                None,
                trees[idle.who] if idle.who is not None else None,
                pool,
                protect=protect,
            )
        for task in stage.tasks:
            about = (process, stage, task.when, trees[task.by])
            yield Clock(
                f"{at}.{task.id}", entity, "task", task.due, "stage", *about, task=task.id, priority=task.priority
            )


def _of_pool(pack: Pack, pool: Pool, meanings: Meanings) -> Iterator[Clock]:
    for nth, rule in enumerate(pool.recycle, start=1):
        to = str(rule.to or pool.id)
        for end, clock in _ways(pool, rule, meanings, to):
            yield replace(clock, id=f"{pool.id}.recycle {nth}{end}", protect=pack.pools[to].protect)
            if rule.remind is not None:
                yield replace(clock, id=f"{pool.id}.remind {nth}{end}", do="remind", before=rule.remind)
            if rule.escalate is not None:
                above = Leaf(Kind("ref", PERSON), "row", (OWNER, str(pack.tree_of(PERSON))))
                id = f"{pool.id}.escalate {nth}{end}"
                yield replace(clock, id=id, do="escalate", before=rule.escalate, who=above)


def _ways(pool: Pool, rule: Recycle, meanings: Meanings, to: str) -> Iterator[tuple[str, Clock]]:
    """The clocks that take records back by a rule, each with the end of its name: one that is idle, one for a day."""
    clock = Clock("", str(pool.entity), "recycle", None, "follow_up", when=rule.when, pool=to)
    idle = meanings.conditions[rule.idle] if rule.idle is not None else None
    if isinstance(idle, Constant):
        yield "", replace(clock, after=Duration(int(str(idle.value)), idle.kind.of))  # type: ignore[arg-type]
    elif idle is not None:
        yield "", replace(clock, idle=idle)
    if rule.on is not None:
        yield " on" if idle is not None else "", replace(clock, on=meanings.conditions[rule.on])
