"""The stages of a process to every text that means one: its id, aliases, and the steps of other lists."""

from __future__ import annotations

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.pack.pack import Pack
from salesrules.sources.rows.storage import declare_choices, stage_type


def stages_name(process: str) -> str:
    """The name of the engine's table of texts: `name`, and the stage that it means as `member`."""
    return f"stages {process}"


def stage_meant(process: str, text: str) -> str:
    """What a text means, as SQL, null if it means none: a stage that was taken out may be an alias of another."""
    return f"(SELECT min(member) FROM {quoted(stages_name(process))} AS names WHERE names.name = {text})"


def read_stages(engine: DuckDB, pack: Pack) -> None:
    """Keep the type and the texts of every process in the database; a step that means two stages means none."""
    for process in pack.processes.values():
        declare_choices(engine, stage_type(process.id), (stage.id for stage in process.stages))
        steps = [step for variant in process.variants.values() for step in variant.stages]
        meant: dict[str, set[str]] = {}
        for step in steps:
            meant.setdefault(step.id, set()).add(str(step.is_))
        names = {id: min(stages) for id, stages in meant.items() if len(stages) == 1}
        names |= {alias: str(stage) for alias, stage in pack.aliases.get(process.id, {}).items()}
        names |= {stage.id: stage.id for stage in process.stages}
        engine.insert(stages_name(process.id), {"name": list(names), "member": list(names.values())})
