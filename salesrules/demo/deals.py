"""What may be sold: the catalogue, the opportunities with customers, and the quotes for them."""

from __future__ import annotations

from salesrules.demo.chance import AS_OF, FIRST, listed, options
from salesrules.demo.customers import LINES, SOURCES
from salesrules.demo.sizes import Size

ITEMS = 10  # products a line
_OPEN = options({"identify": 22, "first_contact": 24, "needs_analysis": 22, "proposal": 18, "negotiation": 14})
_DISCOUNTS = listed("0.00,0.00,0.03,0.05,0.05,0.08,0.10,0.12,0.18,0.25")


def deals(size: Size) -> tuple[str, ...]:
    """Products, opportunities and quotes."""
    return _items(), _opportunities(size), _quotes()


def _items() -> str:
    return f"""
        CREATE TABLE item AS
        SELECT
            concat('I-', padded(n, 3)) AS id,
            {listed("line_a,line_b,line_c")}[1 + (n - 1) // {ITEMS}] AS product,
            concat(upper(right(product, 1)), '-', 100 + 10 * ((n - 1) % {ITEMS})) AS name,
            concat(2 + (n - 1) % {ITEMS}, '.0 kW') AS spec,
            CAST(100 * whole(8, 240, 'price', n) AS DECIMAL(18,2)) AS price,
            whole(0, 900, 'stock', n) AS stock
        FROM range(1, {3 * ITEMS + 1}) AS r(n)
        ORDER BY n"""


def _opportunities(size: Size) -> str:
    """A few customers have many, and sellers differ in how many they win.

    `line` is the clean product line, `product` is how people write it.
    """
    return f"""
        CREATE TABLE opportunity AS
        WITH drawn AS (
            SELECT n, 1 + CAST(floor(pow(draw('whose', n), 2) * {size.customers}) AS BIGINT) AS whose,
                pick({LINES}, 'line', n) AS line, {FIRST} + whole(0, 539, 'made', n) AS created_on
            FROM range(1, {size.count(3) + 1}) AS r(n)
        ),
        held AS (
            SELECT drawn.*, customer.id AS customer,
                if(draw('helped', drawn.n) < 0.06, pick(people, 'other', drawn.n), customer.served_by) AS owner,
                drawn.created_on + whole(15, 160, 'took', drawn.n) AS closes_on,
                closes_on <= {AS_OF} AND draw('late', drawn.n) > 0.05 AS decided
            FROM drawn JOIN customer ON customer.n = drawn.whose JOIN seller ON seller.city = customer.region
        )
        SELECT
            n,
            concat('O-', padded(n, 5)) AS id,
            customer,
            owner,
            CASE WHEN NOT decided THEN pick({_OPEN}, 'stage', n)
                 WHEN draw('won', n) > 0.28 + 0.3 * draw('talent', owner) THEN 'lost'
                 WHEN closes_on < {AS_OF} - 60 THEN 'after_sales'
                 ELSE 'won' END AS stage,
            line,
            CASE WHEN line = 'line_a' AND n % 31 = 0 THEN 'Line-A'
                 WHEN line = 'line_a' AND n % 97 = 0 THEN 'LineA'
                 ELSE line END AS product,
            pick({SOURCES}, 'source', n) AS source,
            stage NOT IN ('identify', 'first_contact') AND draw('confirmed', n) < 0.86 AS needs_confirmed,
            created_on,
            price(if(line = 'line_c', 120000, 60000), 0.75, 'amount', n) AS amount,
            pick({_DISCOUNTS}, 'discount', n) AS discount,
            closes_on
        FROM held
        ORDER BY n"""


def _quotes() -> str:
    return f"""
        CREATE TABLE quote AS
        SELECT
            concat('Q-', padded(n, 5)) AS id,
            id AS opportunity,
            least(created_on + whole(5, 40, 'quoted', n), {AS_OF}) AS made_on,
            amount,
            discount,
            CAST(discount AS DECIMAL(9,2)) <= 0.15 OR stage IN ('won', 'after_sales') AS approved
        FROM opportunity
        WHERE stage IN ('negotiation', 'won', 'after_sales')
            OR (stage IN ('proposal', 'lost') AND draw('has quote', n) < 0.5)
        ORDER BY n"""
