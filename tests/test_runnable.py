"""All that a slice, a KPI and `active_when` can say: it is answered, or the pack is refused beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesrules.expr.calls import functions
from salesrules.issue import AccessDenied, PackError, QuestionError
from salesrules.meaning.reads import Read
from salesrules.overseeing import Overseer
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from salesrules.workspace import Workspace
from tests import working_company
from tests.related_company import DAY, LABEL, PEOPLE, company, write, write_csv

RUNS, NOT_YET, LATER = [], ["run.not_yet"], ["run.kpi_not_yet"]
OTHER = ["expr.unknown_field"]
# where it stands, what is said there, and the codes of what is wrong with it
CASES: list[tuple[str, str, list[str]]] = [
    ("slice", "owner = user", RUNS),
    ("slice", "owner is not null and owner.region is null", RUNS),
    ("slice", "credit + 1 > 2 or -credit < 0 or abs(credit) <= 3 or score * 2 > score / 2", RUNS),
    ("slice", "round(1.5) = 2 or credit between 1 and 2 or credit in (1, 2) or nullif(credit, 1) = 2", RUNS),
    ("slice", "case when credit > 1 then true else false end", RUNS),
    ("slice", "coalesce(credit, 0) = least(credit, 2) or greatest(credit, 1) = 3", RUNS),
    ("slice", "id = id and lower(owner.region) = 'east'", ["expr.wrong_argument"]),
    ("slice", "within(region, post.region) or within(region, user.region) or within(region, ('east', '上海'))", RUNS),
    ("slice", "reports_to(owner, user) or reports_to(owner, user, 2) or reports_to(owner, user.boss)", RUNS),
    ("slice", "slice(every) and not slice(every)", RUNS),
    ("slice", "day(called_at) = today() or year(today()) = 2026 or month(today()) = 3 or quarter(today()) = 1", RUNS),
    ("slice", "fiscal_year(today()) = 2026 or fiscal_quarter(today()) = 1 or fiscal_month(today()) = 3", RUNS),
    ("slice", "date_trunc('week', today()) < today() + 3d or today() - 1mo < date '2026-01-01'", RUNS),
    ("slice", "days_between(today(), date '2026-01-01') > 3 or add_days(today(), 3) > today()", RUNS),
    ("slice", "called_at + 4h > timestamp '2026-01-01 09:00'", RUNS),
    ("slice", "some(team, person = user) or count(team) > 1 or count(team, share > 10%) = 1", RUNS),
    ("slice", "some(team, person.boss = user.boss and reports_to(person, user))", RUNS),
    ("slice", "some(visits, by = user or made_on > today() or within(by.region, post.region))", RUNS),
    ("slice", "some(team, slice(every)) or some(owner.owned, id is not null)", ["expr.unknown_many"]),
    ("slice", "some(team, slice(every))", RUNS),
    ("slice", "some(team, slice(teamed))", NOT_YET),
    ("slice", "some(user.papers, kind = 'fund')", NOT_YET),
    ("slice", "some(post.person.papers, kind = 'fund')", NOT_YET),
    ("slice", "limit(region, post.role) > credit or limit('east', 'rep') = 5", RUNS),
    ("slice", "some(team, limit(person.region, post.role) > 3)", RUNS),
    ("slice", "post.role = 'rep' and post.person = user and post.person.boss = owner", RUNS),
    ("slice", "post.from < today() and (post.to is null or post.to > today())", RUNS),
    ("slice", "on_leave(owner, today())", NOT_YET),
    ("slice", "today() + 3wd > date '2026-01-01'", RUNS),
    ("slice", "today() + wait(region) > today()", ["expr.cannot_move"]),
    ("slice", "'x' in tags", NOT_YET),
    ("slice", "tags is null", NOT_YET),
    ("slice", "wait(region) is null", NOT_YET),
    ("slice", "now() > called_at", ["expr.now_not_here"]),
    ("slice", "state.owner = user", OTHER),
    ("slice", "candidate = user", OTHER),
    ("slice", "prior(total) > 1", ["expr.aggregate_not_here"]),
    ("slice", "sum(credit) > 1", ["expr.aggregate_not_here"]),
    ("active", "region is not null and today() > date '2020-01-01' and within(region, 'east')", RUNS),
    ("active", "boss is null or boss.region is not null or reports_to(id, boss)", RUNS),
    ("active", "limit(region, 'rep') > 0", RUNS),
    ("active", "some(papers, kind = 'fund')", NOT_YET),
    ("active", "on_leave(id, today())", NOT_YET),
    ("active", "today() + 3wd > date '2020-01-01'", RUNS),
    ("active", "id = user", OTHER),
    ("quality", "some(team, person.region is not null) or credit > limit(region, 'rep')", RUNS),
    ("quality", "reports_to(owner, owner.boss) or within(region, 'east') or today() + 3wd > day(called_at)", RUNS),
    ("quality", "called_at <= now()", ["expr.now_not_here"]),
    ("quality", "owner = user or region = post.region", OTHER),
    ("quality", "slice(every)", ["expr.unknown_slice"]),
    ("quality", "tags is not null", NOT_YET),
    ("kpi", "sum(credit) / count(*)", RUNS),
    ("kpi", "count(distinct owner) + count(region)", RUNS),
    ("kpi", "avg(credit) + min(credit) + max(score) + median(credit) + quantile(credit, 90%)", RUNS),
    ("kpi", "sum(credit) filter (where within(region, 'east') and owner.region is not null)", RUNS),
    ("kpi", "sum(credit) filter (where some(team, share > 10%)) / sum(count(team))", RUNS),
    ("kpi", "count(*) filter (where day(called_at) < today() and called_at < timestamp '2026-03-15 00:00')", RUNS),
    ("kpi", "count(*) filter (where credit > limit(region, 'rep'))", RUNS),
    ("kpi", "sum(credit) * limit('east', 'rep')", RUNS),
    ("kpi", "max(limit(region, 'boss'))", RUNS),
    ("kpi", "count(*) filter (where called_at + 4wh - 3wh < timestamp '2026-03-17 10:00')", RUNS),
    ("kpi", "count(team)", NOT_YET),
    ("kpi", "count(*) filter (where some(visits, made_on > today()))", NOT_YET),
    ("kpi", "count(*) filter (where some(team, person.region is null))", NOT_YET),
    ("kpi", "count(*) filter (where some(team, person = 'rep' and reports_to(person, 'boss')))", NOT_YET),
    ("kpi", "count(*) filter (where on_leave(owner, today()))", NOT_YET),
    ("kpi", "count(tags)", NOT_YET),
    ("kpi", "count(*) + days_between(period_start(), period_end())", NOT_YET),
    ("kpi", "sum(credit) / total", NOT_YET),
    ("kpi", "count(*) - prior(total)", NOT_YET),
    ("kpi", "count(*) filter (where owner = user)", OTHER),
    ("figures", "total - same_period_last_year(total)", LATER),
    ("figures", "ytd(total) / rolling(total, 3) + target(total)", LATER),
    ("figures", "attainment(total)", LATER),
    ("figures", "1", LATER),
    ("date", "day(called_at)", RUNS),
    ("date", "day(called_at) + 3wd", RUNS),
]
NOT_FOR_ROWS = {"like", "normalize", "upper"}  # text functions, of which `lower` stands for all
NOT_FOR_ROWS |= {"handover", "owner_at", "working_now"}  # the language has them for credits and candidates only


def opened(place: str, text: str, root: Path) -> Workspace:
    """A workspace in which an expression on customers stands at a place."""
    slices = {"every": {}, "teamed": {"customer": "some(team, share is null)"}, "asked": {}}
    figure: dict[str, Any] = {"label": LABEL, "of": "customer", "unit": "x"}
    kpis = {"total": {**figure, "formula": "sum(credit)"}, "asked": {**figure, "formula": "sum(credit)"}}
    active = quality = None
    match place:
        case "slice":
            slices["asked"]["customer"] = text
        case "active":
            active = text
        case "quality":
            quality = text
        case "kpi":
            kpis["asked"]["formula"] = text
        case "figures":
            kpis["asked"] = {"label": LABEL, "unit": "x", "formula": text}
        case "date":
            kpis["asked"]["date"] = text
    grants = [
        f"allow,{role},{action},{on}"
        for role in ("rep", "boss")
        for action in ("read", "aggregate")
        for on in ("customer,*,asked", "person,*,every")
    ]
    return Workspace.open(write(root, company(1), slices, grants, kpis, active, quality=quality))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workspace stands: its rules are written anew for each case, and its rows are the same."""
    return tmp_path_factory.mktemp("ground")


