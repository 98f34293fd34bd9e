"""One manager's list and figures over millions of deals, against hand-written SQL that knows of no cells.

Three slices open rows, one deny and two closed categories mask cells; the SQL by hand has the same rows but no masks.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench._timing import line, side_by_side
from bench.big_company import DAY, FIELDS, Company, make

SIZES = (1_000_000, 3_000_000, 10_000_000)
ROWS = """({owner} BETWEEN $person_from AND $person_to OR {region} BETWEEN $region_from AND $region_to
    OR (amount >= 900000 AND {product} BETWEEN $product_from AND $product_to))"""
CARRIED = ROWS.format(owner='t."#lft owner"', region='t."#lft region"', product='t."#lft product"')
JOINED = ROWS.format(owner="o.lft", region="r.lft", product="p.lft")
PLAIN = """plain AS t LEFT JOIN "tree person" AS o ON o.id = t.owner LEFT JOIN text_region AS r ON r.id = t.region
    LEFT JOIN text_product AS p ON p.id = t.product"""
FIGURES = "sum(amount) FILTER (WHERE stage = 'won'), count(*)"


def run(sizes: tuple[int, ...] = SIZES) -> None:
    """Page, count and figure at each size, with what the process took of memory at most."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            company = make(Path(folder), size)
            print(f"{size:,} deals, made in {time.perf_counter() - start:.1f} s")
            _measure(company)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(f"  at most {peak:.1f} GB of memory, with the making of the rows")


def _measure(company: Company) -> None:
    workspace, engine = company.workspace, company.workspace.engine
    manager = workspace.person(company.manager, DAY)

    def asked(statements: tuple[str, ...]) -> list[Any]:
        return [engine.rows(sql, company.ends) for sql in statements]

    here, plain = (_list(*source) for source in (("deal AS t", CARRIED), (PLAIN, JOINED)))
    assert workspace.see(manager, "deal").total == asked(here)[0][0][0] == asked(plain)[0][0][0]
    _compare("page and total", lambda: workspace.see(manager, "deal"), lambda: asked(here), lambda: asked(plain))
    here, plain = (_figures(*source) for source in (("deal AS t", CARRIED), (PLAIN, JOINED)))
    by = ("region", "product")
    assert workspace.kpi(manager, "signed", by).rows == (*asked(here)[1], (None, None, *asked(here)[0][0]))
    assert asked(here) == asked(plain)
    figure = "figure by region and product, and over all"
    _compare(figure, lambda: workspace.kpi(manager, "signed", by), lambda: asked(here), lambda: asked(plain))


def _compare(name: str, ours: Callable[[], object], here: Callable[[], object], plain: Callable[[], object]) -> None:
    print("  " + line(name, *side_by_side(ours, here, runs=9), "by hand"))
    print("  " + line(name, *side_by_side(ours, plain, runs=5), "by hand on columns of text"))


def _list(source: str, rows: str) -> tuple[str, ...]:
    columns = ", ".join(f"t.{name}" for name in FIELDS)
    select = f"FROM {source} WHERE {rows}"
    return f"SELECT count(*) {select}", f"SELECT {columns} {select} ORDER BY t.id LIMIT 50"


def _figures(source: str, rows: str) -> tuple[str, ...]:
    select = f"{FIGURES} FROM {source} WHERE {rows} AND sealed IS FALSE"
    return f"SELECT {select}", f"SELECT t.region, t.product, {select} GROUP BY ALL ORDER BY ALL"
