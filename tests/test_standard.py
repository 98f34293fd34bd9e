"""The pack `standard`: what it promises of access, of stages and of names, and that nothing in it is left unsaid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from salesrules.check import check
from salesrules.issue import AccessDenied
from salesrules.load import load
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.pack import Pack
from salesrules.pack.policies import OBJECTS
from salesrules.packtest.figures import same, same_figure
from salesrules.workspace import Answer, Mark, Masked, Workspace
from tests.conftest import ROOT
from tests.given_company import write

RULES, POLICIES = ROOT / "rules/standard", ROOT / "policies/standard"
FILES = sorted((RULES / "tests").glob("*_test.yaml"))
GIVEN: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
CASES = [(stem, case) for stem, given in GIVEN.items() for case in given.get("access", ())]


@pytest.fixture(scope="module")
def pack() -> Pack:
    found, issues = load(RULES, POLICIES, ROOT)
    assert found is not None
    assert issues == ()
    return found


@pytest.fixture(scope="module")
def companies(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """The company of each test file."""
    return {stem: Workspace.open(write(tmp_path_factory.mktemp(stem), pack, given)) for stem, given in GIVEN.items()}


def test_nothing_of_the_pack_is_wrong_or_doubtful(pack: Pack) -> None:
    _, issues = check(pack)
    assert [issue.line() for issue in issues] == []


# what each role sees, from the files beside the rules


def _named(case: tuple[str, dict[str, Any]]) -> str:
    return " ".join(str(case[1][key]) for key in ("as", "read", "can", "kpi", "at") if key in case[1])


@pytest.mark.parametrize(("stem", "case"), CASES, ids=[_named(case) for case in CASES])
def test_what_a_role_sees_and_may_do(companies: dict[str, Workspace], stem: str, case: dict[str, Any]) -> None:
    workspace = companies[stem]
    assert [reject for reject in workspace.rejects if reject.entity != "post"] == []
    day = case.get("at", GIVEN[stem]["now"])
    if case.get("refused"):
        with pytest.raises(AccessDenied):
            _asked(workspace, workspace.person(case["as"], day), case)
        return
    person = workspace.person(case["as"], day)
    if "kpi" in case:
        rows = _asked(workspace, person, case).rows
        if "by" in case:
            figures = {group.value if isinstance(group, Mark) else group: figure for group, figure, *_ in rows[:-1]}
            assert figures.keys() == case["is"].keys()
            assert all(same_figure(str(expected), figures[group]) for group, expected in case["is"].items())
        else:
            assert same_figure(str(case["is"]), rows[0][0])
        return
    if "can" in case:
        (entity,) = case.keys() & workspace.pack.entities.keys()
        for action in [case["can"]] if isinstance(case["can"], str) else case["can"]:
            assert _may(workspace, person, action, entity, case) is case.get("is", True), action
        return
    answer = _asked(workspace, person, case)
    assert sorted(answer.keys) == sorted(case.get("sees", answer.keys))
    rows = {key: dict(zip(answer.columns, row, strict=True)) for key, row in zip(answer.keys, answer.rows, strict=True)}
    for cell, expected in case.get("cells", {}).items():
        key, field = cell.rsplit(".", 1)
        assert same(expected, rows[key][field]), cell
    for cell in case.get("hidden", ()):
        key, field = cell.rsplit(".", 1)
        assert isinstance(rows[key][field], Mark | Masked), cell


def _asked(workspace: Workspace, person: Any, case: dict[str, Any]) -> Answer:
    by = (case["by"],) if "by" in case else ()
    return workspace.kpi(person, case["kpi"], by) if "kpi" in case else workspace.see(person, case["read"], limit=100)


def _may(workspace: Workspace, person: Any, action: str, entity: str, case: dict[str, Any]) -> bool:
    """Whether it may be done; to a record that is not seen, nothing may."""
    try:
        keys = [case[entity]] if isinstance(case[entity], str) else case[entity]
        may = {workspace.can(person, action, entity, key, case.get("field")) for key in keys}
        assert len(may) == 1
        return may.pop()
    except AccessDenied:
        return False


def test_every_role_and_every_entity_is_met_by_an_expectation(pack: Pack) -> None:
    """Every role asks, and every entity is once seen and once not."""
    posts = {(stem, post["person"]): post["role"] for stem, given in GIVEN.items() for post in given["org"]["posts"]}
    asked = {posts[stem, case["as"]] for stem, case in CASES}
    assert set(pack.roles) - asked == {"staff"}  # which nobody holds alone
    seen = {case["read"] for _, case in CASES if case.get("sees")}
    unseen = {case["read"] for _, case in CASES if case.get("sees") == []}
    assert seen == unseen == set(pack.entities)
    assert len(CASES) >= 200


# who may take what out, and who sees the partners


@pytest.mark.parametrize("entity", ["customer", "contact", "lead"])
def test_nobody_takes_telephone_numbers_home(pack: Pack, entity: str) -> None:
    """Every role but the auditor, who may export nothing at all, inherits the denial."""
    denied = [g for g in pack.grants if g.effect == "deny" and (g.action, g.object) == ("export", entity)]
    assert [(grant.role, grant.category, grant.slice) for grant in denied] == [("staff", "contact", "all")]
    heirs = {role for role in pack.roles if "staff" in _included(pack, role)}
    assert set(pack.roles) - heirs == {"auditor"}
    assert not any(grant.action == "export" for grant in pack.grants if grant.role == "auditor")


def test_partner_data_is_for_channel_roles_only(pack: Pack) -> None:
    open_to = {grant.role for grant in pack.grants if grant.object == "partner" and grant.action != "audit"}
    assert open_to == {"channel_rep", "partner_manager"}
    assert not any(open_to & (_included(pack, role) - {role}) for role in pack.roles)


def _included(pack: Pack, role: str) -> set[str]:
    return {role}.union(*(_included(pack, inner) for inner in pack.roles[role].includes))


def test_the_auditor_only_aggregates(pack: Pack) -> None:
    actions = {grant.action for grant in pack.grants if grant.role == "auditor"}
    assert actions == {"aggregate", "audit"}


def test_a_grant_across_teams_ends_by_itself(pack: Pack) -> None:
    dated = [(grant.role, grant.object, grant.start, grant.end) for grant in pack.grants if grant.end]
    assert dated == [("support", "opportunity", date(2026, 3, 1), date(2026, 6, 1))]


def test_every_category_can_be_read_by_someone_and_is_answered_for(pack: Pack) -> None:
    for entity in pack.entities.values():
        for category in {field.category for field in entity.fields.values()}:
            lines = [g for g in pack.grants if (g.effect, g.action, g.object) == ("allow", "read", entity.id)]
            assert any(grant.category in ("*", category) for grant in lines), f"{entity.id}.{category}"
    assert {category.steward for category in pack.categories.values()} <= set(pack.roles)


def test_every_slice_is_granted(pack: Pack) -> None:
    granted = {grant.slice for grant in pack.grants}
    parts = {
        name
        for slice_ in pack.slices.values()
        for e in slice_.rows.values()
        for name in pack.slices
        if f"slice({name})" in e.text
    }
    assert set(pack.slices) - granted - parts == set()


# the processes by the names that the field uses

SEVEN = ["潜在客户识别", "初步接触", "需求分析", "方案制定", "报价与谈判", "签约成交", "售后服务"]
VARIANTS = {
    "six_steps": ["潜在客户开发", "初步接触", "需求分析", "方案呈现", "谈判签约", "售后维护"],
    "five_steps": ["潜在客户挖掘", "客户需求分析", "销售方案设计", "报价洽谈", "合同签订"],
    "four_steps": ["开发", "分析", "跟进", "售后"],
    "advisory": ["需求分析", "产品推荐", "签约", "售后"],
}


def test_the_sales_process_has_seven_stages_each_with_tasks_a_goal_and_a_metric(pack: Pack) -> None:
    *seven, lost = pack.processes["sales"].stages
    assert [stage.label.zh for stage in seven] == SEVEN
    assert all(stage.tasks and stage.goal and stage.metric and stage.lifecycle for stage in seven)
    probabilities = [float(stage.probability or 0) for stage in seven]
    assert probabilities == sorted(probabilities)
    assert (lost.id, lost.next, float(lost.probability or 0)) == ("lost", (), 0.0)
    metrics = {stage.label.zh: pack.kpis[stage.metric or ""].label.zh for stage in seven}
    assert (metrics["潜在客户识别"], metrics["初步接触"], metrics["需求分析"]) == (
        "潜在客户数量",
        "有效沟通次数",
        "需求满足度",
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_shorter_lists_of_steps_map_onto_the_seven_in_their_order(pack: Pack, variant: str) -> None:
    process = pack.processes["sales"]
    steps = process.variants[variant].stages
    assert [step.label.zh for step in steps] == VARIANTS[variant]
    order = [stage.id for stage in process.stages]
    places = [order.index(step.is_) for step in steps]
    assert places == sorted(set(places))


def test_service_is_taken_dispatched_and_fed_back(pack: Pack) -> None:
    stages = pack.processes["service"].stages
    assert [stage.label.zh for stage in stages] == ["接单", "派工", "反馈"]
    assert [stage.next for stage in stages] == [("dispatch",), ("feed_back",), ()]


def test_the_dimensions_by_which_organisations_split(pack: Pack) -> None:
    region, channel = pack.dimensions["region"], pack.dimensions["channel"]
    assert [level.label.zh for level in region.levels] == ["大区", "省区", "城市"]
    assert isinstance(pack.dimensions["unit"].members, MemberTable)
    assert not isinstance(channel.members, MemberTable)
    assert {member.label.zh: member.parent for member in channel.members if member.label} == {
        "直销": None,
        "渠道": None,
        "经销商": "partner",
        "分销商": "distributor",
        "代理商": "partner",
        "线上": None,
        "社交媒体": "online",
    }
    assert pack.dimensions["segment"].classify is not None
    assert pack.dimensions["lifecycle"].derived is not None


def test_everything_has_a_name_in_both_languages(pack: Pack) -> None:
    fields = [field for entity in pack.entities.values() for field in entity.fields.values() if not field.dimension]
    members = [m for d in pack.dimensions.values() if not isinstance(d.members, MemberTable) for m in d.members]
    assert [thing.id for thing in [*fields, *members] if thing.label is None] == []
    assert [kpi.id for kpi in pack.kpis.values() if kpi.note is None] == []
    assert {grant.object for grant in pack.grants} <= {*pack.entities, *OBJECTS}


def test_what_stands_twice_in_the_grants_is_a_mistake(pack: Pack) -> None:
    lines = [(g.effect, g.role, g.action, g.object, g.category, g.slice, g.start) for g in pack.grants]
    assert len(lines) == len(set(lines))