@pytest.mark.parametrize(("place", "text", "codes"), CASES, ids=[f"{place}: {text}" for place, text, _ in CASES])
def test_it_runs_or_the_pack_is_refused(place: str, text: str, codes: list[str], ground: Path) -> None:
    if codes == LATER:  # the pack loads, the one figure is refused
        workspace = opened(place, text, ground)
        with pytest.raises(QuestionError, match=r"ask\.kpi_not_yet"):
            workspace.kpi(workspace.person(PEOPLE[0], DAY), "asked")
        return
    if codes:
        with pytest.raises(PackError) as refused:
            opened(place, text, ground)
        assert sorted({issue.code for issue in refused.value.issues}) == codes
        assert all(issue.span.line > 1 and issue.span.column > 1 for issue in refused.value.issues)
        return
    workspace = opened(place, text, ground)
    assert [rule.asked for rule in Overseer(workspace).quality().rules] == (
        [len(company(1)["customer"])] * (place == "quality")
    )
    for person in PEOPLE:
        try:
            asker = workspace.person(person, DAY)
        except AccessDenied:
            assert place == "active"
            continue
        keys = set(workspace.see(asker, "customer", limit=1000).keys)
        assert workspace.kpi(asker, "asked", ("region",)).rows[-1][-1] == len(keys)
        for key in [row["id"] for row in company(1)["customer"]]:
            assert decided(workspace, asker, key) == (key in keys)


