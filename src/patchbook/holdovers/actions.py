"""Keep deals with who works on them when accounts move, end that in time, and extend it where somebody agrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.approvals.reach import is_company_wide
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, moment_of, page_of
from patchbook.errors import NotAllowed
from patchbook.holdovers import store
from patchbook.holdovers.holdover import (
    Extension,
    Holdover,
    NoHoldover,
    NoReason,
    NotExtended,
    Policy,
    Treatment,
    decide,
)
from patchbook.people.permission import Deed, allow, allow_somewhere, reached
from patchbook.people.principal import Principal
from patchbook.period import FOREVER, microseconds, told

LONGEST_WHY = 2000


def would_keep(tx: Connection, moves: pl.DataFrame, policy: Policy, *, on: datetime) -> pl.DataFrame:
    """
    What the policy does with the open opportunities of accounts that move: one row each, nothing written.

    Parameters
    ----------
    moves
        account_id and from_person, one row an account.

    Returns
    -------
    polars.DataFrame
        opportunity_id, account_id, stage, amount_usd, person_id (who has it), works_until, treatment, expires, why.
    """
    owners = moves.select("account_id", "from_person").drop_nulls()
    return decide(policy, store.open_opportunities(tx, owners, on=on), starts=on)


def keep(tx: Connection, decided: pl.DataFrame, *, on: datetime, source: str, cause: str, at: datetime) -> int:
    """Write what `would_keep` said; whoever moves the accounts has asked whether they may, and tells the trail."""
    return store.write(tx, _kept(decided, on=on, source=source), cause=cause, at=at)


def facts(decided: pl.DataFrame, *, on: datetime, source: str, cause: str) -> list[dict[str, Any]]:
    """What `would_keep` said as facts of `override`, for a deed that writes them with others of its own."""
    return store.facts(_kept(decided, on=on, source=source), cause=cause)


def _kept(decided: pl.DataFrame, *, on: datetime, source: str) -> Iterator[Holdover]:
    stays = decided.filter(pl.col("treatment") != Treatment.MOVE.value)
    columns = ("opportunity_id", "account_id", "person_id", "expires", "why")
    return (
        Holdover(
            opportunity_id=opportunity_id,
            account_id=account_id,
            person_id=person_id,
            starts=on,
            expires=expires,
            source=source,
            reason=why,
        )
        for opportunity_id, account_id, person_id, expires, why in stays.select(columns).iter_rows()
    )


def opportunities_closed(tx: Connection, opportunity_ids: Iterable[str], *, at: datetime) -> int:
    """End the holdovers on deals that were won or lost; how many ended. The import that says so tells the trail."""
    return store.end(tx, sorted(set(opportunity_ids)), ends=at, at=at)


def holdovers(
    tx: Connection,
    *,
    on: datetime,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Holdover]:
    """The holdovers in force at `on`, the first to expire first; reps see their own."""
    allow_to_see(tx, by)
    rows = store.holdovers(tx, by, on=on, at=at, after=moment_of(after), limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda one: (microseconds(one.expires), one.opportunity_id))


def due(tx: Connection, *, on: datetime, until: datetime, by: Principal, at: datetime) -> list[Holdover]:
    """The holdovers in force at `on` that expire by `until`, so that somebody can hand over or ask for more time."""
    allow_to_see(tx, by)
    return store.holdovers(tx, by, on=on, at=at, expiring_by=until)


def allow_to_see(tx: Connection, by: Principal) -> None:
    """Let pass whoever has any role; what each sees is narrowed in the query."""
    if not by.grants or (by.token_scopes is not None and Deed.SEE not in by.token_scopes):
        raise NotAllowed("To see holdovers takes a role; ask an admin to grant one.")


def ask_extension(
    tx: Connection, opportunity_id: str, *, until: datetime, why: str, by: Principal, at: datetime
) -> Extension:
    """
    Ask for more time on an opportunity held over.

    Raises
    ------
    NoHoldover
        Nothing is held over there, as far as this person may see.
    NotExtended
        It has no end, or ends later than asked.
    NoReason
        Nothing says why.
    """
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.holdovers(tx, by, on=at, at=at, opportunity_ids=[opportunity_id])
    if not found:
        raise NoHoldover(opportunity_id)
    held = found[0]
    _refuse_no_later(held, until)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise NoReason(f"To ask for more time, say why in 1 to {LONGEST_WHY} characters.")
    asked = Extension(
        extension_id=new_id("extension"),
        opportunity_id=opportunity_id,
        until=until,
        why=why.strip(),
        asked_by=by.person_id,
        asked_at=at,
    )
    audit.record(
        tx,
        "ask for an extension",
        asked.extension_id,
        kind="holdover",
        by=by.person_id,
        at=at,
        before={"opportunity": opportunity_id, "expires": held.expires.isoformat()},
        after={"until": until.isoformat()},
    )
    return store.add_extension(tx, asked, held.account_id)


def decide_extension(
    tx: Connection, extension_id: str, *, grant: bool, comment: str | None = None, by: Principal, at: datetime
) -> Extension:
    """
    Grant more time or refuse it: by who decides in the territory the account is in now, and did not ask.

    Raises
    ------
    NotExtended
        It was decided before, or the holdover has ended meanwhile.
    """
    asked, account_id = store.extension_of(tx, extension_id, by, at=at)
    allow(tx, by, Deed.DECIDE, at=at, territory=store.territory_of(tx, account_id, at))
    if asked.is_granted is not None:
        answer = "granted" if asked.is_granted else "refused"
        raise NotExtended(f"The request {extension_id!r} was {answer} already; ask again where that is not enough.")
    if asked.asked_by == by.person_id:
        raise NotAllowed("Who asks for more time does not grant it; somebody else decides.")
    if grant:
        found = store.holdovers(tx, by, on=at, at=at, opportunity_ids=[asked.opportunity_id])
        if not found:
            raise NotExtended(
                f"Opportunity {asked.opportunity_id!r} is no longer held over; it belongs to its account's owner now."
            )
        _refuse_no_later(found[0], asked.until)
        longer = replace(found[0], expires=asked.until, source=extension_id, reason=f"Extended to {told(asked.until)}")
        store.write(tx, [replace(longer, starts=at)], cause="extension", at=at)
    answered = replace(asked, is_granted=grant, decided_by=by.person_id, decided_at=at, comment=comment)
    audit.record(
        tx,
        "grant an extension" if grant else "refuse an extension",
        extension_id,
        kind="holdover",
        by=by.person_id,
        at=at,
        after={"opportunity": asked.opportunity_id, "until": asked.until.isoformat()},
    )
    return store.decided(tx, answered)


def extensions(
    tx: Connection,
    *,
    is_open: bool | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Extension]:
    """Requests for more time that this person may see; only the open ones, or only the decided ones, where asked."""
    allow_to_see(tx, by)
    last = key_of(after, str)[0] if after else None
    rows = store.extensions(tx, by, at=at, is_open=is_open, after=last, limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda one: (one.extension_id,))


def waiting_for(tx: Connection, *, limit: int, by: Principal, at: datetime) -> list[Extension]:
    """The requests for more time this person may decide: of others, on accounts in territories they decide in."""
    asked = store.open_extensions(tx, by, at=at, limit=limit)
    mine = reached(tx, by, [where for _, where in asked if where is not None], at=at, deed=Deed.DECIDE)
    return [one for one, where in asked if where in mine or is_company_wide(by, Deed.DECIDE)]


def _refuse_no_later(held: Holdover, until: datetime) -> None:
    if held.expires == FOREVER:
        raise NotExtended(f"Opportunity {held.opportunity_id!r} is held over until it closes; there is no end to move.")
    if until <= held.expires:
        raise NotExtended(
            f"Opportunity {held.opportunity_id!r} is held over until {told(held.expires)} already;"
            f" ask for a later date than {told(until)}."
        )
