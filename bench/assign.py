"""Assignment of up to a million leads by a hundred rules among a thousand people: against SQL by hand, and in full.

The company has 25 provinces of 16 cities, forty people bound to each province, five products and five levels of skill.
The rule of each lead is compared with the same hundred conditions written by hand over the same storage.
"""

from __future__ import annotations

import csv
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from bench._timing import least_of, line
from salesrules.assigning import Assigner
from salesrules.engines.duckdb import DuckDB
from salesrules.retracing import Retracing
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.rounds import Among, Turn
from salesrules.work.assign.run import assign
from salesrules.workspace import Workspace

T = TypeVar("T")
SIZES = (100_000, 300_000, 1_000_000)
PROVINCES, CITIES, PEOPLE, RULES = 25, 16, 1_000, 100
DAY = date(2026, 3, 16)
_HEAD = "# yaml-language-server: $schema=../../salesrules/schema/{}.schema.json\n"
_PICKS = ("{weighted_round_robin: candidate.weight}", "least_loaded", "best_skill", "round_robin")
_ASKED = "within(region, post.region) and candidate.skill >= difficulty"
PACK = {
    "rules/b/pack.yaml": "pack: b\nversion: 1.0.0\nlabel: {en: B, zh: B}\ncurrency: CNY\ntimezone: UTC\n",
    "rules/b/dimensions.yaml": """dimensions:
  region: {label: {en: Region, zh: 区域}, members: {file: data/region.csv}}
  product: {label: {en: Product, zh: 产品}, members: [p0, p1, p2, p3, p4]}
""",
    "rules/b/entities.yaml": """entities:
  person:
    label: {en: Person, zh: 人}
    key: id
    fields:
      id: {type: text, category: basics}
      skill: {type: integer, category: basics}
      capacity: {type: integer, category: basics}
      weight: {type: integer, category: basics}
  lead:
    label: {en: Lead, zh: 线索}
    key: id
    fields:
      id: {type: text, category: basics}
      owner: {type: ref, to: person, category: basics}
      region: {type: member, dimension: region, category: basics}
      product: {type: member, dimension: product, category: basics}
      difficulty: {type: integer, category: basics}
      size: {type: integer, category: basics}
      age: {type: integer, category: basics}
categories:
  basics: {label: {en: Basics, zh: 基本}, steward: rep}
""",
    "policies/b/roles.yaml": """roles:
  rep: {label: {en: Rep, zh: 销售}, scope: [region]}
posts: {file: data/posts.csv}
""",
    "policies/b/slices.yaml": "slices:\n  mine: {label: {en: Mine, zh: 我的}, rows: {lead: owner = user}}\n",
    "policies/b/grants.csv": "effect,role,action,object,category,slice,from,to,note\nallow,rep,read,lead,*,mine,,,\n",
}


def run(sizes: tuple[int, ...] = SIZES) -> None:
    """Each size in turn, with what the process took of memory at most."""
    turns()
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            workspace = make(Path(folder), size)
            print(f"{size:,} leads, {RULES} rules, {PEOPLE:,} people")
            measure(workspace)
            keep(Path(folder))


def conditions() -> list[tuple[str, str]]:
    """The hundred conditions, in the language of packs and by hand."""
    found = []
    for n in range(RULES - 1):
        province, product, level, least = n % PROVINCES, n % 5, n % 4 + 2, 10 * (n % 9)
        text = f"within(region, 'r{province}') and product = 'p{product}' and difficulty >= {level} and size >= {least}"
        place = f'"#lft region" BETWEEN {{r{province}}} AND {{e{province}}}'
        found.append((text, f"{place} AND product = 'p{product}' AND difficulty >= {level} AND size >= {least}"))
    return found


