"""Nouns to the words of a page in the language of the request; what the templates call."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, session
from markupsafe import Markup

from salesrules import deeds, phrases, reasons
from salesrules.issue import LANGUAGES, say
from salesrules.pack.followed import followed
from salesrules.pack.stages import Stage, Task
from salesrules.working import Passage, task_text, told_processes
from salesrules.workspace import Answer, Explanation, Origin, Pack, Post, Workspace
from salesrules_web.asking import lang, someone, the_sessions, the_workspace
from salesrules_web.markdown import shown


def register(app: Flask, _: Workspace) -> None:
    """Give the words to the templates, macros included."""
    words = (
        *(
            t,
            label,
            heading,
            column_heading,
            column_headings,
            figure,
            reason_line,
            uncompared_line,
            explanation_texts,
            origin_texts,
            posts,
        ),
        *(
            worked_on,
            playbook,
            task_words,
            pools_for_me,
            conflicts_for_me,
            words_for_me,
            appeals_for_me,
            role_text,
            way_texts,
            by_id,
        ),
        *(other_language, here, lang, someone, the_workspace, processes_for_me),
    )
    app.jinja_env.globals.update({word.__name__: word for word in words}, person=phrases.person_text)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def pack() -> Pack:
    """The pack of the workspace."""
    return the_workspace().pack


def t(code: str, **words: object) -> str:
    """A text of the catalogue."""
    return say(code, lang(), **words)


def label(noun: Any) -> str:
    """The label of anything in a pack that has one."""
    return str(noun.label.in_(lang()))


def heading(answer: Answer, name: str) -> str:
    """The heading of a column."""
    return phrases.column_text(pack(), answer, name, lang())


def column_headings(answer: Answer, names: Iterable[str]) -> str:
    """The headings of several columns side by side."""
    return t("list.and").join(heading(answer, name) for name in names)


def column_heading(entity: str, name: str) -> str:
    """The heading that a column of an entity has, or its name if it is none."""
    try:
        return phrases.column_text(pack(), Answer(entity, (name,), (), 0, {}), name, lang())
    except KeyError:
        return name


def here(**changes: object) -> str:
    """The way to this page asked in another way, in the language of the request."""
    return f"?{urlencode({**request.args.to_dict(flat=False), **{'lang': lang()}, **changes}, doseq=True)}"


def figure(kpi: str, value: Any) -> str:
    """The figure of a KPI with its unit."""
    return phrases.measured_text(pack(), kpi, value, lang())


def reason_line(answer: Answer) -> str:
    """How much of an entity is shown, and through what."""
    return phrases.reason_line(pack(), answer, lang())


def uncompared_line(answer: Answer) -> str:
    """How many records hide what the filter asks about."""
    return phrases.uncompared_line(answer, lang())


def origin_texts(found: Origin) -> list[str]:
    """Where a computed cell comes from."""
    return reasons.origin_texts(pack(), found, lang())


def explanation_texts(found: Explanation, field: str | None) -> list[reasons.Sentence]:
    """The sentences of one decision, each with its depth below it."""
    return reasons.explanation_texts(pack(), found, lang(), field)


def posts(held: list[Post]) -> str:
    """Posts in one line."""
    return t("list.and").join(phrases.post_text(pack(), post, lang()) for post in held)


def worked_on() -> Collection[str]:
    """The entities whose records the log follows."""
    return followed(pack())


def pools_for_me() -> bool:
    """Whether some grant lets the person take records out of a pool or give them; the log is not asked."""
    door, you = the_workspace(), someone()
    entities = {str(pool.entity) for pool in door.pack.pools.values()}
    rights = [(entity, action) for entity in entities for action in ("claim", "assign")]
    return you is not None and any(door.snapshot.cell(you, *right, "*").allows for right in rights)


def conflicts_for_me() -> bool:
    """Whether some grant lets the person read records that may be in conflict; the log is not asked."""
    door, you = the_workspace(), someone()
    if not door.pack.conflicts or you is None or you.lent is not None:
        return False
    return any(one in door.pack.conflicts for one in door.entities(you))


def appeals_for_me() -> bool:
    """Whether some grant lets the person look at appeals; the log is not asked."""
    door, you = the_workspace(), someone()
    return bool(door.pack.assignments) and you is not None and door.snapshot.opens(you, "decision", "audit")


def processes_for_me() -> tuple[str, ...]:
    """The processes of which some grant lets the person read key and stage of records; the log is not asked."""
    you = someone()
    return told_processes(the_workspace().snapshot, you) if you is not None else ()


def words_for_me() -> list[Any]:
    """What became of what was done on the page before."""
    return the_sessions().told(session.get("session"))


def by_id(nouns: Iterable[Any]) -> dict[str, Any]:
    """Nouns of a pack by their ids."""
    return {noun.id: noun for noun in nouns}


def playbook(stage: Stage) -> Markup | None:
    """How to do a stage, if its pack says so."""
    text = pack().playbook(stage, lang())
    return shown(text) if text is not None else None


def task_words(task: Task) -> str:
    """What people call a task, and how urgent it is."""
    return task_text(task, lang())


def role_text(approval: str) -> str:
    """The role that an approval is named after."""
    return phrases.role_text(pack(), approval, lang())


def way_texts(way: Passage) -> list[reasons.Sentence]:
    """Whether a record may go to a stage, and below it each thing that stands in the way."""
    return deeds.passage_texts(pack(), way, lang())


def other_language() -> tuple[str, str]:
    """The language that the page is not in, and the way to this page in it."""
    other = next(known for known in LANGUAGES if known != lang())
    return other, here(lang=other)
