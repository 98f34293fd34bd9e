"""The matrix of roles as a page: what each role opens of one entity, category by category, and on how many rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file, url_for

from salesrules import phrases
from salesrules.export.matrix import matrix_csv, matrix_json
from salesrules.overseeing import Matrix, MatrixCell, Overseer
from salesrules_web.asking import lang, me, the_workspace
from salesrules_web.words import label, pack, t

matrix = Blueprint("role_matrix", __name__)
_KEPT = 256  # answers
_EXTENSION = "salesrules matrix"
_WRITTEN = {"csv": matrix_csv, "json": matrix_json}


@dataclass(frozen=True, slots=True)
class Square:
    """How much of a category is open, on how many rows, and as a shade from 0, nothing, to 4, everything."""

    text: str
    counts: str
    shade: int


@dataclass(frozen=True, slots=True)
class Line:
    """One action of a role: a square for each category, none where the action does not go by categories."""

    action: str
    squares: tuple[Square | None, ...]


@matrix.get("/matrix")
def of_roles() -> str:
    """One entity at a time, the first one unless asked otherwise; for those who audit the grants."""
    found = _asked()
    (entity,) = found.rows
    categories = list(dict.fromkeys(cell.category for cell in found.cells))
    lines = {role: _lines(found, [c for c in found.cells if c.role == role], categories) for role in found.people}
    closed = t("list.and").join(label(pack().roles[role]) for role, own in lines.items() if not own)
    shown = {"categories": categories, "lines": lines, "closed": closed, "downloads": _downloads()}
    return render_template("role_matrix.html", found=found, entity=entity, **shown)


@matrix.get("/matrix/download")
def download() -> Response:
    """The same cells, those that open nothing among them, as a file."""
    kind, found = request.args.get("as", ""), _asked()
    made = io.BytesIO(_WRITTEN[kind](found).encode()) if kind in _WRITTEN else abort(404)
    return send_file(made, "application/octet-stream", as_attachment=True, download_name=f"matrix.{kind}")


def _downloads() -> list[tuple[str, str]]:
    asked = {name: request.args[name] for name in ("entity", "role") if request.args.get(name)}
    return [(kind, f"{url_for('role_matrix.download')}?{urlencode({**asked, 'as': kind})}") for kind in _WRITTEN]


def _asked() -> Matrix:
    """The matrix of the entity and the role that the request names, or of all roles.

    Raises: AccessDenied if the person may not audit the grants.
    """
    the_workspace().must_audit(me(), "grants")
    entity, role = request.args.get("entity") or next(iter(pack().entities)), request.args.get("role")
    return _counted()(me().day, (entity,), (role,) if role else ())


def _counted() -> Callable[[date, tuple[str, ...], tuple[str, ...]], Matrix]:
    """What counts; answers are kept as long as the workspace is the same, as they then are the same all day."""
    kept = current_app.extensions.get(_EXTENSION)
    if kept is None or kept[0] is not the_workspace():
        kept = the_workspace(), lru_cache(_KEPT)(Overseer(the_workspace()).matrix)
        current_app.extensions[_EXTENSION] = kept
    found: Callable[..., Matrix] = kept[1]
    return found


def _lines(found: Matrix, cells: list[MatrixCell], categories: list[str]) -> list[Line]:
    """What a role does with an entity, action by action; actions of which nothing is open are left out."""
    lines = []
    for action in dict.fromkeys(cell.action for cell in cells if cell.opening.how != "none"):
        own = {cell.category: _square(found, cell) for cell in cells if cell.action == action}
        lines.append(Line(t(f"action.{action}"), tuple(own.get(category) for category in categories)))
    return lines


def _square(found: Matrix, cell: MatrixCell) -> Square:
    text, counts, rows = phrases.opening_text(pack(), cell.opening, lang()), cell.counts, found.rows[cell.entity]
    if cell.opening.how == "none":
        return Square(text, "", 0)
    if counts is None:
        return Square(text, "", 4 if cell.opening.how == "full" else 2)
    spread = dict.fromkeys((counts.least, counts.median, counts.most))
    return Square(text, " · ".join(f"{count:,}" for count in spread), _shade(counts.median, rows))


def _shade(open_rows: int, rows: int) -> int:
    """0 for none, 4 for all; between them by tenths and halves."""
    share = open_rows / rows if rows else 0.0
    return sum(share > limit for limit in (0, 0.1, 0.5)) + (share == 1)
