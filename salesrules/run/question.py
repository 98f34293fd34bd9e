"""What a person types to a question about a list: each name and the filter with a meaning, or every mistake at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from salesrules.compile import Program
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf, Typed
from salesrules.issue import Issue, QuestionError, Span, in_order
from salesrules.run.filter import beyond_a_filter

_USER = frozenset({"user"})


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; what is empty comes last, and after it what is hidden, in both directions."""

    path: Leaf
    descending: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Records of an entity: the paths that are asked for, which rows, and in which order."""

    entity: str
    columns: tuple[Leaf, ...]
    where: Typed | None = None
    order: tuple[Order, ...] = ()


def read_question(program: Program, entity: str, where: str = "", columns: str = "", sort: str = "") -> Question:
    """A question as it was typed; without columns, all fields of the entity.

    Args: columns: paths with commas between; sort: the same, a minus before those that descend.

    Raises: QuestionError with every mistake, placed in `--where`, `--columns` or `--sort`.
    """
    issues: list[Issue] = []
    asked = Question(
        entity,
        tuple(_paths(program, entity, "--columns", columns or ",".join(program.pack.entities[entity].fields), issues)),
        _condition(program, entity, where, issues) if where.strip() else None,
        tuple(_orders(program, entity, sort, issues)),
    )
    if issues:
        raise QuestionError(in_order(issues))
    return asked


def path_of(program: Program, entity: str, name: str, span: Span, code: str) -> tuple[Leaf | None, list[Issue]]:
    """The field at the end of a path from a record; `code` says that what was written is no path."""
    tree, issues = resolve(Expression(name, span), Scope(program.meanings.vocabulary, entity))
    if tree is None:
        return None, issues
    if not isinstance(tree, Leaf) or tree.root != "row" or tree.part != "value":
        return None, [Issue(code, span, {"name": name})]
    return tree, []


def _condition(program: Program, entity: str, text: str, issues: list[Issue]) -> Typed | None:
    expression = Expression(text, Span("--where"))
    tree, wrong = resolve(expression, Scope(program.meanings.vocabulary, entity, _USER), BOOLEAN)
    issues += wrong if tree is None else beyond_a_filter(program.pack, tree, expression.at(0, len(text)))
    return tree


def _paths(program: Program, entity: str, option: str, text: str, issues: list[Issue]) -> Iterator[Leaf]:
    for name, start in _parts(text):
        span = Span(option, 1, start + 1, 1, start + len(name) + 1)
        leaf, wrong = path_of(program, entity, name, span, "ask.is_a_path")
        issues += wrong
        if leaf is not None:
            yield leaf


def _orders(program: Program, entity: str, text: str, issues: list[Issue]) -> Iterator[Order]:
    for name, start in _parts(text):
        bare = name.removeprefix("-").lstrip()
        first = start + len(name) - len(bare)
        span = Span("--sort", 1, first + 1, 1, start + len(name) + 1)
        leaf, wrong = path_of(program, entity, bare, span, "ask.is_a_path")
        issues += wrong
        if leaf is not None:
            yield Order(leaf, bare != name)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """What stands between the commas, without spaces around it, and where it starts."""
    at = 0
    for part in text.split(","):
        if part.strip():
            yield part.strip(), at + len(part) - len(part.lstrip())
        at += len(part) + 1
