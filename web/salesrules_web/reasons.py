"""Why the person sees a record, or one field of it, or does not."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from salesrules_web.asking import me, the_workspace

reasons = Blueprint("reasons", __name__)


@reasons.get("/why/<entity>")
def of_record(entity: str) -> str:
    """The decision on reading, with every grant that speaks about it; the key may hold any character."""
    key, field = request.args.get("key", ""), request.args.get("field") or None
    about = {"entity": the_workspace().pack.entities.get(entity), "key": key, "field": field}
    found = the_workspace().why(me(), "read", entity, key, field)
    origin = the_workspace().origin(me(), entity, key, field)
    return render_template("reasons.html", found=found, origin=origin, **about)
