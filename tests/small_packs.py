"""A seed to a small pack with its organisation and rows: a `World` for the truth, and real files for the product."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.truth import LOST, ROW_ACTIONS, UP, World

DAY = date(2026, 3, 15)
ACTIONS = ("read", "aggregate", "export", "create", "update", *ROW_ACTIONS)
PEOPLE = ["P-1", "'; drop table person; --", 'say "hi", she said', "李雷", "two\nlines", "*", "p0 $p0 {x}", "P-8"]
REGIONS = {"world": None, "east": "world", "south": "world", "上海": "east", "nanjing": "east", "深圳": "south"}
ROLES = ["rep", "大区经理", "a", "a:b", "hats rep", "rep 大区经理", "r.p, 'x'", "boss"]
SLICES = ["s1", "我的", "b:s1", "s one", "p.1", "r.held", "s7", "s8"]
MODULES = ["m", "订单管理", "customer", "p.1"]
CATEGORIES = ["basics", "金额", "contact", "p"]
TEXTS = ["plain", "it's", 'quote "q"', "comma, newline\nend", "客户甲", "NULL", "$p1", "%s {0}"]
Term = Any

# entity: field: the type of its values, and where they lead
SHAPE: dict[str, dict[str, tuple[str, str | None]]] = {
    "person": {
        "id": ("text", None),
        "login": ("text", None),
        "region": ("member", "region"),
        "level": ("integer", None),
        "manager": ("ref", "person"),
        "team": ("ref", "team"),
        "left_on": ("date", None),
    },
    "team": {"id": ("text", None), "region": ("member", "region"), "lead": ("ref", "person"), "up": ("ref", "team")},
    "customer": {
        "id": ("text", None),
        "name": ("text", None),
        "owner": ("ref", "person"),
        "t": ("ref", "team"),
        "region": ("member", "region"),
        "credit": ("money", None),
        "active": ("boolean", None),
    },
    "订单": {
        "id": ("text", None),
        "客户": ("ref", "customer"),
        "seller": ("ref", "person"),
        "region": ("member", "region"),
        "amount": ("money", None),
        "pieces": ("integer", None),
        "placed_on": ("date", None),
        "note": ("text", None),
    },
}
SIZES = {"person": 7, "team": 3, "customer": 10, "订单": 14}


def small_world(seed: int, times: int = 1) -> World:
    """One organisation, with so many times the customers and orders; the same seed gives the same one."""
    draw = Random(seed)
    fields = {
        entity: {field: (draw.choice(CATEGORIES[: draw.randint(2, 4)]), to if kind == "ref" else None)}
        | {f: (draw.choice(CATEGORIES), t if k == "ref" else None) for f, (k, t) in shape.items() if f != field}
        for entity, shape in SHAPE.items()
        for field, (kind, to) in [next(iter(shape.items()))]
    }
    rows = _rows(draw, times)
    roles: dict[str, list[str]] = {}
    for role in draw.sample(ROLES, draw.randint(4, 8)):
        roles[role] = draw.sample(list(roles), min(len(roles), draw.choice([0, 0, 1, 1, 2])))
    slices = _slices(draw)
    modules = _modules(draw, fields)
    return World(
        day=DAY,
        fields=fields,
        rows=rows,
        trees=trees_of(rows),
        roles=roles,
        posts=_posts(draw, list(rows["person"]), list(roles)),
        grants=_grants(draw, fields, list(roles), list(slices), modules),
        modules=modules,
        slices=slices,
        kpis=KPIS,
        smallest={category: draw.choice([1, 1, 2, 3, 5]) for category in CATEGORIES},
        groupings={entity: _groupings(entity) for entity in SHAPE},
        active=draw.choice(ACTIVE),
    )


def trees_of(rows: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, str | None]]:
    """The parents of every member and record that has a place in a tree."""
    found = {"region": dict(REGIONS)}
    for entity, up in UP.items():
        found[entity] = {k: row[up] if row[up] in (None, *rows[entity]) else LOST for k, row in rows[entity].items()}
    return found


def row(*steps: str) -> Term:
    return ("row", *steps)


ACTIVE: list[Term] = [
    ("is", True),
    ("or", ("null", row("left_on")), (">", row("left_on"), ("today",))),
    ("or", ("null", row("manager", "level")), (">=", row("manager", "level"), ("is", 1))),
    ("or", ("within", "region", row("region"), ("is", "world")), ("null", row("team", "lead"))),
]
_EAST = ("within", "region", row("客户", "region"), ("is", "east"))
KPIS: dict[str, tuple[str, Term]] = {
    "sales": ("订单", ("sum", row("amount"), None)),
    "orders": ("订单", ("count", None, None)),
    "east": ("订单", ("sum", row("amount"), _EAST)),
    "owners": ("订单", ("distinct", row("客户", "owner"), None)),
    "price": ("订单", ("/", ("sum", row("amount"), None), ("count", row("pieces"), None))),
    "levels": ("订单", ("max", row("客户", "owner", "level"), None)),
    "least_credit": ("customer", ("min", row("credit"), ("=", row("active"), ("is", True)))),
    "people": ("person", ("count", row("id"), None)),
    "below": ("订单", ("sum", row("amount"), ("within", "person", row("seller"), ("is", "P-1")))),
    "teams": ("customer", ("count", None, ("within", "team", row("t"), ("is", "team-1")))),
}
FORMULAS = {
    "sales": "sum(amount)",
    "orders": "count(*)",
    "east": "sum(amount) filter (where within(客户.region, 'east'))",
    "owners": "count(distinct 客户.owner)",
    "price": "sum(amount) / count(pieces)",
    "levels": "max(客户.owner.level)",
    "least_credit": "min(credit) filter (where active = true)",
    "people": "count(id)",
    "below": "sum(amount) filter (where reports_to(seller, 'P-1'))",
    "teams": "count(*) filter (where reports_to(t, 'team-1'))",
}
GROUPINGS: dict[str, list[tuple[tuple[str, ...], ...]]] = {
    "订单": [(("region",),), (("客户", "region"),), (("客户", "t", "id"),), (("seller",), ("客户", "name"))],
    "customer": [(("region",),), (("owner", "team"),), (("id",),)],
    "person": [(("manager",),), (("team", "lead", "region"),)],
}


def _groupings(entity: str) -> list[tuple[str, ...]]:
    """Choices of a row, then of what it refers to, then yes or no, then people."""
    own = SHAPE[entity].items()
    beyond = [
        (f, there) for f, (_, to) in own if to in SHAPE for there, (k, _) in SHAPE[str(to)].items() if k == "member"
    ]
    by_kind = {
        want: [(field,) for field, (kind, to) in own if want in (kind, to)] for want in ("member", "boolean", "person")
    }
    return [*by_kind["member"], *beyond, *by_kind["boolean"], *by_kind["person"]]


def _rows(draw: Random, times: int) -> dict[str, dict[str, dict[str, Any]]]:
    sizes = {entity: size * (1 if entity in UP else times) for entity, size in SIZES.items()}
    keys = {"person": draw.sample(PEOPLE, SIZES["person"])}
    keys |= {entity: [f"{entity}-{n}" for n in range(sizes[entity])] for entity in ("team", "customer", "订单")}
    keys["customer"][0] = "o'hara \"/\\ ltd"
    keys["team"][0] = keys["person"][0]  # the same text names a person and a team
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for entity, shape in SHAPE.items():
        rows[entity] = {}
        for key in keys[entity]:
            row = {field: any_value(draw, kind, to, keys) for field, (kind, to) in shape.items()}
            if (up := UP.get(entity)) and row[up] in keys[entity]:
                row[up] = draw.choice([None, *rows[entity]])  # trees grow upwards, so no one is their own ancestor
            rows[entity][key] = {**row, "id": key}
    return rows


def any_value(draw: Random, kind: str, to: str | None, keys: dict[str, list[str]]) -> Any:
    if draw.random() < 0.2:
        return None
    if kind == "ref":
        assert to is not None
        return draw.choice([*keys[to], *keys[to], "gone'--"])
    return {
        "text": lambda: draw.choice(TEXTS[:5] + TEXTS[6:]),
        "member": lambda: draw.choice(list(REGIONS)),
        "integer": lambda: draw.randint(-2, 9),
        "money": lambda: Decimal(draw.choice([-100, 0, 500, 90_000]) + draw.randint(0, 99)) / 100,
        "boolean": lambda: draw.random() < 0.5,
        "date": lambda: DAY + timedelta(days=draw.randint(-20, 20)),
    }[kind]()


def _dates(draw: Random) -> dict[str, date | None]:
    """Open, ending today, ending tomorrow, starting today, in the past, in the future."""
    day = [None, DAY - timedelta(days=30), DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]
    start, end = draw.choice([(0, 0)] * 8 + [(1, 3), (1, 4), (3, 0), (3, 4), (1, 2), (4, 0), (0, 3), (0, 4)])
    return {"from": day[start], "to": day[end]}


def _posts(draw: Random, people: list[str], roles: list[str]) -> list[dict[str, Any]]:
    posts = []
    for person in people:
        for _ in range(draw.choice([0, 1, 1, 2, 2, 3])):
            region = draw.choice([*REGIONS, "*"])
            posts.append({"person": person, "role": draw.choice(roles), "region": region, **_dates(draw)})
    return posts


def _modules(draw: Random, fields: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Two or three parts of the work, each of some entities, whole or in part."""
    modules: dict[str, dict[str, list[str]]] = {}
    for name in draw.sample(MODULES, draw.randint(2, 3)):
        modules[name] = {}
        for entity in draw.sample(list(fields), draw.randint(1, 3)):
            known = sorted({category for category, _ in fields[entity].values()})
            modules[name][entity] = draw.choice([["*"], draw.sample(known, draw.randint(1, len(known)))])
    return modules


