"""A question about the stages of a process to its report, for those who may ask it."""

from __future__ import annotations

from datetime import date, timedelta

from salesrules.access.exporting import may_leave
from salesrules.access.snapshot import Principal, Snapshot
from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span, must_be_known
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process
from salesrules.run.reads import closed, each_of
from salesrules.work.asker import Asker
from salesrules.work.clock.times import Times
from salesrules.work.stage_figures import StageReport, stage_figures
from salesrules.work.stays import cells_of, records_told, stays

_DAY = timedelta(1)


def stages_told(
    asker: Asker, times: Times, name: str, start: date | None, end: date | None, leaves: bool
) -> StageReport:
    """How records went through a process, over those of which the person reads key and stage.

    Args: name: of the process, or of an entity that has one; start, end: as of `StageReport`, the whole log up to the
        day that is asked about by default; leaves: whether the figures are to leave in a file.
    Raises: QuestionError if there is no such process, or no day between start and end; AccessDenied if no grant could
        open these cells on any record, or the figures may not leave.
    """
    pack, day = asker.snapshot.program.pack, asker.principal.day
    process = process_named(pack, name)
    if refused := closed(asker.snapshot, asker.principal, each_of(cells_of(pack, process))):
        words = {"process": process.id}
        codes = [{**words, "entity": entity, "category": category} for entity, category in refused]
        raise AccessDenied([Issue("access.stages_refused", Span(name), each) for each in codes])
    if leaves and not may_leave_of(asker.snapshot, asker.principal, process):
        raise AccessDenied([Issue("access.stages_not_exported", Span(name), {"process": process.id})])
    over = day + _DAY if day < date.max else day
    end = min(end or over, over)
    if start is not None and start >= end:
        words = {"start": start.isoformat(), "end": end.isoformat()}
        raise QuestionError([Issue("stages.no_day", Span("--from"), words)])
    asked = (asker.states, asker.snapshot, asker.principal, process)
    found = list(stays(*asked, times.begin(over)))
    worked = asker.snapshot.organisation.lookups.worked
    return stage_figures(process, found, records_told(*asked), day, start, end, worked)


def may_leave_of(snapshot: Snapshot, principal: Principal, process: Process) -> bool:
    """Whether every record that counts in a process is one that the grants let the person export."""
    cells = cells_of(snapshot.program.pack, process)
    return all(may_leave(snapshot, principal, {(cell.entity, cell.category)}) for cell in cells)


def process_named(pack: Pack, name: str) -> Process:
    """The process of this name, or the one that records of the entity of this name go through.

    Raises: QuestionError if there is none, or the entity has several.
    """
    of_entity = [process for process in pack.processes.values() if process.entity == name]
    if name in pack.processes or not of_entity:
        entities = {str(process.entity) for process in pack.processes.values()}
        must_be_known("process", name, pack.processes, like=[*pack.processes, *entities])
        return pack.processes[name]
    if len(of_entity) > 1:
        words = {"entity": name, "processes": Several.of(process.id for process in of_entity)}
        raise QuestionError([Issue("stages.several", Span(name), words)])
    return of_entity[0]


def told_processes(snapshot: Snapshot, principal: Principal) -> tuple[str, ...]:
    """The processes about which the person is not refused."""
    pack = snapshot.program.pack
    cells = {process.id: each_of(cells_of(pack, process)) for process in pack.processes.values()}
    return tuple(id for id, needed in cells.items() if not closed(snapshot, principal, needed))
