"""Ties and holes of value tables: compared with asking for every key on every day, and answers to read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from salesrules.expr.kinds import TEXT, Kind
from salesrules.expr.regions.tables import Row, Tie, holes, ties
from tests.regions_by_hand import REGION, SPACE

KEYS = {"region": Kind("member", "region"), "grade": TEXT}
GRADES = ("a", "b", "other")
DAYS = [date(2026, 1, day) for day in range(1, 8)]


def above(member: str) -> list[str]:
    """The member and all above it, then any."""
    up = REGION.get(member)
    return [member, *(above(up) if up else ["*"])]


def holds(row: Row, region: str, grade: str, day: date) -> bool:
    in_time = (row.start is None or row.start <= day) and (row.end is None or day < row.end)
    return row.keys[0] in above(region) and row.keys[1] in (grade, "*") and in_time


def beats(a: Row, b: Row) -> bool:
    wider = b.keys[0] in above(a.keys[0]) if a.keys[0] != "*" else b.keys[0] == "*"
    return wider and b.keys[1] in (a.keys[1], "*") and a.keys != b.keys


def asked(rows: Sequence[Row]) -> tuple[set[tuple[str, str]], bool]:
    """The pairs that tie somewhere, and whether some key has no row."""
    tied: set[tuple[str, str]] = set()
    hole = False
    named = [day for row in rows for day in (row.start, row.end and row.end - timedelta(1)) if day]
    for region in REGION:
        for grade in GRADES:
            for day in DAYS:
                found = [row for row in rows if holds(row, region, grade, day)]
                hole = hole or not (found or (named and not min(named) <= day <= max(named)))
                for index, a in enumerate(found):
                    for b in found[index + 1 :]:
                        beaten = beats(a, b) or beats(b, a) or any(beats(c, a) and beats(c, b) for c in found)
                        tied |= set() if beaten else {(a.id, b.id)}
    return tied, hole


def test_ties_and_holes_are_those_that_asking_for_every_key_finds() -> None:
    for seed in range(400):
        dice = random.Random(seed)
        rows = []
        for index in range(dice.randint(1, 7)):
            keys = (dice.choice((*REGION, "*", "*")), dice.choice(("a", "b", "*", "*")))
            start = dice.choice((None, None, DAYS[2]))
            end = dice.choice((None, None, DAYS[4]))
            rows.append(Row(f"line {index}", keys, start, end))
        tied, hole = asked(rows)
        found = list(ties(KEYS, rows, SPACE))
        assert {(one.first, one.second) for one in found if isinstance(one, Tie)} == tied, seed
        assert len(found) == len(tied), seed
        assert bool(list(holes(KEYS, rows, SPACE))) == hole, seed


def test_what_is_said_of_a_table() -> None:
    rows = [
        Row("2", ("*", "*")),
        Row("3", ("east", "*")),
        Row("4", ("*", "a")),
        Row("5", ("shanghai", "a")),
        Row("6", ("shanghai", "a"), start=DAYS[3]),
    ]
    assert [str(one.witness) for one in ties(KEYS, rows, SPACE) if isinstance(one, Tie)] == [
        "{region: east, grade: a}",
        "{region: shanghai, grade: a, today: 2026-01-04}",
    ]
    assert [(one.first, one.second) for one in ties(KEYS, rows, SPACE) if isinstance(one, Tie)] == [
        ("3", "4"),
        ("5", "6"),
    ]
    assert list(holes(KEYS, rows, SPACE)) == []
    assert [str(one) for one in holes(KEYS, rows[1:], SPACE)] == [
        "Gap(where=(('today', '2026-01-04'), ('region', 'within west'), ('grade', '<> a')), witness=Witness())"
    ]


def test_a_tie_is_settled_by_a_row_that_beats_both() -> None:
    rows = [Row("2", ("*", "*")), Row("3", ("east", "*")), Row("4", ("*", "a")), Row("5", ("east", "a"))]
    assert list(ties(KEYS, rows, SPACE)) == []
    early = Row("5", ("east", "a"), end=DAYS[1] + timedelta(days=1))
    assert [type(one) for one in ties(KEYS, [*rows[:3], early], SPACE)] == [Tie]
