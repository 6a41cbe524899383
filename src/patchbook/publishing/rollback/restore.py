"""Take back what a publication wrote, instant by instant: where it still stands, what was believed before it returns.

What people changed since is no longer the publication's, so it is not touched; `changed` lists it. Nor is a seat
emptied that accounts rely on which came to its territory since: it stays staffed, and is listed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.db.crash import crash_point
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, override, staffing
from patchbook.period import FOREVER, Period
from patchbook.publishing.publication import ChangedSince, Publication
from patchbook.publishing.rollback import store
from patchbook.publishing.rollback.store import Fact, Standing
from patchbook.publishing.store import employments
from patchbook.territories.store import place


def changed(tx: Connection, made: Publication, starts: datetime) -> tuple[ChangedSince, ...]:
    """What other deeds put in the place of the publication's facts, from `starts` on."""
    return tuple(
        one for table in (assignment, staffing, override) for one in store.changed_since(tx, table, made, starts)
    )


def would_restore(tx: Connection, made: Publication, starts: datetime) -> dict[str, int]:
    """How many facts of the publication still stand from `starts` on, by table: what a roll back takes back."""
    return {table.name: store.count_standing(tx, table, made, starts) for table in (assignment, staffing, override)}


def restore(
    tx: Connection, made: Publication, *, rollback_id: str, starts: datetime, at: datetime
) -> tuple[dict[str, int], tuple[ChangedSince, ...]]:
    """Put back what was believed before; how many facts of each kind that took, and which seats stay staffed."""
    told: Fact = {"cause": "rollback", "source": rollback_id}
    places = _places(tx, made, starts, at)
    crash_point("rollback.places")
    staffings, kept = _staffings(tx, made, starts, told, at)
    crash_point("rollback.staffing")
    assignments = _assignments(tx, made, starts, told, at)
    crash_point("rollback.assignments")
    overrides = _overrides(tx, made, starts, told, at)
    crash_point("rollback.overrides")
    emptied = _close_emptied(tx, made, starts, told, at)
    counts = {
        "territories reopened": places,
        "territories closed": emptied,
        "staffings": staffings,
        "assignments": assignments,
        "overrides": overrides,
    }
    return counts, store.kept(tx, made, kept)


def _assignments(tx: Connection, made: Publication, starts: datetime, told: Fact, at: datetime) -> int:
    standing = store.standing(tx, assignment, made, starts)
    back, gaps = _split(standing)
    written = lay(tx, assignment, (_again(fact, told) for fact in back), at=at).written
    return written + lift(tx, assignment, gaps, at=at).closed if gaps else written


def _staffings(
    tx: Connection, made: Publication, starts: datetime, told: Fact, at: datetime
) -> tuple[int, list[tuple[str, Period]]]:
    """
    Seats go back to whom they had, while that person is employed; a seat that was new falls vacant.

    Except while accounts that came to its territory since rely on it: then it keeps whom it has.
    """
    employed = employments(tx)
    back, gaps = _split(store.standing(tx, staffing, made, starts))
    facts: list[Fact] = []
    vacancies: list[Fact] = [{**gap, **told, "reason": NEW} for gap in gaps]
    for fact in back:
        who = fact["person_id"] or fact["interim_id"]
        span = Period(fact["valid_from"], fact["valid_to"])
        if who is None:
            (vacancies if fact["pool_id"] is None else facts).append(_again(fact, told))
            continue
        there = _shared(span, employed.get(who, ()))
        facts += [_again({**fact, **_ends(one)}, told) for one in there]
        gone = _without(span, there)
        vacancies += [{"seat_id": fact["seat_id"], **_ends(piece), **told, "reason": NEW} for piece in gone]
    relied_on = store.relied_on(tx, made, starts)
    kept: list[tuple[str, Period]] = []
    for fact in vacancies:
        whole = Period(fact["valid_from"], fact["valid_to"])
        free = _without(whole, relied_on.get(fact["seat_id"], ()))
        facts += [{**fact, **_ends(piece)} for piece in free]
        kept += [(fact["seat_id"], piece) for piece in _without(whole, free)]
    return lay(tx, staffing, facts, at=at).written, kept


NEW = "Vacant: whom it had before is gone, or it was new"


def _overrides(tx: Connection, made: Publication, starts: datetime, told: Fact, at: datetime) -> int:
    """Holdovers and named accounts of the publication end; exceptions it ended hold again, while their person works."""
    employed = employments(tx)
    back, gaps = _split(store.standing(tx, override, made, starts))
    ended = store.ended(tx, override, made, starts)
    facts = [
        _again({**fact, **_ends(span)}, told)
        for fact in (*back, *ended)
        for span in _shared(Period(fact["valid_from"], fact["valid_to"]), employed.get(fact["person_id"], ()))
    ]
    if gaps:
        lift(tx, override, gaps, at=at)
    return len(gaps) + (lay(tx, override, facts, at=at).written if facts else 0)


def _places(tx: Connection, made: Publication, starts: datetime, at: datetime) -> int:
    """Territories it closed stand in the tree again."""
    facts = [{**fact, "reason": "Reopened by a roll back"} for fact in store.ended(tx, place, made, starts)]
    return lay(tx, place, facts, at=at).written if facts else 0


def _close_emptied(tx: Connection, made: Publication, starts: datetime, told: Fact, at: datetime) -> int:
    """Territories it made close again, if nobody staffs them and no account is in them by now."""
    gone = store.emptied(tx, made, starts)
    if gone:
        lift(tx, place, [{"territory_id": one, "valid_from": starts, "valid_to": FOREVER} for one in gone], at=at)
    return len(gone)


def _split(standing: Standing) -> tuple[Iterator[Fact], list[Fact]]:
    """What was believed before, clipped to what stands now; and the pieces before which nothing was believed."""
    return standing.before(), standing.gaps()


def _again(fact: Fact, told: Fact) -> Fact:
    reason = str(fact["reason"]).removeprefix(AGAIN)
    return {**fact, **told, "reason": f"{AGAIN}{reason}"}


AGAIN = "As before the roll back: "


def _shared(span: Period, periods: Sequence[Period]) -> list[Period]:
    return [both for period in periods for both in [span.shared(period)] if both is not None]


def _without(span: Period, periods: Sequence[Period]) -> list[Period]:
    free = [span]
    for one in periods:
        free = [piece for period in free for piece in period.without(one)]
    return free


def _ends(period: Period) -> dict[str, Any]:
    return {"valid_from": period.start, "valid_to": period.end}
