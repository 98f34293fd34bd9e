"""The `extends` of a pack to issues: every base is there, down to the last, and none leads back to where it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from salesrules.issue import Issue, Span, nearest
from salesrules.load import read_file
from salesrules.load.text import read_text
from salesrules.pack.pack import PackFile
from salesrules.pack.word import Word

Bases = dict[str, dict[str, Word]]
"""By pack the packs that it extends, each with the word that says so."""


def packs_in(places: Sequence[Path]) -> dict[str, Path]:
    """The rules folder of every pack by name; of two with one name that of the earlier place."""
    folders = (path for place in reversed(places) for path in sorted((place / "rules").glob("*")))
    return {path.name: path for path in folders if path.is_dir()}


def base_issues(about: PackFile, packs: Mapping[str, Path]) -> list[Issue]:
    """What is wrong with the bases of a pack, those of its bases included.

    That a pack extends itself is a fact about its own file and is left to the checks.
    """
    bases: Bases = {about.pack: {name: word for name, word in _extended(about).items() if name != about.pack}}
    issues: list[Issue] = []
    ahead = [about.pack]
    while ahead:
        for name, word in bases[ahead.pop()].items():
            if name not in packs:
                issues.append(Issue("pack.unknown_base", word.span, {"name": name}, near=nearest(name, packs)))
            elif name not in bases:
                base, wrong = _read_base(packs[name])
                issues += wrong
                bases[name] = _extended(base) if base is not None else {}
                ahead.append(name)
    return issues + _circle(bases)


def _extended(about: PackFile) -> dict[str, Word]:
    """The bases by name, without the versions that fit."""
    return {word.partition("@")[0].strip(): word for word in about.extends}


def _read_base(folder: Path) -> tuple[PackFile | None, list[Issue]]:
    path = folder / "pack.yaml"
    file = str(path.relative_to(folder.parent.parent))
    if not path.is_file():
        return None, [Issue("pack.no_pack_file", Span(file))]
    text, problem = read_text(path, file)
    if problem is not None:
        return None, [problem]
    noun, issues = read_file(text, file)
    return (noun if isinstance(noun, PackFile) else None), issues


def _circle(bases: Bases) -> list[Issue]:
    """The first circle of packs, told where it is entered from the pack that is read, with the place that closes it."""
    try:
        TopologicalSorter(bases).prepare()
    except CycleError as found:
        names: list[str] = found.args[1][:0:-1]  # each extends the next, the last the first
        if len(names) == 1:
            return [Issue("pack.extends_itself", bases[names[0]][names[0]].span, {"name": names[0]})]
        at = names.index(next(name for name in bases if name in names))
        names = [*names[at:], *names[:at]]
        first, last = bases[names[0]][names[1 % len(names)]], bases[names[-1]][names[0]]
        way = " → ".join(f"`{name}`" for name in (*names, names[0]))
        return [Issue("pack.extends_in_circle", first.span, {"way": way}, other=last.span)]
    return []
