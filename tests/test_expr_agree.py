"""The closure, the reference, DuckDB and PostgreSQL give the same value for every expression on every row."""

from random import Random

import duckdb
import pytest

from salesrules.expr.dialects import DUCKDB, POSTGRES
from salesrules.expr.python import Closure
from salesrules.expr.sql import quoted, to_sql
from salesrules.expr.typed import atoms
from tests.expr_generator import Generator
from tests.expr_world import column_of, meaning, rows_of, table_of
from tests.reference import value
from tests.working_time import PRODUCT, WALKED, make_tables

ROWS = 500
EXPRESSIONS = 2_100  # by 500 rows: more than a million cells
PARTS = 3
LONG = 20_200
BATCH = 50
DEPTH = 3


def same(found, expected):
    """Equal, and a condition is never a number; doubles to the last bit."""
    if found is None or expected is None:
        return found is expected
    return found == expected and isinstance(found, bool) == isinstance(expected, bool)


@pytest.fixture(scope="module")
def engines(postgres):
    rows = rows_of(Random(1), ROWS)
    create, tuples = table_of(rows)
    duck = duckdb.connect()
    marks = ", ".join("?" * len(tuples[0]))
    duck.execute(create)
    duck.executemany(f"INSERT INTO cells VALUES ({marks})", tuples)
    postgres.execute("DROP TABLE IF EXISTS cells")
    postgres.execute(create)
    with postgres.cursor() as cursor:
        cursor.executemany(f"INSERT INTO cells VALUES ({marks.replace('?', '%s')})", tuples)
    make_tables(duck.execute)
    make_tables(lambda sql: postgres.execute(sql.encode()))
    return (
        rows,
        lambda sql: duck.cursor().execute(sql).fetchall(),
        lambda sql: postgres.execute(sql.encode()).fetchall(),
    )


def agree(engines, seed, count, part=0, parts=1):
    """Compare every batch of expressions, or every few from one part on, and say how many cells that were."""
    rows, duck, postgres = engines
    generator = Generator(Random(seed))
    batches = [[generator.any(DEPTH) for _ in range(BATCH)] for _ in range(count // BATCH)]
    cells = 0
    for texts in batches[part::parts]:
        trees = [meaning(text) for text in texts]
        answers = {}
        for dialect, ask in ((DUCKDB, duck), (POSTGRES, postgres)):
            columns = ", ".join(to_sql(tree, lambda leaf: quoted(column_of(leaf)), dialect) for tree in trees)
            answers[dialect.name] = ask(f"SELECT {columns} FROM cells ORDER BY id")
        for at, (text, tree) in enumerate(zip(texts, trees, strict=True)):
            closure = Closure(tree, PRODUCT)
            for number, row in enumerate(rows):
                expected = value(tree, row, WALKED)
                flat = [row[leaf] for leaf in closure.reads]
                found = {name: answer[number][at] for name, answer in answers.items()}
                found["closure"] = closure.value(flat)
                assert all(same(v, expected) for v in found.values()), (seed, text, expected, found, row)
                if tree.kind.name == "boolean":
                    assert closure.is_true(flat) == (expected is True), (seed, text, row)
                    assert closure.is_false(flat) == (expected is False), (seed, text, row)
                cells += 1
    return cells


@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_cells_without_a_difference(part, engines):
    assert agree(engines, 20260315, EXPRESSIONS, part, PARTS) * PARTS >= 1_000_000


@pytest.mark.long
def test_ten_million_cells_without_a_difference(engines):
    assert sum(agree(engines, seed, LONG // 10) for seed in range(10)) >= 10_000_000


def test_every_condition_of_an_expression_has_its_own_value(engines):
    rows, _, _ = engines
    generator = Generator(Random(5))
    for _ in range(100):
        tree = meaning(generator.boolean(DEPTH))
        closure = Closure(tree, PRODUCT)
        for row in rows[:50]:
            expected = tuple(value(atom, row, WALKED) for atom in atoms(tree))
            assert closure.each([row[leaf] for leaf in closure.reads]) == expected
