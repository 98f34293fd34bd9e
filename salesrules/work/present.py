"""People and a day to who is at work, and to what somebody was who no longer is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.issue import AccessDenied
from salesrules.meaning import PERSON


def at_work(snapshot: Snapshot, person: str | None, day: date) -> Principal | None:
    """A person who is active and has a post on a day, if it is one."""
    try:
        return snapshot.principal(person, day) if person is not None else None
    except AccessDenied:
        return None


def everyone_at_work(snapshot: Snapshot, day: date) -> Iterator[Principal]:
    """Everyone who is active and has a post on a day, by id."""
    for person in sorted(snapshot.organisation.posts):
        found = at_work(snapshot, person, day)
        if found is not None:
            yield found


def as_last(snapshot: Snapshot, person: str, day: date) -> Principal | None:
    """A person with the posts of a day, active or not; where there is none with those that were given up last."""
    posts = snapshot.organisation.posts.get(person, ())
    held = [post for post in posts if post.on(day)]
    if not held:
        ends = [post.end for post in posts if post.end is not None and post.end <= day]
        held = [post for post in posts if ends and post.end == max(ends)]
    hats = tuple(Hat(post, snapshot.program.roles[post.role]) for post in held)
    return Principal(person, day, snapshot.organisation.people[person], hats) if hats else None


def managers(snapshot: Snapshot, person: str) -> Iterator[str]:
    """The managers above a person, the nearest first."""
    above, people, seen = snapshot.program.pack.tree_of(PERSON), snapshot.organisation.people, {person}
    at = people[person].get(above) if above is not None else None
    while at in people and at not in seen:
        yield str(at)
        seen.add(str(at))
        at = people[str(at)].get(str(above))
