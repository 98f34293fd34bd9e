"""Tests beside the rules: what holds, what fails and how it is told, and how much a pack's own tests notice."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.issue import PackError
from salesrules.packtest import Report, run_tests
from salesrules.packtest.figures import figure_word, same_figure
from salesrules.packtest.written import grant_text, why_lines
from tests.conftest import ROOT
from tests.tiny_company import FILES, make

LINE = "# yaml-language-server: $schema=../../../salesrules/schema/test.schema.json\n"
GIVEN = """\
now: 2026-03-15
org:
  region: {east: {shanghai: {}}, south: {}}
  person: {li: {name: 李娜}, wang: {}, zhao: {}, sun: {}}
  posts:
    - {person: li, role: rep, region: shanghai}
    - {person: wang, role: manager, region: east}
    - {person: zhao, role: auditor}
    - {person: sun, role: rep, region: "*", to: 2026-01-01}
records:
  customer:
    c1: {owner: li, region: shanghai, phone: "0138"}
    c2: {owner: wang, region: shanghai, name: null, phone: "139"}
    c3: {region: south}
  order:
    S1/1: {customer: c1, amount: 1_000.50}
    S1/2: {customer: c1, amount: 200}
    S2/1: {customer: c2, amount: 3000}
    S3/1: {customer: c3, amount: 40000}
