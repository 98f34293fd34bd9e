"""Names to leaves: every step of a dotted name is looked up, by id or by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesrules.expr.kinds import DATE, PERCENT, TEXT, Kind, Vocabulary
from salesrules.expr.reading import Reading, Wrong
from salesrules.expr.syntax import Name
from salesrules.expr.typed import Leaf
from salesrules.issue import nearest

PERSON = "person"
_PEOPLE = ("user", "candidate", "person")
_LEAVE = {"kind": TEXT, "from": DATE, "to": DATE, "days": Kind("duration", "d")}
_HANDOVER = {"credit": PERCENT}


def named(reading: Reading, node: Name) -> Leaf:
    """The leaf that a name stands for.

    Raises: Wrong, its issue noted at the part of the name that means nothing.
    """
    first, vocabulary = node.parts[0], reading.scope.vocabulary
    if reading.related is not None and first not in reading.scope.roots:
        id = pick(reading, node, 0, reading.related, {}, "expr.unknown_field", entity="some(…)")
        column, kind = reading.related[id]
        return _walk(reading, node, "many", kind, (column,), 1)
    if first in reading.scope.roots and not _is_field(reading, first):
        if first in _PEOPLE:
            return _walk(reading, node, first, Kind("ref", PERSON), (), 1)
        known = _parts_of(first, vocabulary)
        if len(node.parts) < 2:
            raise reading.fail("expr.root_alone", node, name=first, known=_some_of(known))
        id = pick(reading, node, 1, known, {}, f"expr.unknown_{first}_field")
        return _walk(reading, node, first, known[id], (id,), 2)
    if reading.scope.aggregates and not reading.inside_aggregate:
        return _kpi(reading, node)
    if reading.scope.by_member:
        return _dimension(reading, node)
    return _walk(reading, node, "row", Kind("ref", reading.scope.entity), (), 0)


def _parts_of(root: str, vocabulary: Vocabulary) -> Mapping[str, Kind]:
    """What may stand after a root that is no person."""
    known = {"post": vocabulary.post, "state": vocabulary.state, "credit": vocabulary.credits}
    return (known | {"leave": _LEAVE, "handover": _HANDOVER})[root]


def _dimension(reading: Reading, node: Name) -> Leaf:
    """Where figures are asked for by member, a name is a dimension, or the role."""
    known = {name: kind for name, kind in reading.scope.vocabulary.post.items() if kind.name == "member"}
    if len(node.parts) > 1:
        raise reading.fail("expr.unknown_dimension", node, name=".".join(node.parts))
    id = pick(reading, node, 0, known, {}, "expr.unknown_dimension")
    return Leaf(known[id], "dimension", (id,))


def _is_field(reading: Reading, name: str) -> bool:
    return reading.related is None and name in reading.scope.vocabulary.fields.get(reading.scope.entity, {})


def pick(
    reading: Reading,
    node: Name,
    at: int,
    known: Iterable[str],
    labels: Mapping[str, tuple[str, ...]],
    code: str,
    **words: str,
) -> str:
    """The id that part `at` of a name means among `known`, by itself or by its label.

    Raises: Wrong if it means nothing, or several things.
    """
    part, (start, end) = node.parts[at], node.spans[at]
    ids = list(known)
    meant = dict.fromkeys(((part,) if part in ids else ()) + tuple(labels.get(part, ())))
    if len(meant) == 1:
        return next(iter(meant))
    if meant:
        reading.note("expr.two_meanings", start, end, name=part, meanings=", ".join(f"`{id}`" for id in meant))
    else:
        reading.note(code, start, end, nearest(part, [*ids, *labels]), name=part, **words)
    raise Wrong()


def _walk(reading: Reading, node: Name, root: str, kind: Kind, path: tuple[str, ...], at: int) -> Leaf:
    """Follow the parts of a name from `at` on, each a field of what the one before refers to."""
    vocabulary, part = reading.scope.vocabulary, "value"
    for step in range(at, len(node.parts)):
        if kind.name != "ref":
            start, end = node.spans[step - 1]
            reading.note("expr.not_a_reference", start, end, name=node.parts[step - 1], kind=kind.term)
            raise Wrong()
        fields, labels = vocabulary.fields.get(kind.of, {}), vocabulary.labels.get(kind.of, {})
        rows = _rows_beside(reading, kind.of) if part == "value" and step + 1 < len(node.parts) else {}
        if node.parts[step] in rows and node.parts[step] not in fields:
            table = rows[node.parts[step]]
            kind, path, part = Kind("ref", table), (*path, node.parts[step]), f"each {table}"
            continue
        id = pick(reading, node, step, fields, labels, "expr.unknown_field", entity=kind.of)
        kind, path = fields[id], (*path, id)
    return Leaf(kind, root, path, part)


def _rows_beside(reading: Reading, entity: str) -> dict[str, str]:
    """The tables of several rows that stand beside a record: those declared, and entities that refer to it once."""
    if not reading.scope.beside:
        return {}
    vocabulary = reading.scope.vocabulary
    found = {name: many.entity for name, many in vocabulary.many.get(entity, {}).items()}
    for other in vocabulary.many:
        columns = vocabulary.fields.get(other, {})
        if sum(kind == Kind("ref", entity) for name, kind in columns.items()) == 1 and other != entity:
            found.setdefault(other, other)
    return found


def _kpi(reading: Reading, node: Name) -> Leaf:
    """Outside an aggregate a name is another KPI; a field there is a mistake with its own words."""
    vocabulary = reading.scope.vocabulary
    fields, labels = vocabulary.fields.get(reading.scope.entity, {}), vocabulary.labels.get(reading.scope.entity, {})
    kpi_labels = vocabulary.labels.get("kpi", {})
    first = node.parts[0]
    if first not in vocabulary.kpis and first not in kpi_labels and (first in fields or first in labels):
        raise reading.fail("expr.field_outside_aggregate", node, name=".".join(node.parts))
    if len(node.parts) > 1:
        raise reading.fail("expr.field_outside_aggregate", node, name=".".join(node.parts))
    id = pick(reading, node, 0, vocabulary.kpis, kpi_labels, "expr.unknown_kpi")
    if id in vocabulary.closed_kpis:
        raise reading.fail("expr.closed_kpi", node, name=id)
    return Leaf(vocabulary.kpis[id], "kpi", (id,))


def _some_of(known: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(known)[:6]) or "-"
