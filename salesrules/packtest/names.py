"""A test and the pack that it is about to issues: every name in it must be known, every expectation must expect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from salesrules.issue import Issue, Span, nearest
from salesrules.meaning import PERSON
from salesrules.pack.computed import is_computed
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ACTIONS
from salesrules.pack.tests import AssignCase, CanCase, KpiCase, PackTest, ReadCase, Record
from salesrules.pack.word import Word
from salesrules.packtest.rows import key_parts, rows_of, scopes_of


def name_issues(pack: Pack, test: PackTest) -> Iterator[Issue]:
    """Everything in a test that the pack does not know, and everything in it that says nothing."""
    yield from _organisation(pack, test)
    for name, records in rows_of(test).items():
        if name not in pack.entities:
            yield _unknown("ask.unknown_entity", name, pack.entities)
            continue
        for key, record in records.items():
            yield from _record(pack, pack.entities[name], key, record)
    for table, rows in test.tables.items():
        if table not in pack.tables:
            yield _unknown("test.unknown_table", table, pack.tables)
            continue
        known = (*pack.tables[table].keys, "value", "from", "to")
        yield from (
            _unknown("test.unknown_column", c, known, table=table) for row in rows for c in row if c not in known
        )
    for case in test.access:
        if case.as_ not in test.org.person:
            yield _unknown("access.unknown_person", case.as_, test.org.person, person=case.as_)
        match case:
            case ReadCase():
                yield from _read(pack, test, case)
            case CanCase():
                yield from _can(pack, test, case)
            case KpiCase():
                yield from _kpi(pack, case)

    for assigned in test.assignment:
        yield from _assigned(pack, test, assigned)


def _assigned(pack: Pack, test: PackTest, case: AssignCase) -> Iterator[Issue]:
    if case.assign not in pack.assignments:
        yield _unknown("test.unknown_assignment", case.assign, pack.assignments)
        return
    assignment = pack.assignments[case.assign]
    if list(case.given) != [assignment.entity]:
        yield Issue("test.given_one", case.span, {"entity": assignment.entity})
        return
    ((name, record),) = case.given.items()
    entity = pack.entities[name]
    key = record.get(Word(entity.key[0]), Word("given", case.span))
    yield from _record(pack, entity, key if isinstance(key, Word) else Word("given", case.span), record)
    if case.to is not None and case.to not in test.org.person:
        yield _unknown("access.unknown_person", case.to, test.org.person, person=case.to)
    if case.pool is not None and case.pool not in pack.pools:
        yield _unknown("assignment.unknown_pool", case.pool, pack.pools)
    rules = [rule.id for rule in assignment.rules]
    if case.because is not None and case.because not in rules:
        yield _unknown("test.unknown_rule", case.because, rules, assignment=assignment.id)
    if (case.to is None and case.pool is None and case.because is None) or (case.to and case.pool):
        yield Issue("test.expects_nothing", case.span)


def _unknown(code: str, name: Word, known: Collection[str], **words: str) -> Issue:
    return Issue(code, name.span, {"name": name, **words}, near=nearest(name, known))


def _organisation(pack: Pack, test: PackTest) -> Iterator[Issue]:
    if PERSON in test.records:
        yield Issue("test.people_in_org", next(name.span for name in test.records if name == PERSON))
    for dimension, members in test.org.members.items():
        if dimension not in pack.dimensions:
            yield _unknown("test.unknown_dimension", dimension, pack.dimensions)
        elif isinstance(members, MemberTable):
            yield Issue("test.members_written_out", dimension.span, {"name": dimension})
        elif not isinstance(pack.dimensions[dimension].members, MemberTable):
            other = pack.dimensions[dimension].span
            yield Issue("test.members_in_pack", dimension.span, {"name": dimension}, other=other)
    scopes = scopes_of(pack)
    for post in test.org.posts:
        yield from (_unknown("test.unknown_scope", name, scopes) for name in post.scope if name not in scopes)


def _record(pack: Pack, entity: Entity, key: Word, record: Record) -> Iterator[Issue]:
    beside = entity.many
    for name, value in record.items():
        if name not in entity.fields and name not in beside:
            yield _unknown("ask.unknown_field", name, (*entity.fields, *beside))
        elif name in entity.fields and is_computed(pack, entity.id, entity.fields[name]):
            yield Issue("test.computed_field", name.span, {"name": name})
        elif isinstance(value, tuple) != (name in beside):
            yield Issue("test.rows_beside" if name in beside else "test.one_value", name.span, {"name": name})
        elif isinstance(value, tuple):
            known = beside[name].fields
            yield from (
                _unknown("ask.unknown_field", column, known) for row in value for column in row if column not in known
            )
    if key_parts(entity, key, record) is None:
        words = {"key": key, "fields": "/".join(entity.key)}
        yield Issue("test.key_parts", key.span, words)


def _read(pack: Pack, test: PackTest, case: ReadCase) -> Iterator[Issue]:
    if not (case.sees is not None or case.cells or case.hidden or case.refused):
        yield Issue("test.expects_nothing", case.span)
    if case.read not in pack.entities:
        yield _unknown("ask.unknown_entity", case.read, pack.entities)
        return
    records = _records(test, case.read)
    yield from (
        _unknown("test.unknown_record", k, records, entity=case.read) for k in case.sees or () if k not in records
    )
    fields = pack.entities[case.read].fields
    for cell in (*case.cells, *case.hidden):
        key, _, name = cell.rpartition(".")
        if not key:
            yield Issue("test.cell_name", cell.span, {"name": cell})
        elif key not in records:
            yield _unknown("test.unknown_record", Word(key, cell.span), records, entity=case.read)
        elif name not in fields:
            yield _unknown("ask.unknown_field", Word(name, cell.span), fields)


def _can(pack: Pack, test: PackTest, case: CanCase) -> Iterator[Issue]:
    for action in case.can:
        if action not in ACTIONS:
            yield _unknown("ask.unknown_action", action, ACTIONS)
    if len(case.records) != 1 or not case.can or not all(case.records.values()):
        yield Issue("test.one_entity", case.span)
    for entity, keys in case.records.items():
        if entity not in pack.entities:
            yield _unknown("ask.unknown_entity", entity, pack.entities)
            continue
        records = _records(test, entity)
        yield from (_unknown("test.unknown_record", k, records, entity=entity) for k in keys if k not in records)
        fields = pack.entities[entity].fields
        if case.field_ is not None and case.field_ not in fields:
            yield _unknown("ask.unknown_field", case.field_, fields)


def _kpi(pack: Pack, case: KpiCase) -> Iterator[Issue]:
    if case.kpi not in pack.kpis:
        yield _unknown("ask.unknown_kpi", case.kpi, pack.kpis)
    else:
        yield from _paths(pack, pack.kpis[case.kpi].of, case)
    if case.is_ is None and case.total is None and not case.refused:
        yield Issue("test.expects_nothing", case.span)
    if case.is_ is not None and isinstance(case.is_, Mapping) != bool(case.by):
        place = case.is_.span if isinstance(case.is_, Word) else _first(case.is_, case.span)
        yield Issue("test.figures_by_group", place)


def _paths(pack: Pack, entity: Word | None, case: KpiCase) -> Iterator[Issue]:
    for path in case.by:
        at: str = entity or ""
        for step in path.split("."):
            fields = pack.entities[at].fields if at in pack.entities else {}
            if step not in fields:
                yield _unknown("ask.unknown_field", Word(step, path.span), fields)
                break
            at = fields[step].to or ""


def _first(names: Mapping[Word, Word], otherwise: Span) -> Span:
    return next((name.span for name in names), otherwise)


def _records(test: PackTest, entity: str) -> Mapping[Word, Record]:
    return rows_of(test).get(Word(entity), {})
