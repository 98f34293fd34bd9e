"""An organisation through time: split, merged and moved members, dated posts and values, and each day's answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal
from salesrules.issue import AccessDenied, PackError
from salesrules.phrases import member_text
from salesrules.sources import build
from salesrules.sources.org.lookups import lookup_sql
from salesrules.sources.rows import places
from salesrules.workspace import Workspace
from tests.tiny_company import make

REGIONS = """
id,parent,label_en,label_zh,tier,from,to,becomes
cn,,China,中国,,,,
east,cn,East,华东,1,,2026-07-01,shanghai_area|jiangzhe
shanghai_area,cn,Shanghai and around,沪区,1,2026-07-01,,
jiangzhe,cn,Jiangzhe,江浙,1,2026-07-01,,
shanghai,east,Shanghai,上海,2,,2026-07-01,
shanghai,shanghai_area,Shanghai,上海,2,2026-07-01,,
jiangsu,east,Jiangsu,江苏,2,,2026-07-01,
jiangsu,jiangzhe,Jiangsu,江苏,2,2026-07-01,,
north_anhui,cn,,皖北,2,,2026-04-01,anhui
south_anhui,cn,,皖南,2,,2026-04-01,anhui
hefei,north_anhui,,合肥,3,,,
anhui,cn,,安徽,2,2026-04-01,,
"""
POSTS = """
person,role,region,from,to
P-1,rep,east,,2026-07-01
P-1,rep,shanghai_area,2026-07-01,
P-2,rep,anhui,,
P-3,rep,皖北,,
P-4,rep,cn,,
P-5,rep,jiangsu,2026-06-30,2026-07-01
P-6,rep,*,,
"""
CUSTOMERS = """
id,name,region,owner,phone
EAST,a,华东,,
SH,b,上海,,
JS,c,jiangsu,,
NA,d,north_anhui,,
AH,e,安徽,,
HF,f,合肥,,
NO,g,,,
"""
DAYS = ("2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")
SEEN = {  # person: what is seen on each of these days
    "P-1": ("EAST JS SH", "EAST JS SH", "EAST JS SH", "SH"),  # EAST is not told apart, so it opens to no part of it
    "P-2": ("", "AH HF NA", "AH HF NA", "AH HF NA"),  # what was merged, and lay below it, moves along
    "P-3": ("HF NA", "", "", ""),  # a post in what was merged does not grow
    "P-4": ("EAST HF JS NA SH", "AH EAST HF JS NA SH", "AH EAST HF JS NA SH", "AH HF JS NA SH"),
    "P-5": (None, None, "JS", None),  # a post of one day
    "P-6": ("EAST HF JS NA SH", "AH EAST HF JS NA SH", "AH EAST HF JS NA SH", "AH HF JS NA SH"),
}


def written(root: Path, **files: str) -> Path:
    """The tiny company with other rows; a file is named like `customer` for data/customer.csv."""
    make(root)
    people = "id,name\n" + "".join(f"P-{n},n{n}\n" for n in range(1, 7))
    order = "number,line,customer,amount\n" + "".join(
        f"{key},1,{key},1\n" for key in ("EAST", "SH", "JS", "NA", "AH", "HF", "NO")
    )
    rows = {"region": REGIONS, "post": POSTS, "customer": CUSTOMERS, "person": people, "order": order, **files}
    for name, text in rows.items():
        (root / "data" / f"{name}.csv").write_text(text.lstrip(), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(written(tmp_path_factory.mktemp("dated")))


def seen(workspace: Workspace, person: str, day: str) -> str | None:
    """The customers of a person's list, which must be those that each question about one of them opens."""
    try:
        principal = workspace.person(person, date.fromisoformat(day))
    except AccessDenied:
        return None
    listed = sorted(str(key) for key in workspace.see(principal, "customer").keys)
    assert listed == [key for key in sorted(all_keys(workspace)) if opened(workspace, principal, key)]
    return " ".join(listed)


