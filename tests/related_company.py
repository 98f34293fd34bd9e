"""A small company with rows beside its records, value tables and instants, and what its slices say in Python."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
DAY = date(2026, 3, 15)
REGIONS = {"north": None, "beijing": "north", "east": None, "上海": "east", "pudong": "上海"}
PEOPLE = ["P-1", "o'neil", "李雷", "P-4"]
LABEL = {"en": "x", "zh": "某"}
FIELDS: dict[str, dict[str, str]] = {
    "person": {"id": "text", "region": "member region", "boss": "ref person"},
    "customer": {
        "id": "text",
        "owner": "ref person",
        "region": "member region",
        "credit": "integer",
        "called_at": "timestamp",
        "score": "double",
        "tags": "list",
    },
    "opportunity": {"id": "text", "customer": "ref customer", "owner": "ref person", "amount": "money"},
    "order": {"id": "text", "opportunity": "ref opportunity", "paid_on": "date"},
    "order_line": {"id": "text", "order": "ref order", "pieces": "integer"},
    "visit": {"id": "text", "customer": "ref customer", "by": "ref person", "made_on": "date"},
}
MANY = {
    "person": {"papers": {"from": "paper", "by": "person", "fields": {"kind": "text"}}},
    "customer": {
        "team": {"from": "customer_team", "by": "customer", "fields": {"person": "person", "share": "percent"}},
        "visits": {"from": "visit", "by": "customer", "fields": {"by": "person", "made_on": "date"}},
    },
    "opportunity": {"team": {"from": "opportunity_team", "by": "opportunity", "fields": {"person": "person"}}},
}
LIMIT = [  # the region's own row, else that of a region above it, else `*`; a role says more than `*`
    ("*", "*", 3, "", ""),
    ("east", "*", 5, "", "2026-04-01"),
    ("east", "*", 1, "2026-04-01", ""),
    ("上海", "rep", 8, "", ""),
]
EXCEPTIONS = [("2026-03-16", "off", "Monday"), ("2026-03-14", "work", "Saturday")]


def member_below(top: str, region: str | None) -> bool:
    while region is not None and region != top:
        region = REGIONS[region]
    return region is not None


def limit(region: str | None, role: str, day: date) -> int | None:
    """The value table by hand."""
    if region is None:
        return None
    if role == "rep" and member_below("上海", region):
        return 8
    return (5 if day < date(2026, 4, 1) else 1) if member_below("east", region) else 3


def company(seed: int) -> Rows:
    """Rows with nulls, references that lead nowhere, and the same person several times beside one record."""
    draw = Random(seed)

    def one(options: list[Any]) -> Any:
        return draw.choice([*options, *options, None])

    def ref(entity: str, count: int) -> list[str]:
        return [f"{entity} '{n}'" for n in range(count)]

    keys = {"customer": ref("c", 9), "opportunity": ref("o", 12), "order": ref("r", 14), "order_line": ref("l", 20)}
    days = [date(2026, 3, 1), date(2026, 3, 14), date(2026, 3, 15), date(2026, 3, 16)]
    moments = ["2026-03-14 15:59:59Z", "2026-03-14T16:00:00+00:00", "2026-03-15 23:30", "2026-03-16 00:00:00"]
    moments += ["2026-03-14 10:00"]
    people = [*PEOPLE, "gone"]
    return {
        "person": [
            {"id": p, "region": draw.choice(list(REGIONS)), "boss": one(PEOPLE[:at])} for at, p in enumerate(PEOPLE)
        ],
        "customer": [
            {
                "id": key,
                "owner": one(people),
                "region": one(list(REGIONS)),
                "credit": one(list(range(10))),
                "called_at": one(moments),
                "score": one([0.5, 1.5, -2.0]),
                "tags": None,
            }
            for key in keys["customer"]
        ],
        "opportunity": [
            {"id": k, "customer": one([*keys["customer"], "no"]), "owner": one(people), "amount": one([5, 70, 900])}
            for k in keys["opportunity"]
        ],
        "order": [{"id": k, "opportunity": one(keys["opportunity"]), "paid_on": one(days)} for k in keys["order"]],
        "order_line": [{"id": k, "order": one(keys["order"]), "pieces": one([1, 2])} for k in keys["order_line"]],
        "visit": [
            {"id": f"v{n}", "customer": one(keys["customer"]), "by": one(people), "made_on": one(days)}
            for n in range(12)
        ],
        "paper": [{"person": one(people), "kind": one(["fund", "bond"])} for _ in range(6)],
        "customer_team": [
            {"customer": one(keys["customer"]), "person": one(people), "share": one(["10%", "0.5", "60%"])}
            for _ in range(20)
        ],
        "opportunity_team": [
            {"opportunity": one([*keys["opportunity"], "no"]), "person": one(people)} for _ in range(24)
        ],
    }


def write(
    root: Path,
    rows: Rows,
    slices: dict[str, dict[str, str]],
    grants: list[str],
    kpis: Row | None = None,
    active: str | None = None,
    many: dict[str, Any] | None = None,
    quality: str | None = None,
) -> Path:
    """The files of a workspace; `grants` are lines `effect,role,action,object,category,slice`.

    Rows that stand there already are left as they are, so that a workspace with other rules need not read them again.
    """
    rules, policies = root / "rules" / "related", root / "policies" / "related"
    about = {"pack": "related", "version": "1.0.0", "label": LABEL, "currency": "CNY", "timezone": "Asia/Shanghai"}
    about |= {"calendar": "cn"}
    entities: Row = {}
    found = MANY if many is None else many
    for entity, fields in FIELDS.items():
        entities[entity] = {"label": LABEL, "key": "id", "fields": {f: _field(k) for f, k in fields.items()}}
        entities[entity] |= {"many": found[entity]} if entity in found else {}
    entities["person"] |= {"active_when": active} if active else {}
    if quality is not None:
        rule = {"label": LABEL, "category": "basics", "at_least": "90%", "expect": quality}
        entities["customer"]["quality"] = {"asked": rule}
    categories = {"basics": {"label": LABEL, "steward": "rep", "smallest_group": 1}}
    _yaml(rules / "pack.yaml", "pack", about)
    _yaml(rules / "entities.yaml", "entities", {"entities": entities, "categories": categories})
    _yaml(rules / "dimensions.yaml", "dimensions", {"dimensions": {"region": {"label": LABEL, "members": _nested()}}})
    roles = {role: {"label": LABEL, "scope": ["region"]} for role in ("rep", "boss")}
    _yaml(rules / "roles.yaml", "roles", {"roles": roles, "posts": {"file": "posts.csv"}})
    tables = {
        "limit": {"label": LABEL, "keys": ["region", "role"], "value": "integer", "file": "limit.csv"},
        "wait": {"label": LABEL, "keys": ["region"], "value": "duration", "file": "wait.csv"},
    }
    week = {"mon-fri": ["09:00-12:00", "13:00-18:00"]}
    calendars = {"cn": {"label": LABEL, "week": week, "days": {"file": "calendars/cn.csv"}}}
    _yaml(rules / "tables.yaml", "tables", {"tables": tables, "calendars": calendars})
    named = {name: {"label": LABEL, "rows": {**of, "*": "true"}} for name, of in slices.items()}
    _yaml(policies / "slices.yaml", "slices", {"slices": named})
    if kpis:
        _yaml(rules / "kpis.yaml", "kpis", {"kpis": kpis})
    header = "effect,role,action,object,category,slice,from,to,note"
    (policies / "grants.csv").write_text("\n".join([header, *(f"{line},,," for line in grants)]) + "\n", "utf-8")
    settings = ['pack = "related"', ""]
    for table, lines in rows.items():
        settings += [f"[sources.data.{table}]", f'file = "{table}.csv"', ""]
        write_csv(root / f"{table}.csv", list(lines[0]), [list(row.values()) for row in lines])
    write_csv(root / "posts.csv", ["person", "role", "region", "from", "to"], posts())
    write_csv(root / "limit.csv", ["region", "role", "value", "from", "to"], LIMIT)
    (root / "calendars").mkdir(exist_ok=True)
    write_csv(root / "calendars" / "cn.csv", ["date", "kind", "name"], EXCEPTIONS)
    write_csv(root / "wait.csv", ["region", "value"], [("*", "3d")])
    (root / "salesrules.toml").write_text("\n".join(settings), "utf-8")
    return root


def posts() -> list[tuple[str, str, str, str, str]]:
    """One post a person, so that what a slice says has one answer."""
    held = zip(PEOPLE, ("rep", "boss", "rep", "boss"), ("上海", "east", "*", "north"), strict=True)
    return [(person, role, region, "2026-03-14", "") for person, role, region in held]


def _field(kind: str) -> Row:
    type_, _, of = kind.partition(" ")
    return {"type": type_, "category": "basics"} | {
        "member": {"dimension": of},
        "ref": {"to": of},
        "list": {"of": "text"},
    }.get(type_, {})


def _nested(top: str | None = None) -> Row:
    return {id: _nested(id) for id, parent in REGIONS.items() if parent == top}


def _yaml(path: Path, kind: str, body: Row) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"# yaml-language-server: $schema=../../schema/{kind}.schema.json"
    path.write_text(f"{line}\n{json.dumps(body, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def write_csv(path: Path, header: list[str], rows: Any) -> None:
    """Write lines, None as an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    if not path.is_file() or path.read_bytes() != text.getvalue().encode():
        path.write_bytes(text.getvalue().encode())


