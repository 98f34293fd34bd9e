"""A Passage to the same one with the terms of every condition that is not true, as far as the asker may know them."""

from __future__ import annotations

from dataclasses import replace

from salesrules.expr.reading import Scope
from salesrules.expr.syntax import Expression
from salesrules.meaning.terms import terms_in
from salesrules.pack.stages import Process
from salesrules.run.decided import Asked
from salesrules.run.lines import term_here
from salesrules.work.asker import Asker
from salesrules.work.passage import Passage, Unmet

_GATE = frozenset({"user", "post", "state"})


def with_terms(asker: Asker, process: Process, found: Passage) -> Passage:
    """The same passage, in which each condition says which of its terms are not true, and from which values."""
    told = tuple(_told(asker, process, found, each) for each in found.unmet)
    return replace(found, unmet=told)


def _told(asker: Asker, process: Process, found: Passage, each: Unmet) -> Unmet:
    condition = condition_of(process, each)
    if condition is None:
        return each
    asked = Asked(asker.principal, asker.principal, "advance", found.entity, found.key, ("*",))
    scope = Scope(asker.snapshot.program.meanings.vocabulary, found.entity, _GATE)
    terms = [
        term_here(asker.states.engine, asker.snapshot, asked, asker.principal.hats[0], term)
        for term in terms_in(condition, scope).terms
    ]
    wanted = each.what == "skip"  # there it is what is true that stands in the way
    return replace(each, terms=tuple(term for term in terms if (term.holds is True) == wanted))


def condition_of(process: Process, unmet: Unmet) -> Expression | None:
    """The condition that is not as it should be, where it is one."""
    if unmet.what == "elsewhere":
        return process.when
    stage = next((stage for stage in process.stages if stage.id == unmet.id), None)
    if stage is None:
        return None
    return {"exit": stage.exit_when, "enter": stage.enter_when, "skip": stage.skip_when}.get(unmet.what)
