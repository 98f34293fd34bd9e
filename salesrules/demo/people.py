"""A seed to the people of the company: a tree of managers, departments, and posts with their scopes and dates."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from salesrules.demo.names import three_and_others
from salesrules.demo.places import AREAS, PLACES, PROVINCES, Place, regions
from salesrules.demo.sizes import Size

Row = dict[str, object]
_SINCE = "2024-01-01"
_MOVED = "2026-04-01"
_DIRECTOR, _FIRST_MANAGER = "P-0006", "P-0008"  # who are hired after the first people below them, whom guides name
_POST = ("person", "role", "region", "product", "channel", "unit", "from", "to", "reason")
_LINES = ("line_a", "line_a", "line_b", "line_c")
_REPS = ("sales_rep", "sales_rep", "direct_rep", "channel_rep", "product_rep", "regional_rep", "key_account_manager")
_OFFICE = (  # role, department, title and, of 200 people, how many
    ("sales_ops", "operations", "销售运营", 3),
    ("process_admin", "operations", "流程管理员", 1),
    ("marketing", "marketing", "市场专员", 4),
    ("finance", "finance", "财务专员", 3),
    ("partner_manager", "marketing", "渠道经理", 2),
    ("sales_consultant", "solutions", "销售顾问", 10),
    ("service_staff", "service", "服务工程师", 16),
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """People and posts, with who sells where and who serves; the tables of `regions`, `units` and `posts` have headers.

    `three` are a sales representative, a regional manager and an auditor.
    """

    people: list[Row]
    posts: list[tuple[str, ...]]
    regions: list[tuple[str, ...]]
    units: list[tuple[str, ...]]
    sellers: list[Row]
    servers: list[Row]
    three: tuple[str, str, str]


@dataclass(slots=True)
class _Staff:
    """People as they are hired, one after the other."""

    rng: random.Random
    names: list[tuple[str, str]]
    people: list[Row] = field(default_factory=list)
    posts: list[tuple[str, ...]] = field(default_factory=lambda: [_POST])

    def hire(self, role: str, team: str, title: str, manager: str | None = None, /, **scope: str) -> str:
        """The number of a new person, who has a post."""
        id = f"P-{len(self.people) + 1:04d}"
        zh, en = self.names[len(self.people)]
        joined = date(2016, 1, 1) + timedelta(days=self.rng.randrange(2900))
        phone = f"021-{self.rng.randrange(10_000_000, 99_999_999)}"
        self.people.append(
            {
                **{"id": id, "name": zh, "name_en": en, "manager": manager, "unit": team, "title": title},
                **{"phone": phone, "joined_on": joined.isoformat(), "skill": self.rng.randint(1, 5)},
                **{"capacity": self.rng.choice((200, 300, 400, 600)), "left_on": None},
            }
        )
        self.post(id, role, **scope)
        return id

    def post(
        self, person: str, role: str, /, since: str = _SINCE, to: str = "", reason: str = "", **scope: str
    ) -> None:
        """One more post of a person."""
        cells = {**dict.fromkeys(_POST, ""), **scope, "person": person, "role": role, "from": since, "to": to}
        self.posts.append(tuple({**cells, "reason": reason}.values()))


def organisation(seed: int, size: Size) -> Organisation:
    """The people of a company of a size, at least one for every role and place."""
    rng = random.Random(seed)  # noqa: S311 - the same company for the same seed
    staff = _Staff(rng, three_and_others(rng, size.people))
    auditor, manager, rep, managers = _top(staff)
    servers = _office(staff, size, managers)
    sellers: dict[str, list[str]] = {place.id: [] for place in PLACES}
    sellers[PLACES[0].id].append(rep)
    _field(staff, size, managers, sellers)
    _changes(staff, sellers)
    for unit in ("east", "north"):  # the second tree: heads of department hold a second post
        staff.post(managers[unit], "unit_manager", unit=unit, reason="also heads the department")
    return Organisation(
        staff.people,
        staff.posts,
        regions(),
        _units(),
        [{"city": city, "people": people} for city, people in sellers.items()],
        [{"people": servers["service_staff"], "helpers": servers["sales_consultant"]}],
        (rep, manager, auditor),
    )


def _top(staff: _Staff) -> tuple[str, str, str, dict[str, str]]:
    """The auditor, the first regional manager and the first representative, whom guides name; and all managers."""
    auditor = staff.hire("auditor", "audit", "审计")
    managers = {
        area: staff.hire("regional_manager", area, "区域经理", _DIRECTOR, region=area) for area in list(AREAS)[:3]
    }
    rep = staff.hire("sales_rep", "sh_team", "销售代表", _FIRST_MANAGER, region="shanghai")
    staff.hire("sales_director", "sales", "销售总监")
    managers["west"] = staff.hire("regional_manager", "west", "区域经理", _DIRECTOR, region="west")
    for province, (_, _, area) in PROVINCES.items():
        managers[province] = staff.hire(
            "sales_manager", f"{province}_team", "销售经理", managers[area], region=province
        )
    managers["sales"] = _DIRECTOR
    return auditor, managers["east"], rep, managers


def _office(staff: _Staff, size: Size, managers: dict[str, str]) -> dict[str, list[str]]:
    """Who works for all regions: by role, their numbers."""
    found: dict[str, list[str]] = {}
    for line in dict.fromkeys(_LINES):
        staff.hire("product_manager", "marketing", "产品线经理", managers["sales"], product=line)
    for unit in ("service", "solutions"):
        managers[unit] = staff.hire("unit_manager", unit, "部门经理", managers["sales"], unit=unit)
    for area in AREAS:
        staff.hire("support", "service", "客服专员", managers["service"], region=area)
    for role, unit, title, share in _OFFICE:
        scope = {"channel": "partner"} if role == "partner_manager" else {}
        for _ in range(max(1, share * size.people // 200)):
            boss = managers.get(unit, managers["sales"])
            found.setdefault(role, []).append(staff.hire(role, unit, title, boss, **scope))
    return found


def _field(staff: _Staff, size: Size, managers: dict[str, str], sellers: dict[str, list[str]]) -> None:
    """Who sells: at least one in each city, the others where the customers are."""
    left = size.people - len(staff.people) - len(PLACES)
    extra = [place for place in PLACES for _ in range(place.weight)]
    places = [*PLACES, *(staff.rng.choice(extra) for _ in range(max(0, left)))]
    for at, place in enumerate(places):
        role = _REPS[at % len(_REPS)]
        title = "大客户经理" if role == "key_account_manager" else "销售代表"
        unit = f"{place.province}_team"
        sellers[place.id].append(
            staff.hire(role, unit, title, managers[place.province], **_scope(staff.rng, role, place))
        )


def _scope(rng: random.Random, role: str, place: Place) -> dict[str, str]:
    scope = {"region": place.id}
    if role == "product_rep":
        scope["product"] = rng.choice(_LINES)
    if role in ("direct_rep", "channel_rep"):
        scope["channel"] = "direct" if role == "direct_rep" else "partner"
    return scope


def _changes(staff: _Staff, sellers: dict[str, list[str]]) -> None:
    """What makes organisations hard: one has left, one moved on a day, one holds two posts far apart."""
    leaver, mover, both = sellers["qingdao"][0], sellers["ningbo"][0], sellers["xiamen"][0]
    for row in staff.people:
        if row["id"] == leaver:
            row["left_on"] = _MOVED
    staff.posts[:] = [post for post in staff.posts if post[0] not in (leaver, mover)]
    staff.post(leaver, "sales_rep", to=_MOVED, reason="left", region="qingdao")
    staff.post(mover, "sales_rep", to=_MOVED, reason="moved to Suzhou", region="ningbo")
    staff.post(mover, "sales_rep", since=_MOVED, reason="moved from Ningbo", region="suzhou")
    staff.post(both, "product_rep", reason="also Line B in Chengdu", region="chengdu", product="line_b")


def _units() -> list[tuple[str, ...]]:
    """The tree of departments as a table with a header."""
    rows: list[tuple[str, ...]] = [("id", "parent", "label_en", "label_zh"), ("company", "", "Company", "公司")]
    departments = {
        "sales": ("Sales", "销售部"),
        "operations": ("Sales operations", "运营部"),
        "marketing": ("Marketing", "市场部"),
        "solutions": ("Solutions", "解决方案部"),
        "service": ("Service", "服务部"),
        "finance": ("Finance", "财务部"),
        "audit": ("Audit", "审计部"),
    }
    rows += [(id, "company", en, zh) for id, (en, zh) in departments.items()]
    rows += [(area, "sales", f"Sales {en}", f"{zh}销售部") for area, (en, zh) in AREAS.items()]
    return rows + [(f"{id}_team", area, f"{en} team", f"{zh}团队") for id, (en, zh, area) in PROVINCES.items()]
