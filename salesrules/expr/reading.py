"""One expression being read in its scope: the issues found so far, and the operands of each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from salesrules.expr.kinds import Kind, Vocabulary
from salesrules.expr.syntax import Call, Expression, Node
from salesrules.expr.typed import Typed
from salesrules.issue import Issue


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of one expression may mean.

    The fields of `entity`; the `roots` among user, post, candidate, person, state, leave, credit, handover and now;
    with `aggregates` sums over rows and other KPIs; the `slices` that `slice(...)` may name, by id, each on this
    entity; with `beside` also the fields of rows that point at a record; with `by_member` nothing but dimensions, each
    for the member that a figure is asked for. `bound` are the dimensions that bind posts, where `*` stands for all
    members: a post is asked for them by `within` and not by comparing texts.
    """

    vocabulary: Vocabulary
    entity: str
    roots: frozenset[str] = frozenset()
    aggregates: bool = False
    slices: Mapping[str, Typed] = field(default_factory=dict)
    beside: bool = False
    by_member: bool = False
    bound: frozenset[str] = frozenset()


class Wrong(Exception):
    """Unwinds to the nearest operand once its issue is noted; never leaves `resolve`."""


@dataclass
class Reading:
    """The state of one reading; `inside` is where names are looked up: the entity, or records that point at it."""

    expression: Expression
    scope: Scope
    tree: Callable[[Reading, Node], Typed]
    issues: list[Issue] = field(default_factory=list)
    inside_aggregate: bool = False
    related: Mapping[str, tuple[str, Kind]] | None = None

    def note(self, code: str, start: int, end: int, near: str | None = None, **words: str) -> None:
        """Note a mistake in the characters from `start` to `end`."""
        self.issues.append(Issue(code, self.expression.at(start, end), words, near=near))

    def fail(self, code: str, node: Node, near: str | None = None, **words: str) -> Wrong:
        """Note a mistake in a node, and give what to raise."""
        self.note(code, node.start, node.end, near, **words)
        return Wrong()

    def clash(self, node: Node, code: str, left: Kind, right: Kind, name: str = "") -> Wrong:
        """Note that two kinds do not go together."""
        return self.fail(code, node, name=name, left=left.term, right=right.term)

    def takes(self, node: Call, *wanted: int) -> None:
        """Check the number of arguments of a call.

        Raises: Wrong if it is none of `wanted`.
        """
        if len(node.arguments) not in wanted:
            raise self.fail("expr.argument_count", node, name=node.function, wanted=", ".join(map(str, wanted)))

    def trees(self, nodes: Sequence[Node]) -> list[Typed]:
        """The meanings of all operands; one that has none does not hide the issues of the others.

        Raises: Wrong once all are read, if one has none.
        """
        found: list[Typed] = []
        for node in nodes:
            try:
                found.append(self.tree(self, node))
            except Wrong:
                continue
        if len(found) < len(nodes):
            raise Wrong()
        return found