class Asker:
    """One person before the rows of a company, who decides by hand."""

    def __init__(self, rows: Rows, person: str, day: date) -> None:
        self.rows, self.me, self.day = rows, person, day
        _, self.role, self.region, *_ = next(post for post in posts() if post[0] == person)

    def at(self, entity: str, key: str | None) -> Row | None:
        return next((row for row in self.rows[entity] if row["id"] == key), None)

    def beside(self, table: str, by: str, row: Row | None) -> list[Row]:
        """The rows of a table that point at a record; nothing points at none."""
        return [] if row is None else [one for one in self.rows[table] if one[by] == row["id"]]

    def is_me(self, person: str | None) -> bool | None:
        return None if self.at("person", person) is None else person == self.me

    def inside(self, region: str | None) -> bool | None:
        return None if region is None else self.region == "*" or member_below(self.region, region)


def either(*found: bool | None) -> bool | None:
    return True if True in found else None if None in found else False


def share(text: str | None) -> float | None:
    return None if text is None else float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def _day(text: str | None) -> date | None:
    """The day of an instant in Shanghai, as it is written in `company`."""
    if text is None:
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.date() if at.tzinfo is None else date.fromordinal(at.toordinal() + (at.hour >= 16))


def _worked_day_after(day: date, count: int) -> date:
    """Count by hand, with the Saturday that is worked and the Monday that is not."""
    while count:
        day += timedelta(1)
        worked = day == date(2026, 3, 14) or (day.weekday() < 5 and day != date(2026, 3, 16))
        count -= worked
    return day


