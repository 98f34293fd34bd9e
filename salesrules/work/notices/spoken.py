"""What is due to one sentence in a language, for lists and for messages alike."""

from __future__ import annotations

from salesrules.issue import say
from salesrules.pack.conduct import ConductRule, DeviationRule
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process, Stage, Task
from salesrules.work.clock.due import Due
from salesrules.work.clock.times import Times


def due_text(pack: Pack, due: Due, times: Times, lang: str) -> str:
    """What is due, in one sentence: since when, for whom, and by which clock."""
    words = {"entity": pack.entities[due.entity].label.in_(lang), "key": due.key, "clock": due.clock}
    words |= {"person": due.person or "-", "task": "", "pool": ""}
    words |= {"at": times.day(due.at).isoformat(), "since": times.day(due.since).isoformat()}
    if due.pool is not None:
        words["pool"] = pack.pools[due.pool].label.in_(lang)
    if due.task is not None and due.stage is not None and due.process is not None:
        words["task"] = task_text(task_of(stage_of(pack.processes[due.process], due.stage), due.task), lang)
    if due.do == "violation":
        code = "due.deviation" if due.clock in pack.deviations else "due.violation"
        return say(code, lang, rule=rule_text(pack.charge(due.clock), lang), owner=due.owner, **words)
    if due.on_day:
        return say("due.recycle_on" if due.do == "recycle" else "due.goes_back_on", lang, **words)
    return say("due.goes_back" if due.do == "remind" and due.pool is not None else f"due.{due.do}", lang, **words)


def task_text(task: Task, lang: str) -> str:
    """What people call a task, and how urgent it is where that is out of the ordinary."""
    name = task.label.in_(lang)
    if task.priority == "normal":
        return name
    return say("task.priority", lang, task=name, priority=say(f"priority.{task.priority}", lang))


def rule_text(rule: ConductRule | DeviationRule, lang: str) -> str:
    """What a rule of conduct is called when it is broken, and how grave that is where it is out of the ordinary."""
    name = rule.label.in_(lang)
    if rule.severity == "normal":
        return name
    return say("conduct.severity", lang, rule=name, severity=say(f"severity.{rule.severity}", lang))


def stage_of(process: Process, id: str) -> Stage:
    """The stage of a process."""
    return next(stage for stage in process.stages if stage.id == id)


def task_of(stage: Stage, id: str) -> Task:
    """The task of a stage."""
    return next(task for task in stage.tasks if task.id == id)