def make(folder: Path, size: int) -> Workspace:
    """The workspace of the company with so many leads that wait."""
    draw = Random(7)
    rules = [
        f'      - {{id: r{n}, when: "{text}", candidates: "{_ASKED}", pick: {_PICKS[n % 4]}}}'
        for n, (text, _) in enumerate(conditions())
    ]
    rules.append(f'      - {{id: rest, candidates: "within(region, post.region)", pick: {_PICKS[0]}}}')
    assignment = "\n".join(
        [
            "pools:\n  waiting: {label: {en: Waiting, zh: 等待}, entity: lead}\nassignments:\n  leads:",
            "    entity: lead\n    when: owner is null\n    limits: {open: candidate.capacity}\n    order_by: [age]",
            "    rules:",
            *rules,
            "    otherwise: {pool: waiting}\n",
        ]
    )
    for name, text in {**PACK, "rules/b/assignment.yaml": assignment}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((_HEAD.format(path.stem) if path.suffix == ".yaml" else "") + text, encoding="utf-8")
    regions = [[f"r{n}", ""] for n in range(PROVINCES)]
    regions += [[f"r{n}c{c}", f"r{n}"] for n in range(PROVINCES) for c in range(CITIES)]
    fair = size // PEOPLE
    people = [
        [f"P{n}", draw.randint(1, 5), draw.randint(fair // 2, fair * 2), draw.randint(1, 4)] for n in range(PEOPLE)
    ]
    posts = [[f"P{n}", "rep", f"r{n % PROVINCES}", "", ""] for n in range(PEOPLE)]
    for name, rows in {
        "region": [["id", "parent"], *regions],
        "person": [["id", "skill", "capacity", "weight"], *people],
        "posts": [["person", "role", "region", "from", "to"], *posts],
    }.items():
        (folder / "data").mkdir(exist_ok=True)
        with (folder / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    DuckDB().rows(f"""
        COPY (SELECT 'L' || i AS id, NULL::VARCHAR AS owner,
            'r' || hash(i, 1) % {PROVINCES} || 'c' || hash(i, 2) % {CITIES} AS region, 'p' || hash(i, 3) % 5 AS product,
            (1 + hash(i, 4) % 5)::BIGINT AS difficulty, (hash(i, 5) % 100)::BIGINT AS size,
            (hash(i, 6) % 1000)::BIGINT AS age
            FROM range({size}) AS t(i)) TO '{folder}/data/lead.parquet' (FORMAT parquet)
    """)
    bound = '[sources.b.person]\nfile = "person.csv"\n[sources.b.lead]\nfile = "lead.parquet"\n'
    (folder / "salesrules.toml").write_text(f'pack = "b"\n[sources.b]\nfolder = "data"\n{bound}', encoding="utf-8")
    return Workspace.open(folder)


def measure(workspace: Workspace) -> None:
    """The rule of each lead against SQL by hand, and a run in full."""
    snapshot, engine = workspace.snapshot, workspace.engine
    assigning = snapshot.program.assignments["leads"]
    query = Query(snapshot, nobody(DAY), "lead", engine.dialect)
    arms = " ".join(f"WHEN {query.expression(rule.when)} THEN {at}" for at, rule in enumerate(assigning.rules))
    ours = f"SELECT rule, count(*) FROM (SELECT CASE {arms} END AS rule FROM {query.source}) GROUP BY ALL ORDER BY ALL"
    places = snapshot.organisation.trees["region"].on(DAY)
    ends = {f"r{n}": places[f"r{n}"][0] for n in range(PROVINCES)} | {
        f"e{n}": places[f"r{n}"][1] for n in range(PROVINCES)
    }
    hand = " ".join(f"WHEN {text.format(**ends)} THEN {at}" for at, (_, text) in enumerate(conditions()))
    by_hand = f"SELECT CASE {hand} ELSE {RULES - 1} END AS rule FROM lead"
    theirs = f"SELECT rule, count(*) FROM ({by_hand}) GROUP BY ALL ORDER BY ALL"
    assert engine.rows(ours, query.values) == engine.rows(theirs)
    least = least_of({"ours": lambda: engine.rows(ours, query.values), "hand": lambda: engine.rows(theirs)}, 5)
    both = least["ours"].processors, least["hand"].processors  # of processors: others may use the machine as well
    print("  " + line("rule of each lead", *both, "by hand"))
    found = timed("who gets each", lambda: assign(engine, snapshot, assigning, DAY, "s"))
    given = sum(place >= 0 for place in found.chosen)
    mean = sum(len(found.lots[kind].passed) for kind in found.arrivals.kind) / len(found.arrivals.kind)
    worst = max(found.errors.values())
    print(f"  {len(found.arrivals.kinds):,} kinds, {given:,} given to people, {mean:.0f} candidates a lead")
    print(f"  turns at most {worst:.2f} records off")


def keep(folder: Path) -> None:
    """The full path: what went before is read, everyone gets what is due, and the run is kept with all its reasons.

    Then what is asked of such a log: why one record went where it did and not elsewhere, and the next run.
    """
    assigner = at_hour(Assigner.open(folder), 12)
    run = timed("assigned and kept with all reasons", lambda: assigner.assign("lead", day=DAY)).run
    key = run.arrivals.keys[len(run.arrivals.keys) // 2]
    retracing = Retracing(assigner.working)
    last = timed("the last decision about a record, first time", lambda: retracing.last("lead", key))
    timed("the last decision about a record", lambda: retracing.last("lead", key))
    assert last is not None
    timed("why somebody else did not get it", lambda: retracing.recalled(last, run.people[5]))
    timed("whether the log is as it was written", assigner.working.store.verify)
    again = timed("the next run, an hour later", lambda: at_hour(assigner, 13).assign("lead", day=DAY)).run
    print(f"  {len(again.arrivals.keys):,} records were left for it")
    size = sum(path.stat().st_size for path in (folder / ".salesrules").glob("store.sqlite*")) / 1e6
    print(f"  the log takes {size:.1f} MB")


def at_hour(assigner: Assigner, hour: int) -> Assigner:
    """The same company at an hour of the day."""
    moment = datetime.combine(DAY, datetime.min.time()).replace(hour=hour)
    return replace(assigner, working=replace(assigner.working, now=lambda: moment))


def timed(what: str, work: Callable[[], T]) -> T:
    """Do some work and print how long it took, and what the process had of memory at most by then."""
    start, worked = time.perf_counter(), time.process_time()
    found = work()
    took, worked = time.perf_counter() - start, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  {what}: {worked:.2f} s of processors, {took:.2f} s by the clock, at most {peak:.2f} GB", flush=True)
    return found


def turns() -> None:
    """Turns among ever more people who could all get every record: by heaps, and by a look at each."""
    for many in (10, 40, 300, 1_000):
        draw = Random(1)
        weights, took = [draw.randint(1, 4) for _ in range(many)], []
        for alone in (True, False):
            last = [0] * many
            turn, among = Turn({}, [str(at) for at in range(many)], last, alone), Among(range(many), weights)
            start = time.process_time()
            for number in range(1, 5_000):
                at, _, _ = turn.next(among)
                last[at] = number
            took.append((time.process_time() - start) / 5_000 * 1e6)
        print(f"a turn among {many:,} people: {took[0]:.1f} µs of processors, by a look at each {took[1]:.1f} µs")
