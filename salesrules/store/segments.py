"""Columns of very many facts to one sealed piece, and back: Parquet, which stands in the database as it is hashed.

DuckDB is here what writes and reads a file format; nothing else of the store knows of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import duckdb
import numpy as np

from salesrules.store.databases import refused

_OWN = ("key", "values", "rule", "person", "pool")
"""The columns that every segment has; the others are the detail of its decisions."""
_TEXT = dict.fromkeys(_OWN, "VARCHAR")


@dataclass(frozen=True, slots=True)
class Seal:
    """The event that stands for a segment: the `rows` places behind it in the log are those of the segment.

    `at` is the moment as the log has it, for all of them.
    `decision` is the place of the decision that holds what all share; the others follow it in the same way.
    """

    seq: int
    decision: int
    rows: int
    sha256: str
    run: str
    at: str
    entity: str
    kind: str
    actor: str
    assignment: str
    release: str
    seed: str

    @property
    def last(self) -> int:
        """The place of the last event of the segment."""
        return self.seq + self.rows


def sealed(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Columns of one length as a segment: texts, and arrays of numbers."""
    arrays = {
        name: each if isinstance(each, np.ndarray) else np.array(each, dtype=object) for name, each in columns.items()
    }
    cells = ", ".join(f"CAST({named(name)} AS {_TEXT[name]}) AS {named(name)}" for name in arrays if name in _TEXT)
    numbers = ", ".join(named(name) for name in arrays if name not in _TEXT)
    places = {"n": np.arange(1, len(columns["key"]) + 1)}
    return written(arrays | places, f"SELECT n, {cells}{', ' if numbers else ''}{numbers} FROM columns")


def written(columns: Mapping[str, Any], query: str, more: str = "") -> bytes:
    """What a query makes of arrays, the table `columns`, as Parquet; `more` are options of the format."""
    with TemporaryDirectory() as folder, _quiet(duckdb.connect()) as connection:
        file = Path(folder, "segment")
        connection.register("columns", dict(columns))
        connection.execute(f"COPY ({query}) TO {_text(str(file))} (FORMAT parquet, COMPRESSION zstd{more})")
        return file.read_bytes()


def read(body: bytes, query: Callable[[str], str]) -> list[tuple[Any, ...]]:
    """The rows of a query over one piece of Parquet; none if it is no such thing."""
    with TemporaryDirectory() as folder, _quiet(duckdb.connect()) as connection:
        file = Path(folder, "segment")
        file.write_bytes(body)
        try:
            return connection.execute(query(source([file]))).fetchall()
        except duckdb.Error:
            return []


def source(files: Sequence[Path]) -> str:
    """Files of one kind as SQL."""
    return f"read_parquet([{', '.join(_text(str(file)) for file in files)}])"


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection that draws nothing on the terminal; cursors do not take this over."""
    connection.execute("SET enable_progress_bar = false")
    return connection


def digest(body: bytes) -> str:
    """The SHA-256 of a segment, by which a seal knows it."""
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class _Laid:
    """A piece as a file in a folder of its own, and what the file was like when it was written."""

    folder: TemporaryDirectory[str]
    file: Path
    mark: tuple[int, ...]

    @property
    def is_there(self) -> bool:
        """Whether the file is the one that was written."""
        try:
            return _mark(self.file) == self.mark
        except OSError:
            return False


def _mark(file: Path) -> tuple[int, ...]:
    """What no other file of this name has: nobody can set when a file last became another."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_ctime_ns


class Segments:
    """The pieces of a store as files that an engine reads; they go when the store is closed.

    Each is laid out once, and again if its file is gone or is not the same any more: a machine that runs for long takes
    away what nobody looked at for days. What the engine cannot do is an EngineError at `place`.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._laying = Lock()
        self._engine: duckdb.DuckDBPyConnection | None = None  # opening one takes longer than most questions
        self._laid: dict[str, _Laid] = {}  # by their hash

    def close(self) -> None:
        """Take the files away, and let go of the engine."""
        for laid in self._laid.values():
            laid.folder.cleanup()
        self._laid = {}
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def known(self, sha256: str) -> bool:
        """Whether what has this hash is laid out already, as it was then."""
        laid = self._laid.get(sha256)
        return laid is not None and laid.is_there

    def lay_out(self, sha256: str, body: bytes) -> None:
        """Make the file of what has this hash."""
        with self._laying:  # threads share a store
            if self.known(sha256):
                return
            with self._told():
                folder = TemporaryDirectory(prefix="salesrules-", ignore_cleanup_errors=True)
                file = Path(folder.name, "piece")
                file.write_bytes(body)
                gone, self._laid[sha256] = self._laid.get(sha256), _Laid(folder, file, _mark(file))
            if gone is not None:
                gone.folder.cleanup()

    def laid_out(self, hashes: Iterable[str]) -> str:
        """What lies there of some hashes, all of one kind, as SQL."""
        return source([self._laid[each].file for each in hashes])

    def events(self, seal: Seal) -> str:
        """The events of a segment as SQL, with the columns of the log but for hashes."""
        cells = {"entity": seal.entity, "kind": seal.kind, "actor": seal.actor, "release": seal.release}
        plain = ", ".join(f"{_text(text)} AS {name}" for name, text in cells.items())
        rule = f"{_text(seal.assignment + '/')} || rule AS rule"
        at = f'{_text(seal.at)} AS "at"'
        return f'SELECT {seal.seq} + n AS seq, {at}, key, "values", {rule}, {plain} FROM {self._source(seal)}'

    def decisions(self, seal: Seal) -> str:
        """The decisions of a segment as SQL; `detail` is a struct of the columns that only decisions have."""
        details = [name for name, *_ in self.rows(f"DESCRIBE SELECT * FROM {self._source(seal)}")]
        detail = ", ".join(f"{_text(name)}: {named(name)}" for name in details if name not in (*_OWN, "n"))
        cells = {"run": seal.run, "entity": seal.entity, "assignment": seal.assignment, "release": seal.release}
        plain = ", ".join(f"{_text(text)} AS {name}" for name, text in (cells | {"seed": seal.seed}).items())
        at = f'{_text(seal.at)} AS "at"'
        return (
            f"SELECT {seal.decision} + n AS seq, {at}, key, rule, person, pool, {plain}, {{{detail}}} AS detail"
            f" FROM {self._source(seal)}"
        )

    def rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query over segments."""
        with self._told(), self._cursor() as cursor:
            return cursor.execute(query, dict(values) if values else None).fetchall()

    def columns(self, query: str, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """The columns of a query over segments."""
        with self._told(), self._cursor() as cursor:
            return {name: each.tolist() for name, each in cursor.execute(query, dict(values)).fetchnumpy().items()}

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, OSError) as error:
            raise refused(self._place, error) from error

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._laying:
            self._engine = self._engine or duckdb.connect()
            return _quiet(self._engine.cursor())

    def _source(self, seal: Seal) -> str:
        return self.laid_out([seal.sha256])


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """The name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
