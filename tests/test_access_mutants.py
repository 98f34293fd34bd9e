"""The comparison with the truth notices when access goes wrong: each small fault, put in on purpose, is caught."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from salesrules import compile as compiling
from salesrules.access import enforcer, snapshot, why
from salesrules.access.snapshot import Principal
from salesrules.expr import source as written
from salesrules.issue import EngineError
from salesrules.meaning import reads as cells
from salesrules.pack import policies
from salesrules.run import kinds, kpis, page, query, reads, shown, unread, withheld
from salesrules.sources.org import lookups, organisation
from salesrules.sources.rows import joins
from salesrules.workspace import Workspace
from tests import test_lookups, tiny_company
from tests.casbin_alone import MODEL
from tests.hard_worlds import hard_worlds
from tests.small_packs import SHAPE, small_world, write
from tests.truth import World
from tests.views import Views

TELLING = (0, 1, 8, 2, 7, 3, 6)  # the worlds that show a fault soonest


@cache
def worlds() -> dict[int, World]:
    found = [*map(small_world, range(3)), *hard_worlds(), *map(small_world, range(3, 8))]
    return {at: found[at] for at in (*TELLING, *(at for at in range(len(found)) if at not in TELLING))}


# where, what stands there, what is put instead
MUTANTS: list[tuple[Any, str, str, str]] = [
    (query.Query, "_cell", "IS TRUE", ""),
    (query.Query, "_cell", "IS TRUE", "IS NOT FALSE"),
    (query.Query, "_cell", "IS FALSE", "IS NOT TRUE"),
    (query.Query, "_cell", "if cell.denies else", "if False else"),
    (query.Query, "_cell", " AND (", " OR ("),
    (query.Query, "_any", " OR ", " AND "),
    (query.Query, "_line", "line.hat", "self._principal.hats[0]"),
    (query.Query, "allowed", 'action == "aggregate"', "False"),
    (query.Query, "allowed", 'action == "export"', "False"),
    (joins.Joins, "column", "LEFT JOIN", "JOIN"),
    (joins.Joins, "_place", "LEFT JOIN", "JOIN"),
    (snapshot.Snapshot, "_lines", "self._grants(hat.roles", "self._grants(frozenset([hat.post.role])"),
    (snapshot.Snapshot, "_lines", "for hat in principal.hats", "for hat in principal.hats[:1]"),
    (snapshot.Snapshot, "_grants", "grant.role in roles", "grant.role == min(roles)"),
    (snapshot.Snapshot, "_grants", "grant.object == entity", "True"),
    (snapshot.Snapshot, "_grants", "grant.action == action", "True"),
    (snapshot.Snapshot, "_grants", "(roles, entity, action)", "(roles, entity)"),
    (snapshot.Snapshot, "_lines", 'grant.category in ("*", category)', "True"),
    (snapshot.Snapshot, "_lines", 'in ("*", category)', "== category"),
    (snapshot.Snapshot, "_lines", "grant.on(principal.day)", "True"),
    (snapshot.Snapshot, "principal", "if post.on(day)", ""),
    (snapshot.Snapshot, "principal", "not self._active(person, day)", "False"),
    (snapshot.Snapshot, "cell", '== "allow"', '!= "deny" or True'),
    (snapshot.Snapshot, "cell", '== "deny"', '== "Deny"'),
    (snapshot.Snapshot, "value", "hat.post", "principal.hats[0].post"),
    (snapshot.Snapshot, "_about", "if row else", "if row and len(leaf.path) < 3 else"),
    (snapshot.Snapshot, "decision", "((True,), (True, None))", "((True,), (True,))"),
    (snapshot.Snapshot, "decision", "((True,), (True, None))", "((True, None), (True, None))"),
    (snapshot.Snapshot, "decision", "if line.hat is hat", ""),
    (
        snapshot.Snapshot,
        "decision",
        "self.value(principal, hat, leaf)",
        "self.value(principal, principal.hats[-1], leaf)",
    ),
    (why, "reason", "(allowed or readable)", "allowed"),
    (enforcer.Enforcer, "_enforcer", "and grant.on(day)", ""),
    (enforcer.Enforcer, "_ask", "for role in sorted(roles)", "for role in sorted(roles)[:1]"),
    (enforcer, "as_casbin", '.replace(":", "%3A")', ""),
    (
        enforcer.Enforcer,
        "allows",
        "action, category, held, maybe)",
        "action, category, held, held)",
    ),
    (policies.Grant, "on", "day < self.end", "day <= self.end"),
    (policies.Grant, "on", "self.start <= day", "self.start < day"),
    (policies.Grant, "on", "and (self.end", "or (self.end"),
    (policies.Slice, "on", "self.rows.get(Word(entity)) or ", ""),
    (organisation.Post, "on", "day < self.end", "day <= self.end"),
    (organisation.Post, "on", "self.start <= day", "self.start < day"),
    (compiling.Inclusions, "__getitem__", "found.add(name)", "found.add(name); break"),
    (cells, "_along", "if keys or step not in", "if not depth and step not in"),
    (cells, "_along", "if keys or step", "if step"),
    (cells, "_along", "upwards=True", "upwards=False"),
    (reads, "_open_at", "{first} <= {lft} AND", "{first} = {lft} AND"),
    (reads, "_open_at", "NOT EXISTS", "EXISTS"),
    (written, "_logic", '"or" if operator == "and" else "and"', "operator"),
    (written, "_condition", "False if {is_false} else None", "False"),
    (shown, "shown_by", '" OR ".join', '" AND ".join'),
    (page._Cells, "_open", "self.shown.groups(reads)", "()"),
    (reads, "needed", "(anything,)", "(frozenset([min(anything)]),)"),
    (reads, "met_on", '" AND ".join', '" OR ".join'),
    (query.Query, "open_at", "IS NULL OR", "IS NOT NULL AND"),
    (query.Query, "open_at", "{self.lost(at)}", "FALSE"),
    (query.Query, "open_at", "THEN {unknown}", "THEN TRUE"),
    (reads, "closed", "if not any(snapshot", "if not all(snapshot"),
    (query.Query, "_line", "CAST(NULL AS BOOLEAN)", "CAST(TRUE AS BOOLEAN)"),
    (kpis, "_told", "or row[-1]", ""),
    (kpis, "_told", "or row[-1]", "or True"),
    (kpis, "run_kpi", "measure.touched, *paths", "measure.touched"),
    (kpis, "run_kpi", "if gone.total", "if False"),
    (kpis, "run_kpi", "inside == read", "True"),
    (kpis, "_figures", 'f"grouping', 'f"-grouping'),
    (withheld, "withheld", "each.beyond or", "False or"),
    (withheld, "withheld", "each.alone or not", "not"),
    (withheld, "withheld", "not _told(let, each, known)", "False"),
    (withheld, "_told", "== group.hidden", "is not None"),
    (withheld, "_told", "() in let.groups and ", ""),
    (withheld, "_told", "not outside or", "True or"),
    (unread, "_label", "{met_on(query, cells, 'aggregate')}", "TRUE"),
    (unread, "unread_rows", "None if each in always else", "None if True else"),
    (kinds, "read_kinds", "* (stratum == at)", "+ 0"),
    (unread, "_values", "IS NOT NULL", "IS NULL OR TRUE"),
    (unread, "_conditions", "node.kind == BOOLEAN", "False"),
]
MODEL_MUTANTS = [
    (" && !some(where (p.eft == deny))", ""),
    ("some(where (p.eft == allow)) && ", ""),
    ("r.action == p.action && ", ""),
    ('p.category == "*" || ', ""),
    ('(p.category == "*" || r.category == p.category) && ', ""),
    ("in r.maybe", "in r.held"),
    ("in r.held", "in r.maybe"),
    (" && g(r.who, p.role)", ""),
    ('(p.role + ":" + p.slice) in r.held', 'p.slice != ""'),
]


LOOKUP_MUTANTS = [
    (lookups, "lookup_sql", '"v.rank"', '"-v.rank"'),
    (lookups, "lookup_sql", "{day} < v", "{day} <= v"),
    (lookups, "lookup_sql", "<= {day}) AND", "< {day}) AND"),
    (lookups, "lookup_sql", "<= k{at}.lft", "< k{at}.lft"),
    (lookups, "lookup_sql", "k{at}.lft) <= v", "k{at}.lft) >= v"),
    (lookups, "_most_specific", "max(held", "min(held"),
    (lookups, "_most_specific", "lft <= place[0]", "lft < place[0]"),
    (lookups.Lookups, "_function", "day < r.end", "day <= r.end"),
    (lookups.Lookups, "_function", "r.start <= day", "r.start < day"),
    (lookups.Lookups, "_function", "if keys not in found", "if not found"),
]


Look = Callable[[Views], Iterator[str]]


def caught(folder: Path, first: Look) -> bool:
    """Whether some view differs from the truth on some small pack; those are looked at first that are likely to."""
    return any(_differs(folder, look) for look in (first, Views.differences))


def _differs(folder: Path, look: Look) -> bool:
    for seed, world in worlds().items():
        root = folder / str(seed)
        if not root.exists():
            write(world, root)
        try:
            if next(look(Views(world, Workspace.open(root), seed)), None) is not None:
                return True
        except EngineError:  # the database cannot answer at all
            return True
    return False


def likely(owner: Any, name: str) -> Look:
    """The views that a fault in a function of the product is most likely to show in."""
    if owner in (kpis, withheld, kinds, unread, reads, cells) or name in ("cell", "_place", "open_at"):
        return _figures
    if owner in (page._Cells, shown):
        return _lists
    return Views.differences if owner is why or name == "_line" else _decisions


def _figures(views: Views) -> Iterator[str]:
    """Figures that differ from the truth."""
    for principal in _people(views):
        yield from views.kpis(principal)


def _lists(views: Views) -> Iterator[str]:
    """Pages that differ from the truth."""
    for principal in _people(views):
        for entity in SHAPE:
            yield from views.listing(principal, entity)


def _decisions(views: Views) -> Iterator[str]:
    """Decisions made ready for many rows that differ from the truth."""
    for principal in _people(views):
        for entity in SHAPE:
            yield from views.many_decisions(principal, entity)


def _strangers(views: Views) -> Iterator[str]:
    """Roles of others that let somebody in."""
    for principal in _people(views):
        for entity in SHAPE:
            yield from views.strangers(principal, entity)


def _people(views: Views) -> list[Principal]:
    return [found for person in views.world.rows["person"] if (found := views.principal(person)) is not None]


def mutated(owner: Any, name: str, old: str, new: str) -> Callable[..., Any]:
    """A function of the product with one piece of its text replaced."""
    source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
    assert source.count(old) >= 1, f"{name} has no {old}"
    module = inspect.getmodule(getattr(owner, name))
    assert module is not None
    made: dict[str, Any] = {}
    exec(f"from __future__ import annotations\n{source.replace(old, new, 1)}", vars(module), made)
    function: Callable[..., Any] = made[name]
    return function


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@pytest.mark.parametrize(("owner", "name", "old", "new"), MUTANTS, ids=[f"{m[1]}: {m[2]} -> {m[3]}" for m in MUTANTS])
def test_a_fault_is_caught(
    owner: Any, name: str, old: str, new: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = mutated(owner, name, old, new)
    original = getattr(owner, name)
    for module in [owner] if inspect.isclass(owner) else [owner, *users_of(original)]:
        monkeypatch.setattr(module, name, function)
    assert caught(folder, likely(owner, name))


def test_a_fault_in_what_exporting_needs_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = "allow,rep,read,customer,basics,my_patch,,,"
    workspace = Workspace.open(
        tiny_company.make(
            tmp_path, {"policies/tiny/grants.csv": {allowed: f"{allowed}\nallow,rep,export,customer,*,my_patch,,,"}}
        )
    )
    rep = workspace.person("P-1")
    keys = workspace.see(rep, "customer").keys
    before = [workspace.can(rep, "export", "customer", key, "phone") for key in keys]
    assert set(before) == {True, False}  # the phones that are not read stay here, whatever may be exported
    function = mutated(why, "reason", "(allowed and readable)", "allowed")
    for module in users_of(why.reason):
        monkeypatch.setattr(module, "reason", function)
    assert [workspace.can(rep, "export", "customer", key, "phone") for key in keys] != before


@pytest.mark.parametrize(
    ("owner", "name", "old", "new"), LOOKUP_MUTANTS, ids=[f"{m[1]}: {m[2]} -> {m[3]}" for m in LOOKUP_MUTANTS]
)
def test_a_fault_in_value_tables_is_caught(
    owner: Any, name: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = mutated(owner, name, old, new)
    for module in [owner] if inspect.isclass(owner) else [owner, test_lookups]:
        monkeypatch.setattr(module, name, function, raising=False)
    with pytest.raises((AssertionError, KeyError)):  # a wrong value, or one kept for other keys
        test_lookups.test_the_most_specific_row_of_the_day_is_found(tmp_path)


def users_of(function: Any) -> list[Any]:
    """The modules that took a function over by name."""
    import sys

    modules = [module for name, module in sys.modules.items() if name.startswith("salesrules.")]
    return [module for module in modules if getattr(module, function.__name__, None) is function]


@pytest.mark.parametrize(("old", "new"), MODEL_MUTANTS)
def test_a_fault_in_the_model_is_caught(
    old: str, new: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = MODEL.read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "model.conf").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(enforcer, "shipped", lambda _: tmp_path)
    assert caught(folder, _strangers if "r.who" in old else _decisions)