def all_keys(workspace: Workspace) -> list[str]:
    return [key for (key,) in workspace.engine.rows("SELECT id FROM customer")]


def opened(workspace: Workspace, principal: Any, key: str) -> bool:
    try:
        return workspace.can(principal, "read", "customer", key)
    except AccessDenied:
        return False


@pytest.mark.parametrize("person", SEEN)
def test_each_day_has_its_own_tree_and_its_own_posts(company: Workspace, person: str) -> None:
    assert tuple(seen(company, person, day) for day in DAYS) == SEEN[person]


def carry_places_of(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the records carry the places of a day, as if they had been read on it."""
    monkeypatch.setattr(build, "carry", lambda engine, pack, tables, _: places.carry(engine, pack, tables, day))


@pytest.mark.parametrize("carried", DAYS)
def test_it_is_the_same_from_the_table_of_the_tree_and_from_beside_the_records(
    tmp_path: Path, carried: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_places_of(date.fromisoformat(carried), monkeypatch)
    workspace = Workspace.open(written(tmp_path))
    assert workspace.snapshot.organisation.carried == date.fromisoformat(carried)
    assert {person: tuple(seen(workspace, person, day) for day in DAYS) for person in SEEN} == SEEN


def test_a_record_keeps_its_value_and_labels_are_values(company: Workspace) -> None:
    assert company.rejects == ()
    kept = dict(company.engine.rows("SELECT id, region FROM customer"))
    assert kept == {
        "EAST": "east",
        "SH": "shanghai",
        "JS": "jiangsu",
        "NA": "north_anhui",
        "AH": "anhui",
        "HF": "hefei",
        "NO": None,
    }


def test_what_a_table_says_of_a_member_is_what_people_are_shown(company: Workspace) -> None:
    (shanghai,) = (member for member in company.pack.dimensions["region"].members if member.id == "shanghai")
    assert (shanghai.parent, shanghai.attributes) == ("shanghai_area", {"tier": "2"})
    texts = {(id, lang): member_text(company.pack, "region", id, lang) for id in TOLD for lang in ("en", "zh")}
    assert [(texts[id, "en"], texts[id, "zh"]) for id in TOLD] == list(TOLD.values())


TOLD = {"shanghai": ("Shanghai", "上海"), "hefei": ("合肥", "合肥"), "none": ("none", "none")}


TWICE = "data/region.csv:4:1: dimension.overlap: member `b` of dimension `region` stands twice on the same days"
WRONG = {
    "id,parent,from,to\na,,,\nb,a,2026-01-01,2026-03-02\nb,,2026-03-01,\n": [
        f"{TWICE} (the other one: data/region.csv:3:1)"
    ],
    "id,parent\na,\nb,a\nb,a\n": [f"{TWICE} (the other one: data/region.csv:3:1)"],
    'id,parent,label\na,,"two\nlines"\nb,c,\n': [
        "data/region.csv:4:1: dimension.unknown_member: dimension `region` has no member `c`"
    ],
    "id,parent,from,to\na,,2026-13-01,\n\nb,,2026-03-01,2026-03-01\n": [
        "data/region.csv:2:1: table.bad_cell: table `region`: `2026-13-01` cannot stand in column `from`",
        "data/region.csv:4:1: dimension.ends_before_start: member `b` ends (2026-03-01) before it starts (2026-03-01)",
    ],
    "id,parent,from,to\na,b,2026-02-01,\nb,c,,\nc,,,2026-03-01\nc,a,2026-03-01,\nd,d,,\n": [
        "data/region.csv:6:1: tree.cycle: in the tree of region each of these lies below the next: d → d",
    ],
    "id,parent,from,to\na,b,2026-02-01,\nb,c,,\nc,,,2026-03-01\nc,a,2026-03-01,\n": [
        "data/region.csv:2:1: tree.cycle: in the tree of region each of these lies below the next: a → b → c → a",
    ],
}


@pytest.mark.parametrize("regions", WRONG)
def test_rows_that_contradict_each_other_are_told_with_their_lines(tmp_path: Path, regions: str) -> None:
    with pytest.raises(PackError) as refused:
        Workspace.open(written(tmp_path, region=regions))
    assert [issue.line() for issue in refused.value.issues] == WRONG[regions]


def dimensions(members: str) -> str:
    line = "# yaml-language-server: $schema=../../salesrules/schema/dimensions.schema.json"
    return f"{line}\ndimensions:\n  region: {{label: {{en: Region, zh: 区域}}, {members}}}\n"


_LEVEL = "{id: area, label: {en: Area, zh: 大区}}"
FLAT = [  # what is declared, and whether a table without the column `parent` will do
    ("members: {file: data/region.csv}", False),
    (f"levels: [{_LEVEL}, {_LEVEL.replace('area', 'city')}], members: {{file: data/region.csv}}", False),
    (f"levels: [{_LEVEL}], members: {{file: data/region.csv}}", True),
    ('members: {file: data/region.csv, columns: {parent: "-"}}', True),
    ("members: {file: data/region.csv, columns: {parent: up}}", True),
]


@pytest.mark.parametrize(("members", "reads"), FLAT)
def test_a_tree_is_flat_only_where_that_is_said(tmp_path: Path, members: str, reads: bool) -> None:
    regions = "id,up\n华东,\n上海,华东\n华南,\n"
    root = make(tmp_path)
    (root / "data/region.csv").write_text(regions, encoding="utf-8")
    (root / "rules/tiny/dimensions.yaml").write_text(dimensions(members), encoding="utf-8")
    if reads:
        assert Workspace.open(root).rejects == ()
        return
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    (issue,) = refused.value.issues
    assert (issue.code, issue.span.file, issue.span.line) == (
        "dimension.no_parent_column",
        "rules/tiny/dimensions.yaml",
        3,
    )


def test_what_loses_its_parent_is_told(tmp_path: Path) -> None:
    regions = "id,parent,from,to,becomes\na,,,2026-01-01,b|c\nb,,,,\nc,,,,\nx,a,,,\ny,b,,,\n"
    posts, customers = "person,role,region,from,to\nP-1,rep,*,,\n", "id,name,region,owner,phone\nX,,x,,\n"
    workspace = Workspace.open(written(tmp_path, region=regions, post=posts, customer=customers, order=ORDERS))
    found = [(reject.entity, reject.field, reject.reason, reject.rows, reject.example) for reject in workspace.rejects]
    assert found == [("region", "parent", "reject.no_parent", 1, "x")]


ORDERS = "number,line,customer,amount\n"
DOUBTFUL = {
    "P-1,rep,cn,2026-01-01,2026-03-01\nP-1,rep,cn,2026-02-01,": [("person", "reject.post_twice", 1, "P-1")],
    "P-1,rep,cn,2026-01-01,2026-02-01\nP-1,rep,cn,2026-02-01,": [],
    "P-1,rep,cn,,\nP-1,rep,east,,\nP-1,manager,cn,,": [],
    "P-1,rep,cn,2026-02-01,2026-02-01\nP-1,rep,cn,,": [("to", "reject.no_day", 1, "2026-02-01")],
}


@pytest.mark.parametrize("posts", DOUBTFUL)
def test_posts_that_say_the_same_twice_or_hold_on_no_day_are_told(tmp_path: Path, posts: str) -> None:
    workspace = Workspace.open(written(tmp_path, post=f"person,role,region,from,to\n{posts}\n"))
    found = [(reject.field, reject.reason, reject.rows, reject.example) for reject in workspace.rejects]
    assert found == DOUBTFUL[posts]


def test_to_may_be_the_last_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from salesrules.sources import cache

    def inclusive(*given: Any) -> dict[str, Any]:
        return {name: replace(binding, to_inclusive=True) for name, binding in bindings_of(*given).items()}

    bindings_of = cache.bindings_of
    monkeypatch.setattr(cache, "bindings_of", inclusive)
    regions = "id,parent,from,to\na,,,2026-06-30\nb,,2026-07-01,\nx,a,,2026-06-30\nx,b,2026-07-01,\n"
    posts = "person,role,region,from,to\nP-1,rep,a,,\nP-2,rep,b,,\nP-3,rep,x,2026-07-01,2026-07-01\n"
    customers = "id,name,region,owner,phone\nX,,x,,\n"
    limits = "region,value,from,to\na,1,,2026-06-29\na,2,2026-06-30,2026-07-01\n"
    root = written(tmp_path, region=regions, post=posts, customer=customers, order=ORDERS)
    workspace = with_limits(root, limits)
    days = ("2026-06-30", "2026-07-01", "2026-07-02")
    assert [[seen(workspace, f"P-{n}", day) for day in days] for n in (1, 2, 3)] == [
        ["X", "", ""],
        ["", "X", "X"],
        [None, "X", None],
    ]
    assert [limit(workspace, "a", day) for day in ("2026-06-29", *days)] == [1, 2, None, None]


TABLES = """\
# yaml-language-server: $schema=../../salesrules/schema/tables.schema.json
tables:
  limit: {label: {en: Limit, zh: 上限}, keys: [region], value: integer, file: data/limit.csv}
"""


def with_limits(root: Path, rows: str) -> Workspace:
    (root / "rules/tiny/tables.yaml").write_text(TABLES, encoding="utf-8")
    (root / "data/limit.csv").write_text(rows, encoding="utf-8")
    return Workspace.open(root)


def limit(workspace: Workspace, region: str, day: str) -> Any:
    """The limit of a region on a day, which must be the same in the engine as in Python."""
    on = date.fromisoformat(day)
    sql = lookup_sql(workspace.pack.tables["limit"], [literal(region)], literal(on), DUCKDB)
    ((found,),) = workspace.engine.rows(f"SELECT {sql}")
    assert found == workspace.snapshot.organisation.lookups.on(on)["limit"](region)
    return found


LIMITS = {  # region: its limit on each of these days
    "shanghai": (5, 5, 5, 20),  # below East, then below Shanghai and around
    "jiangsu": (5, 5, 5, 1),
    "east": (5, 5, 5, None),
    "hefei": (7, 30, 30, 30),
    "north_anhui": (7, 30, 30, 30),
    "anhui": (None, 30, 30, 30),
    "cn": (1, 1, 1, 1),
}


def test_values_are_found_in_the_tree_of_the_day(tmp_path: Path) -> None:
    rows = "region,value\ncn,1\n华东,5\nshanghai_area,20\nnorth_anhui,7\nanhui,30\n"
    workspace = with_limits(written(tmp_path), rows)
    assert {region: tuple(limit(workspace, region, day) for day in DAYS) for region in LIMITS} == LIMITS


def test_rows_that_tie_on_some_day_only_are_an_issue(tmp_path: Path) -> None:
    rows = "region,value,from,to\nshanghai,1,,2026-07-02\n上海,2,2026-07-01,\n"
    with pytest.raises(PackError) as refused:
        with_limits(written(tmp_path), rows)
    assert [issue.code for issue in refused.value.issues if issue.severity == "error"] == ["table.tie"]


def replaced(root: Path, file: str, *pairs: tuple[str, str]) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


UNITS = """\
  unit:
    label: {en: Department, zh: 部门}
    members: {file: data/dept.csv, columns: {id: dept_no, parent: up_no, label: name}}
"""
PEOPLE_FIELDS = """\
name: {type: text, category: basics}
      manager: {type: ref, to: person, category: basics}
      unit: {type: member, dimension: unit, category: basics}
      left_on: {type: date, category: basics}
"""


def with_two_trees(root: Path) -> Workspace:
    """A reporting line and departments with heads, and a manager who left on 2026-02-01."""
    written(
        root,
        person="id,name,manager,unit,left_on\nTOP,a,,,\nMID,b,TOP,,2026-02-01\nREP,c,MID,2,\nHEAD,d,,Sales,\n",
        customer="id,name,region,owner,phone\nC-1,x,,REP,\nC-2,y,,MID,\nC-3,z,,TOP,\n",
        order=ORDERS,
        post="person,role,region,from,to\n" + "".join(f"{id},rep,cn,,\n" for id in ("TOP", "MID", "REP", "HEAD")),
        dept="dept_no,up_no,name\n1,,Sales\n2,1,Inside sales\n",
    )
    name = "name: {type: text, category: basics, label: {en: Name, zh: 姓名}}\n"
    replaced(
        root,
        "rules/tiny/entities.yaml",
        (name, PEOPLE_FIELDS),
        ("销售人员}\n    key: id\n", "销售人员}\n    key: id\n    active_when: left_on is null or left_on > today()\n"),
    )
    rows = 'customer: "reports_to(owner, user) or within(owner.unit, user.unit)",'
    replaced(root, "policies/tiny/slices.yaml", ("customer: owner = user,", rows))
    with (root / "rules/tiny/dimensions.yaml").open("a", encoding="utf-8") as file:
        file.write(UNITS)
    return Workspace.open(root)


LINES = {  # who sees which customers while the manager in the middle is there, and after
    "TOP": ("C-1 C-2 C-3", "C-1 C-2 C-3"),  # those of whom reported to the one who left are still theirs
    "MID": ("C-1 C-2", None),
    "REP": ("C-1", "C-1"),
    "HEAD": ("C-1", "C-1"),  # the head of a department, by its tree
}


def test_the_reporting_line_goes_on_through_those_who_left(tmp_path: Path) -> None:
    workspace = with_two_trees(tmp_path)
    assert workspace.rejects == ()
    days = ("2026-01-31", "2026-02-01")
    assert {person: tuple(seen(workspace, person, day) for day in days) for person in LINES} == LINES


def test_old_names_and_labels_mean_members_in_records_and_in_posts(tmp_path: Path) -> None:
    regions = "id,parent,label,names\na,,Alpha,A1 | A2\nb,,Beta,\nc,,Same,\nd,,Same,\n"
    customers = "id,name,region,owner,phone\n1,,Alpha,,\n2,,A2,,\n3,,old,,\n4,,dirt,,\n5,,Same,,\n"
    posts = "person,role,region,from,to\nP-1,Sales representative,Alpha,,\nP-2,销售代表,old,,\nP-3,rep,dirt,,\n"
    root = written(tmp_path, region=regions, customer=customers, order=ORDERS, post=posts)
    replaced(
        root,
        "rules/tiny/dimensions.yaml",
        ("members: {file: data/region.csv}\n", "members: {file: data/region.csv}\n    rename: {old: a}\n"),
    )
    with (root / "rules/tiny/dimensions.yaml").open("a", encoding="utf-8") as file:
        file.write("aliases:\n  region: {dirt: b}\n")
    workspace = Workspace.open(root)
    assert workspace.engine.rows("SELECT id, region FROM customer ORDER BY id") == [
        *(("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"))
    ]
    assert [(r.reason, r.rows, r.example) for r in workspace.rejects] == [("reject.unknown_member", 1, "Same")]
    assert [seen(workspace, f"P-{n}", "2026-01-01") for n in (1, 2, 3)] == ["1 2 3", "1 2 3", "4"]


def test_a_new_name_that_is_no_member_is_an_issue(tmp_path: Path) -> None:
    root = written(tmp_path)
    replaced(root, "rules/tiny/dimensions.yaml", ("region.csv}\n", "region.csv}\n    rename: {old: shanghaj}\n"))
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [issue.line() for issue in refused.value.issues] == [
        "rules/tiny/dimensions.yaml:6:19: dimension.unknown_member: "
        "dimension `region` has no member `shanghaj`; did you mean `shanghai`?"
    ]
