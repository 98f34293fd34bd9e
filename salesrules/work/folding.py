"""Events to the SQL that folds them: the last value of each name as one number, in one pass, and in parts.

A value that an event gave is packed into one number, the place of the event first, so that the last value is the
greatest number. That is several times quicker than asking for value, place and moment of the last event. The numbers
are made while they are folded: kept with the events they would take more room than all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from salesrules.expr.sql import literal, quoted
from salesrules.pack.followed import OWNER, POOL
from salesrules.run.projected import DATABASE, state_table
from salesrules.work.kinds import ASIDE, ASSIGNED, CLAIMED, FOLLOWED_UP, GONE, SEEN
from salesrules.work.watched import Watched

EVENTS, WORDS = f"{DATABASE}.events", f"{DATABASE}.words"
SEEN_OR_MEANT, LAST = ("seen", "meant"), ("last",)
"""How a name is said: by the table or by us, where the difference counts; or by whatever said it last."""
_MOMENTS = (FOLLOWED_UP, CLAIMED, ASSIGNED)
_ASIDE = len(_MOMENTS)  # as what kind counts; each moment by its own place
_MOMENT_BITS, _CODE_BITS = 56, 31


def packed(name: str, how: str, code: str) -> str:
    """What events `t` last say of a name, of those that say it so: the place, the moment, and the code of the value."""
    kinds = {"seen": f" AND t.kind IN ({_listed(SEEN)})", "meant": f" AND t.kind NOT IN ({_listed(SEEN)})"}.get(how, "")
    moment = 'epoch_us(t."at")::HUGEINT'
    number = (
        f"(t.seq::HUGEINT << {_MOMENT_BITS + _CODE_BITS}) | ({moment} << {_CODE_BITS}) | coalesce({code}, 0)::HUGEINT"
    )
    return f"max(CASE WHEN t.{quoted(f'says {name}')}{kinds} THEN {number} END) AS {quoted(f'{how} {name}')}"


def counted(kind: str) -> str:
    """The number of what an event counts as by its kind, as SQL."""
    groups = [*((each,) for each in _MOMENTS), ASIDE]
    whens = " ".join(f"WHEN {kind} IN ({_listed(group)}) THEN {at}" for at, group in enumerate(groups))
    return f"(CASE {whens} ELSE {len(groups)} END)::TINYINT"


def fold(each: Watched, hows: Mapping[str, tuple[str, ...]], after: int) -> str:
    """What the events of an entity behind a place come to, a row for each record, but for the days.

    For each name there is the value, its place in the log and its moment.
    """
    columns = ['key AS "#key"', 'max(seq) AS "#seq"', 'min("at") AS created']
    columns += [f'max("at") FILTER (WHERE counts <> {_ASIDE}) AS changed']
    columns += [f'max("at") FILTER (WHERE counts = {at}) AS {kind}' for at, kind in enumerate(_MOMENTS)]
    joins = []
    for at, name in enumerate(_names(each)):
        columns += [packed(name, how, f"c{at}.code") for how in hows[name]]
        joins.append(f"LEFT JOIN {WORDS} AS c{at} ON c{at}.text = t.{quoted(f'is {name}')}")
    where = f"seq > {after} AND entity = {literal(each.entity)}"
    folded = f"SELECT {', '.join(columns)} FROM {EVENTS} AS t {' '.join(joins)} WHERE {where} GROUP BY key"
    lasts = _lasts(each, hows)
    shown = ", ".join(part for at, (name, last) in enumerate(lasts.items()) for part in _unpacked(name, last, f"w{at}"))
    words = (f"LEFT JOIN {WORDS} AS w{at} ON w{at}.code = {_code(last)}" for at, last in enumerate(lasts.values()))
    plain = ", ".join(['"#key"', '"#seq"', "created", "changed", *_MOMENTS])
    return f"SELECT {plain}, {shown} FROM ({folded}) {' '.join(words)}"


def merged(each: Watched, tail: str) -> str:
    """What the records of a folded tail come to together with what is known of them from before."""
    columns = ['t."#key"', 't."#seq"', "least(b.created, t.created) AS created"]
    columns += [f"greatest(b.{column}, t.{column}) AS {column}" for column in ("changed", *_MOMENTS)]
    names = [part for name in _names(each) for part in ((name, f"{name} wanted") if name in each.in_table else (name,))]
    for name in names:  # whatever the tail says is later
        parts = [quoted(part) for part in (name, f"{name} seq", f"{name} at")]
        columns += [f"CASE WHEN t.{parts[1]} IS NULL THEN b.{part} ELSE t.{part} END AS {part}" for part in parts]
    known = state_table(each.entity)
    rows = f'SELECT rowid FROM {known} WHERE "#key" IN (SELECT "#key" FROM {tail})'
    before = f"SELECT * FROM {known} WHERE rowid IN ({rows})"  # so that no other row is read in all its columns
    both = f'{tail} AS t LEFT JOIN ({before}) AS b USING ("#key")'
    return f"SELECT {', '.join(columns)} FROM {both}"


def _names(each: Watched) -> tuple[str, ...]:
    return (*each.fields, GONE)


def _lasts(each: Watched, hows: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What a state has of each name, and the packed number that it comes from."""
    lasts: dict[str, str] = {}
    for name in _names(each):
        columns = [quoted(f"{how} {name}") for how in hows[name]]
        if name in each.in_table:
            lasts |= zip((name, f"{name} wanted"), columns, strict=True)
        else:
            lasts[name] = f"greatest({', '.join(columns)})"
    return lasts


def with_days(each: Watched, states: str, timezone: str) -> str:
    """States with the days that follow from their moments."""
    moved = ", ".join(quoted(f"{name} at") for name in (OWNER, POOL) if name in each.fields)
    days = f"{local_day(f'greatest({moved})', timezone)} AS since, {local_day(FOLLOWED_UP, timezone)} AS last_follow_up"
    return f"SELECT *, {days} FROM ({states})"


def _code(number: str) -> str:
    return f"({number} & ((1::HUGEINT << {_CODE_BITS}) - 1))::BIGINT"


def _unpacked(name: str, number: str, word: str) -> Iterator[str]:
    """A value with its place in the log and its moment."""
    moment = f"({number} >> {_CODE_BITS}) & ((1::HUGEINT << {_MOMENT_BITS}) - 1)"
    yield f"{word}.text AS {quoted(name)}"
    yield f"({number} >> {_MOMENT_BITS + _CODE_BITS})::BIGINT AS {quoted(f'{name} seq')}"
    yield f"make_timestamp(({moment})::BIGINT) AS {quoted(f'{name} at')}"


def local_day(moment: str, timezone: str) -> str:
    """The day of a moment where the pack's days begin."""
    instant = f"make_timestamptz(epoch_us({moment}))"  # half the time of asking for UTC by its name
    return f"CAST(timezone({literal(timezone)}, {instant}) AS DATE)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(literal, names))
