"""A file and a pack to a Guess: which entity its rows are, which column is which field, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import EngineError, Issue, QuestionError, Span
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.entities import Entity, Field
from salesrules.pack.label import Label
from salesrules.pack.pack import Pack
from salesrules.sources.guessing.samples import ROWS, Sample
from salesrules.sources.raw.broken import broken
from salesrules.sources.raw.files import relation
from salesrules.sources.raw.formats import Formats
from salesrules.sources.rows.beside import tables_read
from salesrules.sources.settings.bindings import Binding

SURE = 0.9
_LEAST = 0.5
_PLAIN = asdict(Formats())
_READ = ("date", "timestamp", "boolean", "integer", "decimal", "double", "money", "percent")
_SAME = (  # words that headings use for one thing
    ("id", "no", "number", "code", "key", "编号", "代码", "编码", "号", "工号", "单号"),
    ("name", "title", "fullname", "名称", "姓名", "名字"),
    ("owner", "salesrep", "salesperson", "seller", "accountmanager", "负责人", "销售", "业务员", "销售代表", "跟进人"),
    ("phone", "mobile", "telephone", "tel", "电话", "手机", "联系电话", "手机号"),
    ("email", "mail", "邮箱", "电子邮件"),
    ("region", "area", "territory", "区域", "地区", "城市", "所在城市", "省份"),
    ("product", "productline", "item", "产品", "产品线", "品类"),
    ("channel", "渠道", "来源渠道"),
    ("amount", "value", "total", "revenue", "price", "sales", "金额", "总额", "销售额"),
    ("stage", "status", "阶段", "状态", "销售阶段"),
    ("customer", "account", "client", "company", "客户", "客户编号", "公司"),
    ("manager", "boss", "supervisor", "上级", "直属上级", "经理", "reportsto"),
    ("quantity", "qty", "数量"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A field and the column that is taken for it: how like they are from 0 to 1, and what speaks against it."""

    field: str
    column: str
    score: float
    doubt: str | None = None  # the code of a sentence

    @property
    def sure(self) -> bool:
        return self.score >= SURE and self.doubt is None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file seems to be: `missing` fields have no column, `unused` columns no field."""

    path: Path
    entity: str
    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    formats: Formats
    nulls: tuple[str, ...]
    sheet: str | None = None


def guess(pack: Pack, path: Path, scratch: Path, entity: str | None = None, sheet: str | None = None) -> Guess:
    """What the rows of a file are; the same file and pack give the same guess.

    Raises: PackError if the file cannot be read; QuestionError if no entity, or more than one, is like it.
    """
    sample = _sample(path, scratch, sheet)
    tables = tables_read(pack)
    found = {id: _matches(pack, table, sample) for id, table in tables.items() if entity in (None, id)}
    best = entity or _most_like(path, tables, found)
    matches = [found[best][field] for field in tables[best].fields if field in found[best]]
    columns = {match.column for match in matches}
    return Guess(
        path,
        best,
        tuple(matches),
        tuple(field for field in tables[best].fields if field not in found[best]),
        tuple(column for column in sample.columns if column not in columns),
        _formats(tables[best], matches, sample),
        tuple(sample.nulls()),
        sheet,
    )


def _sample(path: Path, scratch: Path, sheet: str | None) -> Sample:
    engine, binding = DuckDB(), Binding(Span(str(path)), path, {}, (), sheet=sheet)
    source = relation(engine, binding, scratch)
    columns = ", ".join(quoted(column) for column in source.columns)
    try:
        engine.rows(f'CREATE TABLE "sample" AS SELECT {columns} FROM {source.sql} LIMIT {ROWS}')
    except EngineError as error:
        raise broken(binding, source, error) from error
    return Sample(engine, "sample", source.columns)


def _most_like(path: Path, tables: Mapping[str, Entity], found: Mapping[str, Mapping[str, Match]]) -> str:
    """The entity whose fields are found best, the name of the file counting as one more."""

    def likeness(id: str) -> float:
        table = tables[id]
        own = max(_alike(path.stem, name) for name in (id, table.label.en, table.label.zh))
        return (sum(match.score for match in found[id].values()) + own) / (len(table.fields) + 1)

    ranked = sorted(found, key=lambda id: (-likeness(id), id))
    if likeness(ranked[0]) < _LEAST or (len(ranked) > 1 and likeness(ranked[0]) == likeness(ranked[1])):
        words = {"file": str(path), "entities": ", ".join(ranked)}
        raise QuestionError([Issue("guess.no_entity", Span("--entity"), words)])
    return ranked[0]


def _matches(pack: Pack, table: Entity, sample: Sample) -> dict[str, Match]:
    """The best pairs of fields and columns, each field and each column once."""
    pairs = [
        match
        for field in table.fields.values()
        for column in sample.columns
        if (match := _match(pack, table, field, column, sample))
    ]
    fields, columns = list(table.fields), list(sample.columns)
    pairs.sort(key=lambda match: (-match.score, fields.index(match.field), columns.index(match.column)))
    found: dict[str, Match] = {}
    for match in pairs:
        if match.field not in found and match.column not in {other.column for other in found.values()}:
            found[match.field] = match
    return found


def _match(pack: Pack, table: Entity, field: Field, column: str, sample: Sample) -> Match | None:
    """How a column is like a field: by its heading, by what stands in it, or not at all."""
    name = max(_alike(column, known) for known in names_of(table, field, pack.label_of(field)))
    choices = _choices(pack, field)
    if name < _LEAST and choices is None:
        return None
    texts = sample.texts(column)
    if not texts or (field.type not in _READ and choices is None):  # any text would do
        return Match(field.id, column, name) if name >= _LEAST else None
    if choices is not None:
        share, doubt = sum(text in choices for text in texts) / len(texts), None
    else:
        reading = sample.read(column, field.type)
        share, doubt = reading.share, "guess.ambiguous" if reading.ambiguous else None
    if share < 1:
        doubt = "guess.some_unread" if share else "guess.other_type"
    score = 0.7 * name + 0.3 * share if name >= _LEAST else _LEAST * share
    return Match(field.id, column, score, doubt) if score >= _LEAST else None


def _choices(pack: Pack, field: Field) -> set[str] | None:
    """Every text that means a choice of the field, unless the choices are read from a table."""
    if field.type == "stage" and field.process:
        return {stage.id for stage in pack.processes[field.process].stages} | {*pack.aliases.get(field.process, {})}
    if field.type != "member" or not field.dimension:
        return None
    members = pack.dimensions[field.dimension].members
    if isinstance(members, MemberTable):
        return None
    own = {text for member in members for text in (member.id, *member.names)}
    return own | {*pack.aliases.get(field.dimension, {})}


def names_of(table: Entity, field: Field, label: Label | None) -> Iterator[str]:
    """What a heading can call a field: its id, labels and other words for them, also after the name of the table."""
    own = [field.id, *((label.en, label.zh) if label is not None else ())]
    plain = {_plain(name) for name in own}
    own += [word for words in _SAME if plain & {*words} for word in words]
    yield from own
    for name in own:
        for before in (table.id, table.label.en, table.label.zh):
            yield before + name


@cache
def _alike(heading: str, name: str) -> float:
    """1 for the same letters, less for similar ones, and for one that holds the other."""
    first, second = _plain(heading), _plain(name)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    if min(len(first), len(second)) > 1 and (first in second or second in first):
        return 0.5 + 0.4 * min(len(first), len(second)) / max(len(first), len(second))
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    return 0.9 * ratio if ratio > 0.7 else 0.0


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _formats(table: Entity, matches: list[Match], sample: Sample) -> Formats:
    """How the columns that were taken are written, as far as only one way reads them."""
    found = Formats()
    for match in matches:
        kind = table.fields[match.field].type
        if kind in _READ:
            reading = sample.read(match.column, kind)
            if reading.share and not reading.ambiguous:
                found = replace(
                    found, **{name: value for name, value in asdict(reading.formats).items() if value != _PLAIN[name]}
                )
    return found
