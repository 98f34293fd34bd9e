"""What pools keep from people until they claim, to slices and the grants that deny them, beside those of the pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from salesrules.expr.sql import literal
from salesrules.expr.syntax import Expression
from salesrules.pack.entities import Entity
from salesrules.pack.followed import OWNER, owned
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant, Slice
from salesrules.pack.pools import BeforeClaim, Pool
from salesrules.pack.roles import including
from salesrules.pack.word import Word

PREFIX = "unclaimed in "
"""How the slice of a pool begins; no slice of a pack is called so, for names have no space."""


def unclaimed(pack: Pack) -> tuple[Mapping[str, Slice], tuple[Grant, ...]]:
    """For each pool that hides something a slice with what nobody owns, and a deny of it for each role that reads it.

    A record of the pool's entity is in it while it has no owner; so is what refers to such a record and has no owner
    of its own, such as the contacts of a customer. Roles that the pool leaves out, and those that include one, are
    not kept from it.
    """
    slices: dict[str, Slice] = {}
    grants: list[Grant] = []
    for pool in pack.pools.values():
        hidden = pool.before_claim
        rows = _rows(pack, pool, hidden) if hidden is not None else {}
        if hidden is None or not rows:
            continue
        id = f"{PREFIX}{pool.id}"
        slices[id] = Slice(id, pool.span, pool.label, rows)
        for entity in rows:
            grants += _denies(pack, pool, hidden, entity, id)
    return slices, tuple(grants)


def _rows(pack: Pack, pool: Pool, hidden: BeforeClaim) -> dict[Word, Expression]:
    """The condition on each entity of which something is hidden."""
    besides = including(pack.roles, hidden.except_)
    told = ", ".join(map(literal, sorted(besides)))
    but = f" and post.role not in ({told})" if told else ""
    found = {}
    for entity in pack.entities.values():
        if not any(field.category in hidden.hide for field in entity.fields.values()):
            continue
        condition = " or ".join(_unowned(entity, pool, pack))
        if condition:
            found[Word(entity.id)] = Expression(f"({condition}){but}" if but else condition, pool.span)
    return found


def _unowned(entity: Entity, pool: Pool, pack: Pack) -> Iterator[str]:
    if entity.id == pool.entity:
        yield from (f"{OWNER} is null",) if owned(entity) else ()
    elif pool.entity in pack.entities and owned(pack.entities[pool.entity]):
        refs = [field.id for field in entity.fields.values() if field.type == "ref" and field.to == pool.entity]
        own = f"{OWNER} is null and " if owned(entity) else ""
        yield from (f"({own}{name} is not null and {name}.{OWNER} is null)" for name in refs)


def _denies(pack: Pack, pool: Pool, hidden: BeforeClaim, entity: str, slice_: str) -> Iterator[Grant]:
    used = {field.category for field in pack.entities[entity].fields.values()}
    allowed = [line for line in pack.grants if (line.object, line.action, line.effect) == (entity, "read", "allow")]
    for category in sorted(used.intersection(hidden.hide)):
        for role in sorted({line.role for line in allowed if line.category in ("*", category)}):
            yield Grant(pool.span, "deny", role, "read", entity, str(category), slice_, None, None, "")
