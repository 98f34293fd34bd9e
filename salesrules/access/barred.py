"""Lines of the posts that cannot be read to what follows from them: who is barred, and what is told of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from salesrules.compile import Program
from salesrules.issue import Issue, Term
from salesrules.sources.org.posts import WrongPost


def bars(program: Program, line: WrongPost, day: date) -> bool:
    """Whether a line leaves its person without any post on a day, because what cannot be read may deny something.

    A post that is lost takes its denies with it, and what they close would open.
    """
    if not line.is_lost or not line.may_hold(day):
        return False
    roles = program.roles if line.role is None else program.roles[line.role]
    return any(grant.effect == "deny" and grant.role in roles and grant.on(day) for grant in program.pack.grants)


def barred_words(line: WrongPost, day: date) -> Mapping[str, str]:
    """What is said of it to whoever asks for the person."""
    return {**_words(line), "day": day.isoformat(), "place": str(line.span)}


def post_warnings(program: Program, lines: Iterable[WrongPost], day: date) -> Iterator[Issue]:
    """Each line that cannot be read, with its place, the person and the reason, and what follows from it on a day."""
    for line in lines:
        if line.is_lost:
            yield Issue("post.bars" if bars(program, line, day) else "post.left_out", line.span, _words(line))


def _words(line: WrongPost) -> dict[str, str]:
    cause = Term(f"cause.{line.reason.partition('.')[2]}")
    return {"person": line.person, "field": line.field, "cause": cause}
