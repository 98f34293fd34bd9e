"""Posts from several tables, labels beside a table of members, and value tables without keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from salesrules.issue import PackError
from salesrules.load import load
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.tiny_company import make

POSTS = "posts: {file: data/post.csv}"
SEVERAL = """posts:
  - {file: data/staff.csv, columns: {region: "-", from: "-", to: "-"}}
  - {file: data/patch.csv, role: rep, to_inclusive: true}
"""
STAFF = "person,role\nP-3,auditor\nP-2,auditor\n"
PATCH = "person,region,from,to\nP-1,上海,2020-01-01,2020-12-31\nP-1,华南,2021-01-01,\n"


def company(folder: Path, staff: str = STAFF, patch: str = PATCH, posts: str = SEVERAL) -> Path:
    root = make(folder)
    (root / "data/staff.csv").write_text(staff, encoding="utf-8")
    (root / "data/patch.csv").write_text(patch, encoding="utf-8")
    rewrite(root / "rules/tiny/roles.yaml", POSTS, posts)
    return root


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_posts_come_from_every_table_each_with_its_own_role_and_days(tmp_path: Path) -> None:
    opened = Workspace.open(company(tmp_path))
    assert opened.rejects == ()
    posts = opened.snapshot.organisation.posts
    assert {person: [(p.role, p.scope["region"], p.start, p.end) for p in held] for person, held in posts.items()} == {
        "P-3": [("auditor", None, None, None)],
        "P-2": [("auditor", None, None, None)],
        "P-1": [
            ("rep", "上海", date(2020, 1, 1), date(2021, 1, 1)),
            ("rep", "华南", date(2021, 1, 1), None),
        ],
    }
    assert opened.see(opened.person("P-1", date(2020, 12, 31)), "customer").keys == ("C-1", "C-2")
    assert opened.see(opened.person("P-1", date(2021, 1, 1)), "customer").keys == ("C-1", "C-4")


def test_a_line_that_opens_nothing_is_told_with_its_own_table(tmp_path: Path) -> None:
    staff = STAFF + "P-9,auditor\nP-4,rep\n"  # nobody; and a role whose scope this table does not have
    patch = PATCH + "P-1,北方,,\nP-1,华南,2022-01-01,2022-06-30\n"  # no such region; held already on those days
    opened = Workspace.open(company(tmp_path, staff, patch))
    assert {(r.entity, r.field, r.reason, r.example) for r in opened.rejects} == {
        ("post", "person", "reject.dangling", "P-9"),
        ("post", "region", "reject.no_scope", "None"),
        ("post 2", "region", "reject.unknown_member", "北方"),
        ("post 2", "person", "reject.post_twice", "P-1"),
    }
    written = {
        (table.entity, Path(row.file).name, row.row, row.cells[0])
        for table in Overseer(opened).rejected()
        for row in table.rows
    }
    assert written == {
        ("post", "staff.csv", 4, "P-9"),
        ("post", "staff.csv", 5, "P-4"),
        ("post 2", "patch.csv", 4, "P-1"),
        ("post 2", "patch.csv", 5, "P-1"),
    }
    assert {"post", "post 2"} < {*Overseer(opened).tables()}


def test_a_table_of_one_role_has_no_column_for_it(tmp_path: Path) -> None:
    posts = "posts: [{file: data/patch.csv, role: rep, columns: {role: person}}]"
    with pytest.raises(PackError) as refused:
        Workspace.open(company(tmp_path, posts=posts))
    assert [issue.code for issue in refused.value.issues] == ["source.unknown_field"]


@pytest.mark.parametrize(("first", "second"), [(POSTS, SEVERAL), (SEVERAL, POSTS), (POSTS, POSTS)])
def test_posts_that_stand_in_two_files_name_both(tmp_path: Path, first: str, second: str) -> None:
    root = company(tmp_path, posts=first)
    line = (root / "rules/tiny/roles.yaml").read_text(encoding="utf-8").splitlines()[0]
    (root / "rules/tiny/staff.yaml").write_text(f"{line}\n{second}\n", encoding="utf-8")
    _, issues = load(root / "rules/tiny", root / "policies/tiny", root)
    (issue,) = issues
    assert (issue.code, issue.span.file) == ("pack.twice", "rules/tiny/staff.yaml")
    assert issue.other is not None
    assert issue.other.file == "rules/tiny/roles.yaml"


def test_lists_of_posts_in_two_files_are_one_list(tmp_path: Path) -> None:
    root = company(tmp_path, posts="posts: [{file: data/patch.csv, role: rep}]")
    line = (root / "rules/tiny/roles.yaml").read_text(encoding="utf-8").splitlines()[0]
    more = 'posts: [{file: data/staff.csv, columns: {region: "-", from: "-", to: "-"}}]'
    (root / "rules/tiny/staff.yaml").write_text(f"{line}\n{more}\n", encoding="utf-8")
    assert {*Workspace.open(root).snapshot.organisation.posts} == {"P-1", "P-2", "P-3"}


def test_labels_stand_beside_a_table_of_members(tmp_path: Path) -> None:
    root = make(tmp_path)
    path = root / "rules/tiny/dimensions.yaml"
    rewrite(path, "{file: data/region.csv}", "{file: data/region.csv, labels: {华东: {en: East, zh: 华东区}}}")
    (root / "data/customer.csv").write_text("id,name,region,owner,phone\nC-1,x,East,P-1,1\n", encoding="utf-8")
    (root / "data/order.csv").write_text("number,line,customer,amount\n", encoding="utf-8")
    opened = Workspace.open(root)
    labels = {m.id: m.label and (m.label.en, m.label.zh) for m in opened.pack.dimensions["region"].members}
    assert labels == {"华东": ("East", "华东区"), "上海": None, "华南": None}
    assert opened.see(opened.person("P-1"), "customer", columns="region").rows == (("华东",),)  # a label is a name too
    rewrite(path, "{华东:", "{华中:")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    (issue,) = refused.value.issues
    assert (issue.code, issue.span.line) == ("dimension.unknown_member", 5)


def test_a_value_table_without_keys_has_one_value_a_day(tmp_path: Path) -> None:
    root = make(tmp_path)
    line = "# yaml-language-server: $schema=../../salesrules/schema/tables.schema.json\n"
    table = "tables: {floor: {label: {en: f, zh: f}, keys: [], value: money, file: data/floor.csv}}\n"
    (root / "rules/tiny/tables.yaml").write_text(line + table, encoding="utf-8")
    floor = root / "data/floor.csv"
    floor.write_text("from,to,value\n2020-01-01,2021-01-01,1000\n2021-01-01,,4000\n", encoding="utf-8")
    rewrite(root / "rules/tiny/kpis.yaml", "sum(amount)", "count(*) filter (where amount >= floor())")
    rewrite(root / "rules/tiny/kpis.yaml", "unit: CNY", "unit: orders")
    rewrite(root / "data/post.csv", "P-4,rep,上海,2001-01-01,2002-01-01", "P-4,manager,*,,")
    opened = Workspace.open(root)
    counts = [opened.kpi(opened.person("P-4", date(year, 6, 1)), "sales").rows[0][0] for year in (2019, 2020, 2021)]
    assert counts == [0, 4, 2]  # before its first day the table says nothing
    floor.write_text("from,to,value\n2020-01-01,2021-01-01,1000\n2020-12-31,,4000\n", encoding="utf-8")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [issue.code for issue in refused.value.issues] == ["table.tie"]
