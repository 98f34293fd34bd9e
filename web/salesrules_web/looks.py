"""What is shown of records that wait in pools to looks that count, and a word about those beyond the day's cap."""

from __future__ import annotations

from salesrules.pooling import Looks, Pooling, is_capped
from salesrules.workspace import Answer
from salesrules_web.asking import me, the_working, the_workspace
from salesrules_web.words import t


def counted(answer: Answer) -> tuple[Answer, str]:
    """A list without the records beyond the cap of a pool, and what is said of them; nothing where there are none."""
    if not is_capped(the_workspace().snapshot, answer.entity):
        return answer, ""
    door = Pooling(the_working())
    shown, kept = door.counted(me(), answer)
    return shown, kept_text(door, kept)


def kept_text(door: Pooling, kept: Looks | None) -> str:
    """What is said of records that are kept back."""
    return t("pool.kept_back", **door.kept_words(kept)) if kept is not None else ""


def look_at(entity: str, key: str) -> None:
    """Count that the person looks at a record.

    Raises: AccessDenied beyond the cap of a pool.
    """
    if is_capped(the_workspace().snapshot, the_workspace().named("entity", entity)):
        Pooling(the_working()).look_at(me(), entity, key)
