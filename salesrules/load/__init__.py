"""Pack folders to a Pack: `load` tells the whole story, all mistakes come at once, a wrong pack never half-loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from salesrules.issue import Issue, Span, in_order, nearest
from salesrules.load.collector import collector_paused
from salesrules.load.grants import read_grants, removals
from salesrules.load.modules import unfolded
from salesrules.load.playbooks import read_playbooks
from salesrules.load.schema import KINDS, kind_named_in
from salesrules.load.structure import structure
from salesrules.load.text import read_text
from salesrules.load.validate import validate
from salesrules.load.yaml_data import read
from salesrules.pack.changes import Change
from salesrules.pack.pack import Pack, PackFile
from salesrules.pack.policies import Grant

GRANTS = "grants.csv"

_ENDINGS = {".yml": ".yaml", ".yaml": ".yaml", ".csv": ".csv"}

Sections = dict[str, Any]


@collector_paused()
def load(rules: Path, policies: Path, shown_from: Path) -> tuple[Pack | None, tuple[Issue, ...]]:
    """Read the pack whose rules and policies lie in two folders; places are given relative to `shown_from`."""
    about: PackFile | None = None
    about_span = Span(_shown(rules / "pack.yaml", shown_from))
    sections: Sections = {}
    first_places: dict[tuple[str, str], Span] = {}
    grants: list[Grant] = []
    issues = list(_misnamed(rules, policies, shown_from))
    for path in pack_files(rules, policies):
        file = _shown(path, shown_from)
        text, problem = read_text(path, file)
        if problem:
            issues.append(problem)
        elif path.suffix == ".csv":
            found, wrong = read_grants(text, file)
            grants += found
            issues += [*wrong, *removals(found)]
        else:
            noun, wrong = read_file(text, file)
            issues += wrong
            if isinstance(noun, PackFile):
                about = noun
            elif isinstance(noun, Change):
                issues += _add_change(noun, sections.setdefault("changes", {}))
            elif noun is not None:
                issues += _merge(noun, sections, first_places)
    sections["playbooks"], wrong = read_playbooks(sections.get("processes", {}).values(), shown_from)
    issues += wrong
    if about is None and not any(issue.span.file == about_span.file for issue in issues):
        issues.append(Issue("pack.no_pack_file", about_span))
    if issues or about is None:
        return None, in_order(issues)
    return _pack(about, about_span, sections, tuple(grants)), ()


def pack_files(rules: Path, policies: Path) -> list[Path]:
    """Every file of a pack, in the order in which they are read."""
    patterns = ((rules, "*.yaml"), (rules, "changes/*.yaml"), (policies, "*.yaml"), (policies, GRANTS))
    return [path for folder, pattern in patterns for path in sorted(folder.glob(pattern))]


def _misnamed(rules: Path, policies: Path, shown_from: Path) -> Iterator[Issue]:
    """Files that would be left out in silence: those whose ending is not quite the one that is read, and the rest."""
    read = set(pack_files(rules, policies))
    for path in sorted([*rules.glob("*"), *policies.rglob("*")]):
        if path in read or not path.is_file():
            continue
        meant = path.stem + _ENDINGS.get(path.suffix.lower(), path.suffix)
        if meant != path.name or path.name.lower() == GRANTS != path.name:
            yield Issue("file.misnamed", Span(_shown(path, shown_from)), {"name": meant.lower()})
        elif path.suffix.lower() in (".csv", ".yaml") and (path.is_relative_to(policies) or path.name == GRANTS):
            yield Issue("file.not_read", Span(_shown(path, shown_from)))


def _shown(path: Path, shown_from: Path) -> str:
    return str(path.relative_to(shown_from)) if path.is_relative_to(shown_from) else str(path)


def read_file(text: str, file: str) -> tuple[Any, list[Issue]]:
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
        if isinstance(content, tuple) and isinstance(sections.get(section, ()), tuple):
            sections[section] = (*sections.get(section, ()), *content)
            continue
        if not isinstance(content, Mapping):
            issues += _only_once(section, content, sections)
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


def _add_change(change: Change, known: dict[str, Change]) -> list[Issue]:
    """Take a change; one of the same name in another file stays, and both places are named."""
    first = known.setdefault(change.change, change)
    return [] if first is change else [Issue("pack.twice", change.span, {"name": change.change}, other=first.span)]


def _only_once(section: str, content: Any, sections: Sections) -> list[Issue]:
    """Take a section that a pack has once, such as `posts`; a second one names both places."""
    if not content:
        return []
    first = sections.get(section)
    if not first:
        sections[section] = content
        return []
    at, other = ((each[0] if isinstance(each, tuple) else each).span for each in (content, first))
    return [Issue("pack.twice", at, {"name": section}, other=other)]


def _pack(about: PackFile, span: Span, sections: Sections, grants: tuple[Grant, ...]) -> Pack:
    found = {name: content for name, content in sections.items() if name in Pack.__dataclass_fields__}
    lines = unfolded(grants, found.get("modules", {}), found.get("entities", {}))
    return Pack(span=span, about=about, grants=lines, **found)
