"""Facts about processes and their stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from salesrules.check.names import all_known, each_once, members_of, unless_known
from salesrules.issue import Issue
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process, Stage


def processes_are_of_an_entity(pack: Pack) -> Iterator[Issue]:
    for process in pack.processes.values():
        yield from unless_known("stage.unknown_entity", process.entity, pack.entities)


def records_say_their_stage(pack: Pack) -> Iterator[Issue]:
    """An entity with a process has a stage field; where it has several processes, one field for each."""
    for process in pack.processes.values():
        entity = pack.entities.get(process.entity)
        if entity is not None and all(field.process != process.id for field in entity.fields.values()):
            yield Issue("stage.no_field", process.entity.span, {"process": process.id, "entity": entity.id})


def stages_stand_once(pack: Pack) -> Iterator[Issue]:
    for process in pack.processes.values():
        yield from each_once("stage.twice", ((stage.id, stage.span) for stage in process.stages))


def stages_lead_to_stages(pack: Pack) -> Iterator[Issue]:
    for process in pack.processes.values():
        known = [stage.id for stage in process.stages]
        for stage in process.stages:
            yield from all_known("stage.unknown_stage", stage.next or (), known, process=process.id)
        for variant in process.variants.values():
            named = (step.is_ for step in variant.stages)
            yield from all_known("stage.unknown_stage", named, known, process=process.id)


def stages_say_where_they_lead(pack: Pack) -> Iterator[Issue]:
    for _, stage in _stages(pack):
        if stage.next is None:
            yield Issue("stage.dead_end", stage.span, {"name": stage.id})


def stages_are_reached(pack: Pack) -> Iterator[Issue]:
    for process in pack.processes.values():
        leads = {stage.id: tuple(stage.next or ()) for stage in process.stages}
        first = [stage.id for stage in process.stages[:1]]
        reached = _reached(leads, first)
        for stage in process.stages:
            if stage.id not in reached:
                yield Issue("stage.unreachable", stage.span, {"name": stage.id, "first": first[0]})


def stages_can_end(pack: Pack) -> Iterator[Issue]:
    """From every stage some way leads to an end."""
    for process in pack.processes.values():
        comes_from: dict[str, tuple[str, ...]] = {stage.id: () for stage in process.stages}
        for stage in process.stages:
            for later in stage.next or ():
                comes_from[later] = (*comes_from.get(later, ()), stage.id)
        ending = _reached(comes_from, [stage.id for stage in process.stages if not stage.next])
        for stage in process.stages:
            if stage.id not in ending:
                yield Issue("stage.no_way_out", stage.span, {"name": stage.id})


def stages_count_under_a_lifecycle(pack: Pack) -> Iterator[Issue]:
    """Where a dimension follows from the stages of a process, each stage names a member of it."""
    for dimension in pack.dimensions.values():
        process = pack.processes.get(dimension.derived.stage_of) if dimension.derived else None
        known = members_of(pack, dimension.id)
        for stage in process.stages if process is not None else ():
            if stage.lifecycle is None:
                yield Issue("stage.no_lifecycle", stage.span, {"name": stage.id, "dimension": dimension.id})
            elif known is not None:
                yield from unless_known("stage.unknown_member", stage.lifecycle, known, dimension=dimension.id)


def stages_name_known_things(pack: Pack) -> Iterator[Issue]:
    for _, stage in _stages(pack):
        yield from unless_known("stage.unknown_kpi", stage.metric, pack.kpis)
        yield from all_known("stage.unknown_role", (approval.role for approval in stage.approvals), pack.roles)
        for clock in stage.idle:
            yield from unless_known("stage.unknown_pool", clock.pool, pack.pools)


def tasks_stand_once(pack: Pack) -> Iterator[Issue]:
    for _, stage in _stages(pack):
        yield from each_once("stage.task_twice", ((task.id, task.span) for task in stage.tasks))


def clocks_reach_someone(pack: Pack) -> Iterator[Issue]:
    for _, stage in _stages(pack):
        for clock in stage.idle:
            key = "pool" if clock.do == "recycle" else "who"
            if getattr(clock, key) is None:
                yield Issue("stage.clock_needs", clock.span, {"do": clock.do, "key": key})


def _stages(pack: Pack) -> Iterator[tuple[Process, Stage]]:
    for process in pack.processes.values():
        for stage in process.stages:
            yield process, stage


def _reached(leads: Mapping[str, Sequence[str]], first: list[str]) -> set[str]:
    reached: set[str] = set()
    ahead = list(first)
    while ahead:
        at = ahead.pop()
        if at not in reached:
            reached.add(at)
            ahead.extend(leads.get(at, ()))
    return reached