def _over(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a > b


# slice, entity: the condition in the language of packs, and by hand
Says = Callable[[Asker, Row], bool | None]
SAYS: dict[str, tuple[str, str, Says]] = {
    "joined": (
        "customer",
        "some(team, person = user)",
        lambda a, r: any(a.is_me(m["person"]) is True for m in a.beside("customer_team", "customer", r)),
    ),
    "not joined": (
        "customer",
        "not some(team, person = user and share > 20%)",
        lambda a, r: (
            not any(
                a.is_me(m["person"]) is True and _over(share(m["share"]), 0.2) is True
                for m in a.beside("customer_team", "customer", r)
            )
        ),
    ),
    "two or more": (
        "customer",
        "count(team) > 1",
        lambda a, r: len(a.beside("customer_team", "customer", r)) > 1,
    ),
    "without a share": (
        "customer",
        "count(team, share is null) = 1 or owner = user",
        lambda a, r: either(
            sum(m["share"] is None for m in a.beside("customer_team", "customer", r)) == 1, a.is_me(r["owner"])
        ),
    ),
    "colleagues here": (
        "customer",
        "some(team, within(person.region, post.region))",
        lambda a, r: any(
            a.inside((a.at("person", m["person"]) or {"region": None})["region"]) is True
            for m in a.beside("customer_team", "customer", r)
        ),
    ),
    "visited": (
        "customer",
        "some(visits, made_on >= today() and by = user)",
        lambda a, r: any(
            m["made_on"] is not None and m["made_on"] >= a.day and a.is_me(m["by"]) is True
            for m in a.beside("visit", "customer", r)
        ),
    ),
    "joined above": (
        "order",
        "some(opportunity.team, person = user) or some(opportunity.customer.team, person = user)",
        lambda a, r: (
            any(
                a.is_me(m["person"]) is True
                for m in a.beside("opportunity_team", "opportunity", a.at("opportunity", r["opportunity"]))
            )
            or any(
                a.is_me(m["person"]) is True
                for m in a.beside(
                    "customer_team",
                    "customer",
                    a.at("customer", (a.at("opportunity", r["opportunity"]) or {"customer": None})["customer"]),
                )
            )
        ),
    ),
    "within the limit": (
        "customer",
        "credit > limit(region, post.role)",
        lambda a, r: _over(r["credit"], limit(r["region"], a.role, a.day)),
    ),
    "limit of the owner": (
        "customer",
        "credit > limit(owner.region, 'rep')",
        lambda a, r: _over(
            r["credit"], limit((a.at("person", r["owner"]) or {"region": None})["region"], "rep", a.day)
        ),
    ),
    "called today": (
        "customer",
        "day(called_at) = today()",
        lambda a, r: None if r["called_at"] is None else _day(r["called_at"]) == a.day,
    ),
    "called before": (
        "customer",
        "called_at < timestamp '2026-03-15 00:00'",
        lambda a, r: None if r["called_at"] is None else _day(r["called_at"]) < DAY,
    ),
    "paid two working days ago": (
        "order",
        "paid_on + 2wd <= today()",
        lambda a, r: None if r["paid_on"] is None else _worked_day_after(r["paid_on"], 2) <= a.day,
    ),
    "called an hour's work ago": (
        "customer",
        "called_at + 1wh < timestamp '2026-03-17 10:00'",  # the first hour after the weekend and the day off
        lambda a, r: None if r["called_at"] is None else r["called_at"] == "2026-03-14 10:00",
    ),
    "score": ("customer", "score > 0", lambda a, r: _over(r["score"], 0)),
    "my role": ("customer", "post.role = 'boss'", lambda a, r: a.role == "boss"),
    "my post": ("customer", "post.person = owner", lambda a, r: a.is_me(r["owner"])),
    "post since": ("order", "paid_on > post.from", lambda a, r: _over(r["paid_on"], date(2026, 3, 14))),
    "near": (
        "customer",
        "reports_to(owner, user, 1)",
        lambda a, r: (
            None
            if a.at("person", r["owner"]) is None
            else r["owner"] == a.me or (a.at("person", r["owner"]) or {})["boss"] == a.me
        ),
    ),
}
