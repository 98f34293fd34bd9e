"""The playbooks that stages name to their texts: each in the folder of the file that names it, or below."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import isfile
from pathlib import Path

from salesrules.issue import Issue
from salesrules.load.text import invisible_characters, read_text
from salesrules.pack.stages import Process
from salesrules.pack.word import Word, file_beside


def read_playbooks(processes: Iterable[Process], shown_from: Path) -> tuple[dict[str, str], list[Issue]]:
    """The text of each file that is named, by `file_beside`; one that is not there is told at each place.

    A path is taken from the file in which it is written, so that each of the packs that one consists of finds its own.
    """
    texts: dict[str, str] = {}
    issues: list[Issue] = []
    for process in processes:
        for stage in process.stages:
            for word in dict.fromkeys(stage.playbooks.values()):
                file = file_beside(word)
                if not _is_inside(word, shown_from):
                    issues.append(Issue("stage.no_playbook", word.span, {"name": word}))
                elif file not in texts:
                    texts[file], problem = read_text(shown_from / file, file)
                    issues += [problem] if problem is not None else invisible_characters(texts[file], file)
    return texts, issues


def _is_inside(word: Word, shown_from: Path) -> bool:
    """Whether there is such a file, and it lies in the folder of the one that names it, wherever links lead."""
    folder = (shown_from / word.span.file).parent
    return isfile(folder / word) and (folder / word).resolve().is_relative_to(folder.resolve())
