"""The door to who has what: pools, and every way in which a record goes from nobody or somebody to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from unicodedata import normalize

from salesrules.expr.sql import literal
from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span, nearest
from salesrules.meaning import PERSON
from salesrules.pack.assignment import Conflict
from salesrules.pack.pools import Pool
from salesrules.store import Event
from salesrules.work.conflict.case import Case, Party
from salesrules.work.conflict.cases import as_of_today, contested, open_cases
from salesrules.work.conflict.found import conflicts_of, running
from salesrules.work.conflict.judging import judges, told, verdict
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.work.pool.change import Against, Do, Offer, OwnerChange
from salesrules.work.pool.changes import changes, offers
from salesrules.work.pool.desk import Desk
from salesrules.work.pool.events import changed_hands
from salesrules.work.pool.looking import may_look
from salesrules.work.pool.looks import Looks, is_capped, looks
from salesrules.work.pool.runs import cannot_run
from salesrules.work.pool.situation import pools_of
from salesrules.working import Working
from salesrules.workspace import Answer, Principal

# what comes through the door
__all__ = [
    "Against",
    "Case",
    "Looks",
    "Offer",
    "Offers",
    "OwnerChange",
    "Party",
    "Pool",
    "Pooling",
    "Principal",
    "is_capped",
]


@dataclass(frozen=True, slots=True)
class Offers:
    """What waits in a pool for one who looks in: how many records in all, a page of them, and what they show.

    `shown` has the cells that the person reads, by key; what is kept back until the claim is hidden there as anywhere.
    `kept` says how many of the page are not shown because the person has looked at enough that day.
    """

    pool: Pool
    total: int
    claimable: int
    offers: tuple[Offer, ...]
    shown: Answer
    kept: Looks | None = None


@dataclass(frozen=True, slots=True)
class Pooling:
    """An open workspace with its log; whoever takes or gives something is asked for."""

    working: Working

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Pooling:
        """Open a workspace and its store; raises as `Working.open`."""
        return cls(Working.open(root, name))

    def pool(self, principal: Principal, name: str, limit: int | None = 50, offset: int = 0) -> Offers:
        """A page of what waits in a pool, of the parts and records that the person may look at.

        Raises: QuestionError if there is no such pool, or it cannot run.
        """
        must_be_oneself(principal)
        pool = self._pool(name)
        self.working.states.refresh()
        found = offers(self._desk(principal, principal, str(pool.entity)), pool)
        page = found[offset:] if limit is None else found[offset : offset + limit]
        claimable, kept = sum(not offer.against for offer in found), None
        if looked := self._look(principal, str(pool.entity), [offer.key for offer in page]):
            page, kept = [offer for offer in page if offer.key not in looked.kept], looked if looked.kept else None
        return Offers(pool, len(found), claimable, tuple(page), self._shown(principal, pool, page), kept)

    def counted(self, principal: Principal, answer: Answer) -> tuple[Answer, Looks | None]:
        """A list without the records in pools that are beyond what the person may look at that day, and these.

        What is shown of them counts as looked at.
        """
        looked = self._look(principal, answer.entity, answer.keys)
        if looked is None or not looked.kept:
            return answer, None
        shown = [(key, row) for key, row in zip(answer.keys, answer.rows, strict=True) if key not in looked.kept]
        return replace(answer, keys=tuple(key for key, _ in shown), rows=tuple(row for _, row in shown)), looked

    def look_at(self, principal: Principal, entity: str, key: str) -> None:
        """Count that a person looks at a record, if it waits in a pool that counts.

        Raises: AccessDenied beyond what the person may look at that day.
        """
        looked = self._look(principal, self.working.workspace.named("entity", entity), [normalize("NFC", key)])
        if looked is not None and looked.kept:
            raise AccessDenied([Issue("pool.looked_enough", Span(key), self.kept_words(looked))])

    def kept_words(self, looked: Looks) -> dict[str, str]:
        """What is said of records that are kept back."""
        opens = looked.opens.replace(tzinfo=UTC).astimezone(self.working.zone).strftime("%Y-%m-%d %H:%M")
        return {"count": str(len(looked.kept)), "limit": str(looked.limit or 0), "opens": opens}

    def _look(self, principal: Principal, entity: str, keys: Sequence[str]) -> Looks | None:
        """Note the looks that are new; None where no pool of the entity counts them."""
        working = self.working
        if not keys or not is_capped(working.workspace.snapshot, entity):
            return None
        with working.alone():
            about = working.states, working.workspace.snapshot, principal, entity, keys, working.times, working.now()
            looked = looks(*about)
            working.write(looked.events(entity, principal.actor, working.now(), working.release))
        return looked

    def claim(
        self, principal: Principal, entity: str, keys: Sequence[str], dry: bool = False
    ) -> tuple[OwnerChange, ...]:
        """Take records out of their pool: each that may be had is, and each that may not says all that is against it.

        Raises: QuestionError if the entity has no pool that runs; AccessDenied for a record that is not there or may
            not be known.
        """
        return self._change(principal, principal, entity, keys, "claim", dry)

    def assign(
        self, principal: Principal, entity: str, keys: Sequence[str], to: str, dry: bool = False
    ) -> tuple[OwnerChange, ...]:
        """Give records out of their pool to a person, as its manager; otherwise as `claim`.

        Raises: QuestionError if `to` is nobody who works here.
        """
        return self._change(principal, self._receiver(principal, to), entity, keys, "assign", dry)

    def give_back(
        self, principal: Principal, entity: str, keys: Sequence[str], dry: bool = False
    ) -> tuple[OwnerChange, ...]:
        """Put records back into the pool that they came from; otherwise as `claim`."""
        return self._change(principal, principal, entity, keys, "return", dry)

    def transfer(
        self, principal: Principal, entity: str, keys: Sequence[str], to: str, dry: bool = False
    ) -> tuple[OwnerChange, ...]:
        """Give records of one owner to another; otherwise as `assign`."""
        return self._change(principal, self._receiver(principal, to), entity, keys, "transfer", dry)

    def pools(self) -> tuple[Pool, ...]:
        """Every pool of the pack."""
        return tuple(self.working.workspace.pack.pools.values())

    def open_to(self, principal: Principal) -> tuple[Pool, ...]:
        """The pools that run and that the person may look into, whether or not anything waits there."""
        must_be_oneself(principal)
        working = self.working
        working.states.refresh()
        readable, pack = working.workspace.entities(principal), working.workspace.pack
        found = [pool for pool in self.pools() if pool.entity in readable and not any(cannot_run(pack, pool))]
        about = working.states, working.workspace.snapshot, principal
        return tuple(pool for pool in found if may_look(*about, pool))

    def receivers(self, principal: Principal) -> tuple[str, ...]:
        """Who holds a post today, by id, of the people whose records the person reads."""
        must_be_oneself(principal)
        workspace = self.working.workspace
        if PERSON not in workspace.entities(principal):
            return ()
        (key,) = workspace.pack.entities[PERSON].key
        held = {post.person for post in workspace.posts()}
        return tuple(id for id in workspace.see(principal, PERSON, None, columns=key).keys if id in held)

    def _change(
        self, asker: Principal, receiver: Principal, entity: str, keys: Sequence[str], do: Do, dry: bool
    ) -> tuple[OwnerChange, ...]:
        must_be_oneself(asker)
        entity = self._entity(entity)
        working = self.working
        with working.alone(dry, entity, keys):
            desk = self._desk(asker, receiver, entity, keys)
            found, now, release = changes(desk, do), working.now(), working.release
            events = [
                changed_hands(change, at.owner, asker.id, now, release) for change, at in found if not change.against
            ]
            conflict = working.workspace.pack.conflicts.get(entity)
            if conflict is not None and do in ("claim", "assign"):
                events += contested(working.states, conflict, desk.cases, now, release)
            working.write([] if dry else events)
        return tuple(replace(change, done=not dry and not change.against) for change, _ in found)

    def conflicts(self, principal: Principal) -> tuple[Case, ...]:
        """Every open conflict that the person judges, in full, or is on a side of: then without the other sides."""
        must_be_oneself(principal)
        self.working.states.refresh()
        about = self.working.states, self.working.workspace.snapshot, principal
        found = (told(*about, conflict, case) for conflict in self._judged() for case in self._open(conflict))
        return tuple(case for case in found if case is not None)

    def judge(self, principal: Principal, case: str, to: str, note: str = "") -> tuple[Event, ...]:
        """Give every record of a conflict to one of its sides.

        Raises: QuestionError if `to` is on no side; AccessDenied, in the same words, for a case that is not there and
            for one that the person does not judge.
        """
        must_be_oneself(principal)
        working = self.working
        with working.alone():
            about = working.states, working.workspace.snapshot, principal
            found = [
                each
                for conflict in self._judged()
                for each in self._open(conflict)
                if each.id == case and judges(*about, conflict, each)
            ]
            if not found:
                raise AccessDenied([Issue("conflict.unknown", Span(case), {"id": case})])
            sides = sorted({party.person for party in found[0].parties})
            if to not in sides:
                words = {"person": to, "sides": Several.of(sides)}
                raise QuestionError([Issue("conflict.no_side", Span("--to"), words)])
            events = tuple(verdict(found[0], to, principal.id, note, working.now(), working.release))
            working.write(events)
        return events

    def _judged(self) -> list[Conflict]:
        """The conflicts of the pack that run."""
        return running(self.working.workspace.snapshot)

    def _open(self, conflict: Conflict) -> list[Case]:
        """The open cases of an entity, as the rule favours sides on the day that it says."""
        working = self.working
        found = open_cases(working.states, conflict)
        if conflict.rule_of == "event_date":
            return found
        about = (working.states, working.workspace.snapshot, working.times, working.now())
        return [as_of_today(case, conflicts_of(*about, conflict)) for case in found]

    def _desk(self, asker: Principal, receiver: Principal, entity: str, keys: Sequence[str] | None = None) -> Desk:
        working = self.working
        return Desk(
            working.states, working.workspace.snapshot, working.times, working.now(), asker, receiver, entity, keys
        )

    def _pool(self, name: str) -> Pool:
        pools = self.working.workspace.pack.pools
        meant = [pool for pool in pools.values() if name in (pool.id, pool.label.en, pool.label.zh)]
        if len(meant) != 1:
            raise QuestionError([Issue("pool.unknown", Span(name), {"name": name}, near=nearest(name, pools))])
        self._must_run(meant)
        return meant[0]

    def _entity(self, name: str) -> str:
        workspace = self.working.workspace
        entity = workspace.named("entity", name)
        pools = pools_of(workspace.snapshot, entity)
        if not pools:
            raise QuestionError([Issue("pool.none", Span(entity), {"entity": entity})])
        self._must_run(pools)
        return entity

    def _must_run(self, pools: Sequence[Pool]) -> None:
        pack = self.working.workspace.pack
        issues = [Issue(code, pool.span, {"name": pool.id}) for pool in pools for code in cannot_run(pack, pool)]
        if issues:
            raise QuestionError(issues)

    def _receiver(self, principal: Principal, person: str) -> Principal:
        """Who is to have records; who is not there and who holds no post are one answer."""
        try:
            return self.working.workspace.person(person, principal.day)
        except AccessDenied:
            words = {"person": person, "day": principal.day.isoformat()}
            raise QuestionError([Issue("access.nobody_there", Span("--to"), words)]) from None

    def _shown(self, principal: Principal, pool: Pool, page: Sequence[Offer]) -> Answer:
        """The cells of a page that the person reads."""
        workspace = self.working.workspace
        (key,) = workspace.pack.entities[str(pool.entity)].key
        keys = ", ".join(literal(offer.key) for offer in page) or "''"
        return workspace.see(principal, str(pool.entity), None, where=f"{key} in ({keys})")
