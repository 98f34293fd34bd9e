"""Ids of people to what the person who is logged in may call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import g

from salesrules_web.asking import me, the_workspace


def called(ids: Iterable[str | None]) -> Callable[[str], str]:
    """What these people are called: by name where the asker reads it, by id otherwise."""
    known: dict[str, str] = g.setdefault("names", {})
    asked = {id for id in ids if id is not None} - set(known)
    known.update({**{id: id for id in asked}, **the_workspace().names(me(), asked)})
    return lambda id: known.get(id, id)
