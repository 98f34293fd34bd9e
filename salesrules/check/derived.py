"""Fields that follow from others to Issues: where a role reads all that a hidden one follows from."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from salesrules.expr.typed import Constant, leaves
from salesrules.issue import Issue, Several, Span
from salesrules.meaning import Meanings
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant


def derived_fields_stay_hidden(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """For each field in `derives` the first role that is granted nothing of it, and all that it follows from.

    That is said where one slice, or slices that are true of every record, open every source. A formula that follows a
    reference is left out, as the two records are opened apart.
    """
    for entity in pack.entities.values():
        for name, formula in entity.derives.items():
            tree, field = meanings.conditions.get(formula), entity.fields.get(name)
            paths = {leaf.path for leaf in leaves(tree) if leaf.root == "row"} if tree is not None else set()
            if field is None or not paths or any(len(path) > 1 for path in paths):
                continue
            sources = {str(entity.fields[path[0]].category) for path in paths}
            if field.category in sources:  # who does not see the field does not see that source either
                continue
            for role, lines in _grants_by_role(pack).items():
                about = [line for line in lines if line.object == entity.id and line.action == "read"]
                opened = _opened(meanings, about, sources)
                if opened and not any(line.category in ("*", field.category) for line in about):
                    words = {"field": f"{entity.id}.{name}", "role": role, "lines": Several.of(map(str, opened))}
                    yield Issue("entity.derived_shows", formula.span, words)
                    break


def _opened(meanings: Meanings, lines: list[Grant], categories: set[str]) -> list[Span] | None:
    """The places of lines that open all these categories together on some records, None if they do not."""
    if any(line.effect == "deny" and line.category in ("*", *categories) for line in lines):
        return None
    allows = [line for line in lines if line.effect == "allow"]
    for slice_ in dict.fromkeys(line.slice for line in allows):
        found: dict[str, Span] = {}
        for line in allows:
            always = meanings.slices.get((line.slice, line.object))
            if line.slice == slice_ or (isinstance(always, Constant) and always.value is True):
                for category in categories if line.category == "*" else {line.category} & categories:
                    found.setdefault(category, line.span)
        if found.keys() == categories:
            return sorted(set(found.values()))
    return None


def _grants_by_role(pack: Pack) -> dict[str, list[Grant]]:
    """The lines that each role brings, with those of the roles that it includes."""
    known = {id: [str(name) for name in role.includes if name in pack.roles] for id, role in pack.roles.items()}
    own: dict[str, list[Grant]] = {id: [] for id in pack.roles}
    for grant in pack.grants:
        if grant.role in own:
            own[grant.role].append(grant)
    try:
        order = [*TopologicalSorter(known).static_order()]
    except CycleError:  # that roles include themselves is told
        return {}
    found: dict[str, list[Grant]] = {}
    for id in order:
        found[id] = [*own[id], *(line for name in known[id] for line in found[name])]
    return {id: found[id] for id in pack.roles}
