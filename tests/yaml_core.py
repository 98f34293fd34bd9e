"""YAML as an editor reads it: PyYAML's parser with the tags of YAML 1.2's core schema, and nothing of ours."""

import re
from typing import ClassVar

import yaml


class Core(yaml.SafeLoader):
    """Reads null, true, false, integers and floats as YAML 1.2 does; days and everything else stay text."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for tag, written, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{written})$"), first)


def _integer(loader, node):
    text = loader.construct_scalar(node)
    return int(text[2:], 8 if text.startswith("0o") else 16) if text[:2] in ("0o", "0x") else int(text)


Core.add_constructor("tag:yaml.org,2002:int", _integer)


def core_data(text):
    """The data of a YAML text; raises yaml.YAMLError if it is none."""
    return yaml.load(text, Loader=Core)
