"""Facts about dimensions, their members, and how a member is read off a record."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, each_once, members_of, unless_known
from salesrules.issue import Issue
from salesrules.pack.dimensions import Dimension, Member, MemberTable
from salesrules.pack.pack import Pack


def members_stand_once(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        for issue in each_once("dimension.two_parents", ((m.id, m.span) for m in _written(dimension))):
            yield Issue(issue.code, issue.span, {**issue.words, "dimension": dimension.id}, other=issue.other)


def members_lead_to_members(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        known = {member.id for member in _written(dimension)}
        for member in _written(dimension):
            words = (*member.becomes, *((member.parent,) if member.parent else ()))
            yield from all_known("dimension.unknown_member", words, known, dimension=dimension.id)
            yield from unless_known("dimension.unknown_calendar", member.calendar, pack.calendars)


def members_are_below_others(pack: Pack) -> Iterator[Issue]:
    """No member is its own ancestor."""
    for dimension in pack.dimensions.values():
        parents = {member.id: member.parent for member in _written(dimension)}
        for member in _written(dimension):
            at, seen = member.parent, {member.id}
            while at is not None and at not in seen:
                seen.add(at)
                at = parents.get(at)
            if at == member.id:
                yield Issue("dimension.own_ancestor", member.span, {"name": member.id, "dimension": dimension.id})


def members_end_after_they_start(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        for member in _written(dimension):
            if member.from_ and member.to and member.to <= member.from_:
                words = {"name": member.id, "start": str(member.from_), "end": str(member.to)}
                yield Issue("dimension.ends_before_start", member.span, words)


def classifications_name_members(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        if dimension.classify is not None:
            yield from unless_known("dimension.unknown_entity", dimension.classify.of, pack.entities)
            known = members_of(pack, dimension.id)
            for rule in dimension.classify.rules if known is not None else ():
                yield from unless_known("dimension.unknown_member", rule.is_, known or (), dimension=dimension.id)


def classifications_take_every_record(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        rules = dimension.classify.rules if dimension.classify else ()
        if rules and all(rule.when is not None for rule in rules):
            yield Issue("dimension.some_match_nothing", rules[-1].span, {"dimension": dimension.id})


def derived_dimensions_follow_a_process(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        if dimension.derived is not None:
            yield from unless_known("dimension.unknown_process", dimension.derived.stage_of, pack.processes)


def other_names_mean_members(pack: Pack) -> Iterator[Issue]:
    """Aliases, and what members were called before."""
    for name, aliases in pack.aliases.items():
        if name in pack.processes:
            stages = [stage.id for stage in pack.processes[name].stages]
            yield from all_known("stage.unknown_stage", aliases.values(), stages, process=name)
        elif name not in pack.dimensions and name != "role":
            for alias in list(aliases.values())[:1]:
                yield Issue("dimension.alias_of_nothing", alias.span, {"name": name})
    for dimension in (*pack.dimensions, "role"):
        known = members_of(pack, dimension)
        renamed = pack.dimensions[dimension].rename if dimension in pack.dimensions else {}
        words = (*pack.aliases.get(dimension, {}).values(), *renamed.values())
        if known is not None:
            yield from all_known("dimension.unknown_member", words, known, dimension=dimension)


def _written(dimension: Dimension) -> tuple[Member, ...]:
    """The members that stand in the pack itself."""
    return () if isinstance(dimension.members, MemberTable) else dimension.members
