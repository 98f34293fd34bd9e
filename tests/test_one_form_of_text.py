"""Text in two forms of Unicode is one text: `é` as one character, and as `e` with an accent that is added to it."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.load import load
from salesrules.workspace import Workspace
from tests import tiny_company

PAIRS = {"华东": "Île-de-France", "上海": "Besançon", "P-1": "René", "C-1": "Café Sühl", "远山机械": "Ångström"}
FORMS = ("NFC", "NFD")


def company(folder: Path, pack: str, data: str, posts: str) -> Workspace:
    """The tiny company with accents in its names, each kind of file written in a form of its own."""
    tiny_company.make(folder)
    entities = folder / "rules/tiny/entities.yaml"
    entities.write_text(
        entities.read_text("utf-8").replace("key: id", "key: id\n    active_when: name <> 'Ömer'"), "utf-8"
    )
    text = "  extra:\n    label: {en: x, zh: 某}\n    members: [Île, {id: Sète, parent: Île, names: [Cette-là]}]\n"
    text += "aliases: {region: {Franche-Comté: Besançon}}\n"
    dimensions = folder / "rules/tiny/dimensions.yaml"
    dimensions.write_text(dimensions.read_text("utf-8") + text, "utf-8")
    customers = folder / "data/customer.csv"
    more = "C-5,Élan,Franche-Comté,P-1,1\n"
    customers.write_text(customers.read_text("utf-8") + more, "utf-8")
    for path in [*folder.glob("rules/**/*.yaml"), *folder.glob("policies/**/*"), *folder.glob("data/*.csv")]:
        if path.is_file():
            form = posts if path.name == "post.csv" else data if path.suffix == ".csv" else pack
            written = path.read_text("utf-8")
            for plain, accented in PAIRS.items():
                written = written.replace(plain, accented)
            path.write_text(normalize(form, written), "utf-8")
    return Workspace.open(folder)


@pytest.mark.parametrize("pack", FORMS)
@pytest.mark.parametrize("data", FORMS)
@pytest.mark.parametrize("posts", FORMS)
def test_ids_members_and_posts_meet_in_whatever_form_they_are_written(
    pack: str, data: str, posts: str, tmp_path: Path
) -> None:
    workspace = company(tmp_path, pack, data, posts)
    assert workspace.rejects == ()
    said = set()
    for form in FORMS:
        person = workspace.person(normalize(form, "René"))
        where = normalize(form, "region = 'Besançon' and name <> 'Ångström'")
        answer = workspace.see(person, "customer", where=where, columns="id,name,region")
        assert workspace.can(person, "read", "customer", normalize(form, "Café Sühl"), "phone")
        (why,) = workspace.why(person, "read", "customer", normalize(form, "Café Sühl"), "phone")
        assert why.allowed
        said.add((answer.keys, answer.rows))
    assert said == {(("C-2", "C-5"), (("C-2", "晨光化工", "Besançon"), ("C-5", "Élan", "Besançon")))}


def test_what_is_shown_is_in_one_form(tmp_path: Path) -> None:
    company(tmp_path, "NFD", "NFD", "NFD")
    words = ["see", "customer", "--as", "René", "--workspace", str(tmp_path)]
    printed = CliRunner().invoke(main, [*words, "--where", normalize("NFD", "name = 'Élan'")]).stdout
    assert "Élan" in printed
    assert normalize("NFC", printed) == printed
    pack, issues = load(tmp_path / "rules/tiny", tmp_path / "policies/tiny", tmp_path)
    assert pack is not None, issues
    members = pack.dimensions["extra"].members
    assert isinstance(members, tuple)
    assert [(m.id, m.parent, m.names) for m in members] == [("Île", None, ()), ("Sète", "Île", ("Cette-là",))]


def test_one_id_in_two_forms_stands_twice(tmp_path: Path) -> None:
    tiny_company.make(tmp_path)
    dimensions = tmp_path / "rules/tiny/dimensions.yaml"
    twice = "".join(normalize(form, "  é: {label: {en: x, zh: 某}, members: {}}\n") for form in FORMS)
    dimensions.write_text(dimensions.read_text("utf-8") + twice, "utf-8")
    _, issues = load(tmp_path / "rules/tiny", tmp_path / "policies/tiny", tmp_path)
    assert [issue.code for issue in issues] == ["yaml.duplicate_key"]


def test_two_records_whose_keys_differ_in_their_form_only_are_one_key_twice(tmp_path: Path) -> None:
    tiny_company.make(tmp_path)
    customers = tmp_path / "data/customer.csv"
    rows = "".join(f"{normalize(form, 'é')},x,上海,P-1,\n" for form in FORMS)
    customers.write_text(customers.read_text("utf-8") + rows, "utf-8")
    found = [(r.entity, r.field, r.reason, r.rows) for r in Workspace.open(tmp_path).rejects]
    assert found == [("customer", "id", "reject.duplicate_key", 2)]
