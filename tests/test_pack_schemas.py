"""The published JSON Schemas: in step with the nouns, documented, and of one mind with the loader."""

import json
from pathlib import Path

import jsonschema
import pytest

from salesrules.load.schema import KINDS, kind_named_in, schema_of, write_schemas
from salesrules.load.shapes import keys_of, rest_of, shapes_of
from salesrules.load.yaml_data import read

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "salesrules" / "schema"
FILES = sorted(
    path
    for place in ("rules", "policies", "tests/packs")
    for path in (ROOT / place).rglob("*.yaml")
    if kind_named_in(path.read_text(encoding="utf-8").split("\n", 1)[0]) in KINDS
)


def test_the_published_schemas_are_those_of_the_nouns(tmp_path):
    written = write_schemas(tmp_path)
    assert {path.name for path in written} == {path.name for path in FOLDER.iterdir()}
    for path in written:
        assert path.read_text(encoding="utf-8") == (FOLDER / path.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind):
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


def test_the_editor_settings_name_every_schema():
    settings = json.loads((FOLDER / "vscode.settings.json").read_text(encoding="utf-8"))
    assert {Path(name).name for name in settings["yaml.schemas"]} == {f"{kind}.schema.json" for kind in KINDS}


def test_every_key_is_told_in_its_docstring():
    seen: set[type] = set()
    ahead: list[object] = list(KINDS.values())
    silent = []
    while ahead:
        shapes = shapes_of(ahead.pop())
        for kind in (shapes.map, shapes.list):
            ahead.extend(getattr(kind, "__args__", ()))
        for noun in set(shapes.nouns) - seen:
            seen.add(noun)
            rest = rest_of(noun)
            ahead.extend([key.type for key in keys_of(noun)] + ([rest.type] if rest else []))
            silent.extend(f"{noun.__name__}.{key.name}" for key in keys_of(noun) if not key.about)
    assert len(seen) > 60
    assert silent == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_editor_accepts_what_the_loader_accepts(path):
    text = path.read_text(encoding="utf-8")
    value, issues = read(text, path.name)
    assert issues == []
    kind = kind_named_in(text.split("\n", 1)[0])
    schema = json.loads((FOLDER / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value.data)] == []
