"""Text to syntax: a small Pratt parser for the SQL-like expressions that packs are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from salesrules.expr.syntax import Call, Expression, Literal, Name, Node, Operation
from salesrules.issue import Issue

MAX_LENGTH = 20_000
MAX_DEPTH = 100
RESERVED = frozenset(
    "and or not in is null between like case when then else end true false date distinct filter where".split()  # noqa: SIM905
)

_FULL_WIDTH = str.maketrans("（），＝＜＞％＋－＊／", "(),=<>%+-*/")
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)(?P<unit>%)?"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<symbol><>|<=|>=|==|!=|&&|\|\||[-+*/=<>(),.])"
)
_MISSPELT = {"==": "=", "!=": "<>", "&&": "and", "||": "or"}
_COMPARE = {"=", "<>", "<", "<=", ">", ">="}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int
    unit: str = ""


class _Flaw(Exception):
    def __init__(self, code: str, start: int, end: int, **words: str) -> None:
        super().__init__(code)
        self.code, self.start, self.end, self.words = code, start, end, words


def parse(expression: Expression) -> tuple[Node | None, list[Issue]]:
    """The syntax of an expression, or the one issue that stops it from being read."""
    try:
        if len(expression.text) > MAX_LENGTH:
            raise _Flaw("expr.too_long", 0, 1, limit=f"{MAX_LENGTH:,}")
        parser = _Parser(_tokens(expression.text))
        node = parser.expression(0)
        parser.finish()
    except _Flaw as flaw:
        return None, [Issue(flaw.code, expression.at(flaw.start, flaw.end), flaw.words)]
    return node, []


def _tokens(text: str) -> list[_Token]:
    parts = re.split(r"('(?:[^']|'')*')", text)
    text = "".join(part if index % 2 else part.translate(_FULL_WIDTH) for index, part in enumerate(parts))
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            code = "expr.open_text" if text[at] == "'" else "expr.unexpected"
            raise _Flaw(code, at, at + 1, found=text[at])
        kind = match.lastgroup if match.lastgroup != "unit" else "number"
        if match["symbol"] in _MISSPELT:
            raise _Flaw("expr.other_dialect", at, match.end(), found=match[0], write=_MISSPELT[match[0]])
        if kind != "space":
            tokens.append(_Token(kind or "", match[kind or 0], at, match.end(), match["unit"] or ""))
        at = match.end()
    tokens.append(_Token("end", "", len(text), len(text) + 1))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += 1
        return token

    def word(self) -> str:
        return self.next.text.lower() if self.next.kind in ("name", "symbol") else ""

    def accept(self, *words: str) -> bool:
        """Take these words if they come next, all of them or none."""
        ahead = self.tokens[self.at : self.at + len(words)]
        if [t.text.lower() if t.kind in ("name", "symbol") else "" for t in ahead] != list(words):
            return False
        self.at += len(words)
        return True

    def expect(self, word: str) -> _Token:
        if self.word() != word:
            raise self.unexpected(wanted=word)
        return self.take()

    def unexpected(self, wanted: str = "") -> _Flaw:
        token = self.next
        if token.kind == "end":
            return _Flaw("expr.ends_early", token.start, token.end)
        if wanted:
            return _Flaw("expr.expected", token.start, token.end, wanted=wanted, found=token.text)
        return _Flaw("expr.unexpected", token.start, token.end, found=token.text)

    def finish(self) -> None:
        if self.next.kind != "end":
            raise self.unexpected()

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Flaw("expr.too_deep", self.next.start, self.next.end, limit=str(MAX_DEPTH))
        left = self.prefix()
        while (new := self.infix(left, power)) is not None:
            left = new
        self.depth -= 1
        return left

    def infix(self, left: Node, power: int) -> Node | None:
        word = self.word()
        if word in ("and", "or"):
            strength = 20 if word == "and" else 10
            return self.chain(left, word, strength) if power < strength else None
        if word in _COMPARE and power < 40:
            self.take()
            right = self.expression(40)
            return Operation(left.start, right.end, word, (left, right))
        if word in ("is", "in", "not", "between") and power < 40:
            return self.test(left)
        if word in ("+", "-") and power < 50:
            self.take()
            right = self.expression(50)
            return Operation(left.start, right.end, word, (left, right))
        if word in ("*", "/") and power < 60:
            self.take()
            right = self.expression(60)
            return Operation(left.start, right.end, word, (left, right))
        return None

    def chain(self, left: Node, word: str, strength: int) -> Node:
        """`a and b and c` is one operation with three operands, so long conditions stay flat."""
        operands = [left]
        while self.accept(word):
            operands.append(self.expression(strength))
        return Operation(left.start, operands[-1].end, word, tuple(operands))

    def test(self, left: Node) -> Node:
        if self.accept("is", "null"):
            return Operation(left.start, self.tokens[self.at - 1].end, "is null", (left,))
        if self.accept("is", "not", "null"):
            found = Operation(left.start, self.tokens[self.at - 1].end, "is null", (left,))
            return Operation(found.start, found.end, "not", (found,))
        negative = self.accept("not")
        if self.accept("in"):
            self.expect("(")
            operands = (left, *self.arguments())
            node = Operation(left.start, self.tokens[self.at - 1].end, "in", operands)
        elif self.accept("between"):
            low = self.expression(40)
            self.expect("and")
            node = Operation(left.start, self.next.start, "between", (left, low, self.expression(40)))
        else:
            raise self.unexpected()
        return Operation(node.start, node.end, "not", (node,)) if negative else node

    def arguments(self) -> tuple[Node, ...]:
        if self.accept(")"):
            return ()
        found = [self.expression(0)]
        while self.accept(","):
            found.append(self.expression(0))
        self.expect(")")
        return tuple(found)

    def prefix(self) -> Node:
        token = self.next
        word = self.word()
        if word == "not":
            self.take()
            operand = self.expression(30)
            return Operation(token.start, operand.end, "not", (operand,))
        if word == "-":
            self.take()
            operand = self.expression(70)
            return Operation(token.start, operand.end, "negative", (operand,))
        if word == "(":
            self.take()
            node = self.expression(0)
            self.expect(")")
            return node
        if token.kind == "number":
            self.take()
            return _number(token)
        if token.kind == "text":
            self.take()
            return Literal(token.start, token.end, "text", token.text[1:-1].replace("''", "'"))
        if word in ("true", "false", "null"):
            self.take()
            value = {"true": True, "false": False, "null": None}[word]
            return Literal(token.start, token.end, "null" if value is None else "boolean", value)
        if word == "date" and self.tokens[self.at + 1].kind == "text":
            self.take()
            return _date(self.take(), token.start)
        if token.kind == "name" and word not in RESERVED:
            return self.named()
        raise self.unexpected()

    def named(self) -> Node:
        first = self.take()
        parts, end = [first.text], first.end
        while self.accept("."):
            if self.next.kind != "name":
                raise self.unexpected()
            end = self.next.end
            parts.append(self.take().text)
        if len(parts) > 1 or not self.accept("("):
            return Name(first.start, end, tuple(parts))
        star = self.accept("*")
        distinct = not star and self.accept("distinct")
        if star:
            self.expect(")")
        arguments = () if star else self.arguments()
        where = None
        if self.accept("filter", "(", "where"):
            where = self.expression(0)
            self.expect(")")
        end = self.tokens[self.at - 1].end
        return Call(first.start, end, first.text.lower(), arguments, star, distinct, where)


def _number(token: _Token) -> Literal:
    digits = token.text.replace("_", "")
    if token.unit:
        return Literal(token.start, token.end, "percent", Decimal(digits) / 100)
    if "." in digits:
        return Literal(token.start, token.end, "decimal", Decimal(digits))
    return Literal(token.start, token.end, "integer", int(digits[:400]))


def _date(token: _Token, start: int) -> Literal:
    try:
        return Literal(start, token.end, "date", date.fromisoformat(token.text[1:-1]))
    except ValueError:
        raise _Flaw("expr.no_such_date", token.start, token.end, found=token.text[1:-1]) from None
