"""Work by results: who achieved most gets the hardest, whoever asks sees no number of anybody, and a replay agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesrules.packtest import run_tests
from salesrules.reading import read_program
from salesrules.retracing import Retracing
from salesrules.sources.settings.bindings import read_settings
from salesrules.whose import recalled_texts
from tests.assign_world import small_world, write
from tests.test_assigning import about, opened

BEST = """    when: owner is null
    limits: {open: candidate.capacity}
    order_by: ["-difficulty"]
    rules:
      - {id: best, pick: {rank: {kpi: signed, over: 90d}}}"""
SIGNED = """kpis:
  signed:
    label: {en: Signed, zh: 签约额}
    of: order
    formula: sum(amount)
    date: signed_on
    unit: CNY
"""
LEADS = SIGNED.replace("order", "lead").replace("sum(amount)", "count(*)").replace("signed_on", "owner.left_on")
UNDER = "counts_under:\n  order: {person: seller}\n"
ORDER = """  order:
    label: {en: Order, zh: 订单}
    key: id
    fields:
      id: {type: text, category: basics}
      seller: {type: ref, to: person, category: basics}
      signed_on: {type: date, category: basics}
      amount: {type: money, category: basics}
categories:
"""
AUDITOR = "allow,keeper,audit,lead,*,patch,,,\n"
# the day is 2026-03-16, so 2025-12-16 is the first of the 90 before it
ORDERS = [
    ["O-1", "P-1", "2026-03-15", 100],
    ["O-2", "P-2", "2026-03-01", 90],
    ["O-3", "P-2", "2025-12-16", 30],
    ["O-4", "P-1", "2025-12-15", 500],  # too long ago
    ["O-5", "P-1", "2026-03-16", 500],  # the day itself does not count
    ["O-6", None, "2026-03-01", 500],
    ["O-7", "P-1", None, 500],
]


def company(
    folder: Path, kpi: str = SIGNED, under: str = UNDER, orders: list[list[Any]] = ORDERS, capacity: int = 2
) -> Path:
    """P-1 signed 100, P-2 120, P-3 and P-4 nothing; each may have two of five leads of different difficulty."""
    _, files = small_world(1)
    people = [[f"P-{n}", 3, capacity, 1, None] for n in range(1, 5)]
    leads = [
        [f"L-{n}", None, "north", "line_a", difficulty, None, None, 0] for n, difficulty in enumerate([1, 5, 3, 4, 2])
    ]
    posts = [[id, "rep", "north", "*", None, None] for id, *_ in people] + [["P-9", "keeper", "north", "*", None, None]]
    tables = {"person.csv": [*people, ["P-9", 3, 0, 1, None]], "posts.csv": posts, "leave.csv": [], "customer.csv": []}
    rows = {name: [files[name][0], *rows] for name, rows in {**tables, "lead.csv": leads}.items()}
    order = [["id", "seller", "signed_on", "amount"], *orders]
    write(folder, {**files, "rules": BEST, **rows, "order.csv": order})
    head = "# yaml-language-server: $schema=../../salesrules/schema/kpis.schema.json\n"
    (folder / "rules/w/kpis.yaml").write_text(head + kpi + under, encoding="utf-8")
    entities = folder / "rules/w/entities.yaml"
    entities.write_text(entities.read_text(encoding="utf-8").replace("categories:\n", ORDER), encoding="utf-8")
    with (folder / "salesrules.toml").open("a", encoding="utf-8") as settings:
        settings.write('[sources.w.order]\nfile = "order.csv"\n')
    with (folder / "policies/w/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write(AUDITOR)
    return folder


def test_the_best_gets_the_hardest_as_long_as_there_is_room(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    found = assigner.assign("lead")
    went = {one.key: one.person for one in about(assigner)}
    assert [went[key] for key in ("L-1", "L-3", "L-2", "L-4")] == ["P-2", "P-2", "P-1", "P-1"]
    assert went["L-0"] in ("P-3", "P-4")  # nothing is known of either, so one of them is drawn
    assert found.kept is not None
    assert Retracing(assigner.working).replay(found.kept).moved == []


def test_less_is_better_where_the_kpi_says_so_and_few_rows_are_no_result(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path, SIGNED + "    direction: lower\n", capacity=1))
    assigner.assign("lead")
    assert [one.person for one in about(assigner)][:2] == ["P-1", "P-2"]
    few = opened(company(tmp_path / "few", SIGNED + "    min_sample: 2\n", capacity=1))
    few.assign("lead")
    first, *others = [one.person for one in about(few)]
    assert first == "P-2"
    assert set(others) >= {"P-1", "P-3", "P-4"}  # one order is none


def test_a_replay_goes_by_the_results_of_then(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    run = assigner.assign("lead").kept
    assert run is not None
    later = opened(company(tmp_path, orders=[["O-1", "P-3", "2026-03-15", 10**6]]))
    assert Retracing(later.working).replay(run).moved == []
    assert later.assign("lead", dry=True).run.results == {"signed 90d": {"P-3": 10**6}}


def test_the_numbers_are_for_who_audits(tmp_path: Path) -> None:
    assigner = opened(company(tmp_path))
    assigner.assign("lead")
    pack, person = assigner.workspace.pack, assigner.workspace.person

    def told(id: str, lang: str = "en") -> list[str]:
        found = Retracing(assigner.working).why(person(id), "lead", "L-1", id if id == "P-1" else None)
        assert found is not None
        return [text.strip() for text in recalled_texts(pack, found, lang)][2:]

    assert told("P-9") == ["P-2 comes first by results; others: P-1 100", "made of signed 120.00"]
    assert told("P-9", "zh")[0].startswith("P-2 业绩排名最前")
    leads = tmp_path / "data/lead.csv"
    leads.write_text(leads.read_text(encoding="utf-8").replace("L-1,,", "L-1,P-2,"), encoding="utf-8")
    again = opened(tmp_path)
    found = Retracing(again.working).why(again.workspace.person("P-2"), "lead", "L-1")
    assert found is not None
    texts = " ".join(recalled_texts(pack, found, "en"))
    assert "P-2 comes first by results" in texts
    assert "100" not in texts
    assert "120" not in texts


@pytest.mark.parametrize(
    ("kpi", "under", "codes"),
    [
        (SIGNED, UNDER, []),
        (SIGNED, "", ["assignment.of_nobody"]),
        (
            SIGNED.replace("of: order", "of: lead")
            .replace("sum(amount)", "count(*)")
            .replace("signed_on", "owner.left_on"),
            "",
            [],
        ),
        (SIGNED.replace("    date: signed_on\n", ""), UNDER, ["assignment.no_rows"]),
        (SIGNED.replace("signed:", "sold:"), UNDER, ["assignment.unknown_kpi"]),
        (
            SIGNED,
            "counts_under:\n  order: {person: credit.sale}\ncredits:\n  sale: {of: order, otherwise: {all: seller}}\n",
            ["assignment.of_nobody"],
        ),
    ],
)
def test_a_result_is_of_rows_that_are_somebodys(tmp_path: Path, kpi: str, under: str, codes: list[str]) -> None:
    read = read_program(read_settings(company(tmp_path, kpi, under)))
    assert [issue.code for issue in read.issues if issue.severity == "error"] == codes


TESTED = """# yaml-language-server: $schema=../../../salesrules/schema/test.schema.json
now: 2026-05-15
org:
  person: {li: {capacity: 9}, wu: {capacity: 9}, new: {capacity: 9}, full: {capacity: 0}}
  posts:
    - {person: li, role: rep, region: north, product: line_a}
    - {person: wu, role: rep, region: north, product: line_a}
    - {person: new, role: rep, region: north, product: line_a}
    - {person: full, role: rep, region: north, product: line_a}
records:
  order:
    o1: {seller: li, signed_on: 2026-05-01, amount: 100}
    o2: {seller: wu, signed_on: 2026-04-01, amount: 300}
    o3: {seller: full, signed_on: 2026-05-01, amount: 900}
assignment:
  - {given: {lead: {region: north, difficulty: 5}}, assign: leads, to: wu, because: best}
  - {given: {lead: {region: north, difficulty: 5}}, assign: leads, at: 2026-07-01, to: li, note: too long ago}
"""


def test_a_test_beside_the_rules_gives_the_record_to_the_best(tmp_path: Path) -> None:
    tests = company(tmp_path) / "rules/w/tests/leads_test.yaml"
    tests.parent.mkdir()
    tests.write_text(TESTED, encoding="utf-8")
    assert run_tests(tmp_path, None, "", False, lambda *_: None).failed == 0
