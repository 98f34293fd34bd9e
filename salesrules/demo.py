"""A seed to a company that does not exist: a workspace folder with people, posts, customers and deals."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2026, 1, 1)
CUSTOMERS, OPPORTUNITIES, REPS_PER_CITY = 600, 1_800, 2
_AREAS = {
    "east": ("shanghai", "hangzhou", "nanjing"),
    "north": ("beijing", "tianjin", "qingdao"),
    "south": ("guangzhou", "shenzhen", "xiamen"),
}
_FAMILY = "李Li 王Wang 张Zhang 刘Liu 陈Chen 杨Yang 赵Zhao 黄Huang 周Zhou 吴Wu 徐Xu 孙Sun 胡Hu 朱Zhu 高Gao"
_GIVEN = "娜Na 伟Wei 敏Min 静Jing 磊Lei 洋Yang 艳Yan 勇Yong 军Jun 杰Jie 娟Juan 涛Tao 明Ming 超Chao 霞Xia"
_FIRMS = ("宏远", "华兴", "东方", "蓝海", "金桥", "天成", "Northwind", "Bluepeak", "Ironbridge", "Clearwater")
_TRADES = ("机械", "电子", "化工", "食品", "Instruments", "Logistics")
_PAINS = ("交货太慢", "库存积压", "报价不透明", "late deliveries", "too many suppliers", "no spare parts")
_STAGES = ("identify", "contact", "needs", "proposal", "negotiation", "won", "after_sales", "lost")

_SETTINGS = """\
# A company that does not exist. Everything here was made by `salesrules demo`, seed {seed}.
pack = "standard"

[sources.demo]
folder = "data"

[sources.demo.person]
file = "person.csv"

[sources.demo.customer]
file = "customer.csv"

[sources.demo.opportunity]
file = "opportunity.csv"
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: counts, and three people who see different things."""

    people: int
    customers: int
    opportunities: int
    rep: str
    manager: str
    auditor: str


def make(folder: Path, seed: int = 7) -> Made:
    """Write the workspace of the demo company into a folder, which is made if it is missing."""
    rng = random.Random(seed)  # noqa: S311 - the same company for the same seed
    cities = [city for below in _AREAS.values() for city in below]
    people, posts = _people(rng)
    sellers = {city: [post[0] for post in posts if post[2] == city] for city in cities}
    customers = [_customer(rng, number, sellers) for number in range(1, CUSTOMERS + 1)]
    deals = [_deal(rng, number, rng.choice(customers)) for number in range(1, OPPORTUNITIES + 1)]
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "org").mkdir(exist_ok=True)
    (folder / "salesrules.toml").write_text(_SETTINGS.format(seed=seed), encoding="utf-8")
    region = [("china", ""), *((area, "china") for area in _AREAS), *((c, a) for a in _AREAS for c in _AREAS[a])]
    _write(folder / "org/region.csv", "id,parent", region)
    _write(folder / "org/posts.csv", "person,role,region,from,to", posts)
    _write(folder / "data/person.csv", "id,name,name_en,manager,left_on", people)
    _write(folder / "data/customer.csv", "id,name,owner,region,channel,phone,pain", customers)
    _write(folder / "data/opportunity.csv", "id,customer,owner,stage,product,amount,closes_on", deals)
    return Made(len(people), len(customers), len(deals), posts[4][0], posts[1][0], posts[0][0])


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _people(rng: random.Random) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """One auditor, a manager for each area, reps for each city below; and their posts."""
    names = [(family, given) for family in _FAMILY.split() for given in _GIVEN.split()]
    rng.shuffle(names)
    people: list[tuple[str, ...]] = []
    posts: list[tuple[str, ...]] = []

    def hire(role: str, region: str, manager: str) -> str:
        id = f"P-{len(people) + 1:04d}"
        (family, given) = names[len(people)]
        people.append((id, family[0] + given[0], f"{given[1:]} {family[1:]}", manager, ""))
        posts.append((id, role, region, FIRST_DAY.isoformat(), ""))
        return id

    hire("auditor", "", "")
    managers = {area: hire("regional_manager", area, "") for area in _AREAS}
    for area, below in _AREAS.items():
        for city in below:
            for _ in range(REPS_PER_CITY):
                hire("sales_rep", city, managers[area])
    return people, posts


def _customer(rng: random.Random, number: int, sellers: dict[str, list[str]]) -> tuple[str, ...]:
    """A customer in a city, now and then without an owner."""
    city = rng.choice(list(sellers))
    owner = rng.choice(sellers[city]) if rng.random() > 0.05 else ""
    phone = "13" + "".join(rng.choice("0123456789") for _ in range(9))
    name = rng.choice(_FIRMS) + rng.choice(_TRADES) + f" {number}"
    channel = rng.choice(("direct", "distributor", "agent"))
    return (f"C-{number:05d}", name, owner, city, channel, phone, rng.choice(_PAINS))


def _deal(rng: random.Random, number: int, customer: tuple[str, ...]) -> tuple[str, ...]:
    """An opportunity with a customer, held by the customer's owner."""
    amount = f"{rng.lognormvariate(10.5, 0.8):.2f}"
    closes = FIRST_DAY + timedelta(days=rng.randrange(365))
    product = rng.choice(("line_a", "line_a", "line_b", "line_c", "Line-A"))
    return (
        f"O-{number:05d}",
        customer[0],
        customer[2],
        rng.choice(_STAGES),
        product,
        amount,
        closes.isoformat(),
    )
