"""Text to syntax: a small Pratt parser for the SQL-like expressions that packs are written in."""

from __future__ import annotations

from salesrules.expr.lex import Flaw, Token, tokens_of
from salesrules.expr.literals import moment, number
from salesrules.expr.syntax import Call, Expression, Literal, Name, Node, Operation, children
from salesrules.issue import Issue

MAX_LENGTH = 100_000
MAX_DEPTH = 100
MAX_NODES = 40_000
RESERVED = frozenset(
    ("and", "or", "not", "in", "is", "null", "between", "like", "case", "when", "then", "else", "end", "true", "false")
)
_BINARY = {**dict.fromkeys("+-", 50), **dict.fromkeys("*/", 60)}
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
_TESTS = ("is", "in", "not", "between", "like")
_CONSTANTS = {"true": True, "false": False, "null": None}


def parse(expression: Expression) -> tuple[Node | None, list[Issue]]:
    """The syntax of an expression, or the one issue that stops it from being read."""
    try:
        node = _parsed(expression.text)
    except Flaw as flaw:
        return None, [Issue(flaw.code, expression.at(flaw.start, flaw.end), flaw.words)]
    return node, []


def via(expression: Expression) -> Name | None:
    """The reference that a slice follows when all it says is `via opportunity`."""
    words = expression.text.split(maxsplit=1)
    if len(words) < 2 or words[0].lower() != "via":
        return None
    start = expression.text.index(words[0]) + len(words[0])
    try:
        node = _parsed(" " * start + expression.text[start:])
    except Flaw:
        return None
    return node if isinstance(node, Name) else None


def _parsed(text: str) -> Node:
    if len(text) > MAX_LENGTH:
        raise Flaw("expr.too_long", 0, 1, limit=f"{MAX_LENGTH:,}")
    parser = _Parser(tokens_of(text))
    node = parser.expression(0)
    if parser.next.kind != "end":
        raise parser.unexpected()
    _measure(node)
    return node


