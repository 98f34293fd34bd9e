"""Where the packs, policies and schemas that come with the product lie, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The folder `rules` or `policies` that came with this installation."""
    installed = _HERE / "shipped" / folder
    return installed if installed.is_dir() else _HERE.parent / folder


def read_shown(root: Path, file: str) -> str | None:
    """The text of a file by the name that issues show: below a workspace, or below what came with the product."""
    places = [root]
    if file.startswith(("rules/", "policies/")):
        places.append(shipped("rules").parent)
    for place in places:
        path = place / file
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    return None
