"""What grants reach, as Issues: lines that do nothing, stages out of sight, dimensions that nobody reads across."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from salesrules.check.space import space_of
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.reading import Scope
from salesrules.expr.regions.rules import exclusive, implies
from salesrules.expr.regions.space import Space
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Apply, Constant, Leaf, Typed, leaves
from salesrules.issue import Issue, Several
from salesrules.meaning import Meanings
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ROW_ACTIONS, Grant
from salesrules.pack.stages import Process

_READING = ("read", "aggregate")
Within = Callable[[Grant, Grant], bool]


def grants_do_something(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """A line is of no use where another one, which everybody has who has it, opens as much or more.

    Of a line on a module each part must be of no use. Of denials, which a value that is not there makes close, only
    those are compared that are for the same slice, or for all rows.
    """
    alike: dict[tuple[str, str, str], list[Grant]] = defaultdict(list)
    for grant in pack.grants:
        if grant.role in pack.roles and (grant.slice, grant.object) in meanings.slices:
            alike[grant.effect, grant.action, grant.object].append(grant)
    within = _within(pack, meanings)
    wider: dict[Grant, list[Grant | None]] = defaultdict(list)
    for lines in alike.values():
        for grant in lines:
            wider[grant.written].append(_wider(pack, grant, lines, within))
    parts = Counter(grant.written for grant in pack.grants)
    for line, found in wider.items():
        other = found[0]
        if other is not None and None not in found and len(found) == parts[line]:
            words = {"slice": line.slice, "wider": other.slice, "role": other.role}
            yield Issue("grant.does_nothing", line.span, words, other=other.span)


def _wider(pack: Pack, grant: Grant, lines: list[Grant], within: Within) -> Grant | None:
    """The line that makes another one needless; of two that do so to each other, the first one stays."""
    roles = _roles(pack, grant.role)
    for other in lines:
        if other.written == grant.written or other.role not in roles or not _covers(pack, other, grant):
            continue
        mutual = grant.role == other.role and _covers(pack, grant, other) and within(other, grant)
        if within(grant, other) and not (mutual and grant.span < other.span):
            return other
    return None


def _covers(pack: Pack, other: Grant, grant: Grant) -> bool:
    """Whether a line is about all categories and days that another one on the same object is about."""
    days = (other.start is None or (grant.start is not None and other.start <= grant.start)) and (
        other.end is None or (grant.end is not None and grant.end <= other.end)
    )
    if not days or other.category in ("*", grant.category):
        return days
    if grant.category != "*" or grant.action in ROW_ACTIONS or grant.object not in pack.entities:
        return False
    return {field.category for field in pack.entities[grant.object].fields.values()} == {other.category}


def _within(pack: Pack, meanings: Meanings) -> Within:
    """Whether the slice of a line is proved to lie in that of another; each pair of slices is looked at once."""
    known: dict[tuple[str, str, str], bool] = {}
    spaces: dict[str, Space] = {}

    def lies(grant: Grant, other: Grant) -> bool:
        narrow, wide = meanings.slices[grant.slice, grant.object], meanings.slices[other.slice, grant.object]
        if narrow == wide or (isinstance(wide, Constant) and wide.value is True):
            return True
        if grant.effect == "deny" or grant.object not in pack.entities:
            return False
        asked = (grant.slice, other.slice, grant.object)
        if asked not in known:
            if grant.object not in spaces:
                spaces[grant.object] = space_of(pack, meanings.vocabulary, grant.object)
            known[asked] = implies(narrow, wide, spaces[grant.object])
        return known[asked]

    return lies


def _roles(pack: Pack, role: str) -> frozenset[str]:
    """The role and all that it includes: whoever has it has these through the same post."""
    found: set[str] = set()
    ahead = [role]
    while ahead:
        name = ahead.pop()
        if name in pack.roles and name not in found:
            found.add(name)
            ahead.extend(pack.roles[name].includes)
    return frozenset(found)


def stages_stay_in_sight(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """At each stage somebody reads the record, and where it leads on, somebody may advance it, if anyone may at all."""
    for process in pack.processes.values():
        if process.entity not in pack.entities:
            continue
        for action, code in (("read", "stage.nobody_reads"), ("advance", "stage.nobody_moves")):
            opened = _opened(pack, meanings, process.entity, (action,))
            for stage in process.stages if opened else ():
                if (action == "read" or stage.next) and not _meets(pack, meanings, process, stage.id, opened):
                    yield Issue(code, stage.span, {"entity": process.entity, "stage": stage.id})


def _opened(pack: Pack, meanings: Meanings, entity: str, actions: tuple[str, ...]) -> list[Typed]:
    """The conditions on which somebody is allowed something, each once."""
    lines = (g for g in pack.grants if g.effect == "allow" and g.object == entity and g.action in actions)
    said = (meanings.slices.get((grant.slice, entity)) for grant in lines)
    return list(dict.fromkeys(condition for condition in said if condition is not None))


def _meets(pack: Pack, meanings: Meanings, process: Process, stage: str, opened: list[Typed]) -> bool:
    """Whether some condition takes records at a stage, or cannot be proved to take none."""
    fields = [f for f in pack.entities[process.entity].fields.values() if f.process == process.id]
    if len(fields) != 1:  # where a record says its stage is told by another check
        return True
    (field,) = fields
    if any(not any(field.id in leaf.path for leaf in leaves(condition)) for condition in opened):
        return True
    text = f"{field.id} = '{stage.replace(chr(39), chr(39) * 2)}'"
    at, _ = resolve(Expression(text, field.span), Scope(meanings.vocabulary, process.entity), BOOLEAN)
    space = space_of(pack, meanings.vocabulary, process.entity)
    return at is None or any(exclusive([("stage", at), ("slice", condition)], space) for condition in opened)


def someone_reads_across(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """Where posts split the records by a dimension, some grant should open those of several members at once."""
    for dimension in pack.dimensions.values():
        if not any(dimension.id in role.scope for role in pack.roles.values()):
            continue
        opened = {entity: _opened(pack, meanings, entity, _READING) for entity in pack.entities}
        split = {id: own for id, own in opened.items() if any(_by_post(each, dimension.id) for each in own)}
        if split and all(_is_bound(each, dimension.id) for own in split.values() for each in own):
            words = {"name": dimension.id, "entities": Several.of(f"`{entity}`" for entity in split)}
            yield Issue("dimension.nobody_across", dimension.span, words)


def _by_post(condition: Typed, dimension: str) -> bool:
    return any(leaf.root == "post" and leaf.path[:1] == (dimension,) for leaf in leaves(condition))


def _is_bound(condition: Typed, dimension: str) -> bool:
    """Whether a condition takes only records of the post's own member, or only the asker's own."""
    if isinstance(condition, Apply) and condition.operator in ("and", "or"):
        every = all if condition.operator == "or" else any
        return every(_is_bound(part, dimension) for part in condition.arguments)
    if isinstance(condition, Apply) and condition.operator == "=":
        roots = sorted(part.root for part in condition.arguments if isinstance(part, Leaf))
        return roots == ["row", "user"] or _by_post(condition, dimension)
    return _by_post(condition, dimension) or (isinstance(condition, Constant) and condition.value is not True)


REACH: tuple[Callable[[Pack, Meanings], Iterator[Issue]], ...] = (
    grants_do_something,
    stages_stay_in_sight,
    someone_reads_across,
)
