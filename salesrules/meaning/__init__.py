"""Pack to Meanings: the vocabulary of the pack, and every expression of it resolved once in its own scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from salesrules.expr.kinds import Vocabulary
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Typed
from salesrules.issue import Issue
from salesrules.meaning.asked import Asked
from salesrules.meaning.computed import Computation, computations
from salesrules.meaning.figures import figures
from salesrules.meaning.places import active, conditions, dates, formulas
from salesrules.meaning.slices import slice_meanings
from salesrules.meaning.vocabulary import PERSON, vocabulary_of
from salesrules.pack.pack import Pack

__all__ = ["PERSON", "Meanings", "meanings_of"]
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the expressions of a pack mean.

    Slices by slice and entity; formulas and dates by KPI; what makes a record active by entity; and every
    other expression by itself, as the noun holds it. `computed` are the fields that no column holds, each after
    those that it reads.
    """

    vocabulary: Vocabulary
    slices: Mapping[tuple[str, str], Typed]
    formulas: Mapping[str, Typed]
    dates: Mapping[str, Typed]
    active: Mapping[str, Typed]
    conditions: Mapping[Expression, Typed]
    computed: tuple[Computation, ...]


def meanings_of(pack: Pack, vocabulary: Vocabulary | None = None) -> tuple[Meanings, list[Issue]]:
    """Resolve every expression of the pack; those with issues are missing from the result.

    Args: vocabulary: the names that they may use, those of the pack itself if there is none.
    """
    vocabulary = vocabulary or vocabulary_of(pack)
    others = chain(conditions(pack, vocabulary), figures(pack, vocabulary))
    slices, issues = slice_meanings(pack, vocabulary)
    known = _resolved(((asked.expression, asked) for asked in others), issues)
    computed, circles = computations(pack, known)
    issues.extend(circles)
    return Meanings(
        vocabulary,
        slices,
        formulas=_resolved(formulas(pack, vocabulary), issues),
        dates=_resolved(dates(pack, vocabulary), issues),
        active=_resolved(active(pack, vocabulary), issues),
        conditions=known,
        computed=computed,
    ), issues


def _resolved(wanted: Iterable[tuple[K, Asked]], issues: list[Issue]) -> dict[K, Typed]:
    found = {}
    for key, asked in wanted:
        tree, wrong = resolve(asked.expression, asked.scope, asked.kind)
        issues.extend(wrong)
        if tree is not None:
            found[key] = tree
    return found
