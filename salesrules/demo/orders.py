"""What was sold: contracts of won deals, their orders with lines, and the money that came in for them."""

from __future__ import annotations

from salesrules.demo.chance import AS_OF, listed, options
from salesrules.demo.deals import ITEMS
from salesrules.demo.sizes import Size

_KINDS = options({"standard": 7, "framework": 2, "special": 1})
_TERMS = listed("验收后 30 天付清,预付 30%、余款到货付清,月结 60 天")
_SHARES = "[[100], [60, 40], [50, 30, 20]]"  # percents of an order of one, two or three lines


def orders(_: Size) -> tuple[str, ...]:
    """Contracts, orders, order lines and collections; the lines of an order add up to its contract."""
    return _contracts(), _orders(), _lines(), _collections()


def _contracts() -> str:
    return f"""
        CREATE TABLE contract AS
        SELECT
            n,
            concat('H-', padded(n, 5)) AS id,
            id AS opportunity,
            customer,
            owner,
            line,
            pick({_KINDS}, 'contract', n) AS kind,
            closes_on AS signed_on,
            amount,
            pick({_TERMS}, 'terms', n) AS terms
        FROM opportunity
        WHERE stage IN ('won', 'after_sales')
        ORDER BY n"""


def _orders() -> str:
    return f"""
        CREATE TABLE "order" AS
        SELECT
            n,
            concat('D-', padded(n, 5)) AS id,
            id AS contract,
            customer,
            owner,
            line,
            amount,
            signed_on,
            signed_on + whole(7, 45, 'shipped', n) AS ready_on,
            CASE WHEN draw('cancelled', n) < 0.03 THEN 'cancelled'
                 WHEN ready_on <= {AS_OF} THEN 'shipped'
                 ELSE pick({listed("entered,audited,confirmed")}, 'status', n) END AS status,
            CASE WHEN status = 'shipped' THEN ready_on END AS shipped_on
        FROM contract
        ORDER BY n"""


def _lines() -> str:
    """One to three lines an order, each of another product of the line that was sold."""
    return f"""
        CREATE TABLE order_line AS
        WITH sized AS (SELECT *, whole(1, 3, 'lines', n) AS lines FROM "order"),
        cut AS (
            SELECT n, k, id, customer, CAST(amount * ({_SHARES})[lines][k] / 100 AS DECIMAL(18,2)) AS amount,
                {ITEMS} * (ascii(right(line, 1)) - ascii('a')) + 1
                + (whole(0, {ITEMS - 1}, 'item', n) + 3 * k) % {ITEMS} AS item_number
            FROM sized, range(1, 4) AS r(k)
            WHERE k <= lines
        )
        SELECT
            cut.id AS "order",
            item.id AS item,
            item.product,
            customer,
            greatest(1, CAST(round(amount / price) AS BIGINT)) AS quantity,
            amount,
            CAST(amount * whole(52, 83, 'cost', 3 * n + k) / 100 AS DECIMAL(18,2)) AS cost
        FROM cut JOIN item ON item.id = concat('I-', padded(item_number, 3))
        ORDER BY n, k"""


def _collections() -> str:
    """Half of the orders are paid at once, the others in two parts, of which the second does not always come."""
    return f"""
        CREATE TABLE collection AS
        WITH due AS (
            SELECT n, k, id, draw('at once', n) < 0.55 AS at_once,
                signed_on + whole(5, 40, 'paid', n) + if(k = 2, whole(20, 120, 'rest', n), 0) AS paid_on,
                CAST(amount * if(at_once, 100, if(k = 1, 30, 70)) / 100 AS DECIMAL(18,2)) AS part
            FROM "order", range(1, 3) AS r(k)
            WHERE status <> 'cancelled'
        )
        SELECT concat('R-', padded(n, 5), '-', k) AS id, id AS "order", paid_on, part AS amount
        FROM due
        WHERE paid_on <= {AS_OF} AND (k = 1 OR (NOT at_once AND draw('pays', n) < 0.93))
        ORDER BY n, k"""
