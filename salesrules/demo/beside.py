"""What stands beside customers: who helps with them, the partners that sell, and what is heard of the market."""

from __future__ import annotations

from salesrules.demo.chance import AS_OF, listed, options
from salesrules.demo.customers import CITIES, LINES
from salesrules.demo.sizes import Size

_PARTNERS = options({"distributor": 5, "dealer": 3, "agent": 2})
_STEMS = listed("顺达,广联,永盛,信诚,联创,长城,泰和,嘉信")
_POLICIES = listed("季度返利 2%,样机支持,联合推广费 5 万元,年度返利 3%")
_NOTES = listed("竞品降价 8%,客户询问节能型号,展会上新品关注度高,交货期成为主要顾虑,本地新厂投产、需求上升")
_TOPICS = options({"demand": 4, "competitor": 4, "trend": 2})


def beside(size: Size) -> tuple[str, ...]:
    """The record teams of customers, partners and market notes."""
    return _teams(), _partners(size), _notes(size)


def _teams() -> str:
    """Every third customer or so has someone beside the owner, most often a consultant."""
    return """
        CREATE TABLE customer_team AS
        SELECT
            customer.id AS customer,
            if(draw('part', n) < 0.7, 'presales', 'helper') AS part,
            if(part = 'presales', pick(helpers, 'helper', n), pick(seller.people, 'colleague', n)) AS person
        FROM customer JOIN seller ON seller.city = customer.region, server
        WHERE draw('team', n) < 0.3
        ORDER BY n"""


def _partners(size: Size) -> str:
    return f"""
        CREATE TABLE partner AS
        WITH drawn AS (
            SELECT n, pick({CITIES}, 'partner city', n) AS region FROM range(1, {size.count(0.012) + 1}) AS r(n)
        )
        SELECT
            concat('W-', padded(n, 5)) AS id,
            concat(zh, pick({_STEMS}, 'partner', n), '贸易有限公司') AS name,
            pick(people, 'partner owner', n) AS owner,
            region,
            pick({_PARTNERS}, 'partner kind', n) AS channel,
            price(900000, 0.8, 'sold', n) AS sold,
            whole(0, 400, 'partner stock', n) AS stock,
            concat('A-2026-', n, ' 年度合作协议') AS agreement,
            pick({_POLICIES}, 'policy', n) AS policy
        FROM drawn JOIN place ON place.city = drawn.region JOIN seller ON seller.city = drawn.region
        ORDER BY n"""


def _notes(size: Size) -> str:
    return f"""
        CREATE TABLE market_note AS
        WITH drawn AS (
            SELECT n, pick({CITIES}, 'note city', n) AS region FROM range(1, {size.count(0.02) + 1}) AS r(n)
        )
        SELECT
            concat('M-', padded(n, 5)) AS id,
            pick(people, 'writer', n) AS owner,
            region,
            pick({LINES}, 'note line', n) AS product,
            pick({_TOPICS}, 'topic', n) AS topic,
            pick({_NOTES}, 'note', n) AS text,
            {AS_OF} - whole(0, 365, 'noted', n) AS noted_on
        FROM drawn JOIN seller ON seller.city = drawn.region
        ORDER BY n"""
