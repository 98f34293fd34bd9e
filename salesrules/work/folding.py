"""Events to the SQL that folds them: the last value of each name as one number, in one pass, and in parts.

A value that an event gave is packed into one number, the place of the event first, so that the last value is the
greatest number. That is several times quicker than asking for value, place and moment of the last event, and what two
stretches of the log come to is the greater of two numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesrules.expr.sql import literal, quoted
from salesrules.pack.followed import OWNER, POOL
from salesrules.run.projected import DATABASE, state_table
from salesrules.work.kinds import ASIDE, ASSIGNED, CLAIMED, FOLLOWED_UP, GONE, SEEN
from salesrules.work.watched import Watched

EVENTS, WORDS = f"{DATABASE}.events", f"{DATABASE}.words"
HOW = ("seen", "meant")  # by the table, or by us
_LAST = ("changed", FOLLOWED_UP, CLAIMED, ASSIGNED)
_MOMENT_BITS, _CODE_BITS = 56, 31


def packed(name: str, how: str, code: str) -> str:
    """What an event `t` says of a name, by the table or by us: its place, its moment and the code of the value."""
    kinds = f"t.kind {'' if how == 'seen' else 'NOT '}IN ({_listed(SEEN)})"
    moment = 'epoch_us(t."at")::HUGEINT'
    number = (
        f"(t.seq::HUGEINT << {_MOMENT_BITS + _CODE_BITS}) | ({moment} << {_CODE_BITS}) | coalesce({code}, 0)::HUGEINT"
    )
    return f"CASE WHEN t.{quoted(f'says {name}')} AND {kinds} THEN {number} END AS {quoted(f'{how} {name}')}"


def fold(each: Watched, after: int, timezone: str) -> str:
    """What the events of an entity behind a place come to, a row for each record.

    For each name there is the value, its place in the log and its moment.
    """
    columns = ['key AS "#key"', 'max(seq) AS "#seq"', 'min("at") AS created']
    columns += [f'max("at") FILTER (WHERE kind NOT IN ({_listed(ASIDE)})) AS changed']
    columns += [f"max(\"at\") FILTER (WHERE kind = '{kind}') AS {kind}" for kind in _LAST[1:]]
    columns += [f"max({column}) AS {column}" for column in _packed_columns(each)]
    where = f"seq > {after} AND entity = {literal(each.entity)}"
    folded = f"SELECT {', '.join(columns)} FROM {EVENTS} WHERE {where} GROUP BY key"
    lasts = _lasts(each)
    shown = ", ".join(part for at, (name, last) in enumerate(lasts.items()) for part in _unpacked(name, last, f"w{at}"))
    words = (f"LEFT JOIN {WORDS} AS w{at} ON w{at}.code = {_code(last)}" for at, last in enumerate(lasts.values()))
    plain = ", ".join(['"#key"', '"#seq"', "created", *_LAST])
    return _with_days(f"SELECT {plain}, {shown} FROM ({folded}) {' '.join(words)}", each, timezone)


def merged(each: Watched, tail: str, timezone: str) -> str:
    """What the records of a folded tail come to together with what is known of them from before."""
    columns = ['t."#key"', 't."#seq"', "least(b.created, t.created) AS created"]
    columns += [f"greatest(b.{column}, t.{column}) AS {column}" for column in _LAST]
    for name in _lasts(each):  # whatever the tail says is later
        parts = [quoted(part) for part in (name, f"{name} seq", f"{name} at")]
        columns += [f"CASE WHEN t.{parts[1]} IS NULL THEN b.{part} ELSE t.{part} END AS {part}" for part in parts]
    before = f'SELECT * FROM {state_table(each.entity)} WHERE "#key" IN (SELECT "#key" FROM {tail})'
    both = f'{tail} AS t LEFT JOIN ({before}) AS b USING ("#key")'
    return _with_days(f"SELECT {', '.join(columns)} FROM {both}", each, timezone)


def _lasts(each: Watched) -> dict[str, str]:
    """What a state has of each name, and the packed number that it comes from."""
    lasts: dict[str, str] = {}
    for name in (*each.fields, GONE):
        seen, meant = (quoted(f"{how} {name}") for how in HOW)
        if name in each.in_table:
            lasts |= {name: seen, f"{name} wanted": meant}
        else:
            lasts[name] = f"greatest({seen}, {meant})"
    return lasts


def _with_days(states: str, each: Watched, timezone: str) -> str:
    """States with the days that follow from their moments."""
    moved = ", ".join(quoted(f"{name} at") for name in (OWNER, POOL) if name in each.fields)
    days = f"{_day(f'greatest({moved})', timezone)} AS since, {_day(FOLLOWED_UP, timezone)} AS last_follow_up"
    return f"SELECT *, {days} FROM ({states})"


def _packed_columns(each: Watched) -> list[str]:
    return [quoted(f"{how} {name}") for name in (*each.fields, GONE) for how in HOW]


def _code(number: str) -> str:
    return f"({number} & ((1::HUGEINT << {_CODE_BITS}) - 1))::BIGINT"


def _unpacked(name: str, number: str, word: str) -> Iterator[str]:
    """A value with its place in the log and its moment."""
    moment = f"({number} >> {_CODE_BITS}) & ((1::HUGEINT << {_MOMENT_BITS}) - 1)"
    yield f"{word}.text AS {quoted(name)}"
    yield f"({number} >> {_MOMENT_BITS + _CODE_BITS})::BIGINT AS {quoted(f'{name} seq')}"
    yield f"make_timestamp(({moment})::BIGINT) AS {quoted(f'{name} at')}"


def _day(moment: str, timezone: str) -> str:
    """The day of a moment where the pack's days begin."""
    return f"CAST(timezone({literal(timezone)}, timezone('UTC', {moment})) AS DATE)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(literal, names))
