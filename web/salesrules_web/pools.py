"""The pools that the person may look into, what waits in one, and what is taken or given out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from salesrules.issue import AccessDenied, Issue, QuestionError, Span
from salesrules.phrases import member_text, moment_text
from salesrules.pooling import Offer, Offers, OwnerChange, Pool, Pooling
from salesrules_web.asking import lang, me, the_working
from salesrules_web.hands import against_texts, change_words, gone_word, receivers, zone
from salesrules_web.looks import kept_text
from salesrules_web.refusals import is_missing
from salesrules_web.tables import PAGE, Cell, Page, numeric, page_number, records_cells
from salesrules_web.told import Word, refusal_word, tell
from salesrules_web.words import pack, t

pools = Blueprint("pools", __name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits: its cells, where it lies, since when, all that keeps it from the person, and who gives it.

    `assignable` says whether the person may give it to somebody.
    """

    key: str
    cells: list[Cell]
    part: str
    since: str
    against: list[str]
    assignable: bool


@pools.get("/pools")
def overview() -> str:
    """Each pool with how many wait, and how many of them the person can claim now."""
    door = Pooling(the_working())
    return render_template("all_pools.html", found=[door.pool(me(), pool.id, limit=0) for pool in door.open_to(me())])


@pools.get("/pools/<id>")
def of_pool(id: str) -> str:
    """A page of what waits, each with the way to claim it or everything that is against it."""
    door, pool, number = Pooling(the_working()), _open_pool(id), page_number()
    found = door.pool(me(), pool.id, PAGE, PAGE * (number - 1))
    given = _assignable(door, pool, [offer.key for offer in found.offers])
    return render_template(
        "what_waits.html",
        pool=pool,
        entity=pack().entities[pool.entity],
        found=found,
        waiting=_waiting(found, given),
        numeric=numeric(found.shown),
        kept=kept_text(door, found.kept),
        page=Page(number, found.total),
        receivers=receivers() if given else [],
        assigns=bool(given),
        claims=any(not offer.against for offer in found.offers),
    )


@pools.post("/pools/<id>/claim")
def claim(id: str) -> Response:
    """Every record that was chosen and may be had is the person's; of the others everything against it is told."""
    pool, door = _open_pool(id), Pooling(the_working())
    return _changed(pool, lambda keys: door.claim(me(), str(pool.entity), keys))


@pools.post("/pools/<id>/assign")
def assign(id: str) -> Response:
    """The records that were chosen go to a person, as far as the manager of the pool may give them."""
    pool, door, to = _open_pool(id), Pooling(the_working()), request.form.get("to", "").strip()
    return _changed(pool, lambda keys: door.assign(me(), str(pool.entity), keys, to))


def _open_pool(id: str) -> Pool:
    """A pool that the person may look into; any other is refused like one that is not there."""
    found = next((pool for pool in Pooling(the_working()).open_to(me()) if pool.id == id), None)
    if found is None:
        raise QuestionError([Issue("pool.unknown", Span(id), {"name": id})])
    return found


def _assignable(door: Pooling, pool: Pool, keys: Sequence[str]) -> set[str]:
    """The records of a page that the person may give out as a manager of the pool, whoever gets them."""
    if not keys or (pool.manager is not None and pool.manager not in me().roles):
        return set()
    found = door.assign(me(), str(pool.entity), keys, me().id, dry=True)
    return {one.key for one in found if not any(each.what in ("right", "not_manager") for each in one.against)}


def _waiting(found: Offers, given: set[str]) -> list[Waiting]:
    shown = dict(zip(found.shown.keys, records_cells(found.shown), strict=True))
    return [
        Waiting(
            offer.key,
            shown.get(offer.key) or _closed(found, offer),
            _part(found.pool, offer),
            moment_text(offer.since, zone()) if offer.since is not None else "",
            against_texts(offer.against),
            offer.key in given,
        )
        for offer in found.offers
    ]


def _closed(found: Offers, offer: Offer) -> list[Cell]:
    """The row of a record of which the person reads nothing but that it waits."""
    key = pack().entities[found.shown.entity].key[0]
    return [Cell(offer.key, False, "") if name == key else Cell(t("cell.hidden"), True) for name in found.shown.columns]


def _part(pool: Pool, offer: Offer) -> str:
    if offer.part is None or pool.per is None:
        return ""
    return member_text(pack(), pool.per.partition("/")[0], offer.part, lang())


def _changed(pool: Pool, change: Callable[[list[str]], Sequence[OwnerChange]]) -> Response:
    """Change what was chosen, and go back to the page of the pool with a word about each record."""
    chosen = request.form.getlist("only") or request.form.getlist("key")
    keys = list(dict.fromkeys(normalize("NFC", key) for key in chosen))
    if not keys:
        tell(gone_word([t("page.none_chosen")]))
    else:
        tell(*_words(keys, change))
    number = page_number()
    return redirect(url_for("pools.of_pool", id=pool.id, page=number if number > 1 else None))


def _words(keys: list[str], change: Callable[[list[str]], Sequence[OwnerChange]]) -> list[Word]:
    """A record that has gone from view meanwhile keeps nobody from the others.

    Raises: AccessDenied if there is none that the person may know.
    """
    gone: list[str] = []
    while True:
        try:
            words = change_words(change(keys))
            return [*words, *([gone_word(gone)] if gone else [])]
        except QuestionError as error:
            return [refusal_word(error)]
        except AccessDenied as error:
            missing = {issue.words.get("key") for issue in error.issues}
            left = [key for key in keys if key not in missing]
            if not is_missing(error) or not left or left == keys:
                raise
            keys, gone = left, [*gone, *(issue.text(lang()) for issue in error.issues)]
