"""Bound files to one database file named by their fingerprint: built once, then opened read-only by everyone."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import EngineError
from salesrules.pack.pack import Pack
from salesrules.sources.bindings import Binding, Settings
from salesrules.sources.build import REJECTS, bindings_of, build

FOLDER = Path(".salesrules") / "cache"
KEPT = 3


def open_data(pack: Pack, settings: Settings) -> DuckDB:
    """The typed rows of a pack, from the cache if no source has changed since.

    Several processes may do this at once: each builds under a name of its own, and the finished file takes its final
    name in one step, so that nobody ever opens half a file.
    Raises: PackError if a source cannot be read.
    """
    bindings = bindings_of(pack, settings)
    folder = settings.root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds every row, whoever may read the sources
        scratch = tempfile.TemporaryDirectory(dir=folder)
    except OSError:  # a workspace that may not be written to is read all the same
        return _in_memory(pack, bindings)
    path = folder / f"{_fingerprint(pack, bindings)}.duckdb"
    with scratch as made:
        with suppress(EngineError):  # a file that is no whole database any more is built again
            if path.is_file():
                return _whole(DuckDB(path))
        new = Path(made) / "new.duckdb"
        engine = DuckDB(new, write=True)
        try:
            build(engine, pack, bindings, Path(made))
        finally:
            engine.close()
        new.chmod(0o600)
        os.replace(new, path)
    _forget_old(folder, path)
    return DuckDB(path)


def _whole(engine: DuckDB) -> DuckDB:
    """The database if it has the table that is written last; EngineError if not."""
    engine.rows(f"SELECT count(*) FROM {quoted(REJECTS)}")
    return engine


def _in_memory(pack: Pack, bindings: dict[str, Binding]) -> DuckDB:
    engine = DuckDB()
    with tempfile.TemporaryDirectory() as scratch:
        build(engine, pack, bindings, Path(scratch))
    return engine


def _fingerprint(pack: Pack, bindings: dict[str, Binding]) -> str:
    """What the typed rows depend on: how they are read, the pack's declarations, and every file by size and time."""
    seen = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        seen.update(source.read_bytes())
    for part in (
        pack.about,
        pack.entities,
        pack.dimensions,
        pack.aliases,
        pack.roles,
        pack.posts,
        pack.tables,
        pack.calendars,
    ):
        seen.update(repr(part).encode())
    for name, binding in sorted(bindings.items()):
        state = (0, 0, 0, 0)
        with suppress(OSError):
            found = binding.path.stat()
            state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        seen.update(repr((name, binding, state)).encode())
    return seen.hexdigest()[:32]


def _forget_old(folder: Path, newest: Path) -> None:
    """Keep the newest few databases; a process that has an older one open keeps it until it ends."""

    def age(path: Path) -> float:
        with suppress(OSError):  # another process may forget it at the same time
            return 0.0 if path == newest else -path.stat().st_mtime
        return 0.0

    files = sorted(folder.glob("*.duckdb"), key=lambda path: (path != newest, age(path)))
    for path in files[KEPT:]:
        with suppress(OSError):
            path.unlink()
