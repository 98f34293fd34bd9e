"""The target of the long fuzzing run: bytes become an expression or a file, and nothing but issues may come of them."""

import sys

import atheris

with atheris.instrument_imports(include=["salesrules.expr", "salesrules.load"]):
    from salesrules.expr.resolve import resolve
    from salesrules.expr.syntax import Expression
    from salesrules.issue import Span
    from salesrules.load.schema import KINDS
    from salesrules.load.structure import structure
    from salesrules.load.text import decode
    from salesrules.load.validate import validate
    from salesrules.load.yaml_data import read
from tests.expr_world import CREDIT, GOAL, HANDOVER, KPI, ROW

SCOPES = (ROW, KPI, CREDIT, HANDOVER, GOAL)
FILES = tuple(sorted(KINDS))


def expressions(content: bytes) -> None:
    """The first byte chooses the place of the expression."""
    if content:
        text = content[1:].decode("utf-8", errors="replace")
        scope = SCOPES[content[0] % len(SCOPES)]
        tree, issues = resolve(Expression(text, Span("f", 1, 1, 1, len(text) + 1)), scope)
        assert tree is not None or issues
        told(issues, "f")


def files(content: bytes) -> None:
    """The first byte chooses the kind of the file."""
    if content:
        text, problem = decode(content[1:], "f")
        if problem is not None:
            return told([problem], "f")
        kind = FILES[content[0] % len(FILES)]
        value, issues = read(text, "f")
        assert value is not None or issues
        if value is not None:
            issues = [*issues, *validate(value, kind)]
            if not issues:
                structure(KINDS[kind], value)
        told(issues, "f")
    return None


def told(issues, file):
    """Every issue has a place and a sentence in both languages."""
    for issue in issues:
        assert issue.span.file == file
        assert issue.span.line >= 1
        assert issue.line("en")
        assert issue.line("zh")


if __name__ == "__main__":
    target = {"expressions": expressions, "files": files}[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()
