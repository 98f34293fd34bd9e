"""The list of an entity as the person sees it: filtered, sorted, by pages, or as a file."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, render_template, send_file

from salesrules.export import as_file
from salesrules.issue import AccessDenied, QuestionError
from salesrules.phrases import placed
from salesrules.reasons import Sentence
from salesrules_web.asking import me, the_workspace
from salesrules_web.looks import counted
from salesrules_web.questions import as_asked, choices, download_kind, downloads, heads, mistakes_in
from salesrules_web.tables import PAGE, Page, numeric, page_number, records_cells
from salesrules_web.told import Word, tell

records = Blueprint("records", __name__)


@records.get("/records/<entity>")
def listing(entity: str) -> tuple[str, int]:
    """A page of the records; a mistake is told beside what was typed, and no record is shown with it."""
    number, asked = page_number(), as_asked()
    try:
        answer, kept = counted(the_workspace().see(me(), entity, PAGE, PAGE * (number - 1), **asked))
    except QuestionError as error:
        return _page(entity, asked, mistakes=mistakes_in(error, asked)), 400
    except AccessDenied as error:
        return _page(entity, asked, mistakes=mistakes_in(error, asked)), 403
    table = {"answer": answer, "kept": kept, "numeric": numeric(answer), "cells": records_cells(answer)}
    return _page(entity, asked, heads=list(heads(answer, asked)), page=Page(number, answer.total), **table), 200


@records.get("/records/<entity>/download")
def download(entity: str) -> Response:
    """All records that match, with the cells that the person may export, as a file."""
    kind = download_kind()
    answer, kept = counted(the_workspace().export(me(), entity, None, 0, **as_asked()))
    if kept:  # a file has no room for it
        tell(Word(False, (Sentence(0, kept),)))
    made = as_file(answer, kind, about=placed(me()))
    return send_file(io.BytesIO(made), "application/octet-stream", as_attachment=True, download_name=f"{entity}.{kind}")


def _page(entity: str, asked: dict[str, str], **shown: Any) -> str:
    question = {"asked": asked, "choices": choices(entity, asked), "downloads": downloads(entity, asked)}
    return render_template("records.html", entity=the_workspace().pack.entities[entity], **question, **shown)
