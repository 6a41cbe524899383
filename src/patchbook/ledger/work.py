"""What a person has to do: the seats they fill or look after, the accounts given to them, and whom they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from patchbook.ledger.tables import cover, override, staffing
from patchbook.period import BEGINNING, FOREVER, Period


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One believed fact that gives a person work, for the part of it asked about."""

    kind: str
    """`staffing`, `interim`, `override` or `cover`."""
    says: str
    """What they do, as it follows their id in a sentence."""
    valid: Period
    fact: Mapping[str, Any]


def of(tx: Connection, person_id: str, *, since: datetime = BEGINNING) -> list[Piece]:
    """All the work a person is believed to have at or after an instant, seats first, by when it starts."""
    pieces = []
    seats = or_(staffing.c.person_id == person_id, staffing.c.interim_id == person_id)
    for fact in _facts(tx, staffing, seats, since):
        kind, verb = ("staffing", "fills") if fact["person_id"] == person_id else ("interim", "looks after")
        pieces.append(_piece(kind, f"{verb} the seat {fact['seat_id']}", fact, since))
    for fact in _facts(tx, override, override.c.person_id == person_id, since):
        pieces.append(_piece("override", f"has the account {fact['account_id']} ({fact['kind']})", fact, since))
    for fact in _facts(tx, cover, cover.c.cover_id == person_id, since):
        pieces.append(_piece("cover", f"covers {fact['person_id']}", fact, since))
    return pieces


def _facts(tx: Connection, table: Table, theirs: Any, since: datetime) -> list[Mapping[str, Any]]:
    believed = (table.c.recorded_to == FOREVER, table.c.valid_to > since)
    query = select(table).where(theirs, *believed).order_by(table.c.valid_from, table.c.fact_id)
    return [dict(row) for row in tx.execute(query).mappings()]


def _piece(kind: str, says: str, fact: Mapping[str, Any], since: datetime) -> Piece:
    valid = Period(max(fact["valid_from"], since), fact["valid_to"])
    return Piece(kind=kind, says=says, valid=valid, fact=fact)
