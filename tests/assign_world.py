"""A seed to a small organisation with work to give out: as files for the product, and as a World for the truth."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.assign_truth import Asked, Rule, World
from tests.workspace_files import write_files

DAY = date(2026, 3, 16)
REGIONS = {"north": None, "east": None, "shanghai": "east", "nanjing": "east", "south": None}
PRODUCTS = ["line_a", "line_b"]
ROLES = ("rep", "keeper", "blind")  # blind reads no lead at all, keeper only those of the patch


def below(tree: Mapping[str, str | None], thing: str | None, top: str | None) -> bool | None:
    if thing is None or top is None:
        return None
    at: str | None = thing
    while at is not None and top != "*":
        if at == top:
            return True
        at = tree[at]
    return top == "*"


def _all(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def _compare(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a >= b


IN_PATCH = ("within(region, post.region)", lambda r, p, h: below(REGIONS, r["region"], h["region"]))
CONDITIONS: list[tuple[str, Asked]] = [
    IN_PATCH,
    ("within(product, post.product)", lambda r, p, h: below(dict.fromkeys(PRODUCTS), r["product"], h["product"])),
    ("candidate.skill >= difficulty", lambda r, p, h: _compare(p["skill"], r["difficulty"])),
    ("post.role = 'rep'", lambda r, p, h: h["role"] == "rep"),
    ("not on_leave(candidate, today())", lambda r, p, h: True),  # leave keeps everyone away as it is
    ("candidate.skill >= 2 or hot", lambda r, p, h: True if r["hot"] else _compare(p["skill"], 2)),
]
WHENS: list[tuple[str, Any]] = [
    ("difficulty >= 4", lambda r: _compare(r["difficulty"], 4)),
    ("product = 'line_a'", lambda r: None if r["product"] is None else r["product"] == "line_a"),
    ("within(region, 'east')", lambda r: below(REGIONS, r["region"], "east")),
    ("customer.owner is not null", lambda r: r["former"] is not None),
    ("not hot", lambda r: None if r["hot"] is None else not r["hot"]),
    ("region is null", lambda r: r["region"] is None),
]
OPEN: list[tuple[str, Asked] | None] = [
    None,
    ("candidate.capacity", lambda r, p, h: p["capacity"]),
    ("9", lambda r, p, h: 9),
    ("case when post.role = 'rep' then candidate.capacity else 3 end",
     lambda r, p, h: p["capacity"] if h["role"] == "rep" else 3),
    ("case when hot then 4 else candidate.capacity end", lambda r, p, h: 4 if r["hot"] else p["capacity"]),
]  # fmt: skip
PICKS: list[tuple[str, str, Asked | None]] = [
    ("round_robin", "round_robin", None),
    ("least_loaded", "least_loaded", None),
    ("best_skill", "best_skill",
     lambda r, p, h: None if None in (p["skill"], r["difficulty"]) else p["skill"] - r["difficulty"]),
    ("{weighted_round_robin: candidate.weight}", "weighted", lambda r, p, h: p["weight"]),
    ("{score: {able: {of: candidate.skill, weight: 50%}, light: {of: candidate.weight, weight: 50%}}}", "score",
     lambda r, p, h: ((p["skill"] or 0) + (p["weight"] or 0)) / 2),
    ("{pool: waiting}", "pool", None),
]  # fmt: skip
_BEFORE, _AFTER = DAY - timedelta(1), DAY + timedelta(1)
DAYS: list[tuple[date | None, date | None, bool]] = [  # from, to, and whether that is in force on the day
    (None, None, True), (None, None, True), (None, None, True), (DAY, None, True), (None, DAY, False),
    (_BEFORE, _AFTER, True), (_AFTER, None, False),
]  # fmt: skip
STICKY = ("sticky_owner", "sticky_owner", None)


def small_world(seed: int, records: int = 40) -> tuple[World, dict[str, str]]:
    """The world, and the texts of its files by name."""
    draw = Random(seed)
    people = {f"P-{n}": _person(draw) for n in range(draw.randint(3, 9))}
    posts = {id: [_post(draw) for _ in range(draw.choice([1, 1, 1, 2, 3]))] for id in people}
    away = frozenset(id for id in people if draw.random() < 0.15)
    customers = {f"C-{n}": draw.choice([*people, None]) for n in range(4)}
    leads = {f"L-{n}": _lead(draw, customers) for n in range(records)}
    held = {f"H-{n}": draw.choice(list(people)) for n in range(draw.randint(0, 8))}
    common = draw.sample(CONDITIONS, draw.randint(0, 2))
    open_, per_day = draw.choice(OPEN), draw.choice([None, None, ("6", lambda r, p, h: 6)])
    rules, lines = [], []
    for n in range(draw.randint(1, 4)):
        rule, text = _rule(draw, n)
        rules.append(rule)
        lines.append(text)
    world = World(
        tuple(rules), tuple(ask for _, ask in common), open_[1] if open_ else None, per_day[1] if per_day else None,
        people, posts, away, _reads, leads, {id: sum(o == id for o in held.values()) for id in people},
    )  # fmt: skip
    limits = {"open": open_, "per_day": per_day}
    limit = ", ".join(f'{name}: "{given[0]}"' for name, given in limits.items() if given)
    texts = [
        "    when: owner is null",
        *([f'    candidates: "{" and ".join(_in_brackets(t) for t, _ in common)}"'] if common else []),
        *([f"    limits: {{{limit}}}"] if limit else []),
        "    order_by: [age]",
        "    rules:",
        *lines,
    ]
    return world, _files(people, posts, away, customers, leads, held, "\n".join(texts))


def _in_brackets(text: str) -> str:
    return f"({text})" if " or " in text else text


def _reads(record: Mapping[str, Any], person: Mapping[str, Any], post: Mapping[str, Any]) -> bool | None:
    """A rep reads what is the rep's own, a keeper what lies in the patch."""
    return True if post["role"] == "rep" else IN_PATCH[1](record, person, post) if post["role"] == "keeper" else False


