"""A pack to its Clocks: everything that becomes due by itself when a time has passed since a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Constant
from salesrules.meaning import Meanings
from salesrules.pack.pack import Pack
from salesrules.pack.pools import Pool, Protect, Recycle
from salesrules.pack.stages import Clock as Since
from salesrules.pack.stages import Process, Stage
from salesrules.pack.values import Duration

Do = Literal["remind", "escalate", "recycle", "task"]


@dataclass(frozen=True, slots=True)
class Clock:
    """What is done with a record of `entity` once `after` is over, and about whom.

    `id` is its name in the log; a clock of a stage runs for records that are there, others for all that have an
    owner. `before` is how much earlier it strikes: a reminder of another clock. `protect` holds it back; `task` is
    the one that is to be done.
    """

    id: str
    entity: str
    do: Do
    after: Duration
    since: Since
    process: Process | None = None
    stage: Stage | None = None
    when: Expression | None = None
    who: Expression | None = None
    pool: str | None = None
    before: Duration | None = None
    protect: Protect | None = None
    task: str | None = None


def clocks_of(pack: Pack, meanings: Meanings) -> tuple[Clock, ...]:
    """Every clock of a pack: of stages, of the tasks in them, and of pools that say themselves how long they wait."""
    found = [clock for process in pack.processes.values() for clock in _of_process(pack, process)]
    return (*found, *(clock for pool in pack.pools.values() for clock in _of_pool(pack, pool, meanings)))


def _of_process(pack: Pack, process: Process) -> Iterator[Clock]:
    entity = str(process.entity)
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
                idle.who,
                pool,
                protect=protect,
            )
        for task in stage.tasks:
            yield Clock(
                f"{at}.{task.id}", entity, "task", task.due, "stage", process, stage, task.when, task.by, task=task.id
            )


def _of_pool(pack: Pack, pool: Pool, meanings: Meanings) -> Iterator[Clock]:
    for nth, rule in enumerate(pool.recycle, start=1):
        after = _duration(rule, meanings)
        if after is None:
            continue
        to = str(rule.to or pool.id)
        about = (str(pool.entity), after, rule.when, to)
        yield _recycling(f"{pool.id}.recycle {nth}", "recycle", *about, protect=pack.pools[to].protect)
        if rule.remind is not None:
            yield _recycling(f"{pool.id}.remind {nth}", "remind", *about, before=rule.remind)


def _recycling(
    id: str,
    do: Do,
    entity: str,
    after: Duration,
    when: Expression | None,
    pool: str,
    *,
    before: Duration | None = None,
    protect: Protect | None = None,
) -> Clock:
    return Clock(id, entity, do, after, "follow_up", when=when, pool=pool, before=before, protect=protect)


def _duration(rule: Recycle, meanings: Meanings) -> Duration | None:
    """After how long a rule takes a record back, where it says so itself."""
    tree = meanings.conditions.get(rule.idle) if rule.idle is not None else None
    if not isinstance(tree, Constant) or tree.kind.name != "duration":
        return None
    return Duration(int(str(tree.value)), tree.kind.of)  # type: ignore[arg-type]
