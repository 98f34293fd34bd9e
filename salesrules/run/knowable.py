"""An expression about a person and a record to whether an asker may know what it says there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.typed import Constant, Leaf, Lookup, Related, Typed, leaves, nodes
from salesrules.meaning import PERSON
from salesrules.meaning.reads import Read, reads_of
from salesrules.pack.pack import Pack
from salesrules.run.query import Query
from salesrules.run.reads import open_on

KNOWING = ("read", "audit")
"""The actions either of which lets a person know a cell."""


def known_on(query: Query, reads: Iterable[Read]) -> str:
    """A condition that is true where the asker of the query may know all these cells, else false."""
    either = (" OR ".join(f"({open_on(query, [read], action)})" for action in KNOWING) for read in sorted(reads))
    return " AND ".join(f"({each})" for each in either) or "TRUE"


def reads_of_person(pack: Pack, tree: Typed) -> frozenset[Read]:
    """The cells that an expression uses of the person who stands behind `user` and `post`."""
    found: set[Read] = set()
    for leaf in leaves(tree):
        if leaf.root == "user" or (leaf.root == "post" and leaf.path[0] == "person"):
            path = leaf.path if leaf.root == "user" else leaf.path[1:]
            path = path or (pack.entities[PERSON].key[0],)
            found |= reads_of(pack, PERSON, replace(leaf, root="row", path=path))
    return frozenset(found)


def beyond_one_record(snapshot: Snapshot, asker: Principal, tree: Typed) -> bool:
    """Whether an expression hangs on more than cells along paths: on records beside, which the asker may not know.

    That some record is there, or is not, is known to those who may audit all records of its kind.
    """
    pack = snapshot.program.pack
    for node in nodes(tree):
        if isinstance(node, Lookup) and node.table not in pack.tables:
            return True
        if isinstance(node, Related):
            if node.rows.root != "row":
                return True
            if not all(_audits_all(snapshot, asker, *cell) for cell in _beside(pack, node)):
                return True
    return False


def _beside(pack: Pack, node: Related) -> Iterator[tuple[str, str]]:
    """The categories that a condition on rows beside a record reads, each as (entity, category).

    Columns of a table that is no entity are of the category of the record, which is asked about on its own.
    """
    own = [leaf for leaf in leaves(node.where) if leaf.root == "many"]
    if node.entity in pack.entities:
        fields = pack.entities[node.entity].fields
        yield from ((node.entity, fields[name].category) for name in (*pack.entities[node.entity].key, node.by))
        for leaf in own:
            used = reads_of(pack, node.entity, replace(leaf, root="row"))
            yield from ((read.entity, read.category) for read in used)
        return
    for leaf in own:
        if len(leaf.path) > 1 or leaf.part != "value":  # it leads to records that have cells of their own
            yield from ((of, field.category) for of in pack.entities for field in pack.entities[of].fields.values())


def _audits_all(snapshot: Snapshot, asker: Principal, entity: str, category: str) -> bool:
    cell = snapshot.cell(asker, entity, "audit", category)
    return not cell.denies and any(line.condition == Constant(line.condition.kind, True) for line in cell.allows)


def shown_leaves(tree: Typed) -> tuple[Leaf, ...]:
    """What an expression reads of the record, each field once, as values that people can look up."""
    found = (leaf for leaf in leaves(tree) if leaf.root == "row" and not leaf.part.startswith("many "))
    return tuple(dict.fromkeys(replace(leaf, part="value") for leaf in found))
