"""Deals as last imported: those of an account, and those a text names, as far as one may see their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from patchbook.db.believed import believed_at
from patchbook.db.page import limit_of
from patchbook.ledger.answers import OWNER
from patchbook.ledger.tables import assignment, opportunity, override
from patchbook.people.permission import Deed, allow_somewhere, in_account_scope
from patchbook.people.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Deal:
    """An opportunity, as last imported; open while `closed` is None."""

    opportunity_id: str
    account_id: str
    name: str | None
    stage: str | None
    amount_usd: float | None
    owner_id: str | None
    """Whom the import names as its owner."""
    holder_id: str | None
    """Who has it as a holdover, whoever has its account."""
    held_until: datetime | None
    opened: datetime | None
    closed: datetime | None

    @property
    def called(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.opportunity_id


def open_deals(tx: Connection, account_id: str, *, limit: int = 50, by: Principal, at: datetime) -> list[Deal]:
    """The open deals with an account one may see, the largest first."""
    allow_somewhere(by, Deed.SEE)
    query = _seen(by, at).where(opportunity.c.account_id == account_id, opportunity.c.closed.is_(None))
    amount = func.coalesce(opportunity.c.amount_usd, 0.0)
    return _read(tx, query.order_by(amount.desc(), opportunity.c.opportunity_id).limit(limit_of(limit)))


def find(tx: Connection, text: str, *, limit: int = 20, by: Principal, at: datetime) -> list[Deal]:
    """The deals one may see whose id begins with a text or whose name holds it, open ones first."""
    allow_somewhere(by, Deed.SEE)
    if not text.strip():
        return []
    plain = text.strip().lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    named = or_(
        func.lower(opportunity.c.opportunity_id).like(f"{plain}%", escape="!"),
        func.lower(func.coalesce(opportunity.c.name, "")).like(f"%{plain}%", escape="!"),
    )
    query = _seen(by, at).where(named).order_by(opportunity.c.closed.is_not(None), opportunity.c.opportunity_id)
    return _read(tx, query.limit(limit_of(limit)))


def _seen(by: Principal, at: datetime) -> Select[Any]:
    """The deals with accounts one may see."""
    held = override.alias("held")
    query = select(opportunity, held.c.person_id.label("holder_id"), held.c.valid_to.label("held_until")).outerjoin(
        held,
        and_(
            held.c.account_id == opportunity.c.account_id,
            held.c.role == OWNER,
            held.c.opportunity_id == opportunity.c.opportunity_id,
            *believed_at(held, at),
        ),
    )
    if by.is_everywhere:
        return query
    account = opportunity.c.account_id
    placed = exists().where(
        assignment.c.account_id == account,
        in_account_scope(by, account=assignment.c.account_id, territory=assignment.c.territory_id, at=at),
        *believed_at(assignment, at),
    )
    theirs: ColumnElement[bool] = exists().where(
        override.c.account_id == account, override.c.person_id == by.person_id, *believed_at(override, at)
    )
    return query.where(or_(placed, theirs))


def _read(tx: Connection, query: Select[Any]) -> list[Deal]:
    rows = tx.execute(query).mappings()
    return [Deal(**{name: row[name] for name in Deal.__dataclass_fields__}) for row in rows]
