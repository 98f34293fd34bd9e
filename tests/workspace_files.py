"""Texts by the names of their files to the files of a workspace; YAML files get the line that names their schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

SCHEMA = "# yaml-language-server: $schema=../../salesrules/schema/{}.schema.json\n"


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files below a folder, without the indentation that they have among code.

    What begins with a line of its own about its schema keeps that.
    """
    for name, text in files.items():
        path, body = folder / name, dedent(text).lstrip("\n")
        path.parent.mkdir(parents=True, exist_ok=True)
        line = SCHEMA.format(path.stem) if path.suffix == ".yaml" and not body.startswith("# yaml-") else ""
        path.write_text(line + body, encoding="utf-8")
    return folder
