"""What slices mean when they follow references or are made of other slices."""

from pathlib import Path

import pytest

from salesrules.expr.typed import Apply, leaves
from salesrules.load import load
from salesrules.meaning import meanings_of
from salesrules.meaning.slices import slice_order, slice_parts

ROOT = Path(__file__).parent / "packs" / "everything"


@pytest.fixture(scope="module")
def pack():
    found, issues = load(ROOT / "rules" / "everything", ROOT / "policies" / "everything", ROOT)
    assert issues == ()
    return found


@pytest.mark.parametrize(
    ("slice_", "entity", "paths"),
    [
        ("mine", "opportunity", [("row", "owner"), ("user",)]),
        ("mine", "order", [("row", "opportunity", "owner"), ("user",)]),
        ("mine", "order_line", [("row", "order", "opportunity", "owner"), ("user",)]),
        ("my_patch", "opportunity", [("row", "customer", "region"), ("post", "region")] * 2),
        (
            "my_patch_and_line",
            "opportunity",
            [("row", "customer", "region"), ("post", "region")] * 2 + [("row", "product"), ("post", "product")] * 2,
        ),
    ],
)
def test_a_slice_reads_these_paths(pack, slice_, entity, paths):
    tree = meanings_of(pack)[0].slices[slice_, entity]
    assert [(leaf.root, *leaf.path) for leaf in leaves(tree)] == paths


def test_all_takes_every_entity(pack):
    meanings, _ = meanings_of(pack)
    assert {entity for slice_, entity in meanings.slices if slice_ == "all"} == set(pack.entities)


def test_parts_come_before_wholes(pack):
    order = slice_order(pack)
    assert len(order) == len(pack.slices) * len(pack.entities)
    for whole in order:
        assert all(order.index(part) < order.index(whole) for part in slice_parts(pack, *whole))


def test_a_slice_made_of_another_holds_its_condition(pack):
    slices = meanings_of(pack)[0].slices
    whole = slices["my_patch_and_line", "opportunity"]
    assert isinstance(whole, Apply)
    assert slices["my_patch", "opportunity"] in whole.arguments
