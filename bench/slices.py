"""The page and total of one person's list against hand-written SQL that has the same rows but knows of no cells."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench._timing import line, side_by_side
from salesrules.demo import make
from salesrules.workspace import Workspace

BY_HAND = """
SELECT t.* FROM customer t LEFT JOIN "tree region" r ON r.id = t.region
WHERE t.owner = $who OR r.lft BETWEEN $low AND $high ORDER BY t.id LIMIT 50
"""
COUNT = """
SELECT count(*) FROM customer t LEFT JOIN "tree region" r ON r.id = t.region
WHERE t.owner = $who OR r.lft BETWEEN $low AND $high
"""


def run() -> None:
    """A manager's page of customers of the demo company."""
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
        workspace = Workspace.open(Path(folder))
        manager = workspace.person(made.manager)
        low, high, _ = workspace.snapshot.organisation.trees["region"][str(manager.hats[0].post.scope["region"])]
        values = {"who": made.manager, "low": low, "high": high}

        def by_hand() -> None:
            workspace.engine.rows(BY_HAND, values)
            workspace.engine.rows(COUNT, values)

        ours, theirs = side_by_side(lambda: workspace.see(manager, "customer"), by_hand)
        print(line("list of 600 customers, page and total", ours, theirs, "by hand"))
