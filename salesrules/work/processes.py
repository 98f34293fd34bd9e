"""A name to the process or the stage of an entity that it means."""

from __future__ import annotations

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, QuestionError, Span, must_be_known, nearest
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process
from salesrules.sources.org.stages import stages_name


def process_of(pack: Pack, entity: str, name: str | None = None) -> list[Process]:
    """The processes that records of an entity go through, or the one of this name.

    Raises: QuestionError if there is none.
    """
    must_be_known("entity", entity, pack.entities)
    known = {process.id: process for process in pack.processes.values() if process.entity == entity}
    if not known:
        raise QuestionError([Issue("work.no_process", Span(entity), {"entity": entity})])
    if name is not None:
        must_be_known("process", name, known)
    return [known[name]] if name is not None else list(known.values())


def stage_named(engine: DuckDB, pack: Pack, entity: str, to: str, process: str | None = None) -> tuple[Process, str]:
    """The stage that a text means in a process of an entity: its id, a label, an alias, a step of another list.

    Raises: QuestionError if it means none, or several.
    """
    meant: dict[tuple[str, str], Process] = {}
    known: list[str] = []
    for each in process_of(pack, entity, process):
        names = dict(engine.rows(f"SELECT name, member FROM {quoted(stages_name(each.id))}"))
        labels = {text: stage.id for stage in each.stages for text in (stage.label.en, stage.label.zh)}
        known += names
        if stage := names.get(to) or labels.get(to):
            meant[each.id, stage] = each
            continue
        steps = [step for variant in each.variants.values() for step in variant.stages]
        for step in steps:
            if to in (step.id, step.label.en, step.label.zh):
                meant[each.id, str(step.is_)] = each
    if len(meant) > 1:
        words = {"name": to, "meanings": ", ".join(f"`{stage}` ({of})" for of, stage in meant)}
        raise QuestionError([Issue("work.two_stages", Span("--to"), words)])
    if not meant:
        words = {"name": to, "entity": entity}
        raise QuestionError([Issue("work.unknown_stage", Span("--to"), words, near=nearest(to, known))])
    ((_, stage), found) = next(iter(meant.items()))
    return found, stage
