"""One record decided for one person at 1,000 grants, against Casbin's `enforce` told which slices hold there."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from bench._timing import line, side_by_side
from salesrules.access.enforcer import Enforcer
from salesrules.access.snapshot import Snapshot
from salesrules.demo import make
from salesrules.expr.typed import Leaf
from salesrules.pack.policies import Grant
from salesrules.workspace import Workspace

GRANTS, RECORDS, TIMES = 1_000, 20, 200
DAY = date(2026, 6, 1)


def run() -> None:
    """A representative's customers: mine in full, those of the patch in part."""
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
        workspace = Workspace.open(Path(folder))
        program = workspace.snapshot.program
        grants = [grant for grant in program.pack.grants if grant.object == "customer"]
        other = [replace(grant, role=f"{grant.role} {n}") for n in range(GRANTS) for grant in grants]
        lines: tuple[Grant, ...] = (*grants, *other[: GRANTS - len(grants)])
        program = replace(program, pack=replace(program.pack, grants=lines))
        snapshot = Snapshot(program, workspace.snapshot.organisation)
        person = snapshot.principal(made.rep, DAY)
        cell = snapshot.cell(person, "customer", "read", "basics")
        decision = snapshot.decision(person, cell, "customer", "read", "basics")
        rows = _rows(workspace, decision.reads)
        enforcer = Enforcer(program)
        pairs = [entry.pair for entry in (*cell.denies, *cell.allows)]
        told = []
        for row in rows:
            held = frozenset(p for p, holds in zip(pairs, decision.holds(row), strict=True) if holds is True)
            maybe = frozenset(p for p, holds in zip(pairs, decision.holds(row), strict=True) if holds is not False)
            enforcer.allows(person.roles, DAY, "customer", "read", "basics", held, maybe)
            told.append(("hats:0", "customer", tuple(sorted(held)), tuple(sorted(maybe)), "basics", "read"))
        ((casbin),) = enforcer._enforcers.values()

        ours = [decision(row) for row in rows]
        assert ours == [casbin.enforce(*question) for question in told], "the two answer differently"
        assert len(casbin.get_policy()) >= GRANTS  # and beside the grants what pools keep back
        assert {True, False} == set(ours), "all rows have one answer"
        seconds, theirs = side_by_side(
            lambda: [decision(row) for _ in range(TIMES) for row in rows],
            lambda: [casbin.enforce(*question) for question in told],
            runs=5,
        )
        print(line(f"{RECORDS} records decided at {GRANTS:,} grants", seconds / TIMES, theirs, "Casbin's enforce"))
        each = seconds / TIMES / RECORDS
        print(f"  {each * 1e6:.2f} µs a record, {theirs * TIMES / seconds:,.0f} times as fast as enforce")


def _rows(workspace: Workspace, reads: tuple[Leaf, ...]) -> list[tuple[object, ...]]:
    """Some customers of the patch and some of elsewhere, as flat rows."""
    from salesrules.sources.rows.beside import tables_of
    from salesrules.sources.rows.joins import Joins

    joins = Joins(tables_of(workspace.pack), "customer", "t", workspace.snapshot.organisation.on(DAY))
    columns = ", ".join(joins.column(leaf.path, leaf.part) for leaf in reads)
    found = workspace.engine.rows(f"SELECT DISTINCT {columns} FROM {joins.clause} ORDER BY ALL")
    return [tuple(row) for row in found[:: max(1, len(found) // RECORDS)]][:RECORDS]
