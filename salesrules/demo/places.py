"""Where the company sells: areas, provinces and cities, with how many customers each city has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A city; `weight` is its share of customers in percent, `tier` 1 for the largest cities.

    What makes it a good territory: companies for each square kilometre, how well one gets about from 1 to 10, and
    how many competitors have an office there.
    """

    id: str
    en: str
    zh: str
    province: str
    area: str
    weight: int
    tier: int
    density: int
    transport: int
    competitors: int

    def row(self) -> dict[str, object]:
        """The columns that the rows of customers are made from."""
        return {"city": self.id, "zh": self.zh}


AREAS = {"east": ("East", "华东"), "north": ("North", "华北"), "south": ("South", "华南"), "west": ("West", "西部")}
PROVINCES = {
    "sh": ("Shanghai Municipality", "上海市", "east"),
    "zhejiang": ("Zhejiang", "浙江", "east"),
    "jiangsu": ("Jiangsu", "江苏", "east"),
    "bj": ("Beijing Municipality", "北京市", "north"),
    "tj": ("Tianjin Municipality", "天津市", "north"),
    "shandong": ("Shandong", "山东", "north"),
    "guangdong": ("Guangdong", "广东", "south"),
    "fujian": ("Fujian", "福建", "south"),
    "sichuan": ("Sichuan", "四川", "west"),
    "hubei": ("Hubei", "湖北", "west"),
}


def _place(id: str, zh: str, province: str, weight: int, tier: int, *factors: int) -> Place:
    return Place(id, id.capitalize(), zh, province, PROVINCES[province][2], weight, tier, *factors)


PLACES = (  # tier-1 cities are larger, and the areas are of unequal weight, as they are anywhere
    _place("shanghai", "上海", "sh", 19, 1, 310, 9, 14),
    _place("hangzhou", "杭州", "zhejiang", 8, 2, 140, 8, 7),
    _place("ningbo", "宁波", "zhejiang", 4, 3, 90, 7, 4),
    _place("nanjing", "南京", "jiangsu", 6, 2, 110, 8, 6),
    _place("suzhou", "苏州", "jiangsu", 7, 2, 150, 8, 6),
    _place("beijing", "北京", "bj", 15, 1, 240, 9, 12),
    _place("tianjin", "天津", "tj", 4, 2, 80, 7, 5),
    _place("qingdao", "青岛", "shandong", 4, 2, 75, 6, 4),
    _place("jinan", "济南", "shandong", 3, 3, 60, 6, 3),
    _place("guangzhou", "广州", "guangdong", 8, 1, 170, 8, 9),
    _place("shenzhen", "深圳", "guangdong", 11, 1, 280, 9, 11),
    _place("xiamen", "厦门", "fujian", 3, 3, 85, 7, 3),
    _place("chengdu", "成都", "sichuan", 5, 2, 120, 7, 6),
    _place("wuhan", "武汉", "hubei", 3, 2, 95, 8, 5),
)


_KNOWN = ("tier", "density", "transport", "competitors")


def regions() -> list[tuple[str, ...]]:
    """The tree of regions as a table with a header."""
    rows: list[tuple[str, ...]] = [("id", "parent", "label_en", "label_zh", *_KNOWN)]
    rows += [(id, "", en, zh, *[""] * len(_KNOWN)) for id, (en, zh) in AREAS.items()]
    rows += [(id, area, en, zh, *[""] * len(_KNOWN)) for id, (en, zh, area) in PROVINCES.items()]
    for place in PLACES:
        known = (str(getattr(place, name)) for name in _KNOWN)
        rows.append((place.id, place.province, place.en, place.zh, *known))
    return rows
