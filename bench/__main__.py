"""Runs every bench and prints one line each: `python -m bench [NAME ...]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import bench


def main() -> None:
    """Run the benches that are named, or all; each prints its own lines."""
    names = sys.argv[1:] or [m.name for m in pkgutil.iter_modules([str(Path(bench.__file__).parent)])]
    for name in names:
        if not name.startswith("_"):
            importlib.import_module(f"bench.{name}").run()


if __name__ == "__main__":
    main()
