"""Rules of quality and the rows to how many records meet each, with some that do not; for those who run a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.engines.engine import Engine
from salesrules.pack.entities import Category
from salesrules.pack.quality import QualityRule
from salesrules.run.query import Query
from salesrules.sources.org.posts import Post

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """How many records a rule was asked of, how many meet it, and of how many that is not known; they do not meet it.

    `examples` are the keys of some that do not meet it, the first ones in their order.
    """

    entity: str
    rule: str
    category: str
    at_least: Decimal
    asked: int
    met: int
    unknown: int
    examples: tuple[str, ...]

    @property
    def unmet(self) -> int:
        """How many records do not meet it, those of which it is not known among them."""
        return self.asked - self.met

    @property
    def enough(self) -> bool:
        """Whether as many meet it as are wanted; of no records that is so."""
        return self.met >= self.at_least * self.asked


@dataclass(frozen=True, slots=True)
class Score:
    """How many answers about a category were good, over all its rules and records."""

    category: str
    steward: str
    asked: int
    met: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What came of the rules on a day: the categories that some rule is about, and every rule, both as in the pack."""

    day: date
    scores: tuple[Score, ...]
    rules: tuple[Measured, ...]


def quality(engine: Engine, snapshot: Snapshot, day: date) -> Quality:
    """Every rule of quality, asked of every record with full rights."""
    pack = snapshot.program.pack
    rules = tuple(
        _measured(engine, snapshot, day, entity.id, rule)
        for entity in pack.entities.values()
        for rule in entity.quality.values()
    )
    return Quality(day, tuple(_scores(pack.categories.values(), rules)), rules)


def _scores(categories: Iterable[Category], rules: tuple[Measured, ...]) -> Iterator[Score]:
    for category in categories:
        own = [rule for rule in rules if rule.category == category.id]
        if own:
            met, asked = sum(rule.met for rule in own), sum(rule.asked for rule in own)
            yield Score(category.id, str(category.steward), asked, met)


def _measured(engine: Engine, snapshot: Snapshot, day: date, entity: str, rule: QualityRule) -> Measured:
    nobody = Principal("", day, {}, (Hat(Post("", "", {}, None, None), frozenset()),))
    query = Query(snapshot, nobody, entity, engine.dialect)
    meanings = snapshot.program.meanings.conditions
    good = [f"({query.column((str(field),))} IS NOT NULL)" for field in rule.filled]
    good += [f"({query.expression(meanings[rule.expect])})"] if rule.expect is not None else []
    asked = f"({query.expression(meanings[rule.when])}) IS TRUE" if rule.when is not None else "TRUE"
    answers = f"SELECT {query.column(())} AS id, {' AND '.join(good)} AS good FROM {query.source} WHERE {asked}"
    (counts,) = engine.rows(
        f"SELECT count(*), count(*) FILTER (WHERE good), count(*) FILTER (WHERE good IS NULL) FROM ({answers}) AS each",
        query.values,
    )
    bad = engine.rows(
        f"SELECT id FROM ({answers}) AS each WHERE good IS NOT TRUE ORDER BY id LIMIT {EXAMPLES}", query.values
    )
    examples = tuple(str(key) for (key,) in bad)
    total, met, unknown = counts
    return Measured(entity, rule.id, str(rule.category), rule.at_least, total, met, unknown, examples)
