"""One mistake is told once, where it stands, and what follows from it is not told beside it."""

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import AccessDenied, PackError
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.web_pages import AUDITOR, MANAGER

WHOLE = "          all:\n".replace("          ", "  ")
MADE_OF = """  both:
    label: {en: both, zh: 两者}
    rows: {customer: slice(my_patch) or slice(mine)}
  more:
    label: {en: more, zh: 更多}
    rows: {customer: slice(both), order: via customer}
"""
MISTAKES = [
    (
        {
            "policies/tiny/slices.yaml": {
                "within(region, post.region)": "within(region, post.regoin)",
                WHOLE: MADE_OF + WHOLE,
            }
        },
        [("policies/tiny/slices.yaml", 8, "expr.unknown_post_field", "region")],
    ),
    (
        {"policies/tiny/slices.yaml": {WHOLE: MADE_OF.replace("slice(mine)", "slice(mien)") + WHOLE}},
        [("policies/tiny/slices.yaml", 11, "expr.unknown_slice", "mine")],
    ),
    (
        {
            "rules/tiny/roles.yaml": {
                "{label: {en: Sales rep": "{lable: {en: Sales rep",
                "{label: {en: Aud": "{lable: {en: Aud",
            }
        },
        [("rules/tiny/roles.yaml", line, "yaml.unknown_key", "label") for line in (3, 5)],
    ),
    (
        {"salesrules.toml": {"[sources.tiny.customer]": "[sources.tiny.custmer]"}},
        [("salesrules.toml", 1, "source.unbound", None), ("salesrules.toml", 6, "source.unknown_entity", "customer")],
    ),
]


@pytest.mark.parametrize(("changes", "told"), MISTAKES, ids=lambda value: next(iter(value), ""))
def test_what_follows_from_a_mistake_is_not_told_beside_it(tmp_path, changes, told):
    with pytest.raises(PackError) as raised:
        Workspace.open(tiny_company.make(tmp_path, changes))
    assert [(i.span.file, i.span.line, i.code, i.near) for i in raised.value.issues] == told


def test_a_binding_that_no_entity_reads_is_doubted(tmp_path):
    more = {"salesrules.toml": {"[sources.tiny.order]": '[sources.tiny.visit]\nfile = "v.csv"\n[sources.tiny.order]'}}
    root = tiny_company.make(tmp_path, more)
    told = CliRunner().invoke(main, ["validate", "--workspace", str(root)])
    assert "salesrules.toml:8:1: source.unknown_entity: the pack has no entity `visit`" in told.stderr
    assert told.exit_code == 0


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("why", "--as", AUDITOR, "customer", "C-1", "--person", "李娜"), ["    1 | 李娜", "        ^^^^"]),
        (("validate", "--pack", "nosuchpack"), ["    1 | nosuchpack", "        ^^^^^^^^^^"]),
        (("test", "nosuchpack"), []),
    ],
)
def test_the_line_below_an_error_is_what_it_is_about(tmp_path, words, shown):
    audit = {"allow,auditor,aggregate,order": "allow,auditor,audit,customer,*,all,,,\nallow,auditor,aggregate,order"}
    root = tiny_company.make(tmp_path, {"policies/tiny/grants.csv": audit})
    told = CliRunner().invoke(main, [*words, "--workspace", str(root)]).stderr.splitlines()
    assert len(told) == 1 + len(shown)
    assert told[1:] and told[1] == shown[0] if shown else "nosuchpack" in told[0]


def test_a_refusal_names_the_figure_or_its_groups(tmp_path):
    workspace = Workspace.open(tiny_company.make(tmp_path))
    auditor, manager = workspace.person(AUDITOR), workspace.person(MANAGER)
    assert workspace.kpi(manager, "sales", ("customer.phone",)).total == 3
    with pytest.raises(AccessDenied) as raised:
        workspace.kpi(auditor, "sales", ("customer.region", "customer.phone"))
    (issue,) = raised.value.issues
    assert issue.line() == (
        "--by:1:1: access.by_refused: to group by customer.region, customer.phone is to read the category `contact` "
        "of `customer`, which no grant opens to you"
    )
