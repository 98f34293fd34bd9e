"""What was noted while sources were read to a warning about each table of which much was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Issue, Span
from salesrules.sources.notes.reads import READ

MUCH = Fraction(1, 5)  # of the rows of a table; fewer are told one by one, and more change what every answer means


def much_left_out(engine: Engine, entities: Iterable[str], places: Mapping[str, Span]) -> Iterator[Issue]:
    """A warning for each entity of whose rows more than a share is not there. Args: places: where each is bound."""
    for entity in entities:
        ((read,),) = engine.rows(f"SELECT coalesce(sum(rows), 0) FROM {quoted(READ)} WHERE what = {literal(entity)}")
        ((kept,),) = engine.rows(f"SELECT count(*) FROM {quoted(entity)}")
        if read and Fraction(int(read) - int(kept), int(read)) > MUCH:
            words = {"entity": entity, "left": f"{int(read) - int(kept):,}", "rows": f"{int(read):,}"}
            yield Issue("source.much_left_out", places[entity], words)
