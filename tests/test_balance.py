"""How evenly territories are staffed: against a slow Python reading, and as people and programs are told."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.demo import Made
from salesrules.issue import QuestionError
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.test_doctor import edit

DAY = date(2026, 3, 15)
TREE = {"east": "", "shanghai": "east", "hangzhou": "east", "xihu": "hangzhou", "binjiang": "hangzhou", "south": ""}
LOWEST = ["shanghai", "xihu", "binjiang", "south"]
POTENTIAL = """
    levels: [{id: area, label: {en: Area, zh: 大区}}, {id: city, label: {en: City, zh: 城市}}]
    potential:
      of: customer
      roles: [rep]
      factors:
        density: {label: {en: density, zh: 密度}, weight: 75%}
        rivals: {label: {en: rivals, zh: 对手}, weight: 25%, inverse: true}
"""
Rows = Sequence[Sequence[str]]


def company(folder: Path, regions: Rows, posts: Rows, customers: Rows) -> Path:
    """The tiny company with these territories, posts and customers (id, region)."""
    tiny_company.make(folder)
    with (folder / "rules/tiny/dimensions.yaml").open("a", encoding="utf-8") as file:
        file.write(POTENTIAL.lstrip("\n"))
    edit(folder / "rules/tiny/entities.yaml", "  customer:", "  # below")
    for name, head, rows in (
        ("region", "id,parent,label_en,label_zh,from,to,density,rivals", regions),
        ("post", "person,role,region,from,to", posts),
        ("customer", "id,name,region,owner,phone", [(id, "", region, "", "") for id, region in customers]),
    ):
        text = "\n".join([head, *(",".join(row) for row in rows)]) + "\n"
        (folder / f"data/{name}.csv").write_text(text, encoding="utf-8")
    (folder / "data/order.csv").write_text("number,line,customer,amount\n", encoding="utf-8")
    return folder


def region(id: str, density: str = "", rivals: str = "") -> tuple[str, ...]:
    return (id, TREE[id], id.capitalize(), id, "", "", density, rivals)


def inside(id: str, top: str) -> bool:
    at = id
    while at and at != top:
        at = TREE[at]
    return at == top


@pytest.mark.parametrize("seed", range(4))
def test_shares_people_and_records_are_those_that_python_counts(seed: int, tmp_path: Path) -> None:
    draw = Random(seed)
    worth = {id: (draw.randint(0, 9), draw.randint(1, 9)) for id in LOWEST}
    worth["south"] = (5, 2)
    regions = [region(id, *(map(str, worth.get(id, ("", ""))))) for id in TREE]
    held = [
        (f"P-{draw.randint(1, 4)}", draw.choice(["rep", "rep", "manager"]), draw.choice([*TREE, "*"]), start, "")
        for start in ("", "", "", "2026-03-15", "2026-03-16")
    ]
    held = list(dict.fromkeys(held))
    customers = [(f"C-{n}", draw.choice([*TREE, ""])) for n in range(40)]
    workspace = Workspace.open(company(tmp_path, regions, held, customers))

    density, rivals = (sum(Fraction(each[at]) ** power for each in worth.values()) for at, power in ((0, 1), (1, -1)))
    share = {id: Fraction(3, 4) * many / density + Fraction(1, 4) / few / rivals for id, (many, few) in worth.items()}
    assert sum(share.values()) == 1
    people = dict.fromkeys(LOWEST, Fraction(0))
    for person in {post[0] for post in held}:
        counted = [post for post in held if post[0] == person and post[1] == "rep" and post[3] <= "2026-03-15"]
        for _, _, at, _, _ in counted:
            below = [low for low in LOWEST if at == "*" or inside(low, at)]
            for low in below:
                people[low] += Fraction(1, len(counted) * len(below))

    for level, shown in ((None, LOWEST), ("city", ["shanghai", "hangzhou", "south"]), ("area", ["east", "south"])):
        found = Overseer(workspace).balance(DAY, "region", level)
        got = {one.member: (one.potential, one.records, one.people) for one in found.territories}
        assert got == {
            top: (
                sum(share[low] for low in LOWEST if inside(low, top)),
                sum(bool(at) and inside(at, top) for _, at in customers),
                sum(people[low] for low in LOWEST if inside(low, top)),
            )
            for top in shown
        }
        assert found.elsewhere + sum(one.records for one in found.territories) == len(customers)
        each = [one.each for one in found.territories if one.each is not None]
        assert each == sorted(each, reverse=True)


WORTH = {"shanghai": ("60", "2"), "xihu": ("30", "4"), "binjiang": ("30", "0"), "south": ("many", "4")}
REGIONS = [region(id, *WORTH.get(id, ())) for id in TREE]
POSTS = [("P-1", "rep", "shanghai", "", ""), ("P-2", "manager", "east", "", ""), ("P-3", "rep", "south", "", "")]
CUSTOMERS = [("C-1", "shanghai"), ("C-2", "shanghai"), ("C-3", "xihu"), ("C-4", "east"), ("C-5", "south")]


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    return company(tmp_path, REGIONS, POSTS, CUSTOMERS)


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["balance", *words, "--workspace", str(root), "--at", "2026-03-15"])


def test_plain_words_come_first(uneven: Path) -> None:
    lines = run(uneven, "region", "--lang", "en").stdout.splitlines()
    assert lines[:6] == [
        "only Shanghai has both potential and people: 66.7% of the potential for each person",
        "nobody has a post in Xihu: 33.3% of the potential",
        "no potential is known of Binjiang: `rivals` is `0`",
        "no potential is known of South: `density` is `many`",
        "1 records lie in none of these",
        "potential: density 75%, rivals 25% (less is better); people of several posts, or of one above, count in parts",
    ]
    assert [line.split() for line in lines[9:13]] == [
        ["Xihu", "33.3%", "1", "0.0"],
        ["Shanghai", "66.7%", "2", "1.0", "66.7%", "2.0"],
        ["Binjiang", "0", "0.0"],
        ["South", "1", "1.0", "1.0"],
    ]
    chinese = run(uneven, "region", "--lang", "zh").stdout
    assert "只有shanghai既有潜力又有人：人均负担 66.7% 的潜力" in chinese
    assert "xihu没有人任职，占潜力的 33.3%" in chinese


def test_the_busiest_is_compared_with_the_idlest(tmp_path: Path) -> None:
    posts = [*POSTS, ("P-2", "rep", "hangzhou", "", ""), ("P-4", "rep", "xihu", "", "")]
    worth = {**WORTH, "binjiang": ("30", "4"), "south": ("0", "4")}
    root = company(tmp_path, [region(id, *worth.get(id, ())) for id in TREE], posts, CUSTOMERS)
    (first, *_) = run(root, "region", "--level", "city", "--lang", "en").stdout.splitlines()
    assert first == (
        "Shanghai is the busiest: 47.5% of the potential for each person, 9.5 times as much as South, the idlest (5.0%)"
    )


def test_programs_are_told_in_csv_and_json(uneven: Path) -> None:
    rows = list(csv.DictReader(run(uneven, "region", "--output", "csv").stdout.splitlines()))
    assert [(row["member"], row["potential"], row["people"]) for row in rows] == [
        ("xihu", "0.333333", "0.0"),
        ("shanghai", "0.666667", "1.0"),
        ("binjiang", "", "0.0"),
        ("south", "", "1.0"),
    ]
    found = json.loads(run(uneven, "region", "--output", "json").stdout)
    assert (found["day"], found["elsewhere"]) == ("2026-03-15", 1)
    assert found["unknown"] == [
        {"member": "binjiang", "factor": "rivals", "found": "0"},
        {"member": "south", "factor": "density", "found": "many"},
    ]
    assert found["territories"][1] == {
        "member": "shanghai",
        "potential": 0.666667,
        "records": 2,
        "people": 1.0,
        "potential_for_each": 0.666667,
        "records_for_each": 2.0,
    }


def test_a_territory_that_is_gone_takes_nobody_with_it(tmp_path: Path) -> None:
    regions = [*REGIONS[:-1], ("south", "", "South", "南", "", "2026-01-01", "1", "1")]
    found = Overseer(Workspace.open(company(tmp_path, regions, POSTS, CUSTOMERS))).balance(DAY, "region")
    assert {one.member for one in found.territories} == {"shanghai", "xihu", "binjiang"}
    assert (sum(one.people for one in found.territories), found.elsewhere) == (1, 2)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("regions",), "ask.unknown_dimension"),
        (("channel",), "ask.no_potential"),
        (("region", "street"), "ask.unknown_level"),
    ],
)
def test_what_cannot_be_asked(words: tuple[str, ...], code: str, demo: tuple[Workspace, Made]) -> None:
    with pytest.raises(QuestionError, match=code):
        Overseer(demo[0]).balance(DAY, *words)


def test_the_standard_pack_weighs_density_transport_and_competitors(demo: tuple[Workspace, Made]) -> None:
    workspace, _ = demo
    potential = workspace.pack.dimensions["region"].potential
    assert potential is not None
    assert {f.id: (f.weight, f.inverse) for f in potential.factors.values()}.keys() == {
        "density",
        "transport",
        "competitors",
    }
    assert [f.id for f in potential.factors.values() if f.inverse] == ["competitors"]
    for level in (None, "area", "province", "city"):
        found = Overseer(workspace).balance(DAY, "region", level)
        assert sum(one.potential or 0 for one in found.territories) == 1
        assert found.unknown == ()
