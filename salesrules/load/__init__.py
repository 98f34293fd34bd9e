"""Pack folders to a Pack: `load` tells the whole story, all mistakes come at once, a wrong pack never half-loads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesrules.issue import Issue, Span, in_order, nearest
from salesrules.load.grants import read_grants, removals
from salesrules.load.schema import KINDS, kind_named_in
from salesrules.load.structure import structure
from salesrules.load.text import read_text
from salesrules.load.validate import validate
from salesrules.load.yaml_data import read
from salesrules.pack.pack import Pack, PackFile
from salesrules.pack.policies import Grant

Sections = dict[str, Any]


def load(rules: Path, policies: Path, shown_from: Path) -> tuple[Pack | None, tuple[Issue, ...]]:
    """Read the pack whose rules and policies lie in two folders; places are given relative to `shown_from`."""
    about: PackFile | None = None
    about_span = Span(_shown(rules / "pack.yaml", shown_from))
    sections: Sections = {}
    first_places: dict[tuple[str, str], Span] = {}
    grants: list[Grant] = []
    issues: list[Issue] = []
    for path in _files(rules, policies):
        file = _shown(path, shown_from)
        text, problem = read_text(path, file)
        if problem:
            issues.append(problem)
        elif path.suffix == ".csv":
            found, wrong = read_grants(text, file)
            grants += found
            issues += [*wrong, *removals(found)]
        else:
            noun, wrong = _read_file(text, file)
            issues += wrong
            if isinstance(noun, PackFile):
                about = noun
            elif noun is not None:
                issues += _merge(noun, sections, first_places)
    if about is None and not any(issue.span.file == about_span.file for issue in issues):
        issues.append(Issue("pack.no_pack_file", about_span))
    if issues or about is None:
        return None, in_order(issues)
    return _pack(about, about_span, sections, tuple(grants)), ()


def _files(rules: Path, policies: Path) -> list[Path]:
    return [*sorted(rules.glob("*.yaml")), *sorted(policies.glob("*.yaml")), *sorted(policies.glob("grants.csv"))]


def _shown(path: Path, shown_from: Path) -> str:
    return str(path.relative_to(shown_from)) if path.is_relative_to(shown_from) else str(path)


def _read_file(text: str, file: str) -> tuple[Any, list[Issue]]:
    """The noun of one file, and all that is wrong with it; no noun unless nothing is."""
    line = text.split("\n", 1)[0].rstrip("\r")
    kind = kind_named_in(line)
    value, issues = read(text, file)
    if kind is None or kind not in KINDS:
        words = {"kinds": ", ".join(KINDS)}
        place = Span(file, 1, 1, 1, len(line) + 1)
        return None, [*issues, Issue("yaml.no_schema_line", place, words, near=nearest(kind or "", KINDS))]
    if value is not None:
        issues += validate(value, kind)
    return (None if issues or value is None else structure(KINDS[kind], value)), issues


def _merge(noun: Any, sections: Sections, first_places: dict[tuple[str, str], Span]) -> list[Issue]:
    """Add the sections of one file to those of the pack; an id that stands twice names both places."""
    issues = []
    for section in type(noun).__dataclass_fields__:
        content = getattr(noun, section)
        if not isinstance(content, Mapping):
            if content is not None:
                sections[section] = content
            continue
        known = sections.setdefault(section, {})
        for id, item in content.items():
            span = getattr(item, "span", None)
            if id in known and span is not None:
                issues.append(Issue("pack.twice", span, {"name": id}, other=first_places[section, id]))
            elif isinstance(item, Mapping):
                known[id] = {**known.get(id, {}), **item}
            else:
                known[id] = item
                first_places[section, id] = span or Span("")
    return issues


def _pack(about: PackFile, span: Span, sections: Sections, grants: tuple[Grant, ...]) -> Pack:
    names = [name for name in Pack.__dataclass_fields__ if name not in ("span", "about", "grants", "posts")]
    found = {name: sections.get(name, {}) for name in names}
    return Pack(span=span, about=about, grants=grants, posts=sections.get("posts"), **found)
