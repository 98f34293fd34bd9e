"""A seed to a company that does not exist: a workspace folder with its organisation, its limits and its records."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from salesrules.demo.beside import beside
from salesrules.demo.chance import macros, made_of
from salesrules.demo.customers import customers
from salesrules.demo.deals import deals
from salesrules.demo.dirt import dirt
from salesrules.demo.limits import CALENDAR, HOLD_MAX, KEY_CARE_FROM
from salesrules.demo.orders import orders
from salesrules.demo.people import Organisation, organisation
from salesrules.demo.places import PLACES
from salesrules.demo.service import service
from salesrules.demo.sizes import SIZES, Size
from salesrules.demo.writing import PACK, settings_text, write_csv, write_tables
from salesrules.engines.duckdb import DuckDB
from salesrules.shipped import shipped

__all__ = ["SIZES", "Made", "make"]

_STEPS: tuple[Callable[[Size], tuple[str, ...]], ...] = (customers, deals, orders, service, beside, dirt)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: counts, those of customers without the broken rows, and three people who see different things."""

    people: int
    customers: int
    opportunities: int
    rows: int
    rep: str
    manager: str
    auditor: str


def make(folder: Path, seed: int = 7, size: str = "small") -> Made:
    """Write the workspace of the demo company into a folder, which is made if it is missing.

    The same seed and size give the same rows on every machine.

    Args: size: small, normal or large, as in `SIZES`.
    """
    company = organisation(seed, SIZES[size])
    engine = DuckDB()
    try:
        _fill(engine, company, seed, SIZES[size])
        (folder / "data").mkdir(parents=True, exist_ok=True)
        counts = write_tables(engine, folder / "data", SIZES[size].kind)
    finally:
        engine.close()
    _write_organisation(folder, company)
    for part in ("rules", "policies"):  # a copy, so that people can change what they like
        shutil.copytree(shipped(part) / PACK, folder / part / PACK)
    (folder / "salesrules.toml").write_text(settings_text(seed, size), encoding="utf-8")
    rows = sum(counts.values())
    rep, manager, auditor = company.three
    return Made(len(company.people), SIZES[size].customers, counts["opportunity"], rows, rep, manager, auditor)


def _fill(engine: DuckDB, company: Organisation, seed: int, size: Size) -> None:
    """Make every table of the company in the engine."""
    engine.rows(made_of("person", company.people))
    engine.rows(made_of("seller", company.sellers))
    engine.rows(made_of("server", company.servers))
    engine.rows(made_of("place", [place.row() for place in PLACES]))
    for sql in macros(seed):
        engine.rows(sql)
    for step in _STEPS:
        for sql in step(size):
            engine.rows(sql)


def _write_organisation(folder: Path, company: Organisation) -> None:
    """Write what an organisation keeps in small tables: its trees, its posts, its limits and its days off."""
    for name, rows in (
        ("org/region.csv", company.regions),
        ("org/unit.csv", company.units),
        ("org/posts.csv", company.posts),
        ("tables/hold_max.csv", HOLD_MAX),
        ("tables/key_care_from.csv", KEY_CARE_FROM),
        ("calendars/cn.csv", CALENDAR),
    ):
        write_csv(folder / name, rows)
