"""Two versions of a pack to what is otherwise: each thing that was added, taken away or changed, at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from typing import Any

from salesrules.audit.written import Item, written
from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant
from salesrules.pack.values import Duration
from salesrules.pack.word import Word

ORDER = "order"
"""The last step of the way to things that are read in order, where that order is otherwise."""
_HIDDEN = ("span", "id", "said")


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise: the way to it from the thing of the pack down, what it was and is, None where it is not there.

    A thing with parts is told without them, as an empty text. `place` is where it stands, in the newer version if it is
    in both.
    """

    section: str
    path: tuple[str, ...]
    old: str | None
    new: str | None
    place: Span | None


@dataclass(frozen=True, slots=True)
class _Node:
    """A value as text, or a thing with its parts by name; `ordered` if their order says something."""

    text: str
    parts: Mapping[str, _Node]
    span: Span | None
    ordered: bool = False


def differences(old: Pack, new: Pack) -> Iterator[Difference]:
    """What is otherwise in a newer version of a pack, in the order of its sections and things."""
    before, after = (written(pack, (), lambda _: None).sections for pack in (old, new))
    for section in after:
        yield from _compared(section, (), _section(before[section]), _section(after[section]))
    yield from _compared("stages", ("playbooks",), *(_node(dict(pack.playbooks), None) for pack in (old, new)))


def _section(items: tuple[Item, ...]) -> _Node:
    """The things of a section; those without an id go by what they say, each time that they say it."""
    parts, often = dict[str, _Node](), Counter[str]()
    for item in items:
        node = _node(item.noun, item.span)
        if item.id:
            name = f"{item.kind}.{item.id}" if item.id != item.kind else item.kind
            parts[name] = node or _Node("", {}, item.span)
        elif node is not None:
            text = _flat(node)
            often[text] += 1
            parts[text + (f" ({often[text]})" if often[text] > 1 else "")] = node
    return _Node("", parts, None)


def _node(noun: Any, span: Span | None) -> _Node | None:
    """A noun of a pack without the places of its parts; None for what says nothing."""
    if noun is None or noun == () or noun == {}:
        return None
    if isinstance(noun, Grant):
        one = noun.written
        days = [f"{name} {day}" for name, day in (("from", one.start), ("to", one.end)) if day is not None]
        said = (one.effect, one.role, one.action, one.object, one.category, one.slice, *days)
        return _Node(" ".join(said), {}, one.span)
    if isinstance(noun, Expression):
        return _Node(noun.text, {}, noun.span)
    if isinstance(noun, Duration | date | time):
        return _Node(str(noun), {}, span)
    if is_dataclass(noun):
        own = getattr(noun, "span", None) or span
        named = {each.name.rstrip("_"): getattr(noun, each.name) for each in fields(noun) if each.name not in _HIDDEN}
        return _Node("", _parts(named, own), own)
    if isinstance(noun, Mapping):
        return _Node("", _parts({str(name): value for name, value in noun.items()}, span), span)
    if isinstance(noun, tuple | list):
        ids = [str(getattr(each, "id", number)) for number, each in enumerate(noun, start=1)]
        if not any(is_dataclass(each) and not isinstance(each, Expression) for each in noun):
            return _Node(", ".join(_flat(node) for each in noun if (node := _node(each, span))), {}, span)
        return _Node("", _parts(dict(zip(ids, noun, strict=True)), span), span, ordered=True)
    place = noun.span if isinstance(noun, Word) and noun.span.file else span
    return _Node(str(noun), {}, place)


def _parts(named: Mapping[str, Any], span: Span | None) -> dict[str, _Node]:
    return {name: node for name, value in named.items() if (node := _node(value, span)) is not None}


def _flat(node: _Node) -> str:
    """A thing with all its parts on one line."""
    if not node.parts:
        return node.text
    return " ".join(f"{name} {_flat(part)}" for name, part in node.parts.items())


def _compared(section: str, path: tuple[str, ...], old: _Node | None, new: _Node | None) -> Iterator[Difference]:
    if old is None or new is None:
        one = new or old
        if one is not None:
            was, is_ = (node.text if node is not None else None for node in (old, new))
            yield Difference(section, path, was, is_, one.span)
        return
    if bool(old.parts) != bool(new.parts) or old.text != new.text:
        yield Difference(section, path, _flat(old), _flat(new), new.span)
        return
    both = [name for name in new.parts if name in old.parts]
    then = [name for name in old.parts if name in new.parts]
    if new.ordered and both != then:
        yield Difference(section, (*path, ORDER), ", ".join(then), ", ".join(both), new.span)
    for name in (*new.parts, *(name for name in old.parts if name not in new.parts)):
        yield from _compared(section, (*path, name), old.parts.get(name), new.parts.get(name))