def _person(draw: Random) -> dict[str, Any]:
    return {
        "skill": draw.choice([1, 2, 3, 4, 5, None]),
        "capacity": draw.choice([2, 5, 8, 30, 30, None]),
        "weight": draw.choice([1, 1, 2, 3, 0, None]),
        "left": draw.random() < 0.1,
    }


def _post(draw: Random) -> dict[str, Any]:
    return {
        "role": draw.choice(["rep", "rep", "rep", "keeper", "blind"]),
        "region": draw.choice([*REGIONS, "*"]),
        "product": draw.choice([*PRODUCTS, "*"]),
    }


def _lead(draw: Random, customers: Mapping[str, str | None]) -> dict[str, Any]:
    customer = draw.choice([*customers, None, None])
    return {
        "region": draw.choice([*REGIONS, None]),
        "product": draw.choice([*PRODUCTS, None]),
        "difficulty": draw.choice([1, 2, 3, 4, 5, None]),
        "hot": draw.choice([True, False, None]),
        "customer": customer,
        "former": customers[customer] if customer else None,
        "age": draw.randint(0, 3),
    }


def _rule(draw: Random, number: int) -> tuple[Rule, str]:
    when = draw.choice([None, *WHENS])
    asked = draw.sample(CONDITIONS, draw.randint(0, 2))
    text, pick, value = draw.choice([*PICKS, STICKY, PICKS[0], PICKS[3]])
    asks = [ask for _, ask in asked]
    if pick == "best_skill":
        asks.append(lambda r, p, h: _compare(p["skill"], r["difficulty"]))
    lines = [f"      - id: r{number}"]
    lines += [f'        when: "{when[0]}"'] if when else []
    lines += [f'        candidates: "{" and ".join(_in_brackets(t) for t, _ in asked)}"'] if asked else []
    start, end, holds = draw.choice(DAYS)
    lines += [f"        {key}: {day}" for key, day in (("from", start), ("to", end)) if day is not None]
    lines.append(f"        pick: {text}")
    takes = when[1] if when else lambda r: True
    rule = Rule(f"r{number}", takes if holds else lambda r: False, tuple(asks), pick, value)
    return rule, "\n".join(lines)


