"""What a person reads in Chinese has no English left where the pack gives words, or where everyone has them."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from salesrules.deeds import proposal_text
from salesrules.phrases import measured_text
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from salesrules.whose import spread_text
from salesrules.work.assign.fairness import spread
from salesrules.work.reconcile import Proposal
from tests.conftest import ROOT
from tests.working_pages import NOON


@pytest.fixture(scope="module")
def pack():  # type: ignore[no-untyped-def]
    found = read_program(read_settings(ROOT), "standard")
    assert found.program is not None
    return found.program.pack


def test_every_unit_of_the_standard_pack_has_a_word(pack) -> None:  # type: ignore[no-untyped-def]
    counted = [kpi.id for kpi in pack.kpis.values() if kpi.unit not in ("percent", pack.about.currency)]
    assert len(counted) > 3
    for kpi in counted:
        assert measured_text(pack, kpi, 464, "zh").isascii() is False
        assert measured_text(pack, kpi, 464, "en").endswith(f" {pack.kpis[kpi].unit}")
    assert measured_text(pack, counted[0], Decimal(0), "zh").startswith("0 ")


def test_a_proposal_names_stages_and_fields_as_people_do(pack) -> None:  # type: ignore[no-untyped-def]
    one = Proposal(NOON, "opportunity", "O-1", "stage", "won", "P-1", "advanced", "otherwise", "lost", NOON)
    stages = {stage.id: stage.label.zh for stage in pack.processes["sales"].stages}
    told = proposal_text(pack, one, ZoneInfo("Asia/Shanghai"), "zh")
    assert f"阶段 应改为 {stages['won']}" in told
    assert f"现为 {stages['lost']}" in told


@pytest.mark.parametrize(
    ("loads", "en", "zh"),
    [
        ({"A": 3}, "A alone has 3 in hand: there is nobody to compare with", "只有 A 一人，手上有 3 条，没有可比的人"),
        ({"A": 0, "B": 0}, "all 2 people have 0 in hand", "2 人手上有的都是 0 条"),
    ],
)
def test_one_person_and_nothing_at_all_are_not_compared(loads: dict[str, int], en: str, zh: str) -> None:
    found = spread(loads)
    assert found is not None
    assert (spread_text(found, "load", "en"), spread_text(found, "load", "zh")) == (en, zh)
