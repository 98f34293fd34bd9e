"""The state of records is the fold of their events, however the log came in; what tables show is noted once."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import EngineError
from salesrules.store import Event, open_store
from salesrules.work.state import States
from salesrules.work.watched import Watched
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

START = datetime(2026, 3, 12, 20, tzinfo=UTC)
WATCHED = {
    "deal": Watched("deal", ("owner", "pool", "stage"), ("owner", "stage"), {"sales": "stage"}),
    "lead": Watched("lead", ("owner", "pool"), (), {}),
}
KINDS = ["created", "observed", "assigned", "claimed", "advanced", "followed_up", "reminded", "recycled", "task_done"]
VALUES = st.dictionaries(
    st.sampled_from(["owner", "pool", "stage", "#note", "#gone"]), st.sampled_from([None, "", "a", "b'\"", "空"])
)
EVENTS = st.lists(
    st.builds(
        lambda entity, key, kind, values, hours: Event(START + timedelta(hours=hours), entity, key, kind, "li", values),
        st.sampled_from(["deal", "lead", "person"]),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(KINDS),
        VALUES,
        st.integers(0, 200),
    ),
    max_size=40,
)
State = dict[str, Any]


def folded(events: Iterable[Event]) -> dict[tuple[str, str], State]:
    """The state of each record, event by event: the slow and obvious reading of what `work/state.py` says in SQL."""
    states: dict[tuple[str, str], State] = {}
    for seq, event in enumerate(events, start=1):
        if event.entity not in WATCHED:
            continue
        state, at = states.setdefault((event.entity, event.key), {}), event.at.replace(tzinfo=None)
        state["#seq"] = seq
        state["created"] = min(at, state.get("created", at))
        if event.kind not in ("reminded", "escalated"):
            state["changed"] = max(at, state.get("changed", at))
        if event.kind in ("followed_up", "claimed", "assigned"):
            state[event.kind] = max(at, state.get(event.kind, at))
        watched = WATCHED[event.entity]
        for name in (*watched.fields, "#gone"):
            if name in event.values:
                proposes = name in watched.in_table and event.kind not in ("created", "observed")
                said = f"{name} wanted" if proposes else name
                state |= {said: event.values[name], f"{said} seq": seq, f"{said} at": at}
    for state in states.values():
        moved = [state[name] for name in ("owner at", "pool at") if name in state]
        state["since"] = day(max(moved, default=None))
        state["last_follow_up"] = day(state.get("followed_up"))
    return states


def day(moment: datetime | None) -> Any:
    return (moment + timedelta(hours=8)).date() if moment is not None else None


def kept(states: States) -> dict[tuple[str, str], State]:
    """What the engine has, without what is empty."""
    found = {}
    for entity in WATCHED:
        table = f'work."state {entity}"'
        names = [row[0] for row in states.engine.rows(f"DESCRIBE {table}")]
        for row in states.engine.rows(f"SELECT * FROM {table}"):
            cells = dict(zip(names, row, strict=True))
            key = cells.pop("#key")
            assert (entity, key) not in found
            found[entity, key] = {name: value for name, value in cells.items() if value is not None}
    return found


def without_empty(states: Mapping[tuple[str, str], State]) -> dict[tuple[str, str], State]:
    return {at: {name: value for name, value in state.items() if value is not None} for at, state in states.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_the_projection_is_the_fold_of_the_log(tmp_path_factory: Any, events: list[Event], cuts: list[int]) -> None:
    store = open_store(str(tmp_path_factory.mktemp("log") / "store.sqlite"))
    states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
    places = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    for first, last in pairwise(places):
        store.append(events[first:last])
        states.refresh()
        assert kept(states) == without_empty(folded(events[:last]))
    states.recompute()
    assert kept(states) == without_empty(folded(events))
    at_once = States(DuckDB(), store, WATCHED, "Asia/Shanghai")  # another process, that reads all of it
    at_once.refresh()
    assert kept(at_once) == kept(states)
    at_once.forget(places[-2])
    assert kept(at_once) == without_empty(folded(events[: places[-2]]))
    store.close()


def test_a_refresh_that_fails_on_one_entity_has_changed_none_and_is_made_good_by_the_next(tmp_path: Path) -> None:
    events = [Event(START, entity, "1", "assigned", "li", {"owner": "a"}) for entity in WATCHED]
    later = [Event(START, entity, key, "assigned", "li", {"owner": "b"}) for entity in WATCHED for key in "12"]
    store = open_store(str(tmp_path / "store.sqlite"))
    store.append(events)
    states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
    states.refresh()
    store.append(later)
    states.engine.rows('ALTER TABLE work."state lead" RENAME TO away')
    with pytest.raises(EngineError):
        states.refresh()
    states.engine.rows('ALTER TABLE work.away RENAME TO "state lead"')
    assert kept(states) == without_empty(folded(events))
    states.refresh()
    assert kept(states) == without_empty(folded([*events, *later]))
    store.close()


def test_records_do_not_touch_each_other(tmp_path: Path) -> None:
    """The same events of each record, shuffled among records, give the same state but for places in the log."""
    rng = random.Random(7)
    own = {
        key: [
            Event(START + timedelta(hours=n), "lead", key, kind, "li", {"owner": f"{key}{n}"})
            for n, kind in enumerate(rng.choices(KINDS, k=12))
        ]
        for key in ("1", "2", "3")
    }
    found = []
    for turn in range(4):
        order = [key for key in own for _ in own[key]]
        rng.shuffle(order)
        ahead = {key: iter(events) for key, events in own.items()}
        store = open_store(str(tmp_path / f"{turn}.sqlite"))
        store.append([next(ahead[key]) for key in order])
        states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
        states.refresh()
        found.append({at: {n: v for n, v in state.items() if "seq" not in n} for at, state in kept(states).items()})
    assert found[0]
    assert all(each == found[0] for each in found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def noted(folder: Path) -> list[tuple[str, str, dict[str, str | None]]]:
    return [(event.entity, event.key, dict(event.values)) for event in Working.open(folder).sync()]


EDITS = [  # what somebody does to the table, and the one event that comes of it
    ("D-1,li,east,talk", "D-1,wang,east,talk", ("D-1", {"owner": "wang"})),
    ("D-1,wang,east,talk", "D-1,,east,talk", ("D-1", {"owner": None})),
    ("D-2,li,east,talk", "D-2,he,east,trial", ("D-2", {"owner": "he", "stage": "trial"})),
    ("D-6,chen,south,talk,true,false,5000,0.00\n", "", ("D-6", {"#gone": "yes"})),
    ("D-8,li", "D-6,li,south,talk,true,false,1,0\nD-8,li", ("D-6", {"#gone": None, "owner": "li"})),
    ("D-8,li,", "D-9,li,south,talk,true,false,1,0\nD-8,li,", ("D-9", {"owner": "li", "stage": "talk"})),
]


def test_any_edit_outside_gives_one_event_and_none_when_asked_again(folder: Path) -> None:
    first = noted(folder)
    assert [(entity, key) for entity, key, _ in first] == [("deal", f"D-{n}") for n in range(1, 9)] + [
        ("lead", f"L-{n}") for n in range(1, 5)
    ]
    assert first[6][2] == {"owner": "li", "stage": None}
    for old, new, (key, values) in EDITS:
        assert noted(folder) == []
        change(folder, old, new)
        assert noted(folder) == [("deal", key, values)]
    change(folder, "D-3,li,east,talk,true,true,2000000", "D-3,li,east,talk,true,true,1")
    assert noted(folder) == []  # what is not followed is not noted
    store = open_store(str(folder / ".salesrules/store.sqlite"))
    assert store.verify().broken == ()
    assert store.last() == len(first) + len(EDITS)
