"""What happens around customers: follow-ups, service tickets, and what customers say about it."""

from __future__ import annotations

from salesrules.demo.chance import AS_OF, FIRST, listed, options
from salesrules.demo.sizes import Size

_FOLLOW_UPS = options({"call": 5, "email": 2, "visit": 3})
_PRE_SALES = {"introduction": 2, "analysis": 1, "solution": 1}
_KINDS = options({"installation": 5, "usage": 5, "fault": 4, "complaint": 2, **_PRE_SALES})
_SHIPMENTS = """
    CREATE TABLE shipment AS
    SELECT row_number() OVER (ORDER BY n) AS nth, n, customer, signed_on FROM "order" WHERE status = 'shipped'"""
_REQUESTS = listed("安装调试,无法启动,操作培训,更换配件,发货延误,选型咨询")


def service(size: Size) -> tuple[str, ...]:
    """Follow-ups with any customer; tickets and feedback of those to whom something was shipped."""
    return _follow_ups(size), _SHIPMENTS, _tickets(size), _feedback()


def _follow_ups(size: Size) -> str:
    return f"""
        CREATE TABLE follow_up AS
        WITH drawn AS (
            SELECT n, 1 + CAST(floor(pow(draw('follow', n), 1.5) * {size.customers}) AS BIGINT) AS whose,
                {FIRST} + whole(0, 545, 'planned', n) AS planned_on
            FROM range(1, {size.count(4) + 1}) AS r(n)
        )
        SELECT
            concat('F-', padded(drawn.n, 5)) AS id,
            customer.id AS customer,
            served_by AS owner,
            pick({_FOLLOW_UPS}, 'kind', drawn.n) AS kind,
            planned_on,
            CASE WHEN draw('done', drawn.n) < 0.72 + 0.25 * draw('care', served_by)
                THEN least(planned_on + whole(0, 6, 'delay', drawn.n), {AS_OF}) END AS done_on,
            done_on IS NOT NULL AND draw('effective', drawn.n) < 0.55 AS effective
        FROM drawn JOIN customer ON customer.n = drawn.whose
        ORDER BY drawn.n"""


def _tickets(size: Size) -> str:
    """Each to be done within three days, which most are; whoever serves a customer once does so always."""
    return f"""
        CREATE TABLE ticket AS
        WITH drawn AS (
            SELECT n, 1 + CAST(floor(draw('ticket', n) * (SELECT count(*) FROM shipment)) AS BIGINT) AS nth
            FROM range(1, {size.count(0.4) + 1}) AS r(n)
        ),
        opened AS (
            SELECT drawn.n, customer, least(signed_on + whole(10, 200, 'opened', drawn.n), {AS_OF} - 1) AS opened_on,
                opened_on + CAST(floor(5.5 * pow(draw('solved', drawn.n), 2)) AS INTEGER) AS solved_on
            FROM drawn JOIN shipment USING (nth)
        )
        SELECT
            concat('T-', padded(n, 5)) AS id,
            customer,
            pick(people, 'server', customer) AS owner,
            pick({_KINDS}, 'ticket kind', n) AS kind,
            CASE WHEN solved_on <= {AS_OF} THEN 'feed_back'
                 WHEN draw('taken', n) < 0.4 THEN 'take'
                 ELSE 'dispatch' END AS stage,
            pick({_REQUESTS}, 'request', n) AS request,
            opened_on,
            opened_on + 3 AS due_on,
            CASE WHEN stage = 'feed_back' THEN solved_on END AS done_on
        FROM opened, server
        ORDER BY n"""


def _feedback() -> str:
    return f"""
        CREATE TABLE feedback AS
        SELECT
            concat('V-', padded(n, 5)) AS id,
            customer,
            draw('satisfied', n) < 0.915 AS satisfied,
            least(signed_on + whole(30, 120, 'answered', n), {AS_OF}) AS answered_on
        FROM shipment
        WHERE draw('answers', n) < 0.5
        ORDER BY n"""
