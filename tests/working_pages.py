"""The pages of a company at work: deals in their process, leads that were given out, somebody who audits all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import Flask

from salesrules.assigning import Assigner
from salesrules.working import Working
from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import working_company

NOON = datetime(2026, 3, 12, 4, 0)  # noon in Shanghai, a Thursday
WEDNESDAY = datetime(2026, 3, 18, 4, 0)
_MORE = {
    "rules/works/assignment.yaml": """assignments:
  new_leads:
    label: {en: New leads, zh: 新线索分配}
    entity: lead
    when: owner is null
    candidates: post.role = 'rep'
    rules:
      - {id: rest, pick: least_loaded}
    otherwise: {pool: lead_pool}
""",
    "policies/works/grants.csv": """allow,rep,read,person,basics,all,,,
allow,manager,read,person,basics,all,,,
allow,auditor,read,person,basics,all,,,
allow,auditor,read,lead,*,all,,,
allow,auditor,audit,lead,*,all,,,
allow,auditor,audit,pack.assignment,*,all,,,
allow,rep,read,lead,basics,patch,,,
""",
    "data/post.csv": "zhao,auditor,,,\n",
}


def make(folder: Path) -> Path:
    """Write the workspace, with names for its people."""
    root = working_company.make(folder)
    for name, text in _MORE.items():
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)
    working_company.change(
        root, "posts:", "  auditor: {label: {en: Auditor, zh: 审计}}\nposts:", "rules/works/roles.yaml"
    )
    names = "name:    {type: text, category: basics, label: {en: Name, zh: 姓名}}"
    manager = "manager: {type: ref, to: person, category: basics}"
    working_company.change(root, manager, f"{manager}\n      {names}", "rules/works/entities.yaml")
    (root / "data/person.csv").write_text(
        "id,manager,name\ndai,,戴\nwang,dai,王\nsun,dai,孙\nli,wang,李\nhe,wang,何\nchen,sun,陈\nzhao,,赵\n",
        encoding="utf-8",
    )
    return root


def pages(root: Path, now: datetime = NOON, assigned: bool = True) -> Flask:
    """The pages, at a moment, after the tables were seen and the leads given out at noon."""
    workspace = Workspace.open(root)
    app = create_app(workspace)
    log = replace(Working.over(workspace), now=lambda: NOON)
    log.sync()
    if assigned:
        Assigner(log).assign("lead")
    live_in(app).log = replace(log, now=lambda: now)
    return app
