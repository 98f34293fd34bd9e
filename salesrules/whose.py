"""Runs and stored decisions to sentences in a language: who gets the work, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from salesrules.assigning import Assigned, Rebalanced, Recalled, Run, Spread
from salesrules.issue import catalogue, say
from salesrules.leaving import HandedOver, Lent, Unsigned, Waiting
from salesrules.pack.pack import Pack
from salesrules.phrases import Called, credit_text, moment_text, role_text, stage_text
from salesrules.retracing import Balance
from salesrules.work.assign.arrivals import UNRULED
from salesrules.work.assign.checks import OPEN, PER_DAY
from salesrules.work.assign.choice import Choice, choice, pick_name
from salesrules.work.assign.lending import LEND

_TIES = {1: "assign.longest_ago", 2: "assign.chance"}
_WHOLE = ("least_loaded", "best_skill")


def assigned_texts(pack: Pack, found: Assigned, lang: str) -> Iterator[str]:
    """A run in a few lines: how many went where by which rule, an example of those that nobody got, and the spread."""
    run = found.run
    given = [place for place in run.chosen if place >= 0]
    words = {"name": run.assigning.id, "day": run.day.isoformat(), "waiting": f"{len(run.arrivals.keys):,}"}
    words |= {"entity": pack.entities[run.assigning.entity].label.in_(lang), "given": f"{len(given):,}"}
    words |= {"people": f"{len(set(given)):,}", "left": f"{len(run.arrivals.keys) - len(given):,}"}
    yield say("assign.head", lang, **words)
    yield from (f"  {text}" for text in _rules(pack, run, lang))
    if found.astray:
        yield "  " + say("assign.astray", lang, count=f"{len(found.astray):,}", key=found.astray[0])
    for scope, error in sorted(run.errors.items()):
        if error:
            yield say("assign.turns", lang, scope=scope, error=f"{error:.2f}")
    limit = pack.assignments[run.assigning.id].fairness
    if found.spread is not None:
        yield spread_text(found.spread, limit.of if limit is not None else "load", lang)
    if found.beyond and limit is not None:
        yield say("assign.beyond", lang, limit=str(limit.at_most), place=str(limit.span))


def stopped_text(pack: Pack, found: Assigned, lang: str) -> str:
    """What an outcome beyond the limit of a pack stops."""
    limit = pack.assignments[found.run.assigning.id].fairness
    assert limit is not None
    return say(f"assign.stops_{limit.stops}", lang, name=found.run.assigning.id)


def _rules(pack: Pack, run: Run, lang: str) -> Iterator[str]:
    """Each rule with what it took, and of what nobody got the first as an example."""
    numbers = [run.arrivals.kinds[kind].rule for kind in run.arrivals.kind]
    taken = Counter(numbers)
    lost = Counter(rule for rule, place in zip(numbers, run.chosen, strict=True) if place < 0)
    for number, rule in enumerate(run.assigning.rules):
        words = {"rule": rule.id, "place": str(rule.span), "pick": say(f"pick.{pick_name(rule.pick)}", lang)}
        words |= {"count": f"{taken[number]:,}", "given": f"{taken[number] - lost[number]:,}"}
        yield say("assign.rule", lang, **words)
        if lost[number] and pick_name(rule.pick) != "pool":
            at = next(i for i, r in enumerate(numbers) if r == number and run.chosen[i] < 0)
            why = considered_text(choice(run, at), lang)
            pool = pack.pools[run.pool(at) or ""].label.in_(lang)
            words = {"count": f"{lost[number]:,}", "key": run.arrivals.keys[at], "why": why, "pool": pool}
            yield "  " + say("assign.nobody", lang, **words)
    if taken[UNRULED]:
        pool = pack.pools[run.assigning.pool].label.in_(lang)
        yield say("assign.no_rule", lang, count=f"{taken[UNRULED]:,}", pool=pool)


def spread_text(found: Spread, of: str, lang: str, called: Called = str) -> str:
    """How unequal it is, in words first; `called` says what people are called."""
    words = {"people": f"{found.people:,}", "busiest": called(found.most[0]), "idlest": called(found.least[0])}
    words |= {"most": number_text(found.most[1]), "least": number_text(found.least[1])}
    words |= {"gini": f"{found.gini:.2f}", "jain": f"{found.jain:.2f}", "of": say(f"assign.of_{of}", lang)}
    words["ratio"] = f"{float(found.ratio):.1f}" if found.ratio is not None else ""
    if found.people == 1:
        return say("assign.spread_one", lang, **words)
    if not found.most[1]:
        return say("assign.spread_empty", lang, **words)
    return say("assign.spread" if found.ratio is not None else "assign.spread_none", lang, **words)


def balance_texts(pack: Pack, found: Balance, lang: str) -> Iterator[str]:
    """How work is spread: over everyone, by rule, and by team."""
    since = found.since.isoformat()
    if found.load is None or found.assigned is None:
        yield say("fairness.nobody", lang)
        return
    if found.limit is not None and found.limit.value is not None:
        yield say("fairness.by_value", lang, value=found.limit.value.text)
    yield say("fairness.load", lang)
    yield "  " + spread_text(found.load, "load", lang)
    yield from (
        f"  {say('fairness.team', lang, team=team)} {spread_text(one, 'load', lang)}" for team, one in found.teams
    )
    yield from (
        f"  {say('fairness.class', lang, name=name or say('why.empty', lang))} {spread_text(one, 'load', lang)}"
        for name, one in found.classes
    )
    yield say("fairness.assigned", lang, since=since)
    yield "  " + spread_text(found.assigned, "assigned", lang)
    yield from (f"  {rule}: {spread_text(one, 'assigned', lang)}" for rule, one in found.rules)
    if found.limit is not None:
        words = {"limit": str(found.limit.at_most), "place": str(found.limit.span)}
        yield say("assign.beyond" if found.beyond else "fairness.within", lang, **words)


def handed_texts(pack: Pack, found: HandedOver, lang: str) -> Iterator[str]:
    """A handover: how many records of which entity go where by which rule, and what stays."""
    words = {"person": found.person, "handover": found.handover.id, "place": str(found.handover.span)}
    yield say("handover.head", lang, count=f"{sum(one.do != LEND for one in found.records):,}", **words)
    counts = Counter((one.entity, one.rule, one.to or "", one.pool or "") for one in found.records if one.do != LEND)
    for (entity, number, to, pool), count in sorted(counts.items()):
        rule = found.handover.rules[number - 1]
        words = {"entity": pack.entities[entity].label.in_(lang), "count": f"{count:,}", "place": str(rule.span)}
        words |= {"to": to, "pool": pack.pools[pool].label.in_(lang) if pool else ""}
        code = "given" if to else "pooled" if pool else "nobody"
        yield "  " + say(f"handover.{code}", lang, **words)
        if rule.credit is not None and code in ("given", "pooled"):
            ends = found.until[number].isoformat() if number in found.until else None
            yield "    " + credit_text(str(rule.credit.old), str(rule.credit.new), ends, lang)
        if code == "pooled" and number in found.stuck:
            key, why = found.stuck[number]
            yield "    " + say("handover.such_as", lang, key=key, why=considered_text(why, lang))
        if code in ("given", "pooled"):
            yield from ("    " + text for text in _asks(found, (entity, number, to or None, pool or None), lang))
    yield from ("  " + _lent(pack, found, one, lang) for one in found.lent)
    for how, stays in (("left", found.left), ("away", found.away), ("coming", found.coming)):
        for entity, count in sorted(stays.items()):
            words = {"entity": pack.entities[entity].label.in_(lang), "count": f"{count:,}", "person": found.person}
            yield "  " + say(f"handover.{how}", lang, **words)
    yield from ("  " + _unsigned(pack, one, lang) for one in found.approvals)
    for scope, more in sorted(found.turns.items()):
        yield "  " + say("handover.turn", lang, scope=scope, more=f"{more:+.2f}")


def _asks(found: HandedOver, way: tuple[str, int, str | None, str | None], lang: str) -> Iterator[str]:
    """Who has to agree before records go a way, with how many."""
    asks = Counter(
        one.asks for one in found.records if one.asks is not None and (one.entity, one.rule, one.to, one.pool) == way
    )
    for people, count in sorted(asks.items()):
        words = {"count": f"{count:,}", "people": say("list.and", lang).join(people)}
        yield say("handover.asks" if people else "handover.nobody_agrees", lang, **words)


def _lent(pack: Pack, found: HandedOver, one: Lent, lang: str) -> str:
    """Who stands in for a person, or why nobody does and what to do."""
    lending, counts = one.lending, Counter(record.rule for record in found.records)
    names = [
        say("handover.stays", lang, entity=pack.entities[entity].label.in_(lang), count=f"{counts[number]:,}")
        for entity, number in zip(lending.entities, lending.rules, strict=True)
    ]
    words = {"records": say("list.and", lang).join(names), "person": found.person, "to": lending.to or ""}
    words["place"] = str(found.handover.rules[lending.rules[0] - 1].span)
    if one.stands_in is None:
        why = one.problem.text(lang) if one.problem is not None else ""
        return say("handover.not_lent", lang, why=why, **words)
    words |= {"until": one.stands_in.until.isoformat(), "rule": one.stands_in.rule}
    return say("handover.lent_already" if one.known else "handover.lent", lang, **words)


def waiting_text(pack: Pack, found: Waiting, lang: str) -> str:
    """A record that is handed over once the person who is asked agrees."""
    to = found.to or pack.pools[found.pool or ""].label.in_(lang)
    words = {"entity": pack.entities[found.entity].label.in_(lang), "key": found.key, "rule": found.rule}
    return say("handover.waits", lang, to=to, **words)


def _unsigned(pack: Pack, found: Unsigned, lang: str) -> str:
    """Who gives an approval that waits for somebody who goes, or what to do if nobody may."""
    signed = found.signature
    words = {"entity": pack.entities[signed.entity].label.in_(lang), "key": signed.key, "to": found.to or ""}
    words |= {"role": role_text(pack, signed.approval, lang)}
    words["stage"] = stage_text(pack, signed.process, signed.stage, lang)
    words["others"] = say("list.and", lang).join(found.others)
    code = "signs" if found.to is not None else "others_sign" if found.others else "nobody_signs"
    return say(f"handover.{code}", lang, **words)


def rebalanced_texts(found: Rebalanced, lang: str, shown: int = 20) -> Iterator[str]:
    """Moves: how many bring how many people into which band, and the first of them."""
    words = {"moves": f"{len(found.moves):,}", "people": f"{len(found.before):,}", "low": str(found.low)}
    words |= {"high": str(found.high), "outside": str(found.outside)}
    yield say("rebalance.head", lang, **words)
    if found.outside:
        yield say("rebalance.outside", lang, **words)
    for move in found.moves[:shown]:
        yield "  " + say("rebalance.move", lang, key=move.key, old=move.old, new=move.new)
    if len(found.moves) > shown:
        yield "  " + say("rebalance.more", lang, count=f"{len(found.moves) - shown:,}")


def considered_text(found: Choice, lang: str) -> str:
    """How many were considered, who was stopped by what, and how many were left."""
    stopped = [
        say("assign.stopped", lang, count=f"{count:,}", check=check_text(name, lang)) for name, count in found.stopped
    ]
    words = {"considered": f"{found.considered:,}", "stopped": say("list.and", lang).join(stopped)}
    return say("assign.considered" if stopped else "assign.considered_all", lang, left=f"{found.left:,}", **words)


def check_text(name: str, lang: str) -> str:
    """What a check stops people for: one that every rule has, or a term as it is written."""
    code = f"check.{name}"
    return say(code, lang) if code in catalogue() else say("check.term", lang, term=name)


def recalled_texts(pack: Pack, found: Recalled, lang: str, would: bool = False) -> Iterator[str]:
    """A decision with its reasons, and why somebody who was asked about did not get the record.

    Args: would: whether it is one that was not taken, but would be.
    """
    yield decision_text(pack, found, lang, would=would)
    if found.choice.rule and found.choice.considered:
        yield "  " + considered_text(found.choice, lang)
    yield from (f"  {text}" for text in how_texts(found, lang))
    if found.person is not None:
        yield "  " + about_text(found, lang)
        yield from (f"    {text}" for text in stood_texts(pack, found, lang))


def decision_text(pack: Pack, found: Recalled, lang: str, called: Called = str, would: bool = False) -> str:
    """Who got a record, or where it waits, by which rule."""
    decision, chosen = found.decision, found.choice
    rules = {rule.id: rule for rule in pack.assignments[decision.assignment].rules}
    words = {"entity": pack.entities[decision.entity].label.in_(lang), "key": decision.key, "rule": chosen.rule}
    words |= {"place": str(rules[chosen.rule].span) if chosen.rule in rules else "", "release": decision.release}
    words["at"] = f"{decision.at:%Y-%m-%d %H:%M} UTC"
    if decision.person is not None:
        return say("assign.would_go" if would else "assign.went", lang, person=called(decision.person), **words)
    pool = pack.pools[decision.pool or ""].label.in_(lang) if decision.pool in pack.pools else str(decision.pool)
    code = "assign.would_wait" if would else "assign.waits"
    return say(code if chosen.rule else f"{code}_unruled", lang, pool=pool, **words)


def how_texts(found: Recalled, lang: str, called: Called = str) -> Iterator[str]:
    """By what the pick went, what a score is made of, and what broke a tie."""
    person, chosen = found.decision.person, found.choice
    if person is None:
        return
    number = number_text(chosen.number) if chosen.number is not None else ""
    others = [say("assign.number", lang, person=called(id), number=number_text(n)) for id, n in chosen.others]
    words = {"number": number, "person": called(person), "others": say("list.and", lang).join(others)}
    yield say(f"how.{chosen.pick}", lang, **words) + (say("assign.others", lang, **words) if others else "")
    if chosen.parts:
        parts = [say("assign.number", lang, person=name, number=str(value)) for name, value in chosen.parts.items()]
        yield say("assign.parts", lang, parts=say("list.and", lang).join(parts))
    if chosen.shares:
        shares = {called(id): f"{Decimal(share):.0%}" for id, share in chosen.shares.items()}
        texts = [say("assign.number", lang, person=name, number=share) for name, share in shares.items()]
        yield say("assign.team", lang, shares=say("list.and", lang).join(texts))
    if chosen.tied:
        yield say(_TIES[chosen.tied], lang, seed=found.decision.seed)


def about_text(found: Recalled, lang: str, called: Called = str) -> str:
    """What became of the person who was asked about: the check that stopped them, with value and limit."""
    one, other = found.person, found.decision.person
    assert one is not None
    words = {"person": called(one.id), "value": str(one.value), "limit": str(one.limit)}
    words["other"] = called(other) if other is not None else ""
    if one.check in (OPEN, PER_DAY) or f"person.{one.check}" in catalogue():
        return say(f"person.{one.check}", lang, **words)
    values = say("list.and", lang).join(
        say("assign.value", lang, name=name, value="-" if value is None else str(value)) for name, value in one.values
    )
    return say("person.term", lang, person=called(one.id), term=one.check, values=values)


def stood_texts(pack: Pack, found: Recalled, lang: str, called: Called = str) -> Iterator[str]:
    """What those stood at of whom one came first, and that the other is behind all who are named."""
    for one in found.stood:
        words = {"person": called(one.id), "held": f"{one.held:,}", "got": f"{one.got:,}"}
        said = [say("stood.held", lang, **words)]
        if one.ahead is not None:
            code = "even" if abs(one.ahead) < 0.005 else "ahead" if one.ahead > 0 else "behind"
            said.append(say(f"stood.{code}", lang, number=f"{abs(one.ahead):.2f}"))
        at = moment_text(one.last, ZoneInfo(pack.about.timezone)) if one.last is not None else ""
        said.append(say("stood.last" if at else "stood.never", lang, at=at))
        yield say("stood.of", lang, said=say("stood.and", lang).join(said), **words)
    others = {id for id, _ in found.choice.others}
    if found.stood and others and found.person is not None and found.person.id not in others:
        yield say("stood.beyond", lang, person=called(found.person.id))


def number_text(number: float | Fraction) -> str:
    """A number without digits that say nothing."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
