"""Computed fields against a slow Python reading, over generated rules and rows, in every view."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesrules.issue import PackError
from salesrules.reading import guess_mappings, read_program
from salesrules.sources.settings.bindings import read_settings
from salesrules.workspace import Mark, Workspace

Row = dict[str, Any]
Truth = Callable[[Row, "World"], "bool | None"]
REGIONS = {"north": None, "beijing": "north", "east": None, "上海": "east", "pudong": "上海"}
GRADES = ["a", "大客户", "c"]
STAGES = {"new": "潜在", "offer": "意向", "won": "成交", "cared": "成交", "lost": "潜在"}
LATER = "offer, won, cared, lost"
ENDS = ("cared", "lost")
LIVES = ["潜在", "意向", "成交"]
LABEL = "{en: x, zh: 某}"


class World:
    """The rows of one workspace, as Python has them."""

    def __init__(self, seed: int) -> None:
        draw = Random(seed)

        def one(options: list[Any]) -> Any:
            return draw.choice([*options, None])

        self.people = {p: {"id": p, "region": one([*REGIONS])} for p in ("p1", "o'neil", "李雷")}
        self.customers = {
            f"客户 '{n}'": {
                "id": f"客户 '{n}'",
                "owner": one([*self.people, "gone"]),
                "region": one([*REGIONS]),
                "bought": one([0, 499, 500, 501, -1]),
                "pieces": one([0, 9, 10, 11]),
                "named": one([True, False]),
                "note": one(["中国", "it's", "x"]),
            }
            for n in range(40)
        }
        self.deals = {
            f"d{n}": {"id": f"d{n}", "customer": one([*self.customers, "gone"]), "stage": one([*STAGES])}
            for n in range(90)
        }

    def owner(self, row: Row) -> Row:
        return self.people.get(row["owner"], {"id": None, "region": None})


def below(region: str | None, top: str) -> bool | None:
    if region is None:
        return None
    at: str | None = region
    while at is not None and at != top:
        at = REGIONS[at]
    return at == top


def known(value: Any, test: Callable[[Any], bool]) -> bool | None:
    return None if value is None else test(value)


ATOMS: list[tuple[str, Truth]] = [
    ("bought >= 500", lambda r, w: known(r["bought"], lambda v: v >= 500)),
    ("bought between 0 and 499", lambda r, w: known(r["bought"], lambda v: 0 <= v <= 499)),
    ("bought is null", lambda r, w: r["bought"] is None),
    ("pieces < 10", lambda r, w: known(r["pieces"], lambda v: v < 10)),
    ("named", lambda r, w: r["named"]),
    ("note = '中国'", lambda r, w: known(r["note"], lambda v: v == "中国")),
    ("note = 'it''s'", lambda r, w: known(r["note"], lambda v: v == "it's")),
    ("owner = 'o''neil'", lambda r, w: known(w.owner(r)["id"], lambda v: v == "o'neil")),
    ("owner is null", lambda r, w: w.owner(r)["id"] is None),
    ("owner.region = '上海'", lambda r, w: known(w.owner(r)["region"], lambda v: v == "上海")),
    ("within(owner.region, 'east')", lambda r, w: below(w.owner(r)["region"], "east")),
    ("within(region, '上海')", lambda r, w: below(r["region"], "上海")),
]


def condition(draw: Random) -> tuple[str, Truth]:
    """One or two atoms, tied together in three values."""
    (text, truth), (other_text, other) = draw.choice(ATOMS), draw.choice(ATOMS)
    how = draw.choice(["alone", "and", "or", "not"])
    if how == "alone":
        return text, truth
    if how == "not":
        return f"not ({text})", lambda r, w: known(truth(r, w), lambda v: not v)
    decides = how == "or"

    def both(row: Row, world: World) -> bool | None:
        found = {truth(row, world), other(row, world)}
        return decides if decides in found else None if None in found else not decides

    return f"({text}) {how} ({other_text})", both


def first(lines: list[tuple[str, Truth, str]], row: Row, world: World) -> tuple[str | None, int | None]:
    for at, (_, truth, member) in enumerate(lines):
        if truth(row, world) is True:
            return member, at
    return None, None


def furthest(world: World, customer: str, take: str) -> str | None:
    stages = [d["stage"] for d in world.deals.values() if d["customer"] == customer and d["stage"]]
    lives = {STAGES[stage] for stage in stages if take != "open" or stage not in ENDS}
    return max(lives, key=LIVES.index, default=None)


def write(
    root: Path, world: World, rules: str, take: str = "furthest", more: str = "", encoding: str = "utf-8"
) -> Path:
    """A workspace whose rows are those of a world; `more` are further fields of a customer."""
    pack = {
        "pack.yaml": f"pack: p\nversion: 0.1.0\nlabel: {LABEL}\ncurrency: EUR\ntimezone: UTC\n",
        "entities.yaml": f"""entities:
  person:
    label: {LABEL}
    key: id
    fields:
      id: {{type: text, category: basics}}
      region: {{type: member, dimension: region, category: basics}}
  customer:
    label: {LABEL}
    key: id
    fields:
      id: {{type: text, category: basics}}
      owner: {{type: ref, to: person, category: basics}}
      region: {{type: member, dimension: region, category: basics}}
      bought: {{type: money, category: deal}}
      pieces: {{type: integer, category: deal}}
      named: {{type: boolean, category: deal}}
      note: {{type: text, category: deal}}
      grade: {{type: member, dimension: grade, category: basics}}
      life: {{type: member, dimension: life, category: basics}}
{more}  deal:
    label: {LABEL}
    key: id
    fields:
      id: {{type: text, category: basics}}
      customer: {{type: ref, to: customer, category: basics}}
      stage: {{type: stage, process: sales, category: basics}}
      life: {{type: member, dimension: life, category: basics}}
