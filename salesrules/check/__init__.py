"""Pack to Issues: every fact that must hold between the parts of a pack, one function a fact, in one visible tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from salesrules.check.entities import (
    categories_have_a_steward,
    fields_lead_somewhere,
    keys_are_fields,
    people_are_an_entity,
    references_have_single_keys,
)
from salesrules.check.kpis import kpis_are_of_an_entity
from salesrules.check.policies import (
    grants_name_known_things,
    role_inclusion_ends,
    roles_include_known_roles,
    slices_name_entities,
)
from salesrules.issue import Issue, in_order
from salesrules.meaning import Meanings, meanings_of
from salesrules.pack.pack import Pack

CHECKS: tuple[Callable[[Pack], Iterator[Issue]], ...] = (
    people_are_an_entity,
    keys_are_fields,
    fields_lead_somewhere,
    references_have_single_keys,
    categories_have_a_steward,
    roles_include_known_roles,
    role_inclusion_ends,
    slices_name_entities,
    grants_name_known_things,
    kpis_are_of_an_entity,
)


def check(pack: Pack) -> tuple[Meanings, tuple[Issue, ...]]:
    """What the pack means, and everything that is wrong with it, sorted by place."""
    meanings, issues = meanings_of(pack)
    for fact in CHECKS:
        issues.extend(fact(pack))
    return meanings, in_order(issues)
