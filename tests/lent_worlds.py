"""A small world to stand-ins in it: what each is lent, for the truth, and as the product works it out from a rule."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from salesrules.access.snapshot import Principal
from salesrules.issue import Span
from salesrules.pack.separation import Delegation
from salesrules.pack.values import Duration
from salesrules.pack.word import Word
from salesrules.work.standing_in import lent
from tests.small_packs import ACTIONS, SHAPE
from tests.truth import NEVER_LENT, World, hats
from tests.views import Views, in_place

ENTITIES = [(), (), ("customer", "订单"), ("订单",), ("person", "team", "customer")]


def with_stand_ins(world: World, seed: int) -> World:
    """The same world in which everyone who can is lent something by some other, so far as a rule drawn for it lends."""
    draw = Random(seed)
    people = [person for person in world.rows["person"] if hats(world, person)]
    for giver in people:
        taker = draw.choice(people)
        roles = sorted({post["role"] for post, _ in hats(world, giver)})
        from_ = set(draw.sample(roles, (len(roles) + 1) // 2))
        what = draw.choice([[*ACTIONS], [*ACTIONS], ["read", "export", "approve"], ["aggregate"], ["read", "update"]])
        never, of = draw.sample(what, draw.choice([0, 0, 1])), draw.choice(ENTITIES)
        only = draw.choice([what, what, ["read", "aggregate"], ["read", "advance", "update"]])
        actions = {action for action in what if action not in never and action in only}
        if taker != giver and actions - set(NEVER_LENT):
            world.lent[in_place(taker, giver)] = {
                "giver": giver,
                "taker": taker,
                "from": from_,
                "of": of or tuple(SHAPE),
                "actions": actions,
                "rule": (what, never, only, of),
            }
    return world


def stand_ins(views: Views) -> Iterator[Principal]:
    """Each of them, as the product has the one in whose place they are."""
    for one in views.world.lent.values():
        what, never, only, of = one["rule"]
        words = [tuple(map(Word, some)) for some in (sorted(one["from"]), what, never)]
        rule = Delegation("rule", Span("-"), words[0], words[1], Duration(14, "d"), never=words[2])
        giver, taker = views.principal(one["giver"]), views.principal(one["taker"])
        assert giver is not None
        assert taker is not None
        found = lent(rule, giver, taker, only, of)
        assert found is not None
        yield found