categories:
  basics: {{label: {LABEL}, steward: rep, smallest_group: 1}}
  deal: {{label: {LABEL}, steward: rep, smallest_group: 1}}
""",
        "dimensions.yaml": f"""dimensions:
  region: {{label: {LABEL}, members: {{north: [beijing], east: {{上海: [pudong]}}}}}}
  grade:
    label: {LABEL}
    members: {json.dumps(GRADES, ensure_ascii=False)}
    classify: {{of: customer, rules: [{rules}]}}
  life:
    label: {LABEL}
    members: {json.dumps(LIVES, ensure_ascii=False)}
    derived: {{stage_of: sales, take: {take}}}
  other:
    label: {LABEL}
    members: [big, small]
    classify: {{of: customer, rules: [{{when: "grade = 'a'", is: big}}, {{when: "grade is not null", is: small}}]}}
""",
        "stages.yaml": f"processes:\n  sales:\n    label: {LABEL}\n    entity: deal\n    stages:\n"
        + "".join(
            f"      - {{id: {id}, label: {LABEL}, lifecycle: {life}, next: [{'' if id in ENDS else LATER}]}}\n"
            for id, life in STAGES.items()
        ),
        "kpis.yaml": f"kpis:\n  many: {{label: {LABEL}, of: customer, formula: count(*), unit: rows}}\n",
    }
    policies = {
        "roles.yaml": f"roles: {{rep: {{label: {LABEL}}}, boss: {{label: {LABEL}}}}}\nposts: {{file: org/posts.csv}}\n",
        "slices.yaml": f"slices:\n  all: {{label: {LABEL}, rows: {{'*': 'true'}}}}\n"
        f"  large: {{label: {LABEL}, rows: {{customer: \"grade in ('a', '大客户')\", deal: via customer}}}}\n",
        "grants.csv": "effect,role,action,object,category,slice,from,to,note\n"
        "allow,boss,read,customer,*,all,,,\nallow,boss,read,deal,*,all,,,\nallow,boss,read,person,*,all,,,\nallow,boss,aggregate,customer,*,all,,,\n"
        "allow,rep,read,customer,basics,large,,,\nallow,rep,read,deal,basics,large,,,\n",
    }
    for folder, files in (("rules/p", pack), ("policies/p", policies)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            kind = name.partition(".")[0]
            line = f"# yaml-language-server: $schema=../../schema/{kind}.schema.json\n" if name.endswith("yaml") else ""
            (root / folder / name).write_text(line + text, encoding="utf-8")
    posts = [
        {"person": "p1", "role": "boss", "from": "2020-01-01", "to": ""},
        {"person": "李雷", "role": "rep", "from": "2020-01-01", "to": ""},
    ]
    tables = {"person": world.people, "customer": world.customers, "deal": world.deals}
    settings = f'pack = "p"\n[sources.s]\nfolder = "data"\nencoding = "{encoding}"\n'
    for name, rows in tables.items():
        _csv(root / "data" / f"{name}.csv", [*rows.values()], encoding)
        settings += f'[sources.s.{name}]\nfile = "{name}.csv"\n'
    _csv(root / "org/posts.csv", posts, "utf-8")
    (root / "salesrules.toml").write_text(settings, encoding="utf-8")
    return root


def _csv(path: Path, rows: list[Row], encoding: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)


def rules_of(draw: Random) -> tuple[str, list[tuple[str, Truth, str]]]:
    lines = [(*condition(draw), draw.choice(GRADES)) for _ in range(draw.randint(1, 4))]
    texts = [f"{{when: {json.dumps(text, ensure_ascii=False)}, is: {member}}}" for text, _, member in lines]
    if draw.random() < 0.4:
        lines.append(("", lambda r, w: True, "c"))
        texts.append("{is: c}")
    return ", ".join(texts), lines


OTHER = "      other: {type: member, dimension: other, category: deal}\n"


@pytest.mark.parametrize("seed", range(16))
def test_every_view_has_the_member_that_a_slow_reading_finds(seed: int, tmp_path: Path) -> None:
    world, (rules, lines) = World(seed), rules_of(Random(seed))
    take, encoding = ("open", "gb18030") if seed % 2 else ("furthest", "utf-8")
    workspace = Workspace.open(write(tmp_path, world, rules, take, OTHER, encoding))
    compare_with_a_slow_reading(workspace, world, lines, take)


def compare_with_a_slow_reading(
    workspace: Workspace, world: World, lines: list[tuple[str, Truth, str]], take: str
) -> None:
    boss, rep = workspace.person("p1"), workspace.person("李雷")
    grades = {key: first(lines, row, world) for key, row in world.customers.items()}
    lives = {key: furthest(world, key, take) for key in world.customers}
    other = {key: {"a": "big", None: None}.get(grade, "small") for key, (grade, _) in grades.items()}

    answer = workspace.see(boss, "customer", None, columns="grade,life,other")
    seen = dict(zip(answer.keys, answer.rows, strict=True))
    assert seen == {key: (grades[key][0], lives[key], other[key]) for key in world.customers}
    deals = workspace.see(boss, "deal", None, columns="life,customer.grade")
    assert dict(zip(deals.keys, deals.rows, strict=True)) == {
        key: (STAGES.get(row["stage"]), grades.get(row["customer"], (None,))[0]) for key, row in world.deals.items()
    }
    large = {key for key, (grade, _) in grades.items() if grade in ("a", "大客户")}
    assert {*workspace.see(rep, "customer", None).keys} == large
    assert {*workspace.see(rep, "deal", None).keys} == {k for k, d in world.deals.items() if d["customer"] in large}
    assert {*workspace.see(boss, "customer", None, where="grade = '大客户'").keys} == {
        key for key, (grade, _) in grades.items() if grade == "大客户"
    }
    figures = workspace.kpi(boss, "many", ("grade", "life"))
    assert {row[:2]: row[2] for row in figures.rows[:-1]} == dict(
        Counter((grade, lives[key]) for key, (grade, _) in grades.items())
    )
    for key, (grade, line) in grades.items():
        origin = workspace.origin(boss, "customer", key, "grade")
        assert origin is not None
        assert (origin.member, origin.lines) == (grade, () if line is None else (line,))
        told = workspace.origin(rep, "customer", key, "grade")
        assert (told is not None) == (key in large)
        if told is not None and any(value is Mark.HIDDEN for _, value in told.cells):
            assert {lines[at][2] for at in told.lines} == {grade}
            assert line in told.lines


CONSTANT = "{is: c}"
SAID = [  # a condition, and the codes that it is refused with
    ("today() > date '2026-01-01'", ["run.not_yet"]),
    ("some(deals, id is null)", ["expr.unknown_many"]),
    ("owner = user", ["expr.unknown_field"]),
    ("region = post.region", ["expr.unknown_field"]),
    ("grade = 'a'", ["dimension.circle"]),
    ("within(grade, 'a')", ["dimension.circle"]),
    ("bought >= 500", []),
]


@pytest.mark.parametrize(("text", "codes"), SAID)
def test_what_a_line_cannot_ask_is_told_at_its_place(text: str, codes: list[str], tmp_path: Path) -> None:
    rules = f"{{when: {json.dumps(text)}, is: a}}, {CONSTANT}"
    read = read_program(read_settings(write(tmp_path, World(0), rules)))
    wrong = [issue for issue in read.issues if issue.severity == "error"]
    assert [issue.code for issue in wrong] == codes
    assert all("rules/p/" in issue.span.file for issue in wrong)


def test_a_circle_names_its_fields(tmp_path: Path) -> None:
    more = "      other: {type: member, dimension: other, category: deal}\n"
    rules = "{when: \"other = 'big'\", is: a}, {is: c}"
    read = read_program(read_settings(write(tmp_path, World(0), rules, more=more)))
    (issue,) = [issue for issue in read.issues if issue.code == "dimension.circle"]
    assert {*issue.words["names"].split(" → ")} == {"customer.grade", "customer.other"}


def test_the_newest_record_is_not_known_yet(tmp_path: Path) -> None:
    read = read_program(read_settings(write(tmp_path, World(0), CONSTANT, take="newest")))
    assert [(i.code, i.span.file) for i in read.issues if i.severity == "error"] == [
        ("run.not_yet", "rules/p/dimensions.yaml")
    ]


@pytest.mark.parametrize("column", ["note", "-"])
def test_a_computed_field_takes_no_column(column: str, tmp_path: Path) -> None:
    root = write(tmp_path, World(0), CONSTANT)
    with (root / "salesrules.toml").open("a", encoding="utf-8") as file:
        file.write(f'[sources.s.customer.columns]\ngrade = "{column}"\n')
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [issue.line() for issue in refused.value.issues] == [
        "salesrules.toml:12:1: source.computed_field: `grade` is computed by the pack and has no column: "
        "delete this line"
    ]


def test_a_guess_leaves_computed_fields_out(tmp_path: Path) -> None:
    root = write(tmp_path, World(0), CONSTANT)
    _csv(root / "new.csv", [{"id": "1", "grade": "a", "life": "成交", "bought": 3, "note": "x"}], "utf-8")
    text = (root / "salesrules.toml").read_text(encoding="utf-8")
    bare = text.replace('[sources.s.customer]\nfile = "customer.csv"\n', "")
    (root / "salesrules.toml").write_text(bare, encoding="utf-8")
    (said,) = guess_mappings(read_settings(root), None, [root / "new.csv"], "en", "customer", None)
    assert not any(line.startswith(("grade", "life")) for line in said.splitlines())
    assert "grade, life" in said  # among the columns that no field takes


def test_rules_that_change_are_computed_anew(tmp_path: Path) -> None:
    for member in ("a", "c"):
        workspace = Workspace.open(write(tmp_path, World(0), f"{{is: {member}}}"))
        assert {row[0] for row in workspace.see(workspace.person("p1"), "customer", None, columns="grade").rows} == {
            member
        }
        workspace.engine.close()
