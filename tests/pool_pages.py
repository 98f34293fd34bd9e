"""The pages of a company with a pool: at a moment of March, over a log that saw all leads on Thursday at noon."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import Flask

from salesrules.store import Event
from salesrules.working import Working
from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import pool_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4)  # in Shanghai
TWO = datetime(2026, 3, 12, 6)
CONFLICTS = "conflicts:\n  lead: {same_when: [normalize(phone)], first: ends, valid_for: 180d, judge: manager}\n"


def make(folder: Path) -> Path:
    """Li and He have a lead each of one telephone number, which is a conflict; the managers read who works here."""
    root = pool_company.make(folder, log=True)
    with (root / "rules/works/assignment.yaml").open("a", encoding="utf-8") as rules:
        rules.write(CONFLICTS)
    with (root / "policies/works/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,manager,read,person,basics,all,,,\n")
    change(root, "13700002222,", "13700002222,2026-03-01", "data/lead.csv")
    change(root, "20000,13700003333,", "20000,13700002222,2026-03-05", "data/lead.csv")
    working = replace(Working.open(root), now=lambda: NOON)
    working.sync()
    owners = {"L-2": "he", "L-3": "li"}
    working.store.append(Event(NOON, "lead", key, "assigned", "x", {"owner": id}) for key, id in owners.items())
    replace(Working.open(root), now=lambda: NOON).run_clocks()
    return root


def pages(root: Path, now: datetime = TWO) -> Flask:
    """The pages at a moment in UTC."""
    workspace = Workspace.open(root)
    app = create_app(workspace)
    live_in(app).log = replace(Working.over(workspace), now=lambda: now)
    return app
