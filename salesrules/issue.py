"""What a user's mistake is: a coded issue at a place in a file, with its text in two languages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

LANGUAGES = ("en", "zh")
MAX_WORD = 500
_BETWEEN = "\x1f"  # no word has it: it is taken out of all that users write
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)  # ends lines, turns text
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where PyYAML was built with it


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file; lines and columns count characters from 1, the end is exclusive."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Term(str):
    """A word of a sentence that is itself a text of the catalogue: its code, then perhaps what it is `of`."""

    __slots__ = ()

    def in_(self, lang: str) -> str:
        """The word in a language."""
        code, _, of = self.partition(" ")
        return say(code, lang, of=of)


class Several(str):
    """Words of one kind that a sentence names side by side, with the comma of its language between them."""

    __slots__ = ()

    @classmethod
    def of(cls, words: Iterable[str]) -> Several:
        """These words."""
        return cls(_BETWEEN.join(words))

    def in_(self, lang: str) -> str:
        """The words in a language."""
        return say("list.comma", lang).join(self.split(_BETWEEN))


@dataclass(frozen=True, slots=True)
class Issue:
    """One mistake: a stable code, its place, the words its text needs, and the other place if two clash."""

    code: str
    span: Span
    words: Mapping[str, str] = field(default_factory=dict)
    near: str | None = None
    other: Span | None = None

    @property
    def severity(self) -> str:
        """`error` or `warning`, as the catalogue says; an error stops a pack from loading."""
        return catalogue()[self.code].get("severity", "error")

    def text(self, lang: str = "en") -> str:
        """The sentence for people, with the nearest known name and the other place when there are such."""
        text = say(self.code, lang, **self.words)
        if self.near:
            text += say("hint.did_you_mean", lang, near=self.near)
        if self.other:
            text += say("hint.other_place", lang, place=str(self.other))
        return text

    def line(self, lang: str = "en") -> str:
        """The issue as `file:line:column: code: text`."""
        return f"{self.span}: {self.code}: {self.text(lang)}"


class SalesrulesError(Exception):
    """Anything the door refuses; carries the issues that say why."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(issue.line() for issue in issues))


class PackError(SalesrulesError):
    """A pack, binding or source that cannot be used."""


class AccessDenied(SalesrulesError):
    """A question that the asker may not put; its text never says what lies behind it."""


class QuestionError(SalesrulesError):
    """A question that names something which does not exist, or cannot be put this way."""


class EngineError(SalesrulesError):
    """A database that did not do what was asked; what it `said` may hold any value of it, so no asker is told."""

    def __init__(self, issues: Sequence[Issue], said: str = "") -> None:
        super().__init__(issues)
        self.said = said


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every text of the product by code: `en`, `zh`, and for issues `severity`."""
    text = resources.files("salesrules").joinpath("messages.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.load(text, Loader=YAML_LOADER)  # noqa: S506 - our own file, by a safe loader
    return loaded


def say(code: str, lang: str = "en", **words: object) -> str:
    """The catalogue's text for `code` in `lang`, with `words` in its placeholders, each on one line and not endless."""
    return catalogue()[code][lang].format_map({name: _word(word, lang) for name, word in words.items()})


def _word(word: object, lang: str) -> str:
    if isinstance(word, Term):
        return word.in_(lang)
    text = _UNSAFE.sub(" ", word.in_(lang) if isinstance(word, Several) else str(word))
    return _Counted(text if len(text) <= MAX_WORD else text[: MAX_WORD - 1] + "…")


class _Counted(str):
    """A word that chooses among two others: `{count:record|records}` is the first where the count is one."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        one, either, many = spec.partition("|")
        return format(str(self), spec) if not either else one if self == "1" else many


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, if any is like it at all."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def must_be_known(thing: str, name: str, known: Collection[str], like: Collection[str] = ()) -> None:
    """Refuse a name that is not among those that are known, with the one that it is most like.

    Raises: QuestionError
    """
    if name not in known:
        near = nearest(name, like or known)
        raise QuestionError([Issue(f"ask.unknown_{thing}", Span(name), {"name": name}, near=near)])


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The issues by place, each once."""
    unique = {(i.span, i.code, tuple(sorted(i.words.items()))): i for i in issues}
    return tuple(unique[key] for key in sorted(unique))
