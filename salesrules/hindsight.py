"""What the rules of now would have made of past runs, to sentences in a language."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.retracing import Hindsight
from salesrules.whose import spread_text
from salesrules.work.assign.replay import Fate, by_rule

_SHOWN = 5  # records that are told by key


def hindsight_texts(pack: Pack, found: Hindsight, lang: str) -> Iterator[str]:
    """How many would have gone to somebody else, what each rule gave and would have, and how both are spread."""
    arrivals, moved = found.replay.arrivals, found.replay.moved
    words = {"name": found.assigning.id, "entity": pack.entities[found.assigning.entity].label.in_(lang)}
    words |= {"since": found.since.isoformat() if found.since is not None else "", "moved": f"{len(moved):,}"}
    words |= {"given": f"{sum(one.then.person is not None for one in arrivals):,}", "runs": f"{found.replay.runs:,}"}
    yield say("replay.head" if found.since is not None else "replay.head_run", lang, **words)
    places = {rule.id: str(rule.span) for rule in found.assigning.rules}
    for rule, (then, now) in by_rule(arrivals).items():
        counts = {"rule": rule, "place": places.get(rule, ""), "then": f"{then:,}", "now": f"{now:,}"}
        yield "  " + say("replay.rule" if rule in places else "replay.rule_gone", lang, **counts)
    for one in moved[:_SHOWN]:
        yield "  " + say("replay.moved", lang, key=one.key, then=_fate(one.then, lang), now=_fate(one.now, lang))
    if len(moved) > _SHOWN:
        yield "  " + say("replay.more", lang, count=f"{len(moved) - _SHOWN:,}")
    if found.replay.gone:
        yield say("replay.gone", lang, count=f"{found.replay.gone:,}")
    of = found.limit.of if found.limit is not None else "load"
    for code, shared in (("replay.then", found.then), ("replay.now", found.now)):
        if shared is not None:
            yield say(code, lang, spread=spread_text(shared, of, lang))
    if found.beyond and found.limit is not None:
        yield say("assign.beyond", lang, limit=str(found.limit.at_most), place=str(found.limit.span))
    yield say("replay.nothing_moves", lang)


def _fate(fate: Fate, lang: str) -> str:
    """Who got it by which rule."""
    code = "replay.nobody" if fate.person is None else "replay.person"
    return say(code, lang, person=fate.person or "", rule=fate.rule)
