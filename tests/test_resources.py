"""What there is, shared out: every part to the last one, and the parts of one whole add up to it."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from salesrules.audit.sharing import apportion
from salesrules.cli import main
from salesrules.demo import make

DAY = "2026-03-15"
WEIGHTS = st.lists(st.fractions(min_value=0, max_value=1000), min_size=1, max_size=12).filter(any)


@given(st.integers(min_value=0, max_value=10**12), WEIGHTS)
def test_every_part_is_given_and_nobody_is_a_whole_part_off(whole: int, weights: list[Fraction]) -> None:
    parts = apportion(whole, weights)
    quotas = [whole * weight / sum(weights) for weight in weights]
    assert sum(parts) == whole
    assert all(abs(part - quota) < 1 for part, quota in zip(parts, quotas, strict=True))
    rounded_up = [quota - int(quota) for part, quota in zip(parts, quotas, strict=True) if part > quota]
    rounded_down = [quota - int(quota) for part, quota in zip(parts, quotas, strict=True) if part <= quota]
    assert not rounded_up or min(rounded_up) >= max(rounded_down, default=Fraction(0))


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (5_000_000_000, [60, 30, 10], [3_000_000_000, 1_500_000_000, 500_000_000]),
        (1_250_000_000, [1, 1, 1], [416_666_667, 416_666_667, 416_666_666]),  # of equal ones the first get more
        (2, [1, 1, 1], [1, 1, 0]),
        (7, [0, 5, 0], [0, 7, 0]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_parts_by_hand(whole: int, weights: list[int], parts: list[int]) -> None:
    assert apportion(whole, [Fraction(weight) for weight in weights]) == parts


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resources")
    make(folder)
    return folder


def asked(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["resources", *words, "--at", DAY, "--workspace", str(folder), "--lang", "en"])


def test_the_parts_of_each_whole_add_up_to_it(demo: Path) -> None:
    rows = json.loads(asked(demo, "--output", "json").stdout)
    steps = {"marketing_budget": ("region", "channel"), "new_people": ("region",), "fair_places": ("product",)}
    wholes = {"marketing_budget": "3000000.00", "new_people": "20", "fair_places": "12"}
    for name, path in steps.items():
        sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        own: dict[tuple[str, ...], Decimal] = {(): Decimal(wholes[name])}
        for row in (row for row in rows if row["resource"] == name):
            members = tuple(row[by] for by in path if by in row)
            own[members] = Decimal(row["amount"])
            sums[members[:-1]] += own[members]
        assert sums == {members: own[members] for members in sums}
        assert len(sums) == (5 if name == "marketing_budget" else 1)


def test_weights_by_potential_are_those_that_balance_tells(demo: Path) -> None:
    said = CliRunner().invoke(
        main, ["balance", "region", "--level", "area", "--at", DAY, "--output", "csv", "--workspace", str(demo)]
    )
    shares = {row["member"]: Decimal(row["potential"]) for row in csv.DictReader(io.StringIO(said.stdout))}
    told = csv.DictReader(io.StringIO(asked(demo, "marketing_budget", "--output", "csv").stdout))
    found = {row["region"]: Decimal(row["amount"]) for row in told if not row["channel"]}
    assert {member: round(amount / 3_000_000, 5) for member, amount in found.items()} == {
        member: round(share, 5) for member, share in shares.items()
    }


def test_the_verb_tells_them_as_a_tree(demo: Path) -> None:
    assert asked(demo, "marketing_budget").stdout.splitlines()[:4] == [
        "Marketing budget: 3,000,000.00 CNY, shared out as of 2026-03-15",
        "  East: 1,121,434.95 (37.4%)",
        "    Direct: 785,004.47 (70.0%)",
        "    Partner: 336,430.48 (30.0%)",
    ]
    assert asked(demo, "fair_places").stdout.splitlines()[1:] == [f"  Line {line}: 4 (33.3%)" for line in "ABC"]
    unknown = asked(demo, "fair_place")
    assert (unknown.exit_code, "did you mean `fair_places`" in unknown.stderr) == (2, True)


@pytest.mark.parametrize(
    ("split", "code"),
    [
        ("{by: region, weights: {atlantis: 100%}}", "resource.not_there"),
        ("{by: unit, weights: even}", None),
    ],
)
def test_members_that_only_the_data_knows_are_looked_for_when_asked(
    tmp_path: Path, split: str, code: str | None
) -> None:
    make(tmp_path)
    path = tmp_path / "rules" / "standard" / "resources.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("{by: product, weights: even}", split), encoding="utf-8")
    said = asked(tmp_path, "fair_places")
    assert (said.exit_code, code is None or code in said.stderr) == (2 if code else 0, True)
