"""Golden messages: what is wrong with the packs that a pack extends, each told at its place."""

from pathlib import Path

import pytest
import yaml

from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings

CASES = yaml.safe_load((Path(__file__).parent / "cases/bases/bases.yaml").read_text(encoding="utf-8"))
PACK = """# yaml-language-server: $schema=pack.schema.json
pack: {name}
version: 1.0.0
label: {{en: Test, zh: 测试}}
extends: [{bases}]
currency: CNY
timezone: Asia/Shanghai
"""
PERSON = """# yaml-language-server: $schema=entities.schema.json
entities:
  person: {label: {en: Person, zh: 人员}, key: id, fields: {id: {type: text, category: basics}}}
categories: {basics: {label: {en: Basics, zh: 基本资料}, steward: seller}}
"""
ROLES = """# yaml-language-server: $schema=roles.schema.json
roles: {seller: {label: {en: Seller, zh: 销售}, scope: []}}
posts: {file: posts.csv}
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["packs"]))
def test_the_bases_of_a_pack_hold(case, tmp_path):
    for name, bases in case["packs"].items():
        folder = tmp_path / "rules" / name
        folder.mkdir(parents=True)
        if bases is not None:
            (folder / "pack.yaml").write_text(PACK.format(name=name, bases=", ".join(bases)), encoding="utf-8")
    (tmp_path / "rules" / "acme" / "entities.yaml").write_text(PERSON, encoding="utf-8")
    (tmp_path / "policies" / "acme").mkdir(parents=True)
    (tmp_path / "policies" / "acme" / "roles.yaml").write_text(ROLES, encoding="utf-8")
    (tmp_path / "salesrules.toml").write_text('pack = "acme"\n', encoding="utf-8")
    read = read_program(read_settings(tmp_path))
    for lang in ("en", "zh"):
        assert [issue.line(lang) for issue in read.issues] == case[lang]
    assert (read.program is None) == bool(case["en"])
