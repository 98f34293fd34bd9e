"""Rows that are left out for a stage or member that nobody knows say where it belongs; many of them are a warning."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from tests.test_doctor import dirty

__all__ = ["dirty"]

HEAD = "number;line;customer;amount;stage;note\n"


def validated(root: Path, lang: str) -> list[str]:
    result = CliRunner().invoke(main, ["validate", "--workspace", str(root), "--lang", lang])
    assert result.exit_code == 0
    return result.output.splitlines()


def test_an_unknown_stage_names_the_place_where_stages_stand(dirty: Path) -> None:
    en, zh = ("\n".join(validated(dirty, lang)) for lang in ("en", "zh"))
    assert (
        "order.stage: 2 rows left out, no such stage, for example `lost`; `sale` stands at rules/tiny/stages.yaml:3:3: "
        "add it to its stages, or under `aliases` in dimensions.yaml as another name of one" in en
    )
    assert "`sale` 写在 rules/tiny/stages.yaml:3:3：请把它加进 stages" in zh
    customers = dirty / "data/customer.csv"
    customers.write_text(customers.read_text(encoding="utf-8") + "C-7,x,Nowhere,,\n", encoding="utf-8")
    missing = "\n".join(validated(dirty, "en"))
    assert "no such member, for example `Nowhere`; `region` stands at rules/tiny/dimensions.yaml:3:3: " in missing


@pytest.mark.parametrize(("bad", "warned"), [(1, False), (2, True), (8, True)])
def test_more_than_a_fifth_is_a_warning(bad: int, warned: bool, dirty: Path) -> None:
    """Of eight orders one is an eighth, two are a fourth."""
    lines = [f"S-{n};1;C-1;10;{'lost' if n < bad else 'offered'};\n" for n in range(8)]
    (dirty / "data/order.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    told = [line for line in validated(dirty, "en") if "source.much_left_out" in line and "`order`" in line]
    assert len(told) == warned
    if told:
        assert told[0].startswith("salesrules.toml:")
        assert f"{bad} of 8 rows of `order` were left out" in told[0]
