"""Bound files to one database file named by their fingerprint: built once, then opened read-only by everyone."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import EngineError, Issue, PackError, SalesrulesError, Span
from salesrules.meaning.computed import Computation
from salesrules.pack.pack import Pack
from salesrules.sources.build import REJECTS, bindings_of, build
from salesrules.sources.raw.databases import address
from salesrules.sources.raw.files import files_of
from salesrules.sources.rows.beside import unread
from salesrules.sources.rows.computed import hangs_on_the_day
from salesrules.sources.rows.logged import Logged, read_log
from salesrules.sources.settings.bindings import FILE, Binding, Settings

FOLDER = Path(".salesrules") / "cache"
KEPT = 3
_READING = ("sources", "meaning", "expr")  # the rooms whose code decides what stands in the rows
ATTEMPTS = 3  # how often sources that change while they are read are read again
_FULL = [os.strerror(code) for code in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)]


def open_data(pack: Pack, settings: Settings, computed: Sequence[Computation]) -> DuckDB:
    """The typed rows of a pack, from the cache if no source has changed since.

    Several processes may do this at once: each builds under a name of its own, and the finished file takes its final
    name in one step, so that nobody ever opens half a file. Databases behind a URL have no time of change: they count
    as changed when another stretch of their `refresh` has begun.
    Args: computed: the fields that no column holds, as `build` takes them.
    Raises: PackError if a source cannot be read, does not stay as it is meanwhile, or the disk is full.
    """
    bindings = bindings_of(pack, settings)
    logged = read_log(pack, settings, bindings)
    folder = cache_folder(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds every row, whoever may read the sources
        scratch = tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True)
    except OSError:  # a workspace that may not be written to is read all the same
        return _in_memory(pack, bindings, computed, logged, settings.root)
    with scratch as made:
        for attempt in range(ATTEMPTS):
            now = time.time_ns()
            path = folder / f"{_fingerprint(pack, bindings, now, computed, logged)}.duckdb"
            with suppress(EngineError):  # a file that is no whole database any more is built again
                if path.is_file():
                    return _whole(DuckDB(path))
            new = Path(made) / f"new{attempt}.duckdb"
            _built(new, pack, bindings, computed, logged, settings.root)
            if path.stem == _fingerprint(
                pack, bindings, now, computed, logged
            ):  # what changed meanwhile was read half old, half new
                new.chmod(0o600)
                os.replace(new, path)
                _forget_old(folder, path)
                return DuckDB(path)
    raise PackError([Issue("source.changing", Span(FILE))])


def cache_folder(settings: Settings) -> Path:
    """Where the typed rows lie: below the workspace, or in the folder that SALESRULES_CACHE names."""
    named = os.environ.get("SALESRULES_CACHE")
    return Path(named) if named else settings.root / FOLDER


def _built(
    new: Path, pack: Pack, bindings: dict[str, Binding], computed: Sequence[Computation], logged: Logged, root: Path
) -> None:
    """Read everything into a new database file.

    Raises: PackError if a source cannot be read, or the disk is full.
    """
    scratch = new.with_suffix("")
    scratch.mkdir()
    try:
        engine = DuckDB(new, write=True)
        try:
            try:
                with engine.at_once():
                    build(engine, pack, bindings, scratch, computed, logged, root)
            except PackError:  # what fails ends the transaction: what else is wrong, single statements tell
                build(engine, pack, bindings, scratch, computed, logged, root)
            engine.rows("CHECKPOINT")  # closing writes everything too, but tells nobody when it cannot
        finally:
            engine.close()
    except (SalesrulesError, OSError) as error:
        said = error.said if isinstance(error, EngineError) else str(error)
        if full := next((text for text in _FULL if text in said), None):
            words = {"folder": str(new.parent.parent), "problem": full}
            raise PackError([Issue("source.no_space", Span(FILE), words)]) from error
        raise


def _whole(engine: DuckDB) -> DuckDB:
    """The database if it has the table that is written last; EngineError if not."""
    engine.rows(f"SELECT count(*) FROM {quoted(REJECTS)}")
    return engine


def _in_memory(
    pack: Pack, bindings: dict[str, Binding], computed: Sequence[Computation], logged: Logged, root: Path
) -> DuckDB:
    engine = DuckDB()
    with tempfile.TemporaryDirectory() as scratch:
        build(engine, pack, bindings, Path(scratch), computed, logged, root)
    return engine


def _fingerprint(
    pack: Pack, bindings: dict[str, Binding], now: int, computed: Sequence[Computation], logged: Logged
) -> str:
    """What the typed rows depend on: how they are read, the pack's declarations, and the state of every source."""
    seen = hashlib.sha256(_reading())
    parts = (pack.about, pack.entities, pack.dimensions, pack.aliases, pack.roles, pack.posts, pack.tables)
    idle = sorted((table, sorted(columns)) for table, columns in unread(pack).items())
    for part in (*parts, pack.calendars, pack.processes, idle):
        seen.update(repr(part).encode())
    seen.update(str(logged.last).encode())
    if hangs_on_the_day(computed):
        seen.update(str(datetime.now(ZoneInfo(pack.about.timezone)).date()).encode())
    for name, binding in sorted(bindings.items()):
        seen.update(repr((name, binding, list(_state(binding, now)))).encode())
    return seen.hexdigest()[:32]


@cache
def _reading() -> bytes:
    """The hash of the code that decides what stands in the rows, which does not change under a running process."""
    house = Path(__file__).parents[1]
    sources = sorted(source for room in _READING for source in (house / room).rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).digest()


def _state(binding: Binding, now: int) -> Iterator[tuple[object, ...]]:
    """Every file by size and time; a database by its address and the stretch of time in nanoseconds."""
    if binding.url is not None:
        yield address(binding.url, binding.at("url")), now // (binding.refresh * 1_000_000_000 or 1)
        return
    with suppress(PackError):  # that there is no file is told when it is read
        for path in files_of(binding):
            for each in (path, path.with_name(f"{path.name}.wal")):  # what a DuckDB file still has beside it
                with suppress(OSError):
                    found = each.stat()
                    yield str(each), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


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
