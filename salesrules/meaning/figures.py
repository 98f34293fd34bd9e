"""Where expressions stand about figures, credit and pay: each with its names and the kind that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.kinds import BOOLEAN, DATE, PERCENT, RATIO, Kind, Vocabulary
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf
from salesrules.meaning.asked import Asked
from salesrules.meaning.vocabulary import PERSON
from salesrules.pack.credits import AllTo, Credit
from salesrules.pack.incentives import Incentive
from salesrules.pack.kpis import Standing
from salesrules.pack.pack import Pack

_PERSON = Kind("ref", PERSON)
_CREDIT = frozenset({"handover"})
_EACH = "each "


def figures(pack: Pack, vocabulary: Vocabulary) -> Iterator[Asked]:
    """Every expression of kpis.yaml and incentives.yaml beside formulas and dates."""
    yield from _kpis(pack, vocabulary)
    yield from _counts_under(pack, vocabulary)
    for credit in pack.credits.values():
        if credit.of in pack.entities:
            yield from _credit(credit, vocabulary)
    over_kpis = Scope(vocabulary, "", aggregates=True)
    for review in pack.reviews.values():
        yield from _asked(review.when, over_kpis, BOOLEAN)
    about_person = Scope(vocabulary, PERSON, beside=True)
    for scorecard in pack.scorecards.values():
        for veto in scorecard.veto:
            yield Asked(veto.when, about_person, BOOLEAN)
    for incentive in pack.incentives.values():
        yield from _incentive(pack, incentive, vocabulary)


def _asked(expression: Expression | None, scope: Scope, kind: Kind | None) -> Iterator[Asked]:
    if expression is not None:
        yield Asked(expression, scope, kind)


def _kpis(pack: Pack, vocabulary: Vocabulary) -> Iterator[Asked]:
    """Goals by member, and the end of rows that stand for a time."""
    goals = Scope(vocabulary, "", by_member=True)
    for kpi in pack.kpis.values():
        if kpi.target is not None:
            unit = vocabulary.kpis[kpi.id]
            for goal in (kpi.target.at_least, kpi.target.at_most):
                yield from _asked(goal, goals, PERCENT if unit == RATIO else unit)
        if isinstance(kpi.date, Standing) and kpi.of is not None and kpi.of in pack.entities:
            yield from _asked(kpi.date.to, Scope(vocabulary, kpi.of), DATE)


def _counts_under(pack: Pack, vocabulary: Vocabulary) -> Iterator[Asked]:
    """What a row counts under: a member of the dimension, and a person by path or by credit."""
    for entity, under in pack.counts_under.items():
        if entity in pack.entities:
            scope = Scope(vocabulary, entity, frozenset({"credit"}))
            for thing, path in under.items():
                yield Asked(path, scope, _PERSON if thing == PERSON else Kind("member", thing))


def _credit(credit: Credit, vocabulary: Vocabulary) -> Iterator[Asked]:
    """The rules of a credit; `where` is about the rows that the share of `split` stands in."""
    scope = Scope(vocabulary, credit.of, _CREDIT)
    for rule in credit.rules:
        shares = Scope(vocabulary, credit.of, _CREDIT, beside=True)
        yield from _asked(rule.when, scope, BOOLEAN)
        yield Asked(rule.split, shares, PERCENT)
        if rule.where is not None:
            share, _ = resolve(rule.split, shares)
            each = isinstance(share, Leaf) and share.part.startswith(_EACH)
            rows = share.part.removeprefix(_EACH) if isinstance(share, Leaf) and each else credit.of
            yield Asked(rule.where, Scope(vocabulary, rows), BOOLEAN)
    if isinstance(credit.otherwise, AllTo):
        yield Asked(credit.otherwise.all, scope, _PERSON)


def _incentive(pack: Pack, incentive: Incentive, vocabulary: Vocabulary) -> Iterator[Asked]:
    """What is paid for: records of `each`, or figures of a person, who is `person` beside them."""
    of_person = Scope(vocabulary, "", frozenset({"person"}), aggregates=True)
    yield from _asked(incentive.basis, Scope(vocabulary, "", aggregates=True), None)
    yield from _asked(incentive.rate, Scope(vocabulary, "", by_member=True), PERCENT)
    paid_for = incentive.each or _rows_of(pack, incentive)
    if incentive.each is None:
        yield from _asked(incentive.when, of_person, BOOLEAN)
    elif incentive.each in pack.entities:
        yield from _asked(incentive.when, Scope(vocabulary, incentive.each), BOOLEAN)
    if incentive.release is not None:
        yield from _asked(incentive.release.when, Scope(vocabulary, PERSON, beside=True), BOOLEAN)
    if incentive.clawback is not None:
        scope = Scope(vocabulary, paid_for, beside=True) if paid_for in pack.entities else of_person
        yield Asked(incentive.clawback.when, scope, BOOLEAN)


def _rows_of(pack: Pack, incentive: Incentive) -> str:
    """The entity of the rows that pay is a share of, or nothing if there is none."""
    kpi = pack.kpis.get(incentive.on_kpi) if incentive.on_kpi is not None else None
    return kpi.of or "" if kpi is not None else ""
