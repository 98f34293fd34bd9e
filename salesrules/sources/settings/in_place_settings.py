"""Settings to the one PostgreSQL that a pack is answered in, if one is: its address, its tables, their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from salesrules.issue import Issue, PackError, Span
from salesrules.pack.pack import Pack
from salesrules.sources.raw.databases import address
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.settings.bindings import Binding, Settings

_TIMEOUT = "30s"
_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")


@dataclass(frozen=True, slots=True)
class Database:
    """A source that is read in place: `url` says where it is or which variable does, `timeout` bounds a statement."""

    name: str
    span: Span
    url: str
    timeout: str
    tables: Mapping[str, Binding]


def in_place(pack: Pack, settings: Settings) -> Database | None:
    """The source with `in_place` that everything of the pack is bound to.

    Raises: PackError if only a part is bound to one.
    """
    wanted = {entity: settings.source_of(entity, pack.about.pack) for entity in tables_of(pack)}
    name = next((name for name in wanted.values() if name is not None and settings.sources[name].get("in_place")), None)
    if name is None:
        return None
    span = settings.place("sources", name)
    if elsewhere := [entity for entity, source in wanted.items() if source != name]:
        words = {"source": name, "entities": ", ".join(elsewhere)}
        raise PackError([Issue("source.partly_in_place", span, words)])
    source = settings.sources[name]
    bindings = {entity: settings.for_entity(entity, pack.about.pack) for entity in wanted}
    tables = {entity: binding for entity, binding in bindings.items() if binding is not None}
    timeout = source.get("statement_timeout", _TIMEOUT)
    return Database(name, settings.place("sources", name, "url"), source["url"], timeout, tables)


def postgres_address(database: Database) -> str:
    """Where the database is, with the password that the environment has for it.

    Raises: PackError if the environment has no such variable, or it is no PostgreSQL.
    """
    url = address(database.url, database.span)
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