access:
"""
HOLDS = [
    "{as: li, read: customer, sees: [c2, c1]}",
    "{as: li, read: customer, cells: {c1.phone: '0138', c1.name: null, c2.owner: wang}, hidden: [c2.phone]}",
    "{as: li, read: order, sees: [S1/1, S1/2], cells: {S1/1.amount: 1000.50, S1/2.amount: 200.00, S1/2.line: 2}}",
    "{as: wang, read: customer, sees: [c1, c2], cells: {c2.phone: 139}}",
    "{as: zhao, read: customer, sees: []}",
    "{as: sun, read: customer, refused: true}",
    "{as: sun, at: 2025-12-31, read: customer, sees: [c1, c2, c3], hidden: [c3.phone]}",
    "{as: li, can: read, customer: c1, field: phone}",
    "{as: li, can: [read, export], customer: [c3], is: false}",
    "{as: li, can: [update, export, assign], customer: [c1, c2], is: false}",
    "{as: sun, can: read, customer: c1, is: false}",
    "{as: li, kpi: sales, is: 1200.5}",
    "{as: wang, kpi: sales, is: 4_200.50}",
    "{as: zhao, kpi: sales, is: too_few}",
    "{as: zhao, kpi: sales, by: customer.region, is: {hidden: too_few}, total: too_few}",
    "{as: wang, kpi: sales, by: [customer.region, customer.owner], is: {shanghai/li: 1200.50, shanghai/wang: 3000}}",
    "{as: li, kpi: sales, by: customer.phone, is: {'0138': 1200.50}}",
    "{as: zhao, kpi: sales, by: customer.phone, refused: true}",
]


def workspace(folder: Path, expectations: list[str], given: str = GIVEN) -> Path:
    root = make(folder)
    path = root / "rules/tiny/tests/access_test.yaml"
    path.parent.mkdir()
    path.write_text(LINE + given + "".join(f"  - {line}\n" for line in expectations), encoding="utf-8")
    return root


def ran(folder: Path, expectations: list[str], given: str = GIVEN, mutate: bool = False) -> Report:
    return run_tests(workspace(folder, expectations, given), None, "", mutate, lambda done, of: None)


def told(report: Report) -> list[str]:
    failures = [f for file in report.files for outcome in file.outcomes for f in outcome.failures]
    return [f"{f.issue.span.column}: {f.issue.text()}" for f in failures]


def test_what_is_so_holds(tmp_path: Path) -> None:
    report = ran(tmp_path, HOLDS)
    assert told(report) == []
    assert len(report.files[0].outcomes) == len(HOLDS)


@pytest.mark.parametrize(
    ("expectation", "failures"),
    [
        ("{as: li, read: customer, sees: [c1]}", ["5: `li` should see c1 of `customer`, and sees c1, c2"]),
        (
            "{as: li, read: customer, sees: [c1, c2, c3]}",
            ["5: `li` should see c1, c2, c3 of `customer`, and sees c1, c2"],
        ),
        ("{as: zhao, read: customer, sees: [c1]}", ["5: `zhao` should see c1 of `customer`, and sees nothing"]),
        ("{as: li, read: customer, sees: []}", ["5: `li` should see nothing of `customer`, and sees c1, c2"]),
        (
            "{as: li, read: customer, cells: {c1.phone: 138}}",
            ["38: `li` should be shown 138 in c1.phone, and is shown 0138"],
        ),
        (
            "{as: li, read: customer, cells: {c2.phone: '139', c3.phone: null, c1.name: x}}",
            [
                "38: `li` should be shown 139 in c2.phone, and is shown that it is hidden",
                "55: `li` should be shown nothing in c3.phone, and is shown that it is hidden",
                "71: `li` should be shown x in c1.name, and is shown nothing",
            ],
        ),
        (
            "{as: li, read: customer, hidden: [c1.phone, c3.phone]}",
            [
                "39: c1.phone should be hidden from `li`, who is shown 0138",
                "49: `li` does not see c3 at all, so nothing of it is hidden: c3.phone",
            ],
        ),
        (
            "{as: li, read: order, cells: {S1/1.amount: 1000.5001}}",
            ["35: `li` should be shown 1000.5001 in S1/1.amount, and is shown 1000.50"],
        ),
        (
            "{as: li, read: order, cells: {S1/1.amount: much}}",
            ["35: `li` should be shown much in S1/1.amount, and is shown 1000.50"],
        ),
        ("{as: sun, read: customer, sees: []}", ["5: `sun` is refused"]),
        ("{as: li, read: customer, refused: true}", ["5: `li` should be refused, and is not"]),
        (
            "{as: li, can: read, customer: c1, is: false}",
            ["5: `li` should not be allowed to read c1 of `customer`, and is"],
        ),
        (
            "{as: li, can: [read, update], customer: [c1, c2], field: phone}",
            [
                "5: `li` should be allowed to read c2.phone of `customer`, and is not",
                "5: `li` should be allowed to update c1.phone of `customer`, and is not",
                "5: `li` should be allowed to update c2.phone of `customer`, and is not",
            ],
        ),
        ("{as: li, can: read, customer: c3}", ["5: `li` should be allowed to read c3 of `customer`, and is not"]),
        ("{as: sun, can: read, customer: c1}", ["5: `sun` is refused"]),
        ("{as: li, kpi: sales, is: 1200.49}", ["30: `li` should be told 1200.49 as `sales`, and is told 1200.50"]),
        ("{as: li, kpi: sales, is: too_few}", ["30: `li` should be told too_few as `sales`, and is told 1200.50"]),
        ("{as: li, kpi: sales, refused: true}", ["5: `li` should be refused, and is not"]),
        ("{as: zhao, kpi: sales, by: customer.phone, is: {'1': 1}}", ["5: `zhao` is refused"]),
        (
            "{as: wang, kpi: sales, by: customer.owner, is: {li: 1, zhao: 2}, total: 3}",
            [
                "77: `wang` should be told 3 as `sales`, and is told 4200.50",
                "53: `wang` should be told 1 as `sales` of `li`, and is told 1200.50",
                "60: `wang` should be told 2 as `sales` of `zhao`, and is told no such group",
                "5: `wang` should be told no such group as `sales` of `wang`, and is told 3000.00",
            ],
        ),
        (
            "{as: zhao, kpi: sales, by: customer.region, is: {hidden: 40000}}",
            ["54: `zhao` should be told 40000 as `sales` of `hidden`, and is told too_few"],
        ),
    ],
)
def test_what_is_not_so_fails(expectation: str, failures: list[str], tmp_path: Path) -> None:
    assert told(ran(tmp_path, [expectation])) == failures


@pytest.mark.parametrize(
    ("expected", "found", "holds"),
    [
        ("63%", 0.625, True),  # half away from zero, as the language rounds
        ("62%", 0.625, False),
        ("62.5%", 0.625, True),
        ("-0.63", -0.625, True),
        ("-0.62", -0.625, False),
        ("2", 2.5, False),
        ("3", 2.5, True),
        ("0.62", Decimal("0.625"), False),  # what is exact is not rounded
        ("1", float("inf"), False),
        ("1", 1e300, False),
    ],
)
def test_a_quotient_is_compared_to_what_is_written(expected: str, found: float, holds: bool) -> None:
    assert same_figure(expected, found) == holds


def test_a_figure_is_told_in_the_form_that_was_expected() -> None:
    words = [figure_word(0.625, "62%"), figure_word(Decimal("0.50"), "62%"), figure_word(0.625, "0.62")]
    assert words == ["62.5%", "50%", "0.625"]
    assert figure_word(None, "62%") == "none"


def test_a_failure_says_which_grants_are_behind_it(tmp_path: Path) -> None:
    report = ran(tmp_path, ["{as: li, read: customer, sees: [c1], hidden: [c1.phone]}"])
    why = [list(why_lines(report, failure, "en")) for failure in report.files[0].outcomes[0].failures]
    assert why == [
        [
            "may read basic profile of Customer c2",
            "  Sales representative is allowed to read it in slice mine: false here (policies/tiny/grants.csv:2:1)",
            "  Sales representative is allowed to read it in slice my patch: true here (policies/tiny/grants.csv:3:1)",
        ],
        [
            "may read contact details of Customer c1",
            "  Sales representative is allowed to read it in slice mine: true here (policies/tiny/grants.csv:2:1)",
        ],
    ]


ONE = ["{as: li, read: customer, sees: [c1, c2]}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{person: li, role", "{person: lu, role", "post.person: 1 references lead nowhere, for example `lu`"),
        ("role: auditor", "role: auditer", "no such role, for example `auditer`; did you mean `auditor`?"),
        ("role: rep, region: shanghai", "role: rep, region: shangai", "for example `shangai`; did you mean"),
        ("{person: li, role: rep, region: shanghai}", "{person: li, role: rep}", "the role needs a scope here"),
        ("role: auditor}", "role: auditor, regio: east}", "no role is bound to `regio`; did you mean `region`?"),
        ("region: {east", "regio: {east", "there is no dimension `regio`; did you mean `region`?"),
        ("{east: {shanghai: {}}, south: {}}", "{file: org/x.csv}", "a test writes the members of `region` out"),
        ("owner: li, region: shanghai", "owner: lee, region: shanghai", "for example `lee`"),
        ("owner: li, region: shanghai", "owner: li, region: shanhai", "`shanhai`; did you mean `shanghai`?"),
        ("amount: 200}", "amount: lots}", "not of the declared type, for example `lots`"),
        ('phone: "139"', 'phon: "139"', "there is no field `phon`; did you mean `phone`?"),
        ('phone: "139"', "phone: [{person: li}]", "`phone` is a field and takes one value"),
        ("  customer:", "  custome:", "there is no entity `custome`; did you mean `customer`?"),
        ("  customer:", "  person: {p1: {}}\n  customer:", "people stand under `org`, as `person`"),
        ("S2/1:", "S2:", "`S2` is no key of number/line"),
        ("as: li, read", "as: lii, read", "there is nobody with the id `lii`; did you mean `li`?"),
        ("read: customer", "read: customers", "there is no entity `customers`; did you mean `customer`?"),
        ("sees: [c1, c2]", "sees: [c1, c9]", "the test has no record `c9` of `customer`"),
        ("sees: [c1, c2]", "hidden: [c1]", "`c1` is no cell"),
        ("sees: [c1, c2]", "hidden: [c9.phone]", "the test has no record `c9` of `customer`"),
        ("sees: [c1, c2]", "cells: {c1.phon: 1}", "there is no field `phon`; did you mean `phone`?"),
        (", sees: [c1, c2]", "", "this expectation expects nothing"),
        ("read: customer, sees: [c1, c2]", "reads: customer", "unknown key `reads`; did you mean `read`?"),
        ("read: customer, sees: [c1, c2]", "can: raed, customer: c1", "there is no action `raed`; did you mean"),
        ("read: customer, sees: [c1, c2]", "can: read, custmer: c1", "there is no entity `custmer`"),
        ("read: customer, sees: [c1, c2]", "can: read, customer: c9", "the test has no record `c9`"),
        ("read: customer, sees: [c1, c2]", "can: read, customer: c1, field: fone", "there is no field `fone`"),
        ("read: customer, sees: [c1, c2]", "can: read", "say what may be done to which record"),
        ("read: customer, sees: [c1, c2]", "can: read, customer: c1, order: S1/1", "say what may be done to which"),
        ("read: customer, sees: [c1, c2]", "kpi: sale, is: 1", "there is no kpi `sale`; did you mean `sales`?"),
        ("read: customer, sees: [c1, c2]", "kpi: sales", "this expectation expects nothing"),
        ("read: customer, sees: [c1, c2]", "kpi: sales, is: {east: 1}", "with `by`, `is` names the figure of each"),
        ("read: customer, sees: [c1, c2]", "kpi: sales, by: customer.region, is: 1", "with `by`, `is` names the"),
        ("read: customer, sees: [c1, c2]", "kpi: sales, by: customer.regio, is: {x: 1}", "there is no field `regio`"),
        ("access:", "tables: {limits: []}\naccess:", "there is no value table `limits`"),
        ("access:", "targets: []\naccess:", "`targets` cannot be tested yet"),
        ("access:", "acess: []\naccess:", "unknown key `acess`; did you mean `access`?"),
        ("now: 2026-03-15", "now: tomorrow", "`tomorrow`"),
        ("test.schema.json", "kpis.schema.json", "unknown key `now`"),
    ],
)
def test_what_a_test_gets_wrong_is_told_at_its_place(old: str, new: str, said: str, tmp_path: Path) -> None:
    root = workspace(tmp_path, ONE)
    path = root / "rules/tiny/tests/access_test.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        run_tests(root, None, "", False, lambda done, of: None)
    found = next((issue for issue in refused.value.issues if said in issue.text()), None)
    assert found is not None, [issue.line() for issue in refused.value.issues]
    assert found.span.file == "rules/tiny/tests/access_test.yaml"
    line = next(i for i, (a, b) in enumerate(zip(text.split("\n"), changed.split("\n"), strict=False), 1) if a != b)
    assert line <= found.span.line <= line + new.count("\n") + ("kpis.schema" in new)


def test_members_of_the_pack_itself_are_not_brought(tmp_path: Path) -> None:
    root = workspace(tmp_path, ONE)
    path = root / "rules/tiny/dimensions.yaml"
    written = path.read_text(encoding="utf-8").replace("{file: data/region.csv}", "[shanghai, east, south]")
    path.write_text(written, encoding="utf-8")
    with pytest.raises(PackError, match="the pack itself lists the members of `region`"):
        run_tests(root, None, "", False, lambda done, of: None)


BESIDE = {
    "rules/tiny/entities.yaml": (
        "          order:\n",
        "            many: {team: {from: team, by: customer, fields: {person: person, share: percent}}}\n"
        "          order:\n",
    ),
    "policies/tiny/slices.yaml": (
        "          all:\n",
        "          joined:\n"
        "            label: {en: joined, zh: 我参与的}\n"
        '            rows: {customer: "some(team, person = user and share > 10%) and least(region) > 15%"}\n'
        "          all:\n",
    ),
    "policies/tiny/grants.csv": (
        "allow,rep,read,customer,*,mine,,,\n",
        "allow,rep,read,customer,*,mine,,,\n        allow,rep,read,customer,basics,joined,,,\n",
    ),
}
TABLES = """
    # yaml-language-server: $schema=../../salesrules/schema/tables.schema.json
    tables:
      least: {label: {en: least share, zh: 最低比例}, keys: [region], value: percent, file: tables/least.csv}
    """


@pytest.mark.parametrize(
    ("rows", "share", "seen"),
    [
        ("[{region: '*', value: 20%}]", "11%", "[c1, c2, c3]"),
        ("[{region: '*', value: 20%}]", "10%", "[c1, c2]"),
        ("[{region: '*', value: 20%}, {region: south, value: 5%}]", "11%", "[c1, c2]"),
        ("[{region: '*', value: 20%, from: 2026-03-15}]", "90%", "[c1, c2, c3]"),
        ("[{region: '*', value: 20%, to: 2026-03-15}]", "90%", "[c1, c2]"),
        ("[]", "90%", "[c1, c2]"),
    ],
)
def test_rows_beside_records_and_value_tables(rows: str, share: str, seen: str, tmp_path: Path) -> None:
    given = GIVEN.replace("c3: {region: south}", f"c3: {{region: south, team: [{{person: li, share: {share}}}]}}")
    given = given.replace("access:", f"tables: {{least: {rows}}}\naccess:")
    root = workspace(tmp_path, [f"{{as: li, read: customer, sees: {seen}}}"], given)
    for name, (old, new) in BESIDE.items():
        text = FILES[name]
        assert old in text
        (root / name).write_text(dedent(text.replace(old, new)).lstrip(), encoding="utf-8")
    (root / "rules/tiny/tables.yaml").write_text(dedent(TABLES).lstrip(), encoding="utf-8")
    assert told(run_tests(root, None, "", False, lambda done, of: None)) == []


def test_what_no_expectation_leans_on_is_listed(tmp_path: Path) -> None:
    report = ran(tmp_path, ["{as: li, read: customer, sees: [c1, c2]}"])
    assert [(grant.span.line, grant_text(grant)) for grant in report.uncovered] == [
        (4, "allow,rep,read,order,deal,mine"),
        (5, "allow,manager,read,customer,*,my_patch"),
        (6, "allow,manager,read,order,deal,my_patch"),
        (7, "allow,auditor,aggregate,order,deal,all"),
        (8, "allow,auditor,aggregate,customer,basics,all"),
    ]


def test_what_fails_covers_nothing(tmp_path: Path) -> None:
    report = ran(tmp_path, ["{as: li, read: customer, sees: [c1]}"])
    assert len(report.uncovered) == len(report.grants) == 7


@pytest.mark.parametrize(
    ("expectations", "unnoticed"),
    [
        (["{as: li, read: customer, hidden: [c2.phone]}"], ["2 dropped", "2 flipped", "3 widened"]),
        (["{as: li, read: customer, sees: [c1, c2]}"], ["2 dropped"]),
        (["{as: li, read: customer, sees: [c1, c2], cells: {c1.phone: '0138'}}"], []),
        (
            ["{as: zhao, read: customer, sees: []}"],
            ["2 dropped", "2 flipped", "2 widened", "3 dropped", "3 flipped", "3 widened"],
        ),
    ],
)
def test_changes_of_grants_that_nothing_notices(expectations: list[str], unnoticed: list[str], tmp_path: Path) -> None:
    report = ran(tmp_path, expectations, mutate=True)
    found = sorted(f"{m.grant.span.line} {m.change}" for m in report.mutants if not m.noticed)
    assert [line for line in found if line[0] in "23"] == unnoticed
    # a line that is given on all rows already is not widened
    assert {m.grant.span.line for m in report.mutants if m.change != "widened"} == {*range(2, 9)}
    assert {m.grant.span.line for m in report.mutants if m.change == "widened"} == {*range(2, 7)}


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "rules").iterdir()))
def test_a_pack_that_comes_with_the_product_proves_every_grant(name: str, tmp_path: Path) -> None:
    report = run_tests(tmp_path, name, "", True, lambda done, of: None)
    assert told(report) == []
    assert [grant_text(grant) for grant in report.uncovered] == []
    unnoticed = [f"{grant_text(m.grant)} {m.change}" for m in report.mutants if not m.noticed]
    if (
        name == "standard"
    ):  # what a deny forbids that nothing allows, and a slice that reaches no further in the example
        assert len(unnoticed) < len(report.mutants) / 20
    else:
        assert unnoticed == []
    assert report.mutants


def typed(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["test", "--workspace", str(root), *words])


def test_the_verb_ends_as_it_says(tmp_path: Path) -> None:
    root = workspace(tmp_path, [*HOLDS, "{as: li, kpi: sales, is: 7, note: lucky}"])
    failed = typed(root, "--uncovered")
    assert failed.exit_code == 4
    assert "rules/tiny/tests/access_test.yaml: 1 of 19 expectations fail" in failed.stdout
    assert "access_test.yaml:40:30: test.figure: `li` should be told 7 as `sales`, and is told 1200.50" in failed.stdout
    assert "\n  lucky\n" in failed.stdout
    assert "grants covered: 7 of 7" in failed.stdout
    assert typed(root, "--lang", "zh").stdout.count("19 条期望中有 1 条不成立") == 1
    assert typed(root, "-k", "sales").exit_code == 2
    assert typed(root, "tiny", "-k", "access").exit_code == 4
    (root / "rules/tiny/tests/access_test.yaml").unlink()
    assert "has no tests" in typed(root).stderr
    (root / "rules/tiny/tests/access.yaml").write_text("now: 1", encoding="utf-8")
    (root / "rules/tiny/tests/other_test.yaml").write_text(LINE + "now: 1", encoding="utf-8")
    broken = typed(root)
    assert broken.exit_code == 3
    assert "call it tests/access_test.yaml" in broken.stderr
    assert typed(root, "tine").exit_code == 3


def test_other_programs_read_the_same(tmp_path: Path) -> None:
    root = workspace(tmp_path, ["{as: li, read: customer, sees: [c1]}", "{as: li, kpi: sales, is: 1200.50}"])
    found = json.loads(typed(root, "--output", "json").stdout)
    assert (found["pack"], found["expectations"], found["failed"]) == ("tiny", 2, 1)
    (failure,) = found["files"][0]["failures"]
    assert (failure["code"], failure["line"], failure["column"]) == ("test.sees", 22, 5)
    assert failure["why"][0] == "may read basic profile of Customer c2"
    assert found["grants"]["uncovered"][0]["grant"] == "allow,rep,read,customer,*,mine"
    suite = fromstring(typed(root, "--output", "junit").stdout)[0]
    assert dict(suite.attrib) | {"time": ""} == {
        "name": "rules/tiny/tests/access_test.yaml",
        "tests": "2",
        "failures": "1",
        "time": "",
    }
    assert [(case.get("name"), len(case)) for case in suite] == [("22: li read customer", 1), ("23: li kpi sales", 0)]
    mutated = json.loads(typed(root, "--mutate", "--output", "json").stdout)
    assert "changes" not in mutated  # what fails already notices everything
