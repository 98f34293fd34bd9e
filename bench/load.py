"""Loading a generated pack of 5 MB against PyYAML's C loader and jsonschema, which keep no places and make no nouns."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import yaml

from bench._timing import line, side_by_side
from salesrules.check import check
from salesrules.issue import YAML_LOADER
from salesrules.load import load
from salesrules.load.schema import schema_of
from salesrules.shipped import shipped

ENTITIES = 3600
USUAL = "adventureworks"


def run() -> None:
    """The big pack side by side, and a usual pack alone."""
    with tempfile.TemporaryDirectory() as folder:
        rules, policies = Path(folder) / "rules/big", Path(folder) / "policies/big"
        for made in (rules, policies):
            made.mkdir(parents=True)
        (rules / "entities.yaml").write_text("\n".join(_entities()) + "\n", encoding="utf-8")
        (rules / "pack.yaml").write_text(_ABOUT, encoding="utf-8")
        (rules / "roles.yaml").write_text(_ROLES, encoding="utf-8")
        size = sum(path.stat().st_size for path in rules.iterdir())
        ours, theirs = side_by_side(
            lambda: _load_and_check(rules, policies),
            lambda: [_read_and_validate(path) for path in sorted(rules.iterdir())],
            runs=3,
        )
        name = f"pack of {size / 1e6:.1f} MB, read, validated, made into nouns and checked"
        print(line(name, ours, theirs, "read and validated"))
    print(f"pack {USUAL}: {_usual() * 1000:.1f} ms (limit 200)")


def _load_and_check(rules: Path, policies: Path) -> None:
    pack, issues = load(rules, policies, rules.parent.parent)
    assert pack is not None, issues
    _, issues = check(pack)
    assert [issue for issue in issues if issue.severity == "error"] == []


def _read_and_validate(path: Path) -> None:
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)
    validator = jsonschema.Draft202012Validator(schema_of(path.stem))
    assert list(validator.iter_errors(data)) == []


def _usual() -> float:
    """Seconds that the shipped pack takes, the best of five."""
    rules, policies = shipped("rules") / USUAL, shipped("policies") / USUAL
    times = []
    for _ in range(5):
        start = time.perf_counter()
        _load_and_check(rules, policies)
        times.append(time.perf_counter() - start)
    return min(times)


_ABOUT = """# yaml-language-server: $schema=pack.schema.json
pack: big
version: 1.0.0
label: {en: Big, zh: 大}
currency: CNY
timezone: Asia/Shanghai
"""


_ROLES = """# yaml-language-server: $schema=roles.schema.json
roles:
  ops: {label: {en: Operations, zh: 运营}}
"""


def _entities() -> Iterator[str]:
    yield "# yaml-language-server: $schema=entities.schema.json"
    yield "entities:"
    for name in ("person", *(f"thing_{number}" for number in range(ENTITIES))):
        yield f"  {name}:"
        yield f"    label: {{en: Thing {name}, zh: 事物{name}}}"
        yield "    key: id"
        yield f"    active_when: left_on is null and region = 'east_{name}'"
        yield "    fields:"
        yield "      id: {type: text, category: basics}"
        yield "      left_on: {type: date, category: basics}"
        yield "      region: {type: text, category: basics}"
        for field in range(15):
            label = f"label: {{en: Field {field}, zh: 字段{field}}}"
            yield f"      field_{field}: {{type: text, category: basics, {label}}}"
    yield "categories:"
    yield "  basics: {label: {en: Basics, zh: 基本资料}, steward: ops}"
