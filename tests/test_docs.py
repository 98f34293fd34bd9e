"""Nothing the product has stands in no document, and no document promises what does not exist."""

from __future__ import annotations

import importlib.util
import re
import string

import pytest

from salesrules.cli import main
from salesrules.issue import LANGUAGES, catalogue
from salesrules.load.schema import KINDS
from salesrules.load.shapes import keys_of
from salesrules.load.validate import validate
from salesrules.load.yaml_data import read
from tests.conftest import ROOT

_spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference.py")
assert _spec is not None
assert _spec.loader is not None
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

PAGES = {path: path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]}


@pytest.mark.parametrize("name", reference.pages())
def test_reference_pages_are_in_step(name: str) -> None:
    written = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], "run: python docs/reference.py"


def blocks() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)} {number}", block)
        for path, text in PAGES.items()
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    ]


@pytest.mark.parametrize(("place", "block"), blocks(), ids=[place for place, _ in blocks()])
def test_every_yaml_block_is_a_part_of_a_pack(place: str, block: str) -> None:
    value, issues = read(block, place)
    assert value is not None, issues
    kinds = [kind for kind, noun in KINDS.items() if set(value.data) <= {key.name for key in keys_of(noun)}]
    assert kinds, f"no file of a pack has the keys {list(value.data)}"
    wrong = [issue for issue in [*issues, *validate(value, kinds[0])] if issue.code != "yaml.missing_key"]
    assert [issue.line() for issue in wrong] == []


def test_every_verb_stands_in_the_readme() -> None:
    assert [verb for verb in main.commands if f"salesrules {verb}" not in PAGES[ROOT / "README.md"]] == []


def test_every_command_in_the_docs_exists() -> None:
    typed = re.findall(r"^(?:\S*/)?salesrules ([a-z-]+)", "\n".join(PAGES.values()), flags=re.MULTILINE)
    assert {verb for verb in typed if verb not in main.commands} == set()
    assert typed


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path, text in PAGES.items()
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text)
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_links_into_pages_lead_to_a_heading() -> None:
    def headings(text: str) -> set[str]:
        found = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}

    broken = [
        f"{path.name}: {page}#{part}"
        for path, text in PAGES.items()
        for page, part in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text)
        if part not in headings((path.parent / page if page else path).read_text(encoding="utf-8"))
    ]
    assert broken == []


def test_both_languages_have_the_same_placeholders() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [code for code, texts in catalogue().items() if not set(LANGUAGES) <= set(texts)] == []
    assert [code for code, texts in catalogue().items() if names(texts["en"]) != names(texts["zh"])] == []


def test_every_code_is_used_and_every_used_code_is_in_the_catalogue() -> None:
    files = [*ROOT.glob("salesrules/**/*.py"), *ROOT.glob("web/**/*.py"), *ROOT.glob("web/**/*.html")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    families = {code.split(".")[0] for code in catalogue()}
    used = set(re.findall(rf"[\"']((?:{'|'.join(sorted(families))})\.[a-z_0-9]+)[\"']", source))
    others = {"pack.yaml", "yaml.schemas", "answer.parquet", "store.sqlite", "post.role"}
    assert used - set(catalogue()) - others == set()
    built = re.findall(r"f[\"']([a-z]+)\.[a-z_]*\{", source)  # families whose codes are put together, as `action.{...}`
    built += re.findall(r"[\"']([a-z]+)\.[\"'] ~", source)  # and in templates, as `"part." ~ name`
    ends = re.findall(r"f[\"']\{\w+\}\.([a-z_]+)[\"']", source)  # codes whose family is put in, as `{noun}.gap`
    unused = {code for code in catalogue() if code not in used and code.split(".")[0] not in built}
    unused = {code for code in unused if code.split(".")[1] not in ends}
    assert unused == set()
