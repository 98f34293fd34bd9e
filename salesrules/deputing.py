"""The door to who stands in for whom: a delegation of the pack's rules, and in whose place a person asks and acts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from unicodedata import normalize

from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span, must_be_known
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.policies import ACTIONS
from salesrules.pack.separation import Delegation
from salesrules.store import Event
from salesrules.work.kinds import BEGINS, DELEGATED, ENTITIES, ONLY, PERSON, UNTIL
from salesrules.work.lent_deeds import must_be_oneself, nobody_lends
from salesrules.work.signing import APPROVE
from salesrules.work.standing_in import (
    StandIn,
    in_place_of,
    kept_apart,
    lenders,
    lends,
    lends_now,
    lent,
    lent_signatures,
    stand_ins,
)
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace

__all__ = ["APPROVE", "Deputing", "StandIn"]


@dataclass(frozen=True, slots=True)
class Deputing:
    """An open workspace with its log; whoever lends something is asked for."""

    working: Working

    @property
    def _workspace(self) -> Workspace:
        return self.working.workspace

    def delegate(
        self,
        actor: Principal,
        giver: str,
        to: str,
        begins: date,
        until: date,
        only: Sequence[str] | None = (APPROVE,),
        entities: Sequence[str] = (),
        dry: bool = False,
        said_by: str | None = None,
    ) -> StandIn:
        """Let somebody act in the place of another on the days in `[begins, until)`, by the first rule that allows it.

        What was said before of these two people no longer counts; with `until` not after `begins` it ends on that day.
        Args: only: the actions, all of which the rule has to lend, None for all that it lends. entities: for which
            records; all without. dry: whether to write nothing. said_by: who said so, where it was not the actor.
        Raises: QuestionError with everything that is wrong with it; AccessDenied for an actor who may not allow it.
        """
        must_be_oneself(actor)
        for action in only or ():
            must_be_known("action", action, ACTIONS)
        about = [self._workspace.named("entity", each) for each in entities]
        if until <= begins:
            return self._taken_back(actor, giver, to, until, dry)
        if until <= self.working.today():
            raise QuestionError([Issue("delegation.past", Span("--until"), {"until": until.isoformat()})])
        who, taker = self._at_work(giver, begins, "GIVER"), self._at_work(to, begins, "--to")
        if who.id == taker.id:
            raise QuestionError([Issue("delegation.to_oneself", Span("--to"), {"person": to})])
        rule, lender = self._rule(who, taker, only, about)
        self._must_allow(actor, rule, who, taker, begins, until)
        assert lender.lent is not None
        actions = tuple(action for action in ACTIONS if action in lender.lent.actions)
        found = StandIn(who.id, taker.id, rule.id, begins, until, tuple(about), actions)
        with self.working.alone(dry):  # else two who lend at once would not see each other
            self._must_keep_apart(rule, lender, taker, begins, until)
            self.working.write([] if dry else [self._event(found, said_by or actor.id)])
        return found

    def _event(self, said: StandIn, by: str) -> Event:
        """That somebody stands in, or no longer does."""
        days = {BEGINS: said.begins.isoformat(), UNTIL: said.until.isoformat()}
        what = {PERSON: said.taker, **days, ENTITIES: json.dumps(said.entities), ONLY: json.dumps(said.actions)}
        now, release = self.working.now(), self.working.release
        return Event(now, PEOPLE, said.giver, DELEGATED, by, what, said.rule, release)

    def _taken_back(self, actor: Principal, giver: str, to: str, until: date, dry: bool) -> StandIn:
        """End what was said of two people on a day, at the earliest today, whether or not it could be said again.

        Raises: AccessDenied for whoever is neither who lends nor has the role that has to agree, whether there is
            anything to end or not, and for the taker; QuestionError if nothing was said, or it is over by
            that day anyway.
        """
        pair, rules = (normalize("NFC", giver), normalize("NFC", to)), self._workspace.pack.delegation
        with self.working.alone(dry):
            said = [one for one in stand_ins(self.working.states) if (one.giver, one.taker) == pair]
            last = said[-1] if said and self.working.today() < said[-1].until else None
            by = [rules[last.rule]] if last is not None and last.rule in rules else [*rules.values()]
            if actor.id == pair[1] or not (actor.id == pair[0] or any(_agrees(rule, actor) for rule in by)):
                raise _not_yours(pair[0], None)
            ends = max(until, self.working.today())
            if last is None or last.until <= ends:
                words = {"giver": pair[0], "taker": pair[1], "day": ends.isoformat()}
                raise QuestionError([Issue("delegation.nothing_to_end", Span("--until"), words)])
            over = replace(last, begins=min(last.begins, ends), until=ends)
            self.working.write([] if dry else [self._event(over, actor.id)])
        return over

    def listed(self, principal: Principal) -> tuple[StandIn, ...]:
        """Every delegation that is not over, to a person or by a person, or that the person's role agrees to."""
        must_be_oneself(principal)
        self.working.states.refresh()
        rules = self._workspace.pack.delegation

        def concerns(one: StandIn) -> bool:
            agrees = one.rule in rules and rules[one.rule].approve in principal.roles
            return principal.id in (one.giver, one.taker) or agrees

        return tuple(one for one in stand_ins(self.working.states) if principal.day < one.until and concerns(one))

    def instead(self, principal: Principal, entity: str, key: str) -> tuple[StandIn, ...]:
        """In whose place a person could approve a record now."""
        must_be_oneself(principal)
        self.working.states.refresh()
        asker = self.working.asker(principal)
        return tuple(dict.fromkeys(one for one, _ in lent_signatures(asker, (entity, key))))

    def in_force(self, taker: Principal) -> tuple[StandIn, ...]:
        """In whose place a person can ask and act today, and how far."""
        must_be_oneself(taker)
        self.working.states.refresh()
        return tuple(one for one, _ in lenders(self.working.asker(taker)))

    def in_place_of(self, taker: Principal, giver: str) -> Principal:
        """Somebody in whose place a person asks and acts, with what is lent and nothing else, as of now.

        Raises: AccessDenied, in the same words, for somebody who is not there and for one who lends the person nothing.
        """
        must_be_oneself(taker)
        self.working.states.refresh()
        found = in_place_of(self.working.asker(taker), normalize("NFC", giver), self.working.today())
        if found is None:
            raise nobody_lends(giver)
        return found[1]

    def _at_work(self, person: str, day: date, where: str) -> Principal:
        try:
            return self._workspace.person(person, day)
        except AccessDenied:
            words = {"person": person, "day": day.isoformat()}
            raise QuestionError([Issue("access.nobody_there", Span(where), words)]) from None

    def _rule(
        self, giver: Principal, taker: Principal, only: Sequence[str] | None, about: Sequence[str]
    ) -> tuple[Delegation, Principal]:
        """The first rule by which one may lend all of it and the other stand in, and the one with what is lent."""
        near: list[str] = []
        for rule in self._workspace.pack.delegation.values():
            wanted = lends(rule) if only is None else only
            all_of_it = bool(wanted) and {*wanted} <= {*lends(rule)}
            lender = lent(rule, giver, taker, wanted if all_of_it else lends(rule), about)
            if lender is not None and all_of_it:
                return rule, lender
            if lender is not None:
                near.append(f"{rule.id}: {', '.join(lends(rule))}")
        words = {"giver": giver.id, "taker": taker.id}
        if near:
            words |= {"actions": Several.of(only) if only else "-", "rules": "; ".join(near)}
            raise QuestionError([Issue("delegation.not_lent", Span("--only"), words)])
        raise QuestionError([Issue("delegation.no_rule", Span("--to"), words | {"file": self._written_in()})])

    def _written_in(self) -> str:
        """The file in which the pack has its delegation rules, or would have them."""
        pack = self._workspace.pack
        return next(
            (rule.span.file for rule in pack.delegation.values()), f"policies/{pack.about.pack}/separation.yaml"
        )

    def _must_allow(
        self, actor: Principal, rule: Delegation, giver: Principal, taker: Principal, begins: date, until: date
    ) -> None:
        """Refuse an actor who may not say so: it takes the giver, or the role that has to agree, and never the taker.

        Raises: AccessDenied; QuestionError for longer than the rule allows this actor.
        """
        longer = rule.longer is not None and rule.longer.approve in actor.roles
        own = actor.id == giver.id and rule.approve is None
        if actor.id == taker.id or not (own or _agrees(rule, actor)):
            raise _not_yours(giver.id, rule.approve)
        latest = self.working.times.later(self.working.times.begin(begins), rule.max)
        if not longer and (latest is None or self.working.times.begin(until) > latest):
            words = {"max": str(rule.max), "place": str(rule.span)}
            raise QuestionError([Issue("delegation.too_long", Span("--until"), words)])

    def _must_keep_apart(self, rule: Delegation, giver: Principal, taker: Principal, begins: date, until: date) -> None:
        """Refuse a stand-in who would have two powers that the pack keeps apart, wherever they meet.

        Args: giver: with the posts that are lent. Raises: QuestionError
        """
        snapshot, others = self._workspace.snapshot, []
        for one in stand_ins(self.working.states):
            if one.taker == taker.id and one.giver != giver.id and one.begins < until and begins < one.until:
                lender = lends_now(snapshot, one, taker, max(begins, one.begins))
                others += [lender] if lender is not None else []
        found = kept_apart(snapshot, rule, giver, taker, others)
        if found is not None:
            words = {"taker": taker.id, "name": found.id, "place": str(found.span)}
            raise QuestionError([Issue("delegation.separated", Span("--to"), words)])


def _agrees(rule: Delegation, actor: Principal) -> bool:
    """Whether somebody has the role that has to agree to what a rule lends."""
    return rule.approve is not None and rule.approve in actor.roles


def _not_yours(giver: str, role: str | None) -> AccessDenied:
    return AccessDenied([Issue("delegation.not_yours", Span("--as"), {"giver": giver, "role": role or "-"})])
