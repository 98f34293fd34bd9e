"""Files as people get them wrong: the published schema refuses what the loader refuses, or the reason stands here."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from salesrules.load import read_file
from salesrules.load.schema import KINDS, kind_named_in
from tests.conftest import ROOT
from tests.yaml_core import core_data

BASE = ROOT / "tests" / "packs" / "everything"
FILES = sorted(
    path
    for place in ("rules", "policies", "tests/packs")
    for path in (ROOT / place).rglob("*.yaml")
    if kind_named_in(path.read_text("utf-8").split("\n", 1)[0])
)
TWICE = "JSON has no keys that stand twice: an editor sees the last one"
DAY = "an editor does not know which days a month has"
NOT_USED = "packs use no anchors, aliases, tags or several documents, which a schema cannot see"
CUT = "what YAML cut at a sign is data like any other for an editor"
ROOM = "4.0 and 0x10 are whole numbers where a schema sees them; the loader reads what is written"

# file, what is written there, what instead; True if both accept it, False if both refuse, else why only the loader does
CASES = [
    # text where YAML 1.1 saw something else
    ("pack.yaml", "currency: CNY", "currency: NO", True),
    ("pack.yaml", "calendar: cn", "calendar: off", True),
    ("pack.yaml", "calendar: cn", "calendar: 0123", True),
    ("pack.yaml", "calendar: cn", "calendar: 12:30", True),
    ("pack.yaml", "calendar: cn", "calendar: 1e4", True),
    ("pack.yaml", "version: 1.0.0", "version: 1.10", True),
    ("pack.yaml", "calendar: cn", "calendar: true", True),
    ("pack.yaml", "calendar: cn", "calendar: null", True),
    ("pack.yaml", "calendar: cn", "calendar:", True),
    ("pack.yaml", "calendar: cn", "calendar: ~", True),
    ("pack.yaml", "calendar: cn", "calendar: [cn]", False),
    ("pack.yaml", "calendar: cn", "calendar: {cn: cn}", False),
    ("pack.yaml", "calendar: cn", "calender: cn", False),
    ("pack.yaml", "calendar: cn", "calendar: cn\ncalendar: us", TWICE),
    ("pack.yaml", "pack: everything\n", "", False),
    ("pack.yaml", "week_basis: sunday", "week_basis: Sunday", False),
    ("pack.yaml", "fiscal_year_start: 04-01", "fiscal_year_start: 4", True),
    ("pack.yaml", "extends: []", "extends: base", True),
    ("pack.yaml", "extends: []", "extends: null", True),
    ("pack.yaml", "zh: 标准版(企业客户销售)", "zh: 标准版，企业客户（销售）", True),
    ("pack.yaml", "calendar: cn", "calendar：cn", False),
    ("pack.yaml", "currency: CNY", "currency: !!str CNY", NOT_USED),
    ("pack.yaml", "currency: CNY", "currency: &c CNY", NOT_USED),
    # entities
    ("entities.yaml", "id:         {type: text, category: basics}", "id: {type: string, category: basics}", False),
    ("entities.yaml", "id:         {type: text, category: basics}", "id: {type: text}", False),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: '4'}", True),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: 4.0}", ROOM),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: four}", False),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: 1_0}", True),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: 0x10}", ROOM),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: 99999999999999999999}", False),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: ４}", False),
    ("entities.yaml", "mask: {keep_last: 4}", "mask: {keep_last: true}", False),
    ("entities.yaml", "active_when: left_on is null", "active_when: true", True),
    ("entities.yaml", "active_when: left_on is null", "active_when: [left_on]", False),
    ("entities.yaml", "  customer:\n", "  客户:\n", True),
    ("entities.yaml", "  customer:\n", "  true:\n", True),
    ("entities.yaml", "  customer:\n", "  2026-01-01:\n", True),
    # dimensions
    ("dimensions.yaml", "from: 2024-01-01", "from: 2024-02-30", DAY),
    ("dimensions.yaml", "from: 2024-01-01", "from: 2024-1-1", DAY),
    ("dimensions.yaml", "from: 2024-01-01", "from: 20240101", False),
    ("dimensions.yaml", "members: {file: org/region.csv}", "members: {file: 3}", True),
    ("dimensions.yaml", "members: {file: org/region.csv}", "members: org/region.csv", False),
    ("dimensions.yaml", "names: [LineA]", "names: LineA", True),
    ("dimensions.yaml", "names: [LineA]", "names: [1, true, 2.50]", True),
    ("dimensions.yaml", "names: [LineA]", "names: [null]", False),
    # roles, slices, separation
    ("roles.yaml", "scope: [region, product]}\n  sales_m", "scope: region}\n  sales_m", True),
    ("roles.yaml", "posts: {source: hr, file: posts.csv", "posts: {source: hr", False),
    ("slices.yaml", "customer: owner = user", "customer: {owner: user}", False),
    ("slices.yaml", 'rows: {"*": "true"}', 'rows: {"*": true}', True),
    ("slices.yaml", 'rows: {"*": "true"}', "rows: {opportunity: within(region, post.region)}", False),
    ("separation.yaml", "max: 14d", "max: 14", False),
    ("separation.yaml", "max: 14d", "max: 14 d", False),
    ("separation.yaml", "max: 14d", "max: 2w", False),
    ("separation.yaml", "reason: optional", "reason: no", False),
    # tables and calendars
    ("tables.yaml", "min: 0", "min: zero", False),
    ("tables.yaml", "min: 0", "min: -1.5", True),
    ("tables.yaml", "min: 0", "min: .inf", False),
    ("tables.yaml", "min: 0", "min: 1e400", False),
    ("tables.yaml", "max: 10%", "max: １０％", False),
    ("tables.yaml", 'sat: ["09:00-12:00"]', 'sat: ["9-12"]', False),
    ("tables.yaml", 'sat: ["09:00-12:00"]', 'sat: "09:00-12:00"', True),
    ("tables.yaml", 'sat: ["09:00-12:00"]', 'sat: ["09:00-24:00"]', False),
    ("tables.yaml", 'sat: ["09:00-12:00"]', "sat: []", True),
    # processes, assignment
    ("stages.yaml", "probability: 10%", "probability: 0.1", False),
    ("stages.yaml", "probability: 10%", "probability: 10", False),
    ("stages.yaml", "required: true", "required: yes", False),
    ("stages.yaml", "required: true", "required: True", True),
    ("stages.yaml", "required: true", 'required: "true"', False),
    ("stages.yaml", "next: [needs_analysis, lost]", "next: {needs_analysis: lost}", False),
    ("assignment.yaml", "per_day: 20", "per_day: 20.5", True),
    ("assignment.yaml", "[priority, year_purchase]", "[greatest(priority, year_purchase)]", CUT),
    ("assignment.yaml", "at_most: 2.5", "at_most: 2.5.1", False),
    ("assignment.yaml", "- id: returning_customer\n", "- returning_customer\n        id: returning_customer\n", False),
    # figures, targets, pay
    ("kpis.yaml", "min_sample: 20", "min_sample: 20.5", False),
    ("kpis.yaml", "min_sample: 20", "min_sample: -20", True),
    ("kpis.yaml", "target: {at_least: 90%}", "target: {at_least: 90 %}", True),
    ("kpis.yaml", "target: {at_least: 90%}", "target: 90%", False),
    ("targets.yaml", "period: 2026\n", "period: 26\n", False),
    ("targets.yaml", "period: 2026\n", "period: 2026.0\n", ROOM),
    ("targets.yaml", "goal: 5000万", "goal: 5000萬", False),
    ("targets.yaml", "goal: 5000万", "goal: 1,000,000", False),
    ("targets.yaml", "goal: 5000万", "goal: 1234567890123456789012", False),
    ("targets.yaml", "from: 2026-07-01", "from: 2026-07-32", DAY),
    ("incentives.yaml", "cap: 200_000", "cap: 0.1234567890123", True),
    ("incentives.yaml", "top: 3", "top: [3]", False),
    ("change.yaml", "keep_sum: false", "keep_sum: 0", False),
    ("change.yaml", "effective: 2026-07-01", "effective: 01.07.2026", DAY),
    ("change.yaml", "steps:", "step:", False),
    ("change.yaml", "change: split_east", "change: split_east\n---\nchange: other", False),
    # expectations beside the rules
    ("test.yaml", "now: 2026-03-15", "now: 15.3.2026", DAY),
    ("test.yaml", "nora: {manager: vera}", "nora: {manager: null}", True),
    ("test.yaml", "nora: {manager: vera}", "nora: vera", False),
    ("test.yaml", "nora: {manager: vera}", "nora: {manager: {vera: 1}}", False),
    # the whole file
    ("pack.yaml", None, "[]", False),
    ("pack.yaml", None, "pack", False),
    ("kpis.yaml", None, "{}", True),
    ("kpis.yaml", None, "kpis: []", False),
    ("kpis.yaml", None, "kpis: {x: &a {label: {en: X, zh: 某}}, y: *a}", False),
    ("kpis.yaml", None, "kpis: {}\nkpi: {}", False),
]


def base_of(file):
    if file == "test.yaml":
        return (ROOT / "rules/northwind/tests/access_test.yaml").read_text("utf-8")
    place = "changes/split_east.yaml" if file == "change.yaml" else file
    folder = BASE / ("policies" if file in ("roles.yaml", "slices.yaml", "separation.yaml") else "rules")
    return (folder / "everything" / place).read_text("utf-8")


def schema_accepts(text):
    kind = kind_named_in(text.split("\n", 1)[0])
    schema = json.loads((ROOT / "salesrules" / "schema" / f"{kind}.schema.json").read_text("utf-8"))
    try:
        data = core_data(text)
    except yaml.YAMLError:
        return False
    return jsonschema.Draft202012Validator(schema).is_valid(data)


def loader_accepts(text):
    noun, issues = read_file(text, "f")
    assert (noun is None) == bool(issues)
    return noun is not None


@pytest.mark.parametrize(("file", "old", "new", "both"), CASES, ids=[f"{c[0]}: {c[2]}" for c in CASES])
def test_an_editor_and_the_loader_say_the_same(file, old, new, both):
    text = base_of(file)
    if old is None:
        text = text.split("\n", 1)[0] + "\n" + new + "\n"
    else:
        assert old in text
        text = text.replace(old, new, 1)
    only_the_loader = isinstance(both, str)
    assert schema_accepts(text) == (both is True or only_the_loader)
    assert loader_accepts(text) == (both is True)


def test_every_kind_of_file_has_a_case_and_so_has_every_reason():
    assert {Path(case[0]).stem for case in CASES} == set(KINDS)
    assert {case[3] for case in CASES if isinstance(case[3], str)} == {TWICE, DAY, NOT_USED, CUT, ROOM}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_accept_every_file_of_every_pack(path):
    text = path.read_text("utf-8")
    assert loader_accepts(text)
    assert schema_accepts(text)
