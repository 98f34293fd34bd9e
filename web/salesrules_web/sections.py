"""The pack as pages: how much it says and what is wrong with it, and each section as it is written."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from flask import Blueprint, render_template

from salesrules.issue import AccessDenied, Issue, Span
from salesrules.report import excerpt
from salesrules.workspace import Item
from salesrules_web.asking import me, the_workspace
from salesrules_web.stated import facts, grid_of, grids, title
from salesrules_web.tables import Page, page_number
from salesrules_web.words import t

sections = Blueprint("sections", __name__)
_LISTED = ("grants", "roles", "categories")  # so many, and so short, that a row each is easier to read


@sections.get("/pack")
def overview() -> str:
    """What the sections say that the person may audit, with the issues in them, errors first."""
    open_to_me = {name: the_workspace().section(me(), name) for name in the_workspace().audited(me())}
    if not open_to_me:
        raise AccessDenied([Issue("access.not_audited", Span("pack"), {"section": "pack"})])
    issues = [(name, issue) for name, items in open_to_me.items() for item in items for issue in item.issues]
    issues.sort(key=lambda found: (found[1].severity, found[1].span))
    counts = {name: _counts(items) for name, items in open_to_me.items()}
    severities = Counter(issue.severity for _, issue in issues)
    return render_template("rule_pack.html", counts=counts, issues=issues, severities=severities)


@sections.get("/pack/<section>")
def stated(section: str) -> str:
    """What stands in a section, thing by thing, with its place and what is wrong there."""
    items = the_workspace().section(me(), section)
    page = Page(page_number(), len(items))
    kinds = [(kind, list(own)) for kind, own in groupby(items[page.first - 1 : page.last], lambda item: item.kind)]
    words = {"facts": facts, "grids": grids, "grid_of": grid_of, "title": title}
    return render_template("rule_section.html", section=section, kinds=kinds, page=page, listed=_LISTED, **words)


def marked(issue: Issue) -> tuple[str, str, str] | None:
    """The line that an issue stands on: what is before the place, the place, and what is after."""
    known = the_workspace().written
    line = known.lines.get((issue.span.file, issue.span.line), "") if known else ""
    return excerpt(line, issue.span) if line.strip() else None


@sections.app_context_processor
def _words() -> dict[str, object]:
    return {"marked": marked}


def _counts(items: tuple[Item, ...]) -> str:
    """How many things of each kind."""
    counts = Counter(item.kind for item in items)
    return t("list.and").join(t("validate.count", count=n, thing=t(f"section.{kind}")) for kind, n in counts.items())
