"""What people are shown as a name is taken as one: labels of fields, also those of their dimension, and of nouns."""

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import QuestionError
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.web_pages import MANAGER


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return tiny_company.make(tmp_path_factory.mktemp("tiny"))


def said(company, *words):
    found = CliRunner().invoke(main, [*words, "--workspace", str(company), "--as", MANAGER])
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize("label", ["区域", "Region", "[Region]"])
def test_a_field_goes_by_the_label_of_its_dimension_where_it_has_none(company, label):
    words = ("see", "customer", "--columns", f"id,{label}", "--where", f"{label} = '上海'", "--sort", f"-{label}")
    assert said(company, *words) == said(
        company, "see", "customer", "--columns", "id,region", "--where", "region = '上海'", "--sort", "-region"
    )
    assert "C-1" in said(company, *words)
    assert said(company, "kpi", "sales", "--by", f"customer.{label}") == said(
        company, "kpi", "sales", "--by", "customer.region"
    )


@pytest.mark.parametrize(
    ("labelled", "plain"),
    [
        (("see", "客户"), ("see", "customer")),
        (("see", "Customer"), ("see", "customer")),
        (("kpi", "销售额"), ("kpi", "sales")),
        (("can", "read", "客户", "C-1", "--field", "电话"), ("can", "read", "customer", "C-1", "--field", "phone")),
        (("why", "客户", "C-1", "--field", "区域"), ("why", "customer", "C-1", "--field", "region")),
    ],
)
def test_verbs_take_labels_where_they_take_ids(company, labelled, plain):
    assert said(company, *labelled) == said(company, *plain)


def test_a_reason_names_a_field_as_lists_do(company):
    assert "C-1 的区域" in said(company, "why", "customer", "C-1", "--field", "region", "--lang", "zh")


def test_roles_go_by_their_labels(company):
    run = CliRunner().invoke
    words = ["matrix", "--workspace", str(company), "--role"]
    assert run(main, [*words, "审计"]).stdout == run(main, [*words, "auditor"]).stdout
    assert "did you mean `审计`?" in run(main, [*words, "审计员"]).stderr


def test_a_label_that_two_fields_show_is_asked_about(tmp_path):
    twice = {
        "      owner:  {": "      home: {type: member, dimension: region, category: basics}\n      owner:  {",
    }
    rows = {"owner,phone": "owner,home,phone", "P-1,": "P-1,,", "P-2,": "P-2,,", "华南,,": "华南,,,"}
    workspace = Workspace.open(
        tiny_company.make(tmp_path, {"rules/tiny/entities.yaml": twice, "data/customer.csv": rows})
    )
    with pytest.raises(QuestionError) as raised:
        workspace.see(workspace.person(MANAGER), "customer", where="Region = '上海'")
    assert raised.value.issues[0].code == "expr.two_meanings"


def test_a_heading_is_guessed_by_the_label_of_a_dimension(tmp_path):
    unbound = {"salesrules.toml": {'[sources.tiny.customer]\nfile = "customer.csv"\n': ""}}
    root = tiny_company.make(tmp_path, unbound)
    file = root / "data/客户.csv"
    file.write_text("编号,名称,区域,负责人\nC-1,远山机械,上海,P-1\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["import", "--guess", str(file), "--workspace", str(root)])
    assert 'region = "区域"' in told.stdout, told.output
