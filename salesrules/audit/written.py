"""A Pack and its Issues to what stands where: the things of each section, each with the issues at its place."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from salesrules.issue import Issue, Span
from salesrules.load.schema import KINDS
from salesrules.pack.pack import Pack, PackFile
from salesrules.pack.policies import SECTIONS
from salesrules.pack.word import Word
from salesrules.report import source_lines

_OWN: Mapping[str, tuple[str, ...]] = {"pack": ("about", "changes"), "grants": ("grants",)}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a pack declares: of which kind, under which id, where, with the issues from there to the next."""

    kind: str
    id: str
    noun: Any
    span: Span | None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A pack as it was written: its things by section, every issue, and the lines that issues stand on.

    Issues at no item, such as those of salesrules.toml, are told under the name and conventions of the pack.
    """

    about: PackFile
    sections: Mapping[str, tuple[Item, ...]]
    issues: tuple[Issue, ...]
    lines: Mapping[tuple[str, int], str]


def written(pack: Pack, issues: Sequence[Issue], read_source: Callable[[str], str | None]) -> Written:
    """Everything of a pack in the order of its sections; `read_source` gives the text of a file that issues name."""
    sections = {section: [*_items(pack, section)] for section in SECTIONS}
    places = sorted(
        (item.span.file, item.span.line, section, at)
        for section, items in sections.items()
        for at, item in enumerate(items)
        if item.span is not None
    )
    found: dict[tuple[str, int], list[Issue]] = defaultdict(list)
    for issue in issues:
        before = bisect_right(places, (issue.span.file, issue.span.line, "\uffff", 0)) - 1
        belongs = before >= 0 and places[before][0] == issue.span.file
        found[places[before][2:] if belongs else ("pack", 0)].append(issue)
    for (section, at), own in found.items():
        sections[section][at] = replace(sections[section][at], issues=tuple(own))
    things = {section: tuple(items) for section, items in sections.items()}
    return Written(pack.about, things, tuple(issues), _lines(issues, read_source))


def _items(pack: Pack, section: str) -> Iterator[Item]:
    if section == "pack":
        yield Item("about", pack.about.pack, pack.about, pack.span)
    for kind in _OWN.get(section) or [field.name for field in fields(KINDS[section])]:
        content: Any = pack.grant_lines if kind == "grants" else getattr(pack, kind)
        if isinstance(content, Mapping):
            yield from (Item(kind, str(id), noun, _place(id) or _place(noun)) for id, noun in content.items())
        elif isinstance(content, tuple):
            yield from (Item(kind, "", noun, _place(noun)) for noun in content)
        elif content is not None and kind != "about":
            yield Item(kind, kind, content, _place(content))


def _place(noun: Any) -> Span | None:
    """Where a thing stands: its own place, or that of the first of its parts that has one."""
    if isinstance(noun, Word):
        return noun.span if noun.span.file else None
    if isinstance(noun, Mapping | tuple):
        parts = (*noun.keys(), *noun.values()) if isinstance(noun, Mapping) else noun
        return min(filter(None, map(_place, parts)), default=None)
    if is_dataclass(noun):
        own: Span | None = getattr(noun, "span", None)
        return own or min(filter(None, (_place(getattr(noun, part.name)) for part in fields(noun))), default=None)
    return None


def _lines(issues: Sequence[Issue], read_source: Callable[[str], str | None]) -> dict[tuple[str, int], str]:
    """The lines that issues stand on, read now, so that a file that changes later puts no mark in a wrong place."""
    found = {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for issue in issues:
        wanted[issue.span.file].add(issue.span.line)
    for file, numbers in wanted.items():
        lines = source_lines(read_source(file) or "")
        found.update({(file, number): lines[number - 1] for number in numbers if number <= len(lines)})
    return found
