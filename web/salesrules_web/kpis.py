"""A KPI as the person may aggregate it: the figure, its definition, and its groups."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from salesrules_web.asking import me, the_workspace
from salesrules_web.tables import Page, bars, group_text, page_number

kpis = Blueprint("kpis", __name__)


@kpis.get("/kpis/<kpi>")
def figure(kpi: str) -> str:
    """The figure over all rows and, by the field that was chosen, a page of its groups."""
    by = request.args.get("by", "")
    answer = the_workspace().kpi(me(), kpi, (by,) if by else ())
    page = Page(page_number(), len(answer.rows) - 1)
    groups = list(zip(answer.rows, bars([row[-2] for row in answer.rows[:-1]]), strict=False))
    return render_template(
        "figure.html",
        kpi=the_workspace().pack.kpis[kpi],
        groupings=the_workspace().groupings(me(), kpi),
        by=by,
        answer=answer,
        page=page,
        groups=[(group_text(answer, row[0]), row, bar) for row, bar in groups[page.first - 1 : page.last]],
    )
