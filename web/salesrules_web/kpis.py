"""A KPI as the person may aggregate it: the figure, its definition, its groups with a chart, and as a file."""

from __future__ import annotations

import io
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_file, url_for

from salesrules.export import FORMATS, as_file
from salesrules.phrases import placed
from salesrules.workspace import Answer
from salesrules_web.asking import me, the_workspace
from salesrules_web.charts import Chart, chart
from salesrules_web.questions import download_kind
from salesrules_web.tables import Page, group_texts, page_number
from salesrules_web.words import figure as figure_text
from salesrules_web.words import t

kpis = Blueprint("kpis", __name__)


@kpis.get("/kpis/<kpi>")
def figure(kpi: str) -> str:
    """The figure over all rows and, by the fields that were chosen, a page of its groups."""
    answer, by = the_workspace().kpi(me(), kpi, _by()), _by()
    page = Page(page_number(), len(answer.rows) - 1)
    rows = answer.rows[:-1][page.first - 1 : page.last]
    return render_template(
        "figure.html",
        kpi=the_workspace().pack.kpis[kpi],
        groupings=the_workspace().groupings(me(), kpi),
        by=by,
        answer=answer,
        page=page,
        groups=[(group_texts(answer, row), row) for row in rows],
        chart=_chart(kpi, answer, page) if by else None,
        downloads=_downloads(kpi, by),
    )


@kpis.get("/kpis/<kpi>/download")
def download(kpi: str) -> Response:
    """The same figures, all groups of them, as a file."""
    kind = download_kind()
    made = as_file(the_workspace().export_kpi(me(), kpi, _by()), kind, about=placed(me()))
    return send_file(io.BytesIO(made), "application/octet-stream", as_attachment=True, download_name=f"{kpi}.{kind}")


def _by() -> tuple[str, ...]:
    """The fields that the request groups by, each once, in its order."""
    return tuple(dict.fromkeys(name for name in request.args.getlist("by") if name))


def _chart(kpi: str, answer: Answer, page: Page) -> Chart | None:
    groups = [
        (t("page.groups_of").join(text or t("page.empty") for text in group_texts(answer, row)), row[-2])
        for row in answer.rows[:-1][page.first - 1 : page.last]
    ]
    texts = [(name, value, figure_text(kpi, value) or "–") for name, value in groups]
    return chart(texts, [row[-2] for row in answer.rows[:-1]])


def _downloads(kpi: str, by: tuple[str, ...]) -> list[tuple[str, str]]:
    """The kinds of files with the way to each, if the person may take the figures away."""
    if not the_workspace().may_export_kpi(me(), kpi, by):
        return []
    way = url_for("kpis.download", kpi=kpi)
    return [(kind, f"{way}?{urlencode([*(('by', name) for name in by), ('as', kind)])}") for kind in FORMATS]
