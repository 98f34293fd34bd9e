"""Pack to Vocabulary: every name that its expressions may use, with the kind of what it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesrules.expr import kinds
from salesrules.expr.kinds import DATE, DOUBLE, RATIO, TEXT, Kind, Vocabulary
from salesrules.pack.dimensions import Member, MemberTable
from salesrules.pack.entities import Entity
from salesrules.pack.label import Label
from salesrules.pack.pack import Pack

PERSON = "person"
_STATE = {
    "owner": Kind("ref", PERSON),
    "pool": TEXT,
    "since": DATE,
    "last_follow_up": DATE,
}  # what the product itself knows of every record


def vocabulary_of(pack: Pack) -> Vocabulary:
    """Every name that the pack declares; a field whose type leads nowhere is left out, the checks report it."""
    written = {id: dimension.members for id, dimension in pack.dimensions.items()}
    listed = {id: members for id, members in written.items() if not isinstance(members, MemberTable)}
    members = {id: frozenset(member.id for member in found) for id, found in listed.items()}
    ordered = {id: tuple(m.id for m in found) for id, found in listed.items() if pack.dimensions[id].ordered}
    month, _, day = pack.about.fiscal_year_start.partition("-")
    return Vocabulary(
        fields={entity.id: _fields(pack, entity) for entity in pack.entities.values()} | _rows_beside(pack),
        members={**members, "role": frozenset(pack.roles)},
        trees=frozenset(pack.dimensions) | {id for id in pack.entities if pack.tree_of(id)},
        post=_post(pack),
        kpis={kpi.id: _figure(kpi.unit) for kpi in pack.kpis.values()},
        labels=_labels(pack, listed),
        parents={id: frozenset(m.parent for m in found if m.parent) for id, found in listed.items()},
        ordered=ordered,
        stages={process.id: tuple(stage.id for stage in process.stages) for process in pack.processes.values()},
        state=_STATE if PERSON in pack.entities else {},
        many={entity.id: _many(entity) for entity in pack.entities.values()},
        credits=dict.fromkeys(pack.credits, Kind("ref", PERSON)),
        tables={table.id: _table(pack, table.keys, table.type) for table in pack.tables.values()},
        fiscal_year_start=(int(month), int(day)) if month.isdecimal() and day.isdecimal() else (1, 1),
        week_basis=pack.about.week_basis,
        timezone=pack.about.timezone,
        calendar=pack.about.calendar or "",
    )


def _fields(pack: Pack, entity: Entity) -> dict[str, Kind]:
    found = {
        field.id: field.kind(pack.about.currency)
        for field in entity.fields.values()
        if (field.to is None or field.to in pack.entities)
        and (field.dimension is None or field.dimension in pack.dimensions)
        and (field.process is None or field.process in pack.processes)
    }
    if len(entity.key) == 1:  # the key of a record is a reference to itself: `id = user`
        found[entity.key[0]] = Kind("ref", entity.id)
    return found


def _named(pack: Pack, name: str) -> Kind:
    """The kind of a column that names an entity, a dimension or a type."""
    if name in pack.entities:
        return Kind("ref", name)
    if name in pack.dimensions:
        return Kind("member", name)
    return Kind(name, pack.about.currency if name == "money" else "")


def _rows_beside(pack: Pack) -> dict[str, dict[str, Kind]]:
    """The columns of the tables that hold several rows beside a record."""
    return {
        many.from_: {name: _named(pack, kind) for name, kind in many.fields.items()} | {many.by: Kind("ref", entity.id)}
        for entity in pack.entities.values()
        for many in entity.many.values()
        if many.from_ not in pack.entities
    }


def _many(entity: Entity) -> dict[str, kinds.Many]:
    return {
        id: kinds.Many(many.from_, many.by, {name: name for name in many.fields}) for id, many in entity.many.items()
    }


def _post(pack: Pack) -> dict[str, Kind]:
    bound = {dimension: Kind("member", dimension) for dimension in pack.dimensions}
    return bound | {"role": Kind("member", "role"), "person": Kind("ref", PERSON), "from": DATE, "to": DATE}


def _figure(unit: str) -> Kind:
    """The kind of a KPI by its unit: three capitals are a currency, and counts come as doubles."""
    if unit == "percent":
        return RATIO
    return Kind("money", unit) if len(unit) == 3 and unit.isascii() and unit.isupper() else DOUBLE


def _table(pack: Pack, keys: Iterable[str], value: str) -> kinds.ValueTable:
    kind = Kind(value, pack.about.currency if value == "money" else "")
    return kinds.ValueTable(tuple(Kind("member", key) for key in keys), kind)


def _labels(pack: Pack, listed: Mapping[str, tuple[Member, ...]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Labels and aliases that may stand for an id, and what each can mean."""
    fields = {
        entity.id: ((f.id, pack.label_of(f)) for f in entity.fields.values()) for entity in pack.entities.values()
    }
    members = {id: ((member.id, member.label) for member in found) for id, found in listed.items()}
    kpis = {"kpi": ((kpi.id, kpi.label) for kpi in pack.kpis.values())}
    roles = {"role": ((role.id, role.label) for role in pack.roles.values())}
    found = {
        section: _by_label(named)
        for section, named in [*fields.items(), *members.items(), *kpis.items(), *roles.items()]
    }
    for dimension, aliases in pack.aliases.items():
        known = found.setdefault(dimension, {})
        for alias, id in aliases.items():
            known[alias] = tuple(dict.fromkeys((*known.get(alias, ()), str(id))))
    return found


def _by_label(named: Iterable[tuple[str, Label | None]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for id, label in named:
        for text in (label.en, label.zh) if label is not None else ():
            if text != id:
                found.setdefault(text, {})[id] = None
    return {text: tuple(ids) for text, ids in found.items()}
