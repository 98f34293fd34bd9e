"""Typed trees to the text of Python expressions in which every null is looked at, and no literal is ever written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.expr.fit import is_exact
from salesrules.expr.operators import OPERATORS
from salesrules.expr.typed import (
    Aggregate,
    Apply,
    Constant,
    Leaf,
    Lookup,
    Related,
    Typed,
    fold,
    leaves,
)

DEEP = 15  # Python reads no more than 200 brackets inside each other; deeper parts get a line of their own


@dataclass(frozen=True, slots=True)
class Text:
    """One node as Python: its value, and as a condition when it is true and when false; `deep` counts its levels."""

    value: str
    is_true: str
    is_false: str
    deep: int = 0
    never_null: bool = False


def _plain(value: str, deep: int = 0, never_null: bool = False) -> Text:
    return Text(value, f"{value} is True", f"{value} is False", deep, never_null)


def _condition(is_true: str, is_false: str, deep: int) -> Text:
    return Text(f"(True if {is_true} else False if {is_false} else None)", is_true, is_false, deep)


class Writer:
    """Writes the nodes of one function; `bound` are the objects that its names stand for."""

    def __init__(
        self,
        reads: Sequence[Leaf],
        related: Mapping[Leaf, Sequence[Leaf]],
        tables: Mapping[str, Callable[..., Any]],
        row: str = "row",
    ) -> None:
        self.bound: dict[str, Any] = {}
        self._tables = tables
        self._related_reads = related
        self._places = {leaf: f"{row}[{at}]" for at, leaf in enumerate(reads)}
        self._slots = dict(self._places)
        self._lines: list[str] = []
        self._functions: list[str] = []
        self._temporaries = 0

    def module(self, text: str) -> str:
        """The source of the function `answer`, which returns `text`."""
        body = "".join(f"    {line}\n" for line in self._lines)
        return "".join(self._functions) + f"def answer(row):\n{body}    return {text}\n"

    def written(self, tree: Typed) -> Text:
        """The tree as text; leaves that are read more than once are read into a local first."""
        for leaf, times in Counter(leaves(tree)).items():
            if times > 1 and leaf in self._places and self._slots[leaf] == self._places[leaf]:
                name = self._temporary()
                self._lines.append(f"{name} = {self._places[leaf]}")
                self._slots[leaf] = name
        return fold(tree, self._node)

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def _bind(self, value: Any) -> str:
        name = f"c{len(self.bound)}"
        self.bound[name] = value
        return name

    def _node(self, node: Typed, found: Sequence[Text]) -> Text:
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Leaf):
            return _plain(self._slots[node])
        if isinstance(node, Related):
            return self._related(node)
        if isinstance(node, Aggregate):
            raise TypeError("an aggregate has no value for one row")
        if isinstance(node, Lookup):
            deep = 1 + max((text.deep for text in found), default=0)
            text = _plain(self._spread(found, self._called(self._tables[node.table]), deep).value, deep)
        else:
            text = self._applied(node, found)
        return self._shallow(text) if text.deep > DEEP else text

    def _shallow(self, text: Text) -> Text:
        name = self._temporary()
        self._lines.append(f"{name} = {text.value}")
        return _plain(name)

    def _constant(self, node: Constant) -> Text:
        if node.value is None:
            return Text("None", "False", "False")
        if isinstance(node.value, bool):
            return Text(str(node.value), str(node.value), str(not node.value), never_null=True)
        return _plain(self._bind(node.value), never_null=True)

    def _applied(self, node: Apply, found: Sequence[Text]) -> Text:
        deep = 1 + max(text.deep for text in found)
        match node.operator:
            case "and" | "or":
                return _logic(node.operator, found, deep)
            case "not":
                return _condition(found[0].is_false, found[0].is_true, deep)
            case "is null":
                test = f"{found[0].value} is None"
                return Text(f"({test})", test, f"{found[0].value} is not None", deep, never_null=True)
            case "=":
                return self._equal(found, deep)
            case "in" if all(isinstance(option, Constant) for option in node.arguments[1:]):
                return self._among(found[0], node.arguments[1:], deep)
            case "case":
                arms = zip(found[:-1:2], found[1:-1:2], strict=True)
                chain = "".join(f"{value.value} if {condition.is_true} else " for condition, value in arms)
                return _plain(f"({chain}{found[-1].value})", deep)
            case "coalesce":
                chain = "".join(self._unless_null(text) for text in found[:-1])
                return _plain(f"({chain}{found[-1].value})", deep)
        return self._operation(node, found, deep)

    def _operation(self, node: Apply, found: Sequence[Text], deep: int) -> Text:
        row = OPERATORS[node.operator]
        python = row.exact if row.exact is not None and is_exact(node.kind) else row.python
        spelt = python.format if isinstance(python, str) else self._called(python)
        if not row.spreads:
            return _plain(spelt(*(text.value for text in found)), deep)
        return self._spread(found, spelt, deep)

    def _called(self, function: Callable[..., Any]) -> Callable[..., str]:
        name = self._bind(function)
        return lambda *arguments: f"{name}({', '.join(arguments)})"

    def _spread(self, found: Sequence[Text], spelt: Callable[..., str], deep: int) -> Text:
        """An operation that is null where an operand is."""
        checks, names = [], []
        for text in found:
            check, name = self._checked(text)
            checks += [check] if check else []
            names.append(name)
        test, known = spelt(*names), " and ".join(checks)
        if not checks:
            return Text(f"({test})", test, f"not {test}", deep)
        return Text(f"({test} if {known} else None)", f"{known} and {test}", f"{known} and not {test}", deep)

    def _checked(self, text: Text) -> tuple[str, str]:
        """The test that a value is not null, and the name it then has."""
        if text.never_null:
            return "", text.value
        if text.value.isidentifier():
            return f"{text.value} is not None", text.value
        name = self._temporary()
        return f"({name} := {text.value}) is not None", name

    def _unless_null(self, text: Text) -> str:
        check, name = self._checked(text)
        return f"{name} if {check or 'True'} else "

    def _equal(self, found: Sequence[Text], deep: int) -> Text:
        """Nothing that is known equals None, so one side that is known will do."""
        slow = self._spread(found, "{0} == {1}".format, deep)
        left, right = found
        if left.never_null or right.never_null:
            return Text(slow.value, f"{left.value} == {right.value}", slow.is_false, deep)
        check, name = self._checked(left)
        return Text(slow.value, f"{check} and {name} == {right.value}", slow.is_false, deep)

    def _among(self, text: Text, options: Sequence[Typed], deep: int) -> Text:
        name = self._bind(frozenset(option.value for option in options if isinstance(option, Constant)))
        slow = self._spread([text], f"{{0}} in {name}".format, deep)
        return Text(slow.value, f"{text.value} in {name}", slow.is_false, deep)

    def _related(self, node: Related) -> Text:
        """A loop over the related rows, in a function of its own."""
        inner = Writer(self._related_reads[node.rows], {}, self._tables, "one")
        inner._slots |= self._places
        offset = len(self.bound)
        inner.bound = {f"c{at}": None for at in range(offset)}  # names go on where ours end
        test = inner.written(node.where).is_true
        self.bound |= {name: value for name, value in inner.bound.items() if int(name[1:]) >= offset}
        name = f"f{len(self._functions)}_{offset}"
        lines = "".join(f"        {line}\n" for line in inner._lines)
        found = f"        if {test}:\n            " + ("return True\n" if node.function == "some" else "n += 1\n")
        end = "    return False\n" if node.function == "some" else "    return n\n"
        self._functions.append(f"def {name}(row, many):\n    n = 0\n    for one in many or ():\n{lines}{found}{end}")
        return _plain(f"{name}(row, {self._slots[node.rows]})", never_null=True)


def _logic(operator: str, found: Sequence[Text], deep: int) -> Text:
    other = "or" if operator == "and" else "and"
    is_true = f" {operator} ".join(f"({text.is_true})" for text in found)
    is_false = f" {other} ".join(f"({text.is_false})" for text in found)
    return _condition(f"({is_true})", f"({is_false})", deep)
