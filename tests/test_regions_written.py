"""Terms that nothing could be proved of read as they were written, and what is printed means the same."""

from random import Random

import pytest

from salesrules.expr.regions.rules import analyse
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.written import text_of
from tests.expr_generator import Generator
from tests.expr_world import VOCABULARY, meaning, rows_of
from tests.reference import value
from tests.working_time import WALKED

SPACE = Space({}, "deal", VOCABULARY.fields, {"person": "id"}, timezone=VOCABULARY.timezone)
AS_WRITTEN = [
    "within(region, post.region)",
    "within(region, 'east')",
    "within(region, post.regions)",
    "reports_to(owner, user)",
    "reports_to(owner, 'li')",
    "reports_to(customer.owner, user, 2)",
    "some(team, reports_to(person, user, 1) and share > 10%)",
    "some(team, within(person.region, post.region))",
    "count(team, person = user) > 2",
    "count(team) > 2",
    "hold_max(region, post.role) > 5",
    "on_leave(owner, today())",
    "won_on + 3wd < made_on",
    "called_at - 3wh < seen_at",
    "won_on - 3mo < made_on",
    "called_at + 4h < seen_at",
    "called_at - 4h < timestamp '2026-03-15 17:00:00'",
    "stage < was",
    "grade < wanted",
    "'a' in tags",
    "x - (y - score) > 2",
    "(x + y) * score > 0.5",
    "amount / paid > 80%",
    "discount + rate > 15%",
    "round(amount * 15%, 2) > 3",
    "coalesce(n, k) + 1 > 2",
    "case when vip then 1 when named then 2 else k end < n",
    "date_trunc('month', made_on) = date '2026-01-01'",
    "x + y is null",
    "lower(name) = lower(note)",
    "-n > 3.5",
]


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_a_term_reads_as_it_was_written(text):
    tree = meaning(text)
    assert text_of(tree, SPACE) == text
    terms = [term for one in analyse([("only", tree)], SPACE).not_provable for term in one.terms]
    assert text in terms


def test_what_is_printed_means_the_same():
    generator, rows = Generator(Random(7)), rows_of(Random(8), 40)
    for _ in range(400):
        text = generator.any(3)
        tree = meaning(text)
        printed = text_of(tree, SPACE)
        again = meaning(printed)
        assert text_of(again, SPACE) == printed, text
        for row in rows:
            assert value(again, row, WALKED) == value(tree, row, WALKED), (text, printed)
