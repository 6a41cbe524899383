"""What one asks the ledger: who owned it, why, whose book, since when, and who gets credit.

Each answer is one query. What somebody may not see is answered as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import pyarrow as pa
from sqlalchemy import Connection

from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.imports import snapshots
from patchbook.ledger import company as everybody
from patchbook.ledger import store
from patchbook.ledger.answers import (
    OWNER,
    Answer,
    BeforeItWasKnown,
    BeforeTheRecord,
    BookRow,
    Credit,
    HistoryRow,
    UnknownAccount,
    UnknownOpportunity,
)
from patchbook.ledger.crediting import credits_at
from patchbook.ledger.fact import Fact, Holding, holding, stretches
from patchbook.ledger.store import Asked
from patchbook.ledger.words import chain
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.profile import UnknownPerson
from patchbook.period import BEGINNING, FOREVER, Period, from_microseconds, microseconds

_INSTANT = timedelta(microseconds=1)


def owner(
    tx: Connection,
    account_id: str,
    *,
    role: str = OWNER,
    on: datetime,
    as_known_on: datetime | None = None,
    by: Principal,
    at: datetime,
) -> Answer:
    """
    Who owned an account on a date, and why.

    Parameters
    ----------
    as_known_on
        Answer from what the record held at that instant; otherwise from what it holds now.

    Raises
    ------
    UnknownAccount
        Neither the ledger nor the newest import has it, or this person may not see it.
    BeforeTheRecord, BeforeItWasKnown
        One of the two dates is before the first fact about it.
    """
    allow_somewhere(by, Deed.SEE)
    asked = Asked(account_id=account_id, role=role, within=_instant(on), known=as_known_on, by=by, at=at)
    facts, last = store.facts(tx, asked)
    found = holding(facts, on, role)
    if not found.is_anything:
        return _nobody(tx, asked, on)
    if not found.visible_to(by.person_id):
        raise _unknown(tx, asked)
    return _answer(account_id, role, on, _known(as_known_on, last, at), found)


def owner_of_opportunity(
    tx: Connection,
    opportunity_id: str,
    *,
    role: str = OWNER,
    on: datetime,
    as_known_on: datetime | None = None,
    by: Principal,
    at: datetime,
) -> Answer:
    """
    Who owned an opportunity on a date: who held it over, or else who owned its account.

    Raises
    ------
    UnknownOpportunity
        There is none, or none this person may see.
    """
    allow_somewhere(by, Deed.SEE)
    asked = Asked(opportunity_id=opportunity_id, role=role, within=_instant(on), known=as_known_on, by=by, at=at)
    facts, last = store.facts(tx, asked)
    found = holding(facts, on, role, opportunity_id=opportunity_id)
    if not found.is_anything:
        return _nobody(tx, _of_its_account(tx, asked), on)
    if not found.visible_to(by.person_id):
        raise UnknownOpportunity(opportunity_id)
    account_id = _account(facts)
    return _answer(account_id, role, on, _known(as_known_on, last, at), found, opportunity_id)


def book(
    tx: Connection,
    person_id: str,
    *,
    role: str = OWNER,
    on: datetime,
    as_known_on: datetime | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[BookRow]:
    """
    The accounts somebody owned on a date, and those they acted on for somebody on leave, by account id.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody this person may see.
    """
    allow_somewhere(by, Deed.SEE)
    limit_of(limit)
    rows = store.book(
        tx,
        person_id,
        role=role,
        on=on,
        known=as_known_on,
        after=key_of(after, str)[0] if after else None,
        limit=limit + 1,
        by=by,
        at=at,
    )
    if not rows and after is None:
        _refuse_unknown_person(tx, person_id, by, at)
    found = [BookRow(**{name: row[name] for name in BookRow.__dataclass_fields__}) for row in rows]
    return page_of(found, limit, lambda row: (row.account_id,))


def history(
    tx: Connection,
    account_id: str,
    *,
    role: str = OWNER,
    as_known_on: datetime | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[HistoryRow]:
    """
    Every stretch in which one person owned an account, oldest first, the future that is known included.

    Raises
    ------
    UnknownAccount
        The ledger has nothing about it, or nothing this person may see.
    """
    allow_somewhere(by, Deed.SEE)
    limit_of(limit)
    begin = from_microseconds(key_of(after, int)[0]) if after else None
    within = Period(begin or BEGINNING, FOREVER)
    asked = Asked(account_id=account_id, role=role, within=within, known=as_known_on, by=by, at=at)
    facts, _ = store.facts(tx, asked)
    seen = [
        stretch
        for stretch in stretches(facts, role)
        if (begin is None or stretch.period.start > begin)
        and (by.is_everywhere or stretch.holding.visible_to(by.person_id))
    ]
    if not seen and begin is None:
        _refuse_early(tx, asked)
        if facts:
            raise _unknown(tx, asked)
    rows = [
        HistoryRow(
            period=stretch.period,
            **_who(stretch.holding),
            chain=chain(stretch.holding, role),
        )
        for stretch in seen[: limit + 1]
    ]
    return page_of(rows, limit, lambda row: (microseconds(row.period.start),))


def credit(
    tx: Connection,
    *,
    account_id: str | None = None,
    opportunity_id: str | None = None,
    on: datetime,
    as_known_on: datetime | None = None,
    by: Principal,
    at: datetime,
) -> tuple[Credit, ...]:
    """
    Who gets credit for an account, or for one opportunity of it, on a date: splits, overlays and holdovers.

    Raises
    ------
    UnknownAccount, UnknownOpportunity
        There is none, or none this person may see.
    """
    if (account_id is None) == (opportunity_id is None):
        raise TypeError("credit is asked of an account or of an opportunity")
    allow_somewhere(by, Deed.SEE_CREDIT)
    asked = Asked(
        account_id=account_id,
        opportunity_id=opportunity_id or "",
        role=None,
        within=_instant(on),
        known=as_known_on,
        by=by,
        at=at,
    )
    facts, _ = store.facts(tx, asked)
    found = holding(facts, on, OWNER, opportunity_id=opportunity_id or "")
    if not found.is_anything:
        _refuse_early(tx, asked if opportunity_id is None else _of_its_account(tx, asked))
    elif not found.visible_to(by.person_id):
        raise _unknown(tx, asked)
    return credits_at(facts, on, opportunity_id=opportunity_id or "")


def owners_of(
    tx: Connection,
    account_ids: Iterable[str],
    *,
    role: str = OWNER,
    on: datetime,
    as_known_on: datetime | None = None,
) -> dict[str, str | None]:
    """Account → owner for those of these accounts the ledger has; for other parts of the record, which ask the gate."""
    return everybody.owners(tx, account_ids, role=role, on=on, known=as_known_on)


def company(
    tx: Connection,
    *,
    role: str = OWNER,
    on: datetime,
    as_known_on: datetime | None = None,
    by: Principal,
    at: datetime,
) -> Iterator[pa.RecordBatch]:
    """The owner of every account this person may see, as a stream of Arrow batches of `everybody.SCHEMA`."""
    allow_somewhere(by, Deed.SEE)
    return everybody.stream(tx, role=role, on=on, known=as_known_on, by=by, at=at)


def _instant(on: datetime) -> Period:
    """The period of one instant alone."""
    return Period(on, on + _INSTANT)


def _known(asked: datetime | None, last: datetime | None, at: datetime) -> datetime:
    """The state of knowledge an answer is from: nothing recorded later can change it."""
    present = at if last is None else last
    return present if asked is None else min(asked.astimezone(UTC), present)


def _answer(
    account_id: str, role: str, on: datetime, known: datetime, found: Holding, opportunity_id: str = ""
) -> Answer:
    return Answer(
        account_id=account_id,
        role=role,
        on=on,
        as_known_on=known,
        opportunity_id=opportunity_id,
        **_who(found),
        chain=chain(found, role),
    )


def _who(found: Holding) -> dict[str, str | None]:
    pairs = {"territory": found.territory, "person": found.person, "pool": found.pool, "acting": found.acting}
    ids = {f"{name}_id": pair[0] for name, pair in pairs.items()}
    return {**ids, **{name: pair[1] for name, pair in pairs.items()}}


def _account(facts: list[Fact]) -> str:
    return next(fact.account_id for fact in facts if fact.account_id)


def _nobody(tx: Connection, asked: Asked, on: datetime) -> Answer:
    """The answer where no fact says anything on that date: nobody, if there are others the reader may see."""
    last = _refuse_early(tx, asked)
    empty = Holding(assignment=None, staffing=None, override=None, cover=None)
    assert asked.account_id is not None
    assert asked.role is not None
    return _answer(asked.account_id, asked.role, on, _known(asked.known, last, asked.at), empty, asked.opportunity_id)


def _of_its_account(tx: Connection, asked: Asked) -> Asked:
    """The same asked of the account an opportunity belongs to."""
    account_id = store.account_of(tx, asked.opportunity_id)
    if account_id is None:
        raise UnknownOpportunity(asked.opportunity_id)
    return replace(asked, account_id=account_id)


def _refuse_early(tx: Connection, asked: Asked) -> datetime | None:
    """
    Raise where the account is unknown, or a date asked for is before the first fact about it; else tell the time.

    An account that was imported and never assigned is nobody's, for whoever sees every account.
    """
    assert asked.account_id is not None
    first = store.beginnings(tx, asked)
    if first.recorded is None:
        if asked.by.is_everywhere and snapshots.has(tx, asked.account_id):
            return first.last
        raise _unknown(tx, asked)
    if first.valid is None:
        if asked.known is not None and asked.known < first.recorded:
            raise BeforeItWasKnown(asked.account_id, asked.known, first.recorded)
        return first.last  # all that was recorded of it was taken back
    if asked.within.start < first.valid:
        raise BeforeTheRecord(asked.account_id, asked.within.start, first.valid)
    return first.last


def _unknown(tx: Connection, asked: Asked) -> UnknownAccount | UnknownOpportunity:
    if asked.opportunity_id:
        return UnknownOpportunity(asked.opportunity_id)
    assert asked.account_id is not None
    near = store.neighbours(tx, asked.account_id, by=asked.by, at=asked.at)
    alike = get_close_matches(asked.account_id, [name for name in near if name != asked.account_id], n=3)
    return UnknownAccount(asked.account_id, tuple(alike))


def _refuse_unknown_person(tx: Connection, person_id: str, by: Principal, at: datetime) -> None:
    if not store.sees_person(tx, person_id, by=by, at=at):
        raise UnknownPerson(person_id)
