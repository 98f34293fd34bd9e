"""Facts to an append-only log that several processes share, and back: what happened, and why it was decided so."""

from salesrules.store.chain import as_json
from salesrules.store.databases import open_database
from salesrules.store.facts import Batch, Decision, Event
from salesrules.store.log import Store
from salesrules.store.verify import Verdict
from salesrules.store.wanted import Wanted

__all__ = ["Batch", "Decision", "Event", "Store", "Verdict", "Wanted", "as_json", "open_store"]


def open_store(place: str) -> Store:
    """The store behind a database URL or in the SQLite file of a path; an empty one is made ready to be written.

    Raises: EngineError if the database refuses, or was written by a newer version of the product.
    """
    return Store(open_database(place))
