"""Write what a plan intends into the record: places, seats, staffing, assignments, named accounts, closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.db.crash import crash_point
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, override, staffing
from patchbook.period import FOREVER, Period
from patchbook.publishing import store
from patchbook.publishing.intent import Intent, Node
from patchbook.territories.store import place
from patchbook.territories.territory import Kind
from patchbook.words import counted

_STRIDE = 20_000
Fact = dict[str, Any]


def write(
    tx: Connection,
    intent: Intent,
    *,
    publication_id: str,
    keep_exceptions: bool,
    progress: Callable[[str], None] = lambda phase: None,
    at: datetime,
) -> dict[str, int]:
    """Write it all and say how much of each kind was written."""
    told: Fact = {"cause": "publish", "source": publication_id}
    known = store.published_before(tx, intent.on)
    progress("Writing territories and seats")
    territories = _territories(tx, intent, at)
    crash_point("publish.territories")
    staffings = lay(tx, staffing, list(_staffings(intent, told)), at=at).written
    crash_point("publish.staffing")
    progress(f"Writing who gets {counted(intent.state.assignments.height, 'account')}")
    assignments = lay(tx, assignment, _assignments(intent, told), at=at).written
    crash_point("publish.assignments")
    exceptions = 0 if keep_exceptions else _end_exceptions(tx, intent, at)
    named = _named(tx, intent, told, at)
    crash_point("publish.overrides")
    closed = _close(tx, intent, known, told, at)
    crash_point("publish.closed")
    return {
        "territories made": territories,
        "staffings": staffings,
        "assignments": assignments,
        "named accounts": named,
        "exceptions ended": exceptions,
        "territories closed": closed,
    }


def _territories(tx: Connection, intent: Intent, at: datetime) -> int:
    nodes = [*intent.groups, *(seat.node for seat in intent.seats)]
    new = [node.territory_id for node in nodes if node.is_new]
    store.make_territories(tx, new, at)
    reason = f"In plan {intent.state.plan.name}"
    facts = [_place(node, period, reason) for node in nodes for period in node.places]
    lay(tx, place, facts, at=at)
    store.make_owner_seats(tx, {s.node.territory_id: s.seat_id for s in intent.seats if s.is_new}, at)
    return len(new)


def _place(node: Node, period: Period, reason: str) -> Fact:
    return {
        "territory_id": node.territory_id,
        "parent_id": node.parent_id,
        "name": node.name,
        "kind": node.kind.value,
        "valid_from": period.start,
        "valid_to": period.end,
        "reason": reason,
    }


def _staffings(intent: Intent, told: Fact) -> Iterator[Fact]:
    for seat in intent.seats:
        for filling in seat.fillings:
            if filling.person_id is not None:
                reason = "Staffed by the plan"
            elif seat.wanted is not None:
                reason = f"Vacant: {seat.wanted} of the plan is not employed then"
            else:
                reason = "Nobody yet: the plan is to hire for it"
            if seat.node.kind is Kind.HOUSE:
                reason = "Nobody's: what no layer of the plan took"
            yield {
                "seat_id": seat.seat_id,
                "person_id": filling.person_id,
                "interim_id": filling.interim_id,
                "valid_from": filling.period.start,
                "valid_to": filling.period.end,
                "reason": reason,
                **told,
            }


def _assignments(intent: Intent, told: Fact) -> Iterator[Fact]:
    """One fact an account from the date on, around what was decided for later."""
    ids = pl.DataFrame(
        {
            "territory": [seat.node.name for seat in intent.seats],
            "territory_id": [seat.node.territory_id for seat in intent.seats],
        },
        schema={"territory": pl.String, "territory_id": pl.String},
    )
    later = _periods(intent.later)
    whole = [Period(intent.on, FOREVER)]
    assigned = intent.state.assignments.select("account_id", "territory", "reason")
    for part in assigned.iter_slices(_STRIDE):
        placed = part.join(ids, on="territory", how="inner", maintain_order="left")
        rows = placed.select("account_id", "territory_id", "reason").iter_rows()
        for account_id, territory_id, reason in rows:
            fact = {"account_id": account_id, "territory_id": territory_id, "reason": reason or "In the plan", **told}
            for period in _around(whole, later[account_id]) if account_id in later else whole:
                yield {**fact, "valid_from": period.start, "valid_to": period.end}


def _periods(later: pl.DataFrame) -> dict[str, list[Period]]:
    found: dict[str, list[Period]] = {}
    for account_id, start, end in later.select("account_id", "valid_from", "valid_to").iter_rows():
        found.setdefault(account_id, []).append(Period(start, end))
    return found


def _around(periods: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    free = list(periods)
    for one in taken:
        free = [piece for period in free for piece in period.without(one)]
    return free


def _end_exceptions(tx: Connection, intent: Intent, at: datetime) -> int:
    """End the exceptions in force on accounts of the plan, so that the plan holds."""
    mine = set(intent.state.assignments["account_id"])
    found = [
        _key(fact, intent.on) for fact in store.overrides(tx, intent.on, ("exception",)) if fact["account_id"] in mine
    ]
    lift(tx, override, found, at=at)
    return len(found)


def _named(tx: Connection, intent: Intent, told: Fact, at: datetime) -> int:
    """Accounts the plan gives to somebody by name, apart from who has the territory; and the end of earlier ones."""
    wanted = named_accounts(intent)
    believed = store.overrides(tx, intent.on, ("exception", "named", "cover"))
    stand: dict[str, list[Period]] = {}
    past = []
    for fact in believed:
        if fact["is_superseded"] and fact["kind"] == "named":
            if fact["account_id"] not in wanted:
                past.append(_key(fact, intent.on))
        elif fact["kind"] != "named" or fact["valid_from"] > intent.on:
            stand.setdefault(fact["account_id"], []).append(Period(fact["valid_from"], fact["valid_to"]))
    if past:
        lift(tx, override, past, at=at)
    facts = [
        {
            "account_id": account_id,
            "role": store.OWNER,
            "opportunity_id": "",
            "person_id": person_id,
            "kind": "named",
            "valid_from": period.start,
            "valid_to": period.end,
            "reason": "Named in the plan",
            **told,
        }
        for account_id, person_id in wanted.items()
        for employed in intent.employed.get(person_id, ())
        for span in [employed.shared(Period(intent.on, FOREVER))]
        if span is not None
        for period in _around([span], stand.get(account_id, ()))
    ]
    return lay(tx, override, facts, at=at).written if facts else 0


def named_accounts(intent: Intent) -> dict[str, str]:
    """Account → whom the plan names for it, where that is not who has its territory."""
    holders = intent.state.territories.select("territory", pl.col("person").alias("holder"))
    apart = intent.state.assignments.join(holders, on="territory", how="inner").filter(
        pl.col("person").is_not_null() & pl.col("person").ne_missing(pl.col("holder"))
    )
    return dict(apart.select("account_id", "person").iter_rows())


def _key(fact: Mapping[str, Any], on: datetime) -> Fact:
    return {
        "account_id": fact["account_id"],
        "role": fact["role"],
        "opportunity_id": fact["opportunity_id"],
        "valid_from": max(fact["valid_from"], on),
        "valid_to": fact["valid_to"],
    }


def closing(tx: Connection, intent: Intent, known: set[str]) -> list[str]:
    """Territories published before, in the tree on the date, and not in the plan."""
    mine = {seat.node.territory_id for seat in intent.seats}
    places = [row for row in store.places(tx) if row["valid_to"] > intent.on]
    now = {row["territory_id"] for row in places if row["valid_from"] <= intent.on}
    parents = {row["parent_id"] for row in places}
    return sorted((known & now) - mine - parents)


def _close(tx: Connection, intent: Intent, known: set[str], told: Fact, at: datetime) -> int:
    """Close territories the plan no longer has, if no account is left in them; their seats fall vacant."""
    candidates = closing(tx, intent, known)
    kept = store.still_assigned(tx, candidates, intent.on)
    gone = [territory_id for territory_id in candidates if territory_id not in kept]
    if not gone:
        return 0
    reason = f"Not in plan {intent.state.plan.name}"
    vacant = {"valid_from": intent.on, "valid_to": FOREVER, "reason": reason, **told}
    lay(tx, staffing, [{"seat_id": seat_id, **vacant} for seat_id in store.seats_of(tx, gone)], at=at)
    lift(tx, place, [{"territory_id": territory_id, "valid_from": intent.on} for territory_id in gone], at=at)
    return len(gone)
