"""A demo workspace to what its people did in the past weeks: its log, made up like everything else, up to a moment."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from salesrules.assigning import Assigner
from salesrules.pack.followed import OWNER
from salesrules.pack.stages import Process, Stage
from salesrules.store import Event
from salesrules.work.kinds import ADVANCED, CLAIMED, FOLLOWED_UP, FROM, NOTE, PROCESS, TASK, TASK_DONE
from salesrules.work.signing import signatures
from salesrules.work.sync import observed
from salesrules.working import Working

_NOTES = (
    "样品已寄出",
    "约好下周拜访",
    "对方要看同行案例",
    "预算下月批",
    "技术交流已完成",
    "等对方回复报价",
    "已约决策人",
)
_FAIR = 3
"""How many days ago the leads that wait were given out, and the clocks ran last."""
_FORGOTTEN = 100
"""One in so many deals is forgotten: nobody was in touch for weeks, which breaks a rule of conduct."""
_WEEKS = timedelta(weeks=4)
"""How much longer ago such a deal was seen than anything of it would have happened; whole weeks keep the weekday."""
_SIGNED = 3
"""So many approvals are given at most."""
_Story = Callable[["_Days", Event], Iterator[Event]]


@dataclass(frozen=True, slots=True)
class _Days:
    """Moments before `now`, in UTC, on weekdays between nine and five in China."""

    rng: random.Random
    now: datetime

    def ago(self, least: float, most: float) -> datetime:
        """Some moment between so many days ago."""
        day = self.now - timedelta(days=self.rng.uniform(least, most))
        day -= timedelta(days=max(0, day.weekday() - 4))
        at = day.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(seconds=self.rng.randrange(8 * 3600))
        return min(at, self.now - timedelta(hours=1))

    def after(self, event: Event, most: float) -> datetime:
        """Some moment after an event, up to so many days later."""
        days = min(most, (self.now - event.at) / timedelta(days=1))
        return event.at + timedelta(days=self.rng.uniform(0, days))

    def chance(self, share: float) -> bool:
        """Whether something happens that does so in such a share of cases."""
        return self.rng.random() < share


def past(working: Working, seed: int) -> int:
    """Write the log of a demo workspace, and say how many things happened.

    All that the tables show is seen; most tasks are done, most customers were followed up, and a few of each are late.
    """
    now, pack = working.now(), working.workspace.pack
    days = _Days(random.Random(f"{seed} past"), now)  # noqa: S311 - nothing is secret here
    stories: dict[str, _Story] = {"lead": _lead}
    for process in pack.processes.values():
        stories[str(process.entity)] = _on_its_way(process, working.states.watched[process.entity].stages[process.id])
    seen = observed(working.states, now, working.release)
    deals = {str(process.entity) for process in pack.processes.values()}
    events: list[Event] = []
    for each in seen:
        story = [*stories.get(each.entity, _bystander)(days, each)]
        seen_last = max(event.at for event in story)
        if each.entity in deals and crc32(each.key.encode()) % _FORGOTTEN == 0 and now - seen_last < _WEEKS:
            story = [replace(each, at=seen_last - _WEEKS)]
        events += story
    events.sort(key=lambda event: event.at)
    given = now - timedelta(days=_FAIR)
    with working.alone():
        working.write([event for event in events if event.at < given])
        then = replace(working, now=lambda: given)
        Assigner(then).assign("lead", seed=f"demo {seed}")
        then.run_clocks()
        working.write([event for event in events if event.at >= given])
    signed = _signed(working)
    return len(events) + signed


def _bystander(days: _Days, seen: Event) -> Iterator[Event]:
    """A record that nothing happens to but that somebody is in touch now and then."""
    seen = replace(seen, at=days.ago(20, 40))
    yield seen
    if days.chance(0.1):
        yield from _follow_up(days, seen, days.after(seen, 20))


def _lead(days: _Days, seen: Event) -> Iterator[Event]:
    """A lead: new, or claimed lately, or in hand for a while and most often followed up this week."""
    owner = seen.values.get(OWNER)
    if owner is None or days.chance(0.5):
        yield replace(seen, at=days.ago(0, 9))
        return
    if days.chance(0.1):
        first = replace(seen, at=days.ago(20, 30), values={**seen.values, OWNER: None})
        claimed = replace(first, at=days.ago(1, 15), kind=CLAIMED, actor=owner, values={OWNER: owner})
        yield first
        yield claimed
        seen = replace(seen, at=claimed.at + timedelta(minutes=20), values={OWNER: owner})
    else:
        seen = replace(seen, at=days.ago(16, 40))
    yield seen
    if days.chance(0.97):
        yield from _follow_up(days, seen, max(days.ago(0, 7), seen.at))


def _on_its_way(process: Process, field: str) -> _Story:
    """What happens to the records of a process, whose stage stands in a field."""
    stages = {stage.id: stage for stage in process.stages}
    before = {str(later): stage for stage in reversed(process.stages) for later in stage.next or ()}

    def story(days: _Days, seen: Event) -> Iterator[Event]:
        stage, owner = stages.get(seen.values.get(field) or ""), seen.values.get(OWNER)
        if stage is None or owner is None or stage.gives_up:
            yield from _bystander(days, seen)
            return
        ended = not stage.next
        came = replace(seen, at=days.ago(0, 12) if not ended else days.ago(25, 40))
        if not ended and stage.id in before and days.chance(0.3):
            yield from _moved(days, process, field, before[stage.id], came)
            came = replace(came, values={field: stage.id})
        yield came
        yield from _tasks(days, process, stage, came, owner, 0.99 if ended else 0.92)
        if not ended and days.chance(0.96):
            yield from _follow_up(days, came, max(days.ago(0, 4), came.at), owner)

    return story


def _moved(days: _Days, process: Process, field: str, start: Stage, came: Event) -> Iterator[Event]:
    """How a record came from the stage before: seen there, its tasks done, moved by its owner."""
    owner = str(came.values[OWNER])
    first = replace(came, at=came.at - timedelta(days=days.rng.uniform(4, 15)), values={**came.values, field: start.id})
    yield first
    for task in start.tasks:
        yield _task_done(process, start, task.id, first, owner, first.at + (came.at - first.at) / 2)
    moved = {field: came.values[field], FROM: start.id, PROCESS: process.id}
    at = came.at - timedelta(minutes=15)
    yield replace(came, at=at, kind=ADVANCED, actor=owner, values=moved, rule=f"{process.id}.{start.id}")


def _tasks(days: _Days, process: Process, stage: Stage, came: Event, owner: str, share: float) -> Iterator[Event]:
    """The tasks of a stage that are done."""
    for task in stage.tasks:
        if days.chance(share):
            yield _task_done(process, stage, task.id, came, owner, days.after(came, 5))


def _task_done(process: Process, stage: Stage, task: str, about: Event, owner: str, at: datetime) -> Event:
    values, rule = {PROCESS: process.id, TASK: task}, f"{process.id}.{stage.id}.{task}"
    return replace(about, at=at, kind=TASK_DONE, actor=owner, values=values, rule=rule)


def _follow_up(days: _Days, about: Event, at: datetime, by: str | None = None) -> Iterator[Event]:
    """That whoever has a record was in touch."""
    owner = by or about.values.get(OWNER)
    if owner is not None:
        values = {NOTE: days.rng.choice(_NOTES)} if days.chance(0.3) else {}
        yield replace(about, at=at, kind=FOLLOWED_UP, actor=owner, values=values)


def _signed(working: Working) -> int:
    """Some approvals that are given, each by the door, some of what the first person with several to sign has."""
    earlier = replace(working, now=lambda: working.now() - timedelta(hours=1))
    for person in working.workspace.people():
        waiting = signatures(earlier.asker(person))
        if len(waiting) > 1:
            some = waiting[: min(_SIGNED, len(waiting) // 2)]
            return sum(len(earlier.approve(person, one.entity, one.key)) for one in some)
    return 0
