"""Whom the company sells to: customers with their contacts, and the leads that may become some."""

from __future__ import annotations

from salesrules.demo.chance import AS_OF, FIRST, listed, options
from salesrules.demo.places import PLACES
from salesrules.demo.sizes import Size

CITIES = options({place.id: place.weight for place in PLACES})
CHANNELS = options({"direct": 55, "distributor": 18, "dealer": 6, "agent": 10, "online": 8, "social": 3})
LINES = options({"line_a": 60, "line_b": 30, "line_c": 10})
SOURCES = options({"web": 35, "fair": 20, "referral": 15, "online_marketing": 30})
_STEMS = listed("宏远,华兴,东方,蓝海,金桥,天成,瑞丰,恒信,中科,明德,Northwind,Bluepeak,Ironbridge")
_TRADES = {"machinery": "机械", "electronics": "电子", "chemicals": "化工", "food": "食品", "trade": "商贸"}
_TRADES |= {"logistics": "物流", "software": "软件"}
_SHARES = dict(zip(_TRADES, (26, 22, 12, 12, 12, 9, 7), strict=True))
_TRADE = f"MAP {_TRADES}"  # a dict of plain words is written in SQL as it is in Python
_PAINS = listed("交货太慢,库存积压,报价不透明,备件难买,late deliveries,too many suppliers,no spare parts")
_FAMILIES = listed("李,王,张,刘,陈,杨,赵,黄,周,吴")
_TITLES = listed("总经理,采购经理,技术主管,财务经理")
_CONVERTED = "MAP {'referral': 0.42, 'fair': 0.24, 'web': 0.13, 'online_marketing': 0.08}"
_SOMEWHERE = "JOIN place ON place.city = drawn.region JOIN seller ON seller.city = drawn.region"


def customers(size: Size) -> tuple[str, ...]:
    """Customers, their contacts, and leads."""
    return _customers(size), _contacts(size), _leads(size)


def _customers(size: Size) -> str:
    """Four in a hundred have no owner yet; `served_by` is who deals with them all the same."""
    return f"""
        CREATE TABLE customer AS
        WITH drawn AS (
            SELECT n, pick({CITIES}, 'city', n) AS region, pick({options(_SHARES)}, 'industry', n) AS industry
            FROM range(1, {size.customers + 1}) AS r(n)
        )
        SELECT
            n,
            concat('C-', padded(n, 5)) AS id,
            concat(zh, pick({_STEMS}, 'stem', n), ({_TRADE})[industry], '有限公司') AS name,
            pick(people, 'owner', n) AS served_by,
            CASE WHEN draw('owned', n) > 0.04 THEN served_by END AS owner,
            region,
            pick({CHANNELS}, 'channel', n) AS channel,
            industry,
            concat(zh, '市中山路', whole(1, 999, 'street', n), '号') AS address,
            concat('13', padded(whole(0, 999999, 'phone', n), 6), padded(n % 1000, 3)) AS phone,
            CASE WHEN draw('known', n) < 0.7 THEN pick({_PAINS}, 'pain', n) END AS pain,
            price(420000, 0.9, 'purchase', n) AS year_purchase,
            {FIRST} + whole(-900, 520, 'since', n) AS created_on
        FROM drawn {_SOMEWHERE}
        ORDER BY n"""


def _contacts(size: Size) -> str:
    return f"""
        CREATE TABLE contact AS
        SELECT
            concat('K-', padded(n, 5)) AS id,
            concat('C-', padded(1 + (n - 1) % {size.customers}, 5)) AS customer,
            concat(pick({_FAMILIES}, 'family', n), if(draw('sex', n) < 0.6, '先生', '女士')) AS name,
            pick({_TITLES}, 'title', n) AS title,
            concat('139', padded(whole(0, 99999999, 'mobile', n), 8)) AS phone,
            concat('contact', n, '@example.com') AS email
        FROM range(1, {size.count(1.3) + 1}) AS r(n)
        ORDER BY n"""


def _leads(size: Size) -> str:
    """Three in ten have no owner yet; a referral is converted five times as often as a click."""
    return f"""
        CREATE TABLE lead AS
        WITH drawn AS (
            SELECT n, pick({CITIES}, 'lead city', n) AS region, pick({SOURCES}, 'lead source', n) AS source,
                {FIRST} + whole(0, 540, 'lead day', n) AS created_on, draw('lead owned', n) > 0.3 AS owned
            FROM range(1, {size.count(1.5) + 1}) AS r(n)
        )
        SELECT
            concat('L-', padded(n, 5)) AS id,
            concat(zh, pick({_STEMS}, 'lead name', n), '公司') AS company,
            CASE WHEN owned THEN pick(people, 'lead owner', n) END AS owner,
            region,
            pick({LINES}, 'lead line', n) AS product,
            if(source = 'fair' AND n % 9 = 0, 'exhibition', source) AS source,  -- another name, which the pack knows
            concat('137', padded(whole(0, 99999999, 'lead phone', n), 8)) AS phone,
            whole(1, 5, 'difficulty', n) AS difficulty,
            created_on,
            CASE WHEN owned AND draw('converted', n) < ({_CONVERTED})[drawn.source]
                THEN least(created_on + whole(1, 45, 'converted after', n), {AS_OF}) END AS converted_on
        FROM drawn {_SOMEWHERE}
        ORDER BY n"""