def _files(
    people: Mapping[str, Any],
    posts: Mapping[str, Sequence[Mapping[str, Any]]],
    away: frozenset[str],
    customers: Mapping[str, str | None],
    leads: Mapping[str, Mapping[str, Any]],
    held: Mapping[str, str],
    rules: str,
) -> dict[str, Any]:
    """Every file of the workspace: packs as text, tables as rows."""
    far = DAY + timedelta(5)
    columns = ("region", "product", "difficulty", "hot", "customer", "age")
    return {
        "rules": rules,
        "person.csv": [["id", "skill", "capacity", "weight", "left_on"]]
        + [[id, p["skill"], p["capacity"], p["weight"], DAY if p["left"] else None] for id, p in people.items()],
        "posts.csv": [["person", "role", "region", "product", "from", "to"]]
        + [
            [id, post["role"], post["region"], post["product"], None, None]
            for id, held_ in posts.items()
            for post in held_
        ],
        "leave.csv": [["person", "from", "to"]] + [[id, DAY - timedelta(2), far] for id in sorted(away)],
        "customer.csv": [["id", "owner"]] + [[id, owner] for id, owner in customers.items()],
        "lead.csv": [["id", "owner", *columns]]
        + [[id, None, *(_cell(lead[c]) for c in columns)] for id, lead in leads.items()]
        + [[id, owner, *(None for _ in columns)] for id, owner in held.items()],
    }


def _cell(value: Any) -> Any:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


PACK = {
    "rules/w/pack.yaml": """pack: w
version: 1.0.0
label: {en: World, zh: 世界}
currency: CNY
timezone: UTC
""",
    "rules/w/dimensions.yaml": """dimensions:
  region:
    label: {en: Region, zh: 区域}
    members: {north: {}, east: {shanghai: {}, nanjing: {}}, south: {}}
  product: {label: {en: Product, zh: 产品}, members: {line_a: {}, line_b: {}}}
""",
    "rules/w/entities.yaml": """entities:
  person:
    label: {en: Person, zh: 人}
    key: id
    active_when: left_on is null
    fields:
      id: {type: text, category: basics}
      skill: {type: integer, category: basics}
      capacity: {type: integer, category: basics}
      weight: {type: integer, category: basics}
      left_on: {type: date, category: basics}
  customer:
    label: {en: Customer, zh: 客户}
    key: id
    fields:
      id: {type: text, category: basics}
      owner: {type: ref, to: person, category: basics}
  lead:
    label: {en: Lead, zh: 线索}
    key: id
    fields:
      id: {type: text, category: basics}
      owner: {type: ref, to: person, category: basics}
      region: {type: member, dimension: region, category: basics}
      product: {type: member, dimension: product, category: basics}
      difficulty: {type: integer, category: basics}
      hot: {type: boolean, category: basics}
      customer: {type: ref, to: customer, category: basics}
      age: {type: integer, category: basics}
categories:
  basics: {label: {en: Basics, zh: 基本}, steward: rep}
""",
    "rules/w/roles.yaml": """roles:
  rep: {label: {en: Rep, zh: 销售}, scope: [region, product]}
  keeper: {label: {en: Keeper, zh: 管家}, scope: [region, product]}
  blind: {label: {en: Blind, zh: 不可见}, scope: [region, product]}
posts: {file: data/posts.csv}
leave: {file: data/leave.csv}
""",
    "policies/w/slices.yaml": """slices:
  mine: {label: {en: Mine, zh: 我的}, rows: {lead: owner = user}}
  patch: {label: {en: Patch, zh: 辖区}, rows: {lead: "within(region, post.region)"}}
""",
    "policies/w/grants.csv": """effect,role,action,object,category,slice,from,to,note
allow,rep,read,lead,*,mine,,,
allow,keeper,read,lead,basics,patch,,,
""",
}
POOLS = """pools:
  waiting: {{label: {{en: Waiting, zh: 等待}}, entity: lead}}
assignments:
  leads:
    entity: lead
{}
    otherwise: {{pool: waiting}}
"""


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    """Make the workspace of a world in a folder."""
    write_files(folder, PACK | {"rules/w/assignment.yaml": POOLS.format(files["rules"])})
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, rows in files.items():
        if name.endswith(".csv"):
            with (data / name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
    bound = "".join(f'[sources.w.{name}]\nfile = "{name}.csv"\n' for name in ("person", "customer", "lead"))
    (folder / "salesrules.toml").write_text(f'pack = "w"\n[sources.w]\nfolder = "data"\n{bound}', encoding="utf-8")
    return folder
