"""The companies of the guides to work and to pools: `python -m tests.guide_company work.md FOLDER` lays one out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests import pool_company, working_company
from tests.workspace_files import SCHEMA


def with_all(folder: Path) -> Path:
    """The company with rules about days, whose managers may lend to sign and to read."""
    rule = "  holidays: {from: [manager], what: [read, approve], never: [export], max: 14d}\n"
    working_company.make_with_deviations(folder)
    text = SCHEMA.format("separation") + "delegation:\n" + rule
    (folder / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {"work.md": with_all, "pools.md": pool_company.make_with_clocks}

if __name__ == "__main__":
    MAKERS[sys.argv[1]](Path(sys.argv[2]))
