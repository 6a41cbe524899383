"""Everybody who has, had or will have an account, a lane for each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.ledger import store
from patchbook.ledger.answers import OWNER, HistoryRow
from patchbook.ledger.fact import Fact, Holding, stretches
from patchbook.ledger.store import Asked
from patchbook.ledger.words import chain
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.period import BEGINNING, FOREVER, Period


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One role at an account, and who has had it in turn."""

    role: str
    rows: tuple[HistoryRow, ...]
    """The oldest first; between two of them nobody had the role."""

    def on(self, at: datetime) -> HistoryRow | None:
        """Who has the role at an instant."""
        return next((row for row in self.rows if row.period.contains(at)), None)


def lanes(
    tx: Connection, account_id: str, *, as_known_on: datetime | None = None, by: Principal, at: datetime
) -> tuple[Lane, ...]:
    """
    Who has had each role at an account, has it and is going to, the owner's lane first; one query.

    Empty where the ledger has nothing about the account, or nothing this person may see.
    """
    allow_somewhere(by, Deed.SEE)
    within = Period(BEGINNING, FOREVER)
    facts, _ = store.facts(tx, Asked(account_id=account_id, role=None, within=within, known=as_known_on, by=by, at=at))
    there = {fact.role for fact in facts if fact.role and fact.table in ("staffing", "override")}
    found = [_lane(facts, role, by) for role in (OWNER, *sorted(there - {OWNER}))]
    return tuple(lane for lane in found if lane.rows)


def _lane(facts: list[Fact], role: str, by: Principal) -> Lane:
    seen = [
        one
        for one in stretches(facts, role)
        if _is_told(one.holding, role) and (by.is_everywhere or one.holding.visible_to(by.person_id))
    ]
    return Lane(role=role, rows=tuple(_row(one.period, one.holding, role) for one in seen))


def _is_told(holding: Holding, role: str) -> bool:
    """Whether it says something of the role; that an account lies in a territory says something of its owner only."""
    if role == OWNER:
        return holding.is_anything
    return holding.staffing is not None or holding.override is not None


def _row(period: Period, holding: Holding, role: str) -> HistoryRow:
    pairs = {
        "territory": holding.territory,
        "person": holding.person,
        "pool": holding.pool,
        "acting": holding.acting,
    }
    ids = {f"{name}_id": pair[0] for name, pair in pairs.items()}
    names = {name: pair[1] for name, pair in pairs.items()}
    return HistoryRow(period=period, **ids, **names, chain=chain(holding, role))