def _grants(
    draw: Random, fields: dict[str, Any], roles: list[str], slices: list[str], modules: dict[str, dict[str, list[str]]]
) -> list[dict[str, Any]]:
    grants = []
    for name, held in modules.items():
        known = {entity: sorted({category for category, _ in fields[entity].values()}) for entity in held}
        within = sorted({c for e, cs in held.items() for c in (known[e] if cs == ["*"] else cs)})
        for action in draw.sample(ACTIONS, 6):
            words = {"effect": draw.choice(["allow", "allow", "deny"]), "role": draw.choice(roles), "action": action}
            words |= {"object": f"module.{name}", "category": draw.choice(["*", *within]), "slice": draw.choice(slices)}
            grants.append({**words, **_dates(draw)})
    for entity, shape in fields.items():
        for action in ACTIONS:
            for _ in range(draw.randint(5, 9) if action in ("read", "aggregate") else draw.randint(2, 5)):
                known = sorted({category for category, _ in shape.values()})
                effect = "allow" if draw.random() < 0.75 else "deny"
                category = "*" if action in ROW_ACTIONS and draw.random() < 0.7 else draw.choice(["*", *known])
                words = {"effect": effect, "role": draw.choice(roles), "action": action, "object": entity}
                grants.append({**words, "category": category, "slice": draw.choice(slices), **_dates(draw)})
    return grants