def decided(workspace: Workspace, asker: Any, key: str) -> bool:
    try:
        return workspace.can(asker, "read", "customer", key)
    except AccessDenied:
        return False


def test_every_function_of_the_language_is_among_the_cases() -> None:
    said = " ".join(text for _, text, _ in CASES)
    assert {name for name in functions() if f"{name}(" not in said} - NOT_FOR_ROWS == set()


def test_a_table_beside_a_record_must_be_bound(tmp_path: Path) -> None:
    root = write(tmp_path, company(1), {"asked": {}}, ["allow,rep,read,customer,*,asked"])
    settings = root / "salesrules.toml"
    settings.write_text(settings.read_text("utf-8").replace("sources.data.customer_team", "sources.data.elsewhere"))
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [(issue.code, issue.words["entity"]) for issue in refused.value.issues] == [
        ("source.unbound", "customer_team")
    ]


def test_a_table_beside_a_record_has_all_its_columns(tmp_path: Path) -> None:
    rows = company(1)
    rows["customer_team"] = [{"customer": row["customer"], "person": row["person"]} for row in rows["customer_team"]]
    with pytest.raises(PackError) as refused:
        Workspace.open(write(tmp_path, rows, {"asked": {}}, ["allow,rep,read,customer,*,asked"]))
    assert [(issue.code, issue.words["name"]) for issue in refused.value.issues] == [("source.no_column", "share")]


@pytest.mark.parametrize(
    ("by", "fields", "codes"),
    [
        ("custmer", {}, ["entity.unknown_field"]),
        ("customer", {"mode_on": "date"}, ["entity.unknown_field"]),
        ("by", {}, ["entity.points_elsewhere"]),
        ("made_on", {}, ["entity.points_elsewhere"]),
        ("customer", {"made_on": "date"}, []),
    ],
)
def test_records_beside_a_record_point_at_it(by: str, fields: dict[str, str], codes: list[str], tmp_path: Path) -> None:
    many = {"customer": {"visits": {"from": "visit", "by": by, "fields": fields}}}
    root = write(tmp_path, company(1), {"asked": {}}, ["allow,rep,read,customer,*,asked"], many=many)
    found: list[str] = []
    try:
        Workspace.open(root)
    except PackError as refused:
        found = [issue.code for issue in refused.issues]
    assert found == codes


def test_a_table_may_be_called_like_one_of_ours(tmp_path: Path) -> None:
    rows = company(1)
    rows["posts"] = rows.pop("customer_team")
    many = {"customer": {"team": {"from": "posts", "by": "customer", "fields": {"person": "person"}}}}
    slices = {"asked": {"customer": "some(team, person is not null)"}}
    root = write(tmp_path, rows, slices, ["allow,rep,read,customer,*,asked"], many=many)
    write_csv(root / "team.csv", ["customer", "person"], [(r["customer"], r["person"]) for r in rows["posts"]])
    settings = root / "salesrules.toml"
    settings.write_text(settings.read_text("utf-8").replace('"posts.csv"', '"team.csv"'))
    workspace = Workspace.open(root)
    shown = workspace.see(workspace.person("P-1", DAY), "customer").keys
    assert set(shown) == {row["customer"] for row in rows["posts"] if row["customer"] and row["person"] in PEOPLE}


def test_a_figure_over_rows_beside_a_record_touches_the_category_of_its_key(tmp_path: Path) -> None:
    program = opened("kpi", "count(*) filter (where some(team, share > 10%))", tmp_path).snapshot.program
    assert program.measures["asked"].touched == {Read((), "customer", "basics")}


def test_a_stage_asks_only_for_what_runs(tmp_path: Path) -> None:
    def issues(condition: str) -> list[str]:
        root = working_company.make(tmp_path / condition.replace(" ", "_"))
        working_company.change(root, "agreed and amount > 0", condition, "rules/works/stages.yaml")
        read = read_program(read_settings(root))
        return [issue.text() for issue in read.issues if issue.code == "run.not_yet"]

    assert issues("state.since < today() and state.owner = user and owner = user") == []
    assert issues("reports_to(state.owner, user)") == ["`state` cannot be used in a stage yet"]
