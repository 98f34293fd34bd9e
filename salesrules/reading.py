"""A workspace's settings and the name of a pack to what came of reading it: a Program, issues, first bindings."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from salesrules.check import check
from salesrules.compile import Program, compile_pack
from salesrules.issue import Issue, PackError, QuestionError, Span, in_order, nearest
from salesrules.load import load, pack_files
from salesrules.load.bases import base_issues, packs_in
from salesrules.pack.pack import Pack
from salesrules.shipped import shipped
from salesrules.sources.guessing.guess import guess
from salesrules.sources.guessing.mapping import mapping, must_be_new
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.settings.bindings import FILE, Settings
from salesrules.sources.settings.misfits import doubts


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a pack: its Program if no issue is an error, every issue, how many files were read, and where.

    `release` is the hash of all that stands in these files; `pack` is as it was written.
    """

    program: Program | None
    issues: tuple[Issue, ...]
    files: int
    rules: Path
    release: str
    pack: Pack | None = None


def read_program(settings: Settings, name: str | None = None) -> Reading:
    """Load, check and compile a pack of a workspace.

    Raises: PackError if the workspace has no such pack.
    """
    packs = packs_in(_places(settings))
    rules, policies = _folders(settings, name, packs)
    pack, issues = load(rules, policies, rules.parent.parent)
    playbooks = (rules.parent.parent / file for file in (pack.playbooks if pack is not None else ()))
    paths = [*pack_files(rules, policies), *playbooks]
    files, release = len(paths), _release(paths)
    if pack is None:
        return Reading(None, issues, files, rules, release)
    meanings, issues = check(pack)
    issues = in_order([*issues, *base_issues(pack.about, packs)])
    broken = any(issue.severity == "error" for issue in issues)
    if not broken:  # of a broken pack they would only follow
        issues = in_order([*issues, *doubts(pack, settings)])
    return Reading(None if broken else compile_pack(pack, meanings), issues, files, rules, release, pack)


def read_version(settings: Settings, version: str, name: str | None = None) -> Pack:
    """Another version of a pack, to compare with: a pack of the workspace by its name, or the same one of a folder.

    Args: name: which pack of that folder; the one that the workspace names if None.
    Raises: PackError with every issue if it cannot be read, or is not there.
    """
    there = Path(version)
    if version not in packs_in(_places(settings)) and (there / "rules").is_dir():
        wanted = name or settings.pack
        rules, policies = _folders(replace(settings, root=there), wanted, packs_in((there,)))
    else:
        rules, policies = _folders(settings, version, packs_in(_places(settings)))
    pack, issues = load(rules, policies, rules.parent.parent)
    if pack is None:
        raise PackError(issues)
    return pack


def _release(paths: Sequence[Path]) -> str:
    """The hash of files by name and content, wherever they lie."""
    seen = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        seen.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode() + content)
    return seen.hexdigest()[:16]


def guess_mappings(
    settings: Settings, name: str | None, files: Sequence[Path], lang: str, entity: str | None, sheet: str | None
) -> list[str]:
    """For each file the table of salesrules.toml that binds it, as text, with what is unsure beside it.

    Raises: PackError if the pack or a file cannot be read; QuestionError if a file is like no entity, or like one
    that is bound already.
    """
    read = read_program(settings, name)
    if read.program is None:
        raise PackError(read.issues)
    pack = read.program.pack
    if entity is not None and entity not in tables_of(pack):
        known = tables_of(pack)
        raise QuestionError([Issue("ask.unknown_entity", Span(entity), {"name": entity}, near=nearest(entity, known))])
    found = []
    for file in files:
        with tempfile.TemporaryDirectory() as scratch:
            found.append(guess(pack, file, Path(scratch), entity, sheet))
        must_be_new(found[-1], found[:-1], settings, pack.about.pack)
    return [mapping(each, settings, lang) for each in found]


def _places(settings: Settings) -> tuple[Path, Path]:
    """Where packs lie: the workspace's own come before those that come with the product."""
    return settings.root, shipped("rules").parent


def _folders(settings: Settings, asked: str | None, packs: Mapping[str, Path]) -> tuple[Path, Path]:
    """The two folders of the pack that is asked for, or else of the one that the workspace names."""
    name = asked or settings.pack
    if name is None:
        raise PackError([Issue("workspace.no_pack", Span(FILE))])
    if name not in packs:
        near = nearest(name, sorted(packs))
        place = Span("--pack") if asked is not None else settings.place("pack")
        raise PackError([Issue("workspace.unknown_pack", place, {"name": name}, near=near)])
    rules = packs[name]
    return rules, rules.parent.parent / "policies" / name
