"""What users get wrong, each with the place and the words they are told; nothing is half-loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from salesrules.demo import make
from salesrules.issue import AccessDenied, PackError, QuestionError
from salesrules.workspace import Workspace
from tests.conftest import ROOT

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """A copy of the demo workspace with its own pack `standard`, in which one text of one file is replaced."""
    make(tmp_path)
    for folder in ("rules", "policies"):
        shutil.copytree(ROOT / folder / "standard", tmp_path / folder / "standard", dirs_exist_ok=True)

    def replace(file: str, old: str, new: str) -> Path:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return replace


CASES = [
    (
        "policies/standard/slices.yaml",
        "customer: owner = user",
        "customer: ownr = user",
        "policies/standard/slices.yaml:6:17: expr.unknown_field: unknown field `ownr` in `customer`;"
        " did you mean `owner`?",
    ),
    (
        "rules/standard/kpis.yaml",
        "sum(amount)",
        "sum(amout)",
        "rules/standard/kpis.yaml:7:18: expr.unknown_field: unknown field `amout` in `order_line`;"
        " did you mean `amount`?",
    ),
    (
        "rules/standard/kpis.yaml",
        "order.status <> 'cancelled'",
        "order.status <> 'canceled'",
        "rules/standard/kpis.yaml:7:56: expr.unknown_member: dimension `order_status` has no member `canceled`;"
        " did you mean `cancelled`?",
    ),
    (
        "policies/standard/grants.csv",
        "allow,regional_manager,read,customer",
        "allow,regional_manger,read,customer",
        "policies/standard/grants.csv:6:1: grant.unknown_role: role `regional_manger` is not declared;"
        " did you mean `regional_manager`?",
    ),
    (
        "policies/standard/grants.csv",
        "read,customer,*,mine",
        "read,customer,*,mien",
        "policies/standard/grants.csv:3:1: grant.unknown_slice: slice `mien` is not declared; did you mean `mine`?",
    ),
    (
        "policies/standard/grants.csv",
        "allow,sales_rep,read,customer,*,mine,,,",
        "allow,sales_rep,read,customer,*,mine",
        "policies/standard/grants.csv:3:1: csv.columns: the line has 6 cells, the header 9",
    ),
    (
        "salesrules.toml",
        'file = "customer.csv"',
        'file = "customers.csv"',
        "salesrules.toml:11:1: source.no_file: there is no file {root}/data/customers.csv",
    ),
    (
        "data/customer.csv",
        "id,name,owner",
        "idd,name,owner",
        "salesrules.toml:10:1: source.no_column: customer.csv has no column `id`; did you mean `idd`?",
    ),
    (
        "data/person.csv",
        "Zhao Min,,",
        "Zhao Min,P-0001,",
        "data/person.csv:2:20: tree.cycle: in the tree of person each of these lies below the next: P-0001 → P-0001",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), CASES, ids=[case[3].split(": ")[1] for case in CASES])
def test_each_mistake_names_its_place(spoil: Spoil, file: str, old: str, new: str, expected: str) -> None:
    root = spoil(file, old, new)
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [issue.line() for issue in refused.value.issues] == [expected.format(root=root)]


def test_all_mistakes_come_at_once_in_the_order_of_the_files(spoil: Spoil) -> None:
    spoil("policies/standard/slices.yaml", "customer: owner = user", "customer: ownr = user")
    root = spoil("rules/standard/kpis.yaml", "sum(amount)", "sum(amout)")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    places = [str(issue.span) for issue in refused.value.issues]
    assert places == ["policies/standard/slices.yaml:6:17", "rules/standard/kpis.yaml:7:18"]


def test_a_person_without_a_post_sees_nothing_and_is_told_why(spoil: Spoil) -> None:
    root = spoil(
        "org/posts.csv",
        "P-0005,sales_rep,shanghai,,,,2024-01-01,",
        "P-0005,sales_rep,shanghai,,,,2024-01-01,2026-02-01",
    )
    with pytest.raises(AccessDenied, match=r"access.no_post: `P-0005` holds no post on 2\d{3}-"):
        Workspace.open(root).person("P-0005")


def test_a_post_that_cannot_be_read_opens_nothing_and_is_counted(spoil: Spoil) -> None:
    root = spoil("org/posts.csv", "P-0005,sales_rep,shanghai", "P-0005,sales_rep,")
    workspace = Workspace.open(root)
    found = [(reject.field, reject.reason, reject.rows) for reject in workspace.rejects if reject.entity == "post"]
    assert found == [("region", "reject.no_scope", 1)]
    with pytest.raises(AccessDenied, match=r"access.post_unreadable"):
        workspace.person("P-0005")


def test_rows_that_cannot_be_read_are_left_out_and_counted(spoil: Spoil) -> None:
    spoil("data/opportunity.csv", "O-00001,", "O-00002,")
    spoil("data/customer.csv", ",shanghai,", ",shanghia,")
    workspace = Workspace.open(spoil("data/opportunity.csv", "O-00003,C-", "O-00003,X-"))
    found = {(reject.entity, reject.field, reject.reason): reject.rows for reject in workspace.rejects}
    assert found["opportunity", "id", "reject.duplicate_key"] == 2
    assert found["customer", "region", "reject.unknown_member"] == 3
    assert found["opportunity", "customer", "reject.dangling"] >= 1


def test_a_question_about_nothing_known_says_what_is_near(demo_folder: tuple[Path, object]) -> None:
    workspace = Workspace.open(demo_folder[0])
    person = workspace.person("P-0005")
    with pytest.raises(QuestionError, match=r"no entity `custmer`; did you mean `customer`"):
        workspace.see(person, "custmer")
    with pytest.raises(QuestionError, match=r"no kpi `sined`; did you mean `signed`"):
        workspace.kpi(person, "sined")
    with pytest.raises(AccessDenied, match=r"nobody with the id `P-00055`"):
        workspace.person("P-00055")