def _measure(root: Node) -> None:
    """Refuse what later steps could not carry: `a + b + c ...` is as deep as it is long."""
    count, ahead = 0, [(root, 1)]
    while ahead:
        node, depth = ahead.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise Flaw("expr.too_deep", node.start, node.end, limit=str(MAX_DEPTH))
        if count > MAX_NODES:
            raise Flaw("expr.too_many_parts", root.start, root.start + 1, limit=f"{MAX_NODES:,}")
        ahead.extend((child, depth + 1) for child in children(node))


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def end(self) -> int:
        """Where the last token taken ends."""
        return self.tokens[self.at - 1].end

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *words: str) -> bool:
        """Take these words if they come next, all of them or none."""
        for ahead, word in enumerate(words, start=self.at):
            if self.tokens[ahead].word != word:  # the last token is no word, so nothing is read past it
                return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise self.unexpected(wanted=word)

    def unexpected(self, wanted: str = "") -> Flaw:
        token = self.next
        if token.kind == "end":
            return Flaw("expr.ends_early", token.start, token.end)
        if wanted:
            return Flaw("expr.expected", token.start, token.end, wanted=wanted, found=token.text)
        return Flaw("expr.unexpected", token.start, token.end, found=token.text)

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Flaw("expr.too_deep", self.next.start, self.next.end, limit=str(MAX_DEPTH))
        left = self.prefix()
        while (new := self.infix(left, power)) is not None:
            left = new
        self.depth -= 1
        return left

    def infix(self, left: Node, power: int) -> Node | None:
        word = self.next.word
        if word in ("and", "or"):
            strength = 20 if word == "and" else 10
            return self.chain(left, word, strength) if power < strength else None
        strength = 40 if word in _COMPARE else _BINARY.get(word, 0)
        if power < strength:
            self.take()
            right = self.expression(strength)
            return Operation(left.start, right.end, word, (left, right))
        return self.test(left) if word in _TESTS and power < 40 else None

    def chain(self, left: Node, word: str, strength: int) -> Node:
        """`a and b and c` is one operation with three operands, so long conditions stay flat."""
        operands = [left]
        while self.accept(word):
            operands.append(self.expression(strength))
        return Operation(left.start, operands[-1].end, word, tuple(operands))

    def test(self, left: Node) -> Node:
        if self.accept("is"):
            negative = self.accept("not")
            self.expect("null")
            node = Operation(left.start, self.end, "is null", (left,))
            return Operation(node.start, node.end, "not", (node,)) if negative else node
        negative = self.accept("not")
        if self.accept("in"):
            node = self.membership(left)
        elif self.accept("between"):
            low = self.expression(40)
            self.expect("and")
            high = self.expression(40)
            node = Operation(left.start, high.end, "between", (left, low, high))
        elif self.accept("like"):
            pattern = self.expression(40)
            node = Operation(left.start, pattern.end, "like", (left, pattern))
        else:
            raise self.unexpected()
        return Operation(node.start, node.end, "not", (node,)) if negative else node

    def membership(self, left: Node) -> Operation:
        """`in (a, b)` has its options as operands; `in tags` asks a list that the record holds."""
        if self.accept("("):
            options = self.arguments()
            if not options:
                raise Flaw("expr.empty_list", self.end - 2, self.end)
            return Operation(left.start, self.end, "in", (left, *options))
        listed = self.expression(40)
        return Operation(left.start, listed.end, "in", (left, listed))

    def arguments(self) -> tuple[Node, ...]:
        if self.accept(")"):
            return ()
        found = [self.expression(0)]
        while self.accept(","):
            found.append(self.expression(0))
        self.expect(")")
        return tuple(found)

    def prefix(self) -> Node:
        token, word = self.next, self.next.word
        if word in ("not", "-"):
            self.take()
            operand = self.expression(30 if word == "not" else 70)
            return Operation(token.start, operand.end, "not" if word == "not" else "negative", (operand,))
        if word == "(":
            self.take()
            return self.bracket(token.start)
        if token.kind == "number":
            return number(self.take())
        if token.kind == "text":
            self.take()
            return Literal(token.start, token.end, "text", _text(token))
        if word in _CONSTANTS:
            self.take()
            value = _CONSTANTS[word]
            return Literal(token.start, token.end, "null" if value is None else "boolean", value)
        if word in ("date", "timestamp") and self.tokens[self.at + 1].kind == "text":
            self.take()
            return moment(word, self.take(), token.start)
        if self.accept("case"):
            return self.case(token.start)
        if token.kind == "label" or (token.kind == "name" and word not in RESERVED):
            return self.named()
        raise self.unexpected()

    def bracket(self, start: int) -> Node:
        """What stands in brackets; several things with commas are a list."""
        found = self.arguments()
        if not found:
            raise Flaw("expr.empty_list", start, self.end)
        return found[0] if len(found) == 1 else Operation(start, self.end, "list", found)

    def case(self, start: int) -> Node:
        parts: list[Node] = []
        while self.accept("when"):
            parts.append(self.expression(0))
            self.expect("then")
            parts.append(self.expression(0))
        if not parts:
            raise self.unexpected(wanted="when")
        if self.accept("else"):
            parts.append(self.expression(0))
        self.expect("end")
        return Operation(start, self.end, "case", tuple(parts))

    def named(self) -> Node:
        parts = [self.take()]
        while self.accept("."):
            if self.next.kind not in ("name", "label"):
                raise self.unexpected()
            parts.append(self.take())
        start = parts[0].start
        if len(parts) > 1 or parts[0].kind == "label" or not self.accept("("):
            spans = tuple((part.start, part.end) for part in parts)
            return Name(start, self.end, tuple(part.text for part in parts), spans)
        star = self.accept("*")
        distinct = not star and self.accept("distinct")
        if star:
            self.expect(")")
        arguments = () if star else self.arguments()
        where = None
        if self.accept("filter"):
            self.expect("(", "where")
            where = self.expression(0)
            self.expect(")")
        return Call(start, self.end, parts[0].text.lower(), arguments, star, distinct, where)


def _text(token: Token) -> str:
    text = token.text[1:-1].replace("''", "'")
    if "\0" in text:
        raise Flaw("expr.unexpected", token.start, token.end, found="\\0")
    return text
