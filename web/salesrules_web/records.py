"""The list of an entity as the person sees it."""

from __future__ import annotations

from flask import Blueprint, render_template

from salesrules_web.asking import me, the_workspace
from salesrules_web.tables import PAGE, Page, numeric, page_number, records_cells

records = Blueprint("records", __name__)


@records.get("/records/<entity>")
def listing(entity: str) -> str:
    """A page of the records, by key."""
    number = page_number()
    answer = the_workspace().see(me(), entity, PAGE, PAGE * (number - 1))
    table = {"answer": answer, "numeric": numeric(answer), "cells": records_cells(answer)}
    return render_template("records.html", page=Page(number, answer.total), **table)
