"""What the person can ask about, and the short answer to each."""

from __future__ import annotations

from flask import Blueprint, render_template

from salesrules_web.asking import me, the_workspace

home = Blueprint("home", __name__)


@home.get("/")
def overview() -> str:
    """One sentence an entity, one figure a KPI."""
    door, asker = the_workspace(), me()
    seen = [door.see(asker, entity, limit=0) for entity in door.entities(asker)]
    figures = {kpi: door.kpi(asker, kpi).rows[-1] for kpi in door.kpis(asker)}
    return render_template("home.html", seen=seen, figures=figures)
