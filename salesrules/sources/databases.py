"""Settings to the one PostgreSQL that a pack is answered in, if one is: its tables, its columns, its address."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from salesrules.issue import Issue, PackError, Span
from salesrules.pack.pack import Pack
from salesrules.sources.beside import tables_of
from salesrules.sources.bindings import Settings

_TIMEOUT = "30s"
_VARIABLE = "env:"
_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")


@dataclass(frozen=True, slots=True)
class BoundTable:
    """A table of the database, as `schema.table`, and the column for each field whose column has another name."""

    span: Span
    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Database:
    """A source that is read in place: `url` says where it is or which variable does, `timeout` bounds a statement."""

    name: str
    span: Span
    url: str
    timeout: str
    nulls: tuple[str, ...]
    tables: Mapping[str, BoundTable]


def in_place(pack: Pack, settings: Settings) -> Database | None:
    """The source with `in_place` that everything of the pack is bound to.

    Raises: PackError if only a part is bound to one.
    """
    wanted = tables_of(pack)
    found = [d for d in _databases(pack.about.pack, settings) if any(name in d.tables for name in wanted)]
    if not found:
        return None
    database = found[0]
    if elsewhere := [name for name in wanted if name not in database.tables]:
        words = {"source": database.name, "entities": ", ".join(elsewhere)}
        raise PackError([Issue("source.partly_in_place", database.span, words)])
    return database


def _databases(pack: str, settings: Settings) -> Iterator[Database]:
    for name, source in settings.sources.items():
        if source.get("in_place") and source.get("pack", pack) == pack:
            span = settings.line_of(f"[sources.{name}]")
            tables = {
                entity: _bound(table, settings.line_of(f"[sources.{name}.{entity}]"))
                for entity, table in source.items()
                if isinstance(table, dict)
            }
            timeout, nulls = source.get("statement_timeout", _TIMEOUT), tuple(source.get("nulls", ()))
            yield Database(name, span, source["url"], timeout, nulls, tables)


def _bound(table: Mapping[str, Any], span: Span) -> BoundTable:
    return BoundTable(span, table["table"], table.get("columns", {}))


def address(database: Database) -> str:
    """Where the database is, with the password that the environment has for it.

    Raises: PackError if the environment has no such variable, the settings hold a password, or it is no PostgreSQL.
    """
    url = database.url
    if url.startswith(_VARIABLE):
        name = url.removeprefix(_VARIABLE)
        url = os.environ.get(name, "")
        if not url:
            raise PackError([Issue("source.no_variable", database.span, {"name": name, "source": database.name})])
    elif _secret(url):
        raise PackError([Issue("source.password", database.span, {"source": database.name})])
    if not (_SCHEME.match(url) and _is_whole(url)):
        raise PackError([Issue("source.not_postgres", database.span, {"source": database.name})])
    return _SCHEME.sub("postgresql://", url)


def _is_whole(url: str) -> bool:
    """Whether its parts can be told apart; what the driver says of one where they cannot may quote the password."""
    try:
        parts = urlsplit(url)
        return parts.port is None or parts.hostname is not None
    except ValueError:
        return False


def _secret(url: str) -> bool:
    """Whether a password stands in it, before the host, among the options, or anywhere that cannot be made out."""
    try:
        parts = urlsplit(url)
        return parts.password is not None or "password" in parse_qs(parts.query) or "password" in url.lower()
    except ValueError:
        return True
