"""Why the person sees a record, or one field of it, or does not."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from salesrules_web.asking import me, the_workspace
from salesrules_web.looks import look_at

reasons = Blueprint("reasons", __name__)


@reasons.get("/why/<entity>")
def of_record(entity: str) -> str:
    """The decision on reading, with every grant that speaks about it; the key may hold any character.

    Those who may audit the entity can ask about somebody else.
    """
    key, field, person = (request.args.get(name, "") for name in ("key", "field", "person"))
    found = the_workspace().why(me(), "read", entity, key, field or None, person.strip() or None)
    look_at(entity, key)
    origin = the_workspace().origin(me(), entity, key, field or None)
    about = {"entity": the_workspace().pack.entities[entity], "key": key, "field": field or None}
    audits = the_workspace().may_audit(me(), entity)
    return render_template("reasons.html", found=found, origin=origin, audits=audits, about=person.strip(), **about)
