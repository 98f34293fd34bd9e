"""The one door: a workspace folder opened once, and every question that a person may put to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from unicodedata import normalize
from zoneinfo import ZoneInfo

from salesrules.access.barred import post_warnings
from salesrules.access.exporting import may_leave
from salesrules.access.left_out import rows_that_close
from salesrules.access.snapshot import Principal, Snapshot, walked
from salesrules.audit.written import Item, Written, written
from salesrules.compile import Measure, Program, compile_pack
from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf, Typed
from salesrules.issue import AccessDenied, Issue, PackError, QuestionError, Span, in_order, must_be_known
from salesrules.meaning import PERSON
from salesrules.meaning.members import with_members_named
from salesrules.meaning.reads import Read
from salesrules.pack.entities import Entity
from salesrules.pack.label import Label
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ACTIONS, SECTIONS
from salesrules.reading import read_program
from salesrules.run.answer import Answer, Mark, Masked
from salesrules.run.beyond import beyond_the_calendar
from salesrules.run.decided import Asked, categories_of, decide, may_audit, not_an_auditor
from salesrules.run.explain import explain
from salesrules.run.explanation import Explanation
from salesrules.run.kpis import run_kpi
from salesrules.run.origin import Origin, origin_of
from salesrules.run.page import Page
from salesrules.run.question import path_of, read_question
from salesrules.run.reads import closed, needed
from salesrules.run.records import list_records
from salesrules.run.supposed import Closed, closed_to
from salesrules.run.wish import WRITING, read_wish
from salesrules.shipped import read_shown
from salesrules.sources.notes.warnings import kept_warnings
from salesrules.sources.org.members import with_members
from salesrules.sources.org.organisation import read_organisation
from salesrules.sources.org.posts import Post
from salesrules.sources.records import open_records
from salesrules.sources.rows.faults import Reject
from salesrules.sources.settings.bindings import Settings, read_settings

# what comes through the door
__all__ = [
    "Answer",
    "Closed",
    "Explanation",
    "Expression",
    "Item",
    "Mark",
    "Masked",
    "Origin",
    "Pack",
    "Post",
    "Principal",
    "Workspace",
    "Written",
]

_NAME = "name"
_GROUPS = ("member", "stage", "ref", "boolean", "date", "text")


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace; each question names the person who asks and the day that it is about."""

    snapshot: Snapshot
    engine: Engine
    written: Written | None = None
    source: tuple[Program, Settings] | None = None  # what it was read from, so that it can be read again
    release: str = ""  # the hash of its pack
    doubts: tuple[Issue, ...] = ()

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Workspace:
        """Read pack, organisation and rows.

        Raises: PackError with every issue of the pack, or of the data; nothing is half-loaded.
        """
        settings = read_settings(root)
        read = read_program(settings, name)
        if read.program is None or read.pack is None:
            raise PackError(read.issues)
        stands = written(read.pack, read.issues, lambda file: read_shown(settings.root, file))
        return replace(cls.over(read.program, settings), written=stands, release=read.release)

    @classmethod
    def over(cls, program: Program, settings: Settings) -> Workspace:
        """Read the data that a Program is bound to.

        Raises: PackError with every issue of the data, of members that the pack names and the data do not have, and of
            rows that some deny leans on.
        """
        return cls._over(open_records(program.pack, settings, program.meanings.computed), (program, settings))

    def refreshed(self) -> Workspace:
        """The workspace as its sources are now, itself where none has changed; people, posts and trees are read anew.

        Sources count as changed by their fingerprint; what is read in place is always looked at again.
        Raises: PackError or EngineError if it could not be opened as it is now.
        """
        if self.source is None:
            return self
        program, settings = self.source
        engine = open_records(program.pack, settings, program.meanings.computed)
        if engine.file is not None and engine.file == self.engine.file:
            engine.close()
            return self
        return replace(self._over(engine, self.source), written=self.written, release=self.release)

    @classmethod
    def _over(cls, engine: Engine, source: tuple[Program, Settings]) -> Workspace:
        as_read, settings = source
        pack = with_members(engine, as_read.pack)
        meanings, issues = with_members_named(as_read.pack, pack, as_read.meanings)
        issues = [*issues, *rows_that_close(as_read, engine, settings.root)]
        if any(issue.severity == "error" for issue in issues):
            engine.close()
            raise PackError(in_order(issues))
        program = compile_pack(pack, meanings)
        organisation = read_organisation(engine, pack, walked(program), settings.root)
        return cls(Snapshot(program, organisation), engine, source=source, doubts=tuple(issues))

    @property
    def pack(self) -> Pack:
        return self.snapshot.program.pack

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """What of the data was left out, and why."""
        return self.snapshot.organisation.rejects

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """What is doubtful in the data, and stops nothing."""
        organisation = self.snapshot.organisation
        posts = post_warnings(self.snapshot.program, organisation.wrong_posts, self.today())
        beyond = beyond_the_calendar(self.engine, self.snapshot.program, organisation.lookups)
        data = (*kept_warnings(self.engine), *beyond)
        return in_order([*self.doubts, *data, *posts, *organisation.doubts])

    def today(self) -> date:
        """The day it is now in the time zone of the pack."""
        return datetime.now(ZoneInfo(self.pack.about.timezone)).date()

    def person(self, id: str, day: date | None = None) -> Principal:
        """Who asks.

        Raises: AccessDenied if nobody active with a post has this id on the day.
        """
        return self.snapshot.principal(normalize("NFC", id), day or self.today())

    def posts(self) -> tuple[Post, ...]:
        """Every post in force today."""
        posts = (post for held in self.snapshot.organisation.posts.values() for post in held)
        return tuple(post for post in posts if post.on(self.today()))

    def people(self) -> tuple[Principal, ...]:
        """Everyone who can ask today, by id."""
        found = []
        for id in sorted({post.person for post in self.posts()}):
            with suppress(AccessDenied):  # a post alone does not make a person who has left active
                found.append(self.person(id))
        return tuple(found)

    def names(self, principal: Principal, ids: Iterable[str]) -> dict[str, str]:
        """What people are called, of those whom the asker reads by name; those of one name have their ids beside it."""
        wanted = {*ids}
        if not wanted or _NAME not in self.usable(principal, PERSON):
            return {}
        names = self.called(principal, wanted, _NAME)
        often = Counter(names.values())
        return {id: name if often[name] == 1 else f"{name} ({id})" for id, name in names.items()}

    def called(self, principal: Principal, ids: Iterable[str], field: str, action: str = "read") -> dict[str, str]:
        """What people have in a field, of those of whom the asker may read it and it is not empty.

        Args: action: export, where it is to leave in a file.
        Raises: AccessDenied if nothing of people may be read, or exported.
        """
        key, wanted = self.pack.entities[PERSON].key[0], sorted({*ids})
        among = ", ".join(literal(id) for id in wanted)
        where = f"{key} in ({among})" if wanted else "false"
        found = self._list(principal, PERSON, Page(None, 0), action, where, field, "")
        cells = zip(found.keys, found.rows, strict=True)
        return {id: str(cell) for id, (cell,) in cells if cell is not None and not isinstance(cell, Mark | Masked)}

    def entities(self, principal: Principal) -> tuple[str, ...]:
        """The entities of which some grant lets the person read anything."""

        def opens(entity: Entity) -> bool:
            categories = {field.category for field in entity.fields.values()}
            return any(self.snapshot.cell(principal, entity.id, "read", category).allows for category in categories)

        return tuple(entity.id for entity in self.pack.entities.values() if opens(entity))

    def kpis(self, principal: Principal) -> tuple[str, ...]:
        """The KPIs that the person is not refused."""
        measures = self.snapshot.program.measures.values()
        return tuple(m.id for m in measures if self._may_sum_up(principal, m.entity, m.touched))

    def _may_sum_up(self, principal: Principal, entity: str, touched: frozenset[Read], *by: Typed) -> bool:
        """Whether a figure that touches these cells is not refused."""
        return not closed(self.snapshot, principal, needed(self.pack, entity, touched, *by), "aggregate")

    def groupings(self, principal: Principal, kpi: str) -> tuple[str, ...]:
        """What the person may group a KPI by: fields of its entity, and choices of the records that they refer to."""
        entity = self._measure(kpi).entity
        names = []
        for field in self.pack.entities[entity].fields.values():
            if field.type in _GROUPS and (field.id,) != self.pack.entities[entity].key:
                names.append(field.id)
            if field.to:
                names += [f"{field.id}.{f.id}" for f in self.pack.entities[field.to].fields.values() if f.dimension]

        def opens(name: str) -> bool:
            return self._may_sum_up(principal, entity, frozenset(), self._path(name, entity))

        return tuple(name for name in names if opens(name))

    def see(
        self,
        principal: Principal,
        entity: str,
        limit: int | None = 50,
        offset: int = 0,
        *,
        where: str = "",
        columns: str = "",
        sort: str = "",
    ) -> Answer:
        """A page of the records of an entity that the person reads, all of them where `limit` is None.

        Args: where: a condition on the records; columns: fields or paths with commas between; sort: the same, a minus
            before those that descend.

        Raises: QuestionError with every mistake in these texts; AccessDenied if they use what no grant opens.
        """
        return self._list(principal, entity, Page(limit, offset), "read", where, columns, sort)

    def export(
        self,
        principal: Principal,
        entity: str,
        limit: int | None = None,
        offset: int = 0,
        *,
        where: str = "",
        columns: str = "",
        sort: str = "",
    ) -> Answer:
        """The same records, with the cells that the person may export; rows without any such cell are left out.

        Raises: as `see`, and AccessDenied if no grant lets the person export anything of the entity.
        """
        return self._list(principal, entity, Page(limit, offset), "export", where, columns, sort)

    def usable(self, principal: Principal, entity: str) -> tuple[str, ...]:
        """The fields of an entity that the person may filter and sort by: the key, and what some grant lets be read."""
        key, fields = self.pack.entities[entity].key, self.pack.entities[entity].fields.values()
        read = {c for c in {f.category for f in fields} if self.snapshot.cell(principal, entity, "read", c).allows}
        return tuple(field.id for field in fields if field.id in key or field.category in read)

    def may_export(self, principal: Principal, entity: str) -> bool:
        """Whether some grant lets the person export some of an entity."""
        categories = {field.category for field in self.pack.entities[entity].fields.values()}
        return any(self.snapshot.cell(principal, entity, "export", category).allows for category in categories)

    def _list(
        self, principal: Principal, entity: str, page: Page, action: str, where: str, columns: str, sort: str
    ) -> Answer:
        entity = self.named("entity", entity)
        asked = read_question(self.snapshot.program, entity, where, columns, sort)
        return list_records(self.engine, self.snapshot, principal, asked, page, action)

    def kpi(self, principal: Principal, kpi: str, by: tuple[str, ...] = ()) -> Answer:
        """A KPI over the rows that the person may aggregate, by any fields of its entity."""
        measure = self._measure(kpi)
        groups = {".".join(path.path): path for path in (self._path(name, measure.entity) for name in by)}
        return run_kpi(self.engine, self.snapshot, principal, measure, tuple(groups.items()))

    def may_export_kpi(self, principal: Principal, kpi: str, by: tuple[str, ...] = ()) -> bool:
        """Whether every row behind a KPI in these groups is one that the grants let the person export."""
        measure = self._measure(kpi)
        paths = (self._path(name, measure.entity) for name in by)
        return all(
            may_leave(self.snapshot, principal, {(read.entity, read.category) for read in any_of})
            for any_of in needed(self.pack, measure.entity, measure.touched, *paths)
        )

    def export_kpi(self, principal: Principal, kpi: str, by: tuple[str, ...] = ()) -> Answer:
        """The same figures as `kpi` gives, to leave in a file.

        Raises: as `kpi`, and AccessDenied if some rows behind them may not be exported.
        """
        answer = self.kpi(principal, kpi, by)
        if not self.may_export_kpi(principal, kpi, by):
            raise AccessDenied([Issue("access.kpi_not_exported", Span(kpi), {"kpi": kpi})])
        return answer

    def audited(self, principal: Principal) -> tuple[str, ...]:
        """The sections of the pack that the person may look at: those with a grant to audit `pack.<section>`."""
        return tuple(name for name in SECTIONS if self.snapshot.opens(principal, f"pack.{name}", "audit"))

    def section(self, principal: Principal, section: str) -> tuple[Item, ...]:
        """What stands in a section of the pack, as it was written when the workspace was opened.

        Raises: QuestionError if there is no such section, AccessDenied if no grant lets the person audit it.
        """
        must_be_known("section", section, SECTIONS)
        self.must_audit(principal, section)
        return self.written.sections[section] if self.written else ()

    def must_audit(self, principal: Principal, section: str) -> None:
        """Refuse whoever may not audit a section of the pack.

        Raises: AccessDenied
        """
        if section not in self.audited(principal):
            raise AccessDenied([Issue("access.not_audited", Span(section), {"section": section})])

    def why(
        self,
        principal: Principal,
        action: str,
        entity: str,
        key: str,
        field: str | None = None,
        about: str | None = None,
    ) -> tuple[Explanation, ...]:
        """The decision for each category of a record, or for that of one field, as far as the asker may know it.

        Args: about: who else it is asked about; that takes the right to audit these categories of the record.

        Raises: AccessDenied, in the same words, for a record that does not exist and for one the person does not see;
            and for a question about somebody else without the right.
        """
        return explain(self.engine, self.snapshot, self._asked(principal, action, entity, key, field, about))

    def can(
        self,
        principal: Principal,
        action: str,
        entity: str,
        key: str,
        field: str | None = None,
        about: str | None = None,
    ) -> bool:
        """Whether the person may do this to a record, to one field of it, or to any of it; asked as `why` is."""
        asked = self._asked(principal, action, entity, key, field, about)
        return any(found.allowed for found in decide(self.engine, self.snapshot, asked))

    def closed_to(
        self,
        principal: Principal,
        action: str,
        entity: str,
        values: Sequence[tuple[str, str]],
        key: str | None = None,
    ) -> tuple[Closed, ...]:
        """What keeps the person from creating a record with these values, or from updating one; nothing if they may.

        Args: values: fields, by id or label, with texts as a source has them; key: that of the record to update.

        Raises: QuestionError with every mistake in them; AccessDenied for a record that is not there, or not seen.
        """
        entity = self.named("entity", entity)
        must_be_known("action", action, ACTIONS)
        if action not in WRITING:
            raise QuestionError([Issue("ask.sets_nothing", Span(action), {"name": action})])
        if (action == "update") != (key is not None):
            raise QuestionError([Issue("ask.write_alone", Span(action))])
        key = None if key is None else normalize("NFC", key)
        wish = read_wish(self.pack, principal, entity, key, values, lambda name: self.named("field", name, entity))
        return closed_to(self.engine, self.snapshot, wish)

    def may_audit(self, principal: Principal, entity: str) -> bool:
        """Whether some grant lets the person ask what others may do to records of an entity."""
        return may_audit(self.snapshot, principal, entity)

    def _asked(
        self, principal: Principal, action: str, entity: str, key: str, field: str | None, about: str | None
    ) -> Asked:
        entity = self.named("entity", entity)
        must_be_known("action", action, ACTIONS)
        if field is not None:
            field = self.named("field", field, entity)
        subject = principal if about in (None, principal.id) else self._audited(principal, entity, str(about))
        categories = categories_of(self.snapshot, entity, action, field)
        return Asked(principal, subject, action, entity, normalize("NFC", key), categories)

    def origin(self, principal: Principal, entity: str, key: str, field: str | None) -> Origin | None:
        """What a computed cell was read off; None where it is not computed, or the person does not read it."""
        if field is None:
            return None
        return origin_of(self.engine, self.snapshot, principal, entity, normalize("NFC", key), field)

    def _audited(self, principal: Principal, entity: str, person: str) -> Principal:
        """Somebody whom the asker asks about; who is not there and who holds no post are one answer."""
        if not self.may_audit(principal, entity):
            raise not_an_auditor(entity)
        try:
            return self.person(person, principal.day)
        except AccessDenied:
            words = {"person": person, "day": principal.day.isoformat()}
            raise AccessDenied([Issue("access.nobody_there", Span("--person"), words)]) from None

    def _measure(self, kpi: str) -> Measure:
        kpi = self.named("kpi", kpi)
        measures = self.snapshot.program.measures
        if kpi not in measures:
            raise QuestionError([Issue("ask.kpi_not_yet", Span(kpi), {"name": kpi})])
        return measures[kpi]

    def _path(self, name: str, entity: str) -> Leaf:
        # groups that the asker makes up could be drawn around a single hidden record
        span = Span("--by", 1, 1, 1, len(name) + 1)
        path, issues = path_of(self.snapshot.program, entity, name, span, "ask.by_is_a_path")
        if path is None:
            raise QuestionError(issues)
        return path

    def named(self, thing: str, name: str, entity: str = "") -> str:
        """The id of an entity, kpi, role or field of an entity, by its id or by a label that no other has.

        Raises: QuestionError if nothing is called so.
        """
        pack = self.pack
        fields = pack.entities[entity].fields.values() if thing == "field" else ()
        nouns: Mapping[str, Mapping[str, Label | None]] = {
            "entity": {entity.id: entity.label for entity in pack.entities.values()},
            "kpi": {kpi.id: kpi.label for kpi in pack.kpis.values()},
            "role": {role.id: role.label for role in pack.roles.values()},
            "field": {field.id: pack.label_of(field) for field in fields},
        }
        labels = nouns[thing]
        meant = [id for id, label in labels.items() if label is not None and name in (label.en, label.zh)]
        if name not in labels and len(meant) == 1:
            return meant[0]
        texts = [text for label in labels.values() if label is not None for text in (label.en, label.zh)]
        must_be_known(thing, name, labels, [*labels, *texts])
        return name
