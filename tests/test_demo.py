"""The company that does not exist: the same for the same seed, shaped like a real one, broken where it says so."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from salesrules.demo import SIZES, Made, make
from salesrules.demo.people import organisation
from salesrules.demo.places import PLACES
from salesrules.demo.sizes import Size
from salesrules.issue import AccessDenied
from salesrules.workspace import Workspace

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(demo_folder: tuple[Path, Made]) -> Path:
    return demo_folder[0]


def rows(folder: Path, name: str) -> Rows:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".salesrules" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_seed_makes_the_same_company_to_the_byte(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        make(tmp_path / name, seed)
    one, two, three = (contents(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    same = {name for name in one if one[name] == three[name] and not name.startswith(("rules/", "policies/"))}
    assert same == {
        "org/region.csv",
        "org/unit.csv",
        "tables/hold_max.csv",
        "tables/key_care_from.csv",
        "calendars/cn.csv",
    }


def test_its_rules_are_a_copy_that_can_be_changed(tmp_path: Path) -> None:
    made = make(tmp_path, 7)
    seen = {}
    for slice_ in ("mine", "all"):
        grants = tmp_path / "policies/standard/grants.csv"
        said = grants.read_text(encoding="utf-8")
        assert said.count("\nallow,sales_rep,read,customer,*,mine,") == 1
        grants.write_text(said.replace(",customer,*,mine,", f",customer,*,{slice_},"), encoding="utf-8")
        workspace = Workspace.open(tmp_path)
        seen[slice_] = workspace.see(workspace.person(made.rep), "customer").total or 0
    assert 0 < seen["mine"] < seen["all"]


def test_it_says_that_it_was_made_up(folder: Path) -> None:
    assert (
        (folder / "salesrules.toml")
        .read_text(encoding="utf-8")
        .startswith(
            "# A company that does not exist. Everything here was made by `salesrules demo`, seed 7, size small.\n"
        )
    )


def test_the_sizes_are_what_they_are_called() -> None:
    assert (SIZES["normal"].customers, SIZES["normal"].count(3)) == (20_000, 60_000)
    assert [len(organisation(7, size).people) for size in SIZES.values()] == [60, 200, 600]


@pytest.mark.parametrize("size", ["small", "normal"])
def test_every_role_of_the_pack_is_held_by_someone(demo: tuple[Workspace, Made], size: str) -> None:
    header, *posts = organisation(7, SIZES[size]).posts
    held = {post[header.index("role")] for post in posts}
    assert set(demo[0].pack.roles) - held == {"staff"}  # which all others include


def test_people_are_a_tree_with_names_of_their_own() -> None:
    people = {str(row["id"]): row for row in organisation(7, SIZES["normal"]).people}
    assert len({row["name"] for row in people.values()}) == 200

    def height(id: str) -> int:
        boss = people[id]["manager"]
        return 1 + height(str(boss)) if boss else 0

    heights = Counter(height(id) for id in people)
    assert heights[0] == 2  # the director and the auditor
    assert max(heights) == 3
    assert heights[3] > 100


def test_someone_left_someone_moved_and_someone_holds_two_posts(demo: tuple[Workspace, Made]) -> None:
    workspace, _ = demo
    posts = workspace.snapshot.organisation.posts
    (leaver,) = [id for id, row in workspace.snapshot.organisation.people.items() if row["left_on"]]
    with pytest.raises(AccessDenied):
        workspace.person(leaver, date(2026, 3, 15))
    regions = {}
    for day in (date(2026, 3, 31), date(2026, 4, 1)):
        regions[day] = {id: sorted(str(p.scope["region"]) for p in held if p.on(day)) for id, held in posts.items()}
    before, after = regions.values()
    assert [(before[id], after[id]) for id in posts if before[id] != after[id] and id != leaver] == [
        (["ningbo"], ["suzhou"])
    ]
    assert ["chengdu", "xiamen"] in after.values()


def test_the_dirt_is_aliased_or_left_out_and_said(folder: Path, demo: tuple[Workspace, Made]) -> None:
    written = Counter(row["product"] for row in rows(folder, "data/opportunity"))
    assert written["Line-A"] > 10
    assert written["LineA"] > 3
    read = demo[0].engine.rows("SELECT DISTINCT product FROM opportunity ORDER BY product")
    assert read == [("line_a",), ("line_b",), ("line_c",)]
    assert [(r.entity, r.field, r.reason, r.rows) for r in demo[0].rejects] == [
        ("customer", "region", "reject.unknown_member", 2),
        ("customer", "id", "reject.duplicate_key", 2),
        ("collection", "amount", "reject.type", 1),
        ("follow_up", "customer", "reject.dangling", 1),
    ]


def test_customers_live_where_the_weights_say(folder: Path) -> None:
    found = Counter(row["region"] for row in rows(folder, "data/customer"))
    assert sum(place.weight for place in PLACES) == 100
    for place in PLACES:
        expected = 600 * place.weight / 100
        assert abs(found[place.id] - expected) < 4 * expected**0.5 + 1, place.id
    weakest = min(found[place.id] for place in PLACES if place.tier == 1)
    assert all(found[place.id] < weakest for place in PLACES if place.tier == 3)


def test_lines_add_up_to_the_contract_and_nobody_pays_more_than_the_order(folder: Path) -> None:
    contracts = {row["id"]: Decimal(row["amount"]) for row in rows(folder, "data/contract")}
    orders = {row["id"]: contracts[row["contract"]] for row in rows(folder, "data/order")}
    lines, paid = Counter[str](), Counter[str]()
    for row in rows(folder, "data/order_line"):
        lines[row["order"]] += Decimal(row["amount"])
        assert Decimal(row["cost"]) < Decimal(row["amount"])
    for row in rows(folder, "data/collection")[1:]:  # the first amount is written in words
        paid[row["order"]] += Decimal(row["amount"])
    assert lines == orders
    assert all(paid[order] <= amount for order, amount in orders.items())
    assert any(paid[order] < amount for order, amount in orders.items() if paid[order])


def test_what_is_won_is_signed_and_nothing_happens_after_the_last_day(folder: Path) -> None:
    deals = rows(folder, "data/opportunity")
    won = {row["id"] for row in deals if row["stage"] in ("won", "after_sales")}
    assert {row["opportunity"] for row in rows(folder, "data/contract")} == won
    assert all(row["closes_on"] <= "2026-06-30" for row in deals if row["stage"] in ("won", "after_sales", "lost"))
    done = [("order", "shipped_on"), ("collection", "paid_on"), ("follow_up", "done_on"), ("ticket", "done_on")]
    assert max(row[field] for name, field in done for row in rows(folder, f"data/{name}")) <= "2026-06-30"


@pytest.mark.parametrize(
    ("kpi", "low", "high"),
    [("win_rate", 0.3, 0.6), ("satisfaction", 0.85, 0.97), ("task_completion", 0.7, 0.97), ("gross_margin", 0.2, 0.45)],
)
def test_figures_are_such_as_companies_have(demo: tuple[Workspace, Made], kpi: str, low: float, high: float) -> None:
    workspace, _ = demo
    director = workspace.person("P-0006")
    assert low < workspace.kpi(director, kpi).rows[0][0] < high


def test_a_referral_is_converted_more_often_than_a_click(demo: tuple[Workspace, Made]) -> None:
    workspace, _ = demo
    figures = {row[0]: row[1] for row in workspace.kpi(workspace.person("P-0006"), "conversion", ("source",)).rows}
    assert figures["referral"] > figures["fair"] > figures["web"] > 0


def test_large_companies_are_written_as_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIZES["large"].kind == "parquet"
    monkeypatch.setitem(SIZES, "tiny", Size(60, 40, "parquet"))
    made = make(tmp_path, 7, "tiny")
    assert {path.suffix for path in (tmp_path / "data").iterdir()} == {".parquet"}
    workspace = Workspace.open(tmp_path)
    assert workspace.see(workspace.person("P-0006"), "customer").total == made.customers == 40
