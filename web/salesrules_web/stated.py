"""A noun of a pack to what a page shows of it: its keys with their values, and a table for each list of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.modules import MODULE
from salesrules.pack.policies import Grant
from salesrules.pack.values import Duration
from salesrules.workspace import Expression
from salesrules_web.asking import lang
from salesrules_web.words import label, pack, t

_TOLD = ("id", "span", "label")  # what stands in the heading of a thing
_BESIDE = ("effect", "role", "action", "object", "category", "slice")  # what the sentence of a grant says


@dataclass(frozen=True, slots=True)
class Grid:
    """The parts of a thing, or things of a kind: a row each, under the keys that any of them writes."""

    key: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def facts(noun: Any) -> list[tuple[str, str]]:
    """The keys that a thing writes, with values of one line; keys that keep their default are left out."""
    return [(key, _text(value)) for key, value in _keys(noun) if not _has_parts(value)]


def grids(noun: Any) -> list[Grid]:
    """The keys whose values are parts of their own, such as the fields of an entity."""
    return [_grid(key, value) for key, value in _keys(noun) if _has_parts(value)]


def grid_of(kind: str, nouns: Iterable[Any]) -> Grid:
    """Things of one kind as one table."""
    return _grid(kind, tuple(nouns))


def title(noun: Any, id: str) -> str:
    """What people call a thing: its label, the sentence that a grant says, or its id."""
    if isinstance(noun, Grant):
        return _grant(noun)
    found = getattr(noun, "label", None)
    return label(noun) if isinstance(found, Label) else id


def _grant(grant: Grant) -> str:
    words = {
        "role": _label(pack().roles, grant.role),
        "action": t(f"action.{grant.action}"),
        "object": _label({**pack().entities, **_modules()}, grant.object),
        "category": t("page.any_category") if grant.category == "*" else _label(pack().categories, grant.category),
        "slice": _label(pack().slices, grant.slice),
    }
    return t("page.grant_allow" if grant.effect == "allow" else "page.grant_deny", **words)


def _modules() -> Mapping[str, Any]:
    return {f"{MODULE}{id}": module for id, module in pack().modules.items()}


def _label(nouns: Mapping[str, Any], id: str) -> str:
    return label(nouns[id]) if id in nouns else id


def _keys(noun: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(noun, Mapping):
        yield from ((str(key), value) for key, value in noun.items())
    elif is_dataclass(noun):
        beside = (*_TOLD, *_BESIDE) if isinstance(noun, Grant) else _TOLD
        for part in fields(noun):
            value = getattr(noun, part.name)
            if part.name not in beside and not _is_default(part, value):
                yield part.name.rstrip("_"), _percent(value) if "Percent" in str(part.type) else value


def _is_default(part: Field[Any], value: Any) -> bool:
    made = part.default_factory() if part.default_factory is not MISSING else part.default
    return value is None or value == "" or bool(value == made)


def _percent(value: Any) -> Any:
    """A share as it is written: 0.15 is 15%."""
    return f"{(value * 100).normalize():f}%" if isinstance(value, Decimal) else value


def _has_parts(value: Any) -> bool:
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return any(_is_noun(part) for part in parts) or (isinstance(value, Mapping) and bool(value))


def _is_noun(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Expression | Label | Span)


def _grid(key: str, value: Any) -> Grid:
    """Parts as rows: the name, the label where there are any, each key that is written, and the line."""
    parts = list(value.items() if isinstance(value, Mapping) else ((getattr(noun, "id", ""), noun) for noun in value))
    cells = [dict(_cells(str(id), noun)) for id, noun in parts]
    heads = tuple(dict.fromkeys(head for own in cells for head in own if head != "line"))
    heads = (*heads, "line") if any("line" in own for own in cells) else heads
    return Grid(key, heads, tuple(tuple(own.get(head, "") for head in heads) for own in cells))


def _cells(id: str, noun: Any) -> Iterator[tuple[str, str]]:
    if id:
        yield "id", id
    if not _is_noun(noun):
        yield "value", _text(noun)
        return
    if isinstance(noun, Grant) or isinstance(getattr(noun, "label", None), Label):
        yield "label", title(noun, id)
    yield from ((key, _text(value)) for key, value in _keys(noun))
    if isinstance(getattr(noun, "span", None), Span):
        yield "line", str(noun.span.line)


def _text(value: Any) -> str:
    """A value in one line, as near to how it is written as its language allows."""
    if isinstance(value, Label):
        return value.in_(lang())
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return t("list.comma").join(map(_text, value))
    if isinstance(value, Mapping) or (_is_noun(value) and not isinstance(value, Duration)):
        inner = [(key, part) for key, part in _keys(value)]
        named = [] if isinstance(value, Mapping) else [str(getattr(value, "id", ""))]
        return t("list.part").join([*filter(None, named), *(f"{key}: {_text(part)}" for key, part in inner)])
    return str(value)