def _slices(draw: Random) -> dict[str, dict[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for name in draw.sample(SLICES, draw.randint(4, 8)):
        found[name] = {entity: condition(draw, entity, 2) for entity in SHAPE if draw.random() < 0.8}
        found[name]["*"] = draw.choice([("is", True), ("is", False), ("=", row("id"), ("is", "P-1"))])
    return found


def condition(draw: Random, entity: str, depth: int) -> Term:
    """A condition on rows of an entity."""
    shape = draw.random()
    if depth and shape < 0.35:
        return (draw.choice(["and", "or"]), *(condition(draw, entity, depth - 1) for _ in range(draw.randint(2, 3))))
    if depth and shape < 0.5:
        return ("not", condition(draw, entity, depth - 1))
    path, kind, to = _path(draw, entity)
    if shape < 0.57:
        return draw.choice([("null", row(*path)), ("not", ("null", row(*path)))])
    return _simple(draw, kind, to, row(*path))


def _path(draw: Random, entity: str) -> tuple[tuple[str, ...], str, str | None]:
    """A random field, of the row or of what it leads to, with its kind; the key leads to the row itself."""
    field, (kind, to) = draw.choice(list(SHAPE[entity].items()))
    if kind == "ref" and to is not None and draw.random() < 0.5:
        path, kind, end = _path(draw, to)
        return (field, *path), kind, end
    return ((field,), "ref", entity) if field == "id" else ((field,), kind, to)


def _simple(draw: Random, kind: str, to: str | None, term: Term) -> Term:
    """A comparison that fits the kind of a path."""
    if kind == "ref":
        top = _user(draw, str(to)) if to in USER and draw.random() < 0.85 else ("is", f"{to}-1")
        return ("within", to, term, top) if to in UP and top[0] == "user" and draw.random() < 0.5 else ("=", term, top)
    if kind == "member":
        if draw.random() < 0.2:
            return ("in", term, *(("is", id) for id in draw.sample(list(REGIONS), 2)))
        tops = [("post", "region"), ("post", "region"), _user(draw, "region"), ("is", draw.choice(list(REGIONS)))]
        top = draw.choice(tops)
        return ("within", "region", term, top) if draw.random() < 0.7 or top[0] == "post" else ("=", term, top)
    if kind == "boolean":
        return draw.choice([term, ("=", term, ("is", False))])
    if kind == "text":
        return (draw.choice(["=", "<>"]), term, ("is", draw.choice(TEXTS)))
    symbol = draw.choice(["=", "<>", "<", "<=", ">", ">="])
    if kind == "date":
        return (symbol, term, draw.choice([("today",), ("is", DAY + timedelta(days=draw.randint(-10, 10)))]))
    amount = ("is", draw.randint(-1, 9))  # money compares with a number as written, not with another field's
    return (symbol, term, amount if kind == "money" else draw.choice([("user", "level"), amount]))


# what of the asker may be compared with a field that leads there
USER = {
    "person": [(), (), (), ("manager",), ("manager", "manager"), ("team", "lead")],
    "team": [("team",), ("team", "up"), ("manager", "team")],
    "region": [("region",), ("manager", "region"), ("team", "region"), ("team", "lead", "region")],
}


def _user(draw: Random, to: str) -> Term:
    return ("user", *draw.choice(USER[to]))


def printed(term: Term) -> str:
    """A term in the language of packs."""
    head, *rest = term
    if head in ("row", "user", "post"):
        return ".".join(rest if head == "row" else (head, *rest))
    if head == "today":
        return "today()"
    if head == "is":
        return _literal(rest[0])
    if head == "within":
        word = "within" if rest[0] == "region" else "reports_to"
        return f"{word}({printed(rest[1])}, {printed(rest[2])})"
    parts = [printed(part) for part in rest]
    if head == "null":
        return f"({parts[0]}) is null"
    if head == "not":
        return f"not ({parts[0]})"
    if head == "in":
        return f"{parts[0]} in ({', '.join(parts[1:])})"
    return f" {head} ".join(f"({part})" for part in parts)


def _literal(constant: Any) -> str:
    if isinstance(constant, bool):
        return "true" if constant else "false"
    if isinstance(constant, date):
        return f"date '{constant}'"
    return str(constant) if isinstance(constant, int) else "'" + constant.replace("'", "''") + "'"


def write(world: World, root: Path) -> Path:
    """The files of a workspace; every condition is printed from the term that the truth reads."""
    rules, policies = root / "rules" / "small", root / "policies" / "small"
    label = {"en": "x", "zh": "某"}
    rules.mkdir(parents=True, exist_ok=True)
    policies.mkdir(parents=True, exist_ok=True)
    about = {"pack": "small", "version": "1", "label": label, "currency": "CNY", "timezone": "Asia/Shanghai"}
    _yaml(rules / "pack.yaml", "pack", about)
    entities: dict[str, Any] = {}
    for entity, shape in SHAPE.items():
        fields = {}
        for field, (kind, to) in shape.items():
            lead = {"ref": {"to": to}, "member": {"dimension": to}}.get(kind, {})
            fields[field] = {"type": kind, "category": world.fields[entity][field][0], **lead}
        entities[entity] = {"label": label, "key": "id", "fields": fields}
    entities["person"]["active_when"] = printed(world.active)
    steward = next(iter(world.roles))
    categories = {c: {"label": label, "steward": steward, "smallest_group": n} for c, n in world.smallest.items()}
    modules = {name: {"label": label, "holds": held} for name, held in world.modules.items()}
    data = {"entities": entities, "categories": categories, "modules": modules}
    _yaml(rules / "entities.yaml", "entities", data)
    _yaml(rules / "dimensions.yaml", "dimensions", {"dimensions": {"region": {"label": label, "members": _nested()}}})
    roles = {role: {"label": label, "includes": below, "scope": ["region"]} for role, below in world.roles.items()}
    _yaml(rules / "roles.yaml", "roles", {"roles": roles, "posts": {"file": "posts.csv"}})
    kpis = {name: {"label": label, "of": of, "formula": FORMULAS[name], "unit": "x"} for name, (of, _) in KPIS.items()}
    _yaml(rules / "kpis.yaml", "kpis", {"kpis": kpis})
    slices = {
        name: {"label": label, "rows": {entity: printed(term) for entity, term in rows.items()}}
        for name, rows in world.slices.items()
    }
    _yaml(policies / "slices.yaml", "slices", {"slices": slices})
    header = ["effect", "role", "action", "object", "category", "slice", "from", "to", "note"]
    _csv(policies / "grants.csv", header, [{**grant, "note": ""} for grant in world.grants])
    settings = ['pack = "small"', ""]
    for entity, rows in world.rows.items():
        settings += [f'[sources.data."{entity}"]', f'file = "{entity}.csv"', ""]
        _csv(root / f"{entity}.csv", list(SHAPE[entity]), list(rows.values()))
    _csv(root / "posts.csv", ["person", "role", "region", "from", "to"], world.posts)
    (root / "salesrules.toml").write_text("\n".join(settings), encoding="utf-8")
    return root


def _nested(top: str | None = None) -> dict[str, Any]:
    return {id: _nested(id) for id, parent in REGIONS.items() if parent == top}


def _yaml(path: Path, kind: str, body: dict[str, Any]) -> None:
    line = f"# yaml-language-server: $schema=../../schema/{kind}.schema.json"
    path.write_text(f"{line}\n{json.dumps(body, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def _csv(path: Path, header: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: "" if row[name] is None else row[name] for name in header} for row in rows)
