"""Constants and `like` patterns to kinds of text: which of them a text can meet together, with a shortest example."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from salesrules.expr.regions.boxes import TooMuch

MAX_STATES = 5_000
_ANY, _MANY = "any", "many"
_Step = tuple[str, str]


def kinds_of_text(constants: Iterable[str], patterns: Iterable[str]) -> list[tuple[str, frozenset[str]]]:
    """Every kind of text there is: an example, and the patterns that it meets.

    Each constant is a kind of its own; no other example equals a constant.
    Raises: TooMuch when the patterns make too many combinations.
    Source: breadth-first walk over the product of the patterns' automata, a state being the set of
    positions reached in each.
    """
    fixed = sorted(set(constants))
    shaped = sorted(set(patterns))
    if not shaped:
        return [*((constant, frozenset[str]()) for constant in fixed), (_other_than(fixed), frozenset())]
    machines = [*([("is", letter) for letter in constant] for constant in fixed), *(_steps(p) for p in shaped)]
    letters = sorted({letter for steps in machines for kind, letter in steps if kind == "is"})
    letters.append(next(c for c in "xyzabcdefghijklmnopqrstuvw0123456789~" + chr(0x10FFFF) if c not in letters))
    start = tuple(_closed(1, steps) for steps in machines)
    seen, ahead, found = {start}, deque([(start, "")]), dict[tuple[bool, ...], str]()
    while ahead:
        state, text = ahead.popleft()
        ends = tuple(bool(at >> len(steps) & 1) for at, steps in zip(state, machines, strict=True))
        found.setdefault(ends, text)
        for letter in letters:
            after = tuple(_moved(at, letter, steps) for at, steps in zip(state, machines, strict=True))
            if after not in seen:
                seen.add(after)
                ahead.append((after, text + letter))
        if len(seen) > MAX_STATES:
            raise TooMuch
    return [
        (text, frozenset(p for p, end in zip(shaped, ends[len(fixed) :], strict=True) if end))
        for ends, text in found.items()
    ]


def _other_than(constants: list[str]) -> str:
    names = ["other", *(f"other {number}" for number in range(len(constants)))]
    return next(name for name in names if name not in constants)


def _steps(pattern: str) -> list[_Step]:
    """The pattern letter by letter: `_` is any one, `%` any number of them, a backslash makes the next plain."""
    steps: list[_Step] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            steps.append(("is", next(letters, "\\")))
        else:
            steps.append({"_": (_ANY, ""), "%": (_MANY, "")}.get(letter, ("is", letter)))
    return steps


def _closed(at: int, steps: list[_Step]) -> int:
    """The positions with those behind a `%` that may stand for nothing."""
    for position, (kind, _) in enumerate(steps):
        if kind == _MANY and at >> position & 1:
            at |= 1 << (position + 1)
    return at


def _moved(at: int, letter: str, steps: list[_Step]) -> int:
    after = 0
    for position, (kind, wanted) in enumerate(steps):
        if at >> position & 1:
            if kind == _MANY:
                after |= 1 << position
            elif kind == _ANY or wanted == letter:
                after |= 1 << (position + 1)
    return _closed(after, steps)
