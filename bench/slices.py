"""One manager's list and figures over millions of deals, against SQL that a person would write for the same answers.

Three slices open rows, one deny and two closed categories mask cells. By hand means on the same storage, with the same
masks and the same counts by what rows show; `no masks` gives every cell of the same rows and only their number;
`text` is by hand over the same rows as most databases have them, without places beside them: choices as text, in the
order in which they were made, trees joined.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench._timing import least_of
from bench.big_company import DAY, FIELDS, Company, make, opened

SIZES = (1_000_000, 3_000_000, 10_000_000)
RUNS = 5
SORTS = {"": "t.id", "closes_on": "t.closes_on, t.id", "-amount": "{amount} DESC NULLS LAST, t.id"}
TEAM = "{owner} BETWEEN $person_from AND $person_to"
ROWS = f"""({TEAM} OR {{region}} BETWEEN $region_from AND $region_to
    OR (amount >= 900000 AND {{product}} BETWEEN $product_from AND $product_to))"""
CARRIED = {"owner": 't."#lft owner"', "region": 't."#lft region"', "product": 't."#lft product"'}
JOINED = {"owner": "o.lft", "region": "r.lft", "product": "p.lft"}
PLAIN = """plain AS t LEFT JOIN "tree person" AS o ON o.id = t.owner LEFT JOIN text_region AS r ON r.id = t.region
    LEFT JOIN text_product AS p ON p.id = t.product"""
SOURCES = {"by hand": ("deal AS t", CARRIED), "text": (PLAIN, JOINED)}
OPEN = "sealed IS FALSE"
MASKS = {"stage": OPEN, "amount": OPEN, "cost": TEAM}


def run(sizes: tuple[int, ...] = SIZES) -> None:
    """Pages and figures at each size, with what answering took of memory at most."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{size:,} deals", flush=True)
            for work in (_make, _answer):  # each in a process of its own, so that the memory of one is not the other's
                with ProcessPoolExecutor(1, get_context("spawn")) as apart:
                    apart.submit(work, Path(folder), size).result()


def _make(folder: Path, size: int) -> None:
    start = time.perf_counter()
    make(folder, size)
    print(f"  made in {time.perf_counter() - start:.1f} s, {_peak():.1f} GB of memory at most", flush=True)


def _answer(folder: Path, _: int) -> None:
    company = opened(folder)
    manager = company.workspace.person(company.manager, DAY)
    for sort in SORTS:
        company.workspace.see(manager, "deal", sort=sort)
    company.workspace.kpi(manager, "signed", ("region", "product"))
    print(f"  pages and figure take {_peak():.1f} GB of memory at most", flush=True)
    measure(company)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(company: Company) -> None:
    """Compare each answer with those by hand, then time them in turn."""
    workspace, engine = company.workspace, company.workspace.engine
    manager = workspace.person(company.manager, DAY)

    def asked(statements: tuple[str, ...]) -> list[Any]:
        return [engine.rows(sql, company.ends) for sql in statements]

    for sort in SORTS:
        by_hand = {name: _list(*source, sort) for name, source in SOURCES.items()}
        bare = _list_without_masks(*SOURCES["by hand"], sort)
        answer = workspace.see(manager, "deal", sort=sort)
        for statements in by_hand.values():
            counts, rows = asked(statements)
            assert sorted(answer.visible.values()) == sorted(count for *_, count in counts)
            assert answer.keys == tuple(row[0] for row in rows)
        _compare(
            f"page sorted by {sort.removeprefix('-') or 'key'}, and counts",
            {
                "ours": lambda sort=sort: workspace.see(manager, "deal", sort=sort),
                **{name: lambda sql=sql: asked(sql) for name, sql in by_hand.items()},
                "no masks": lambda sql=bare: asked(sql),
            },
        )
    figures = {name: (_figures(*source),) for name, source in SOURCES.items()}
    by = ("region", "product")
    for statements in figures.values():
        assert sorted(workspace.kpi(manager, "signed", by).rows, key=str) == sorted(asked(statements)[0], key=str)
    _compare(
        "figure by region and product, and over all",
        {
            "ours": lambda: workspace.kpi(manager, "signed", by),
            **{name: lambda sql=sql: asked(sql) for name, sql in figures.items()},
        },
    )


def _compare(name: str, works: dict[str, Callable[[], object]]) -> None:
    times = least_of(works, RUNS)
    ours = times.pop("ours")
    print(f"  {name}: {ours.processors * 1000:.1f} ms of the processors, {ours.clock * 1000:.1f} ms by the clock")
    for against, theirs in times.items():
        processors, clock = ours.processors / theirs.processors, ours.clock / theirs.clock
        print(
            f"    {against}: {theirs.processors * 1000:.1f} and {theirs.clock * 1000:.1f} ms,"
            f" ratios {processors:.2f} and {clock:.2f}"
        )


def _list(source: str, places: dict[str, str], sort: str) -> tuple[str, str]:
    """The counts of rows by what they show, and the page with its cells and whether each kind of them is open."""
    masks = {name: mask.format(**places) for name, mask in MASKS.items()}
    cells = {name: f"CASE WHEN {masks[name]} THEN t.{name} END" if name in masks else f"t.{name}" for name in FIELDS}
    flags = f"{masks['amount']} AS deal_open, {masks['cost']} IS TRUE AS cost_open"
    select = f"FROM {source} WHERE {ROWS.format(**places)}"
    order = SORTS[sort].format(**cells)
    return (
        f"SELECT deal_open, cost_open, count(*) FROM (SELECT {flags} {select}) GROUP BY ALL",
        f"SELECT {', '.join(cells.values())}, {flags} {select} ORDER BY {order} LIMIT 50",
    )


def _list_without_masks(source: str, places: dict[str, str], sort: str) -> tuple[str, str]:
    select = f"FROM {source} WHERE {ROWS.format(**places)}"
    order = SORTS[sort].format(amount="t.amount")
    columns = ", ".join(f"t.{name}" for name in FIELDS)
    return f"SELECT count(*) {select}", f"SELECT {columns} {select} ORDER BY {order} LIMIT 50"


def _figures(source: str, places: dict[str, str]) -> str:
    """The groups and the total in one scan."""
    return f"""SELECT t.region, t.product, sum(amount) FILTER (WHERE stage = 'won'), count(*) FROM {source}
        WHERE {ROWS.format(**places)} AND {OPEN} GROUP BY GROUPING SETS ((t.region, t.product), ())
        ORDER BY grouping(t.region), t.region, t.product"""
