"""Why the person sees a record, or one field of it, or does not."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from salesrules_web.asking import me, the_workspace

why = Blueprint("why", __name__)


@why.get("/why/<entity>")
def reasons(entity: str) -> str:
    """The decision on reading, with every grant that speaks about it; the key may hold any character."""
    key, field = request.args.get("key", ""), request.args.get("field") or None
    found = the_workspace().why(me(), "read", entity, key, field)
    return render_template("why.html", entity=the_workspace().pack.entities[entity], key=key, field=field, found=found)
