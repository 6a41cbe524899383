"""Decide about duplicates and families; the next import does as was decided, and so does taking the last in again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts.duplicates import PAIR_SCHEMA
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import USUAL, Page, limit_of, moment_of, page_of
from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.imports.review import search, store
from patchbook.imports.review.decision import CannotDecide, DecidedAlready, Decision, Verdict, pair, survivor
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import microseconds

ABOUT_PAIRS = (Verdict.MERGE, Verdict.APART)


def merge(
    tx: Connection,
    account_id: str,
    other_id: str,
    *,
    parts: Mapping[str, str] | None = None,
    why: str | None = None,
    by: Principal,
    at: datetime,
) -> Decision:
    """
    Decide that two accounts are one company.

    The ledger is left as it is: who owns the account that goes keeps it there until it is given to somebody else.

    Parameters
    ----------
    account_id
        The one that stays.
    parts
        Part of the account → which of the two it is taken from; those not named are of the one that stays.

    Raises
    ------
    DecidedAlready
        One of them is merged away already, or somebody decided to keep them apart.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    _refuse_itself(account_id, other_id)
    _refuse_unknown(tx, account_id, other_id)
    before = store.counting(tx)
    for one in before:
        if one.verdict is Verdict.MERGE and one.other_id == other_id:
            raise DecidedAlready(f"{other_id} is merged into {one.account_id} already; undo that first.")
        if one.verdict is Verdict.APART and pair(one.account_id, one.other_id) == pair(account_id, other_id):
            raise DecidedAlready(f"{one.by} decided to keep {account_id} and {other_id} apart; undo that first.")
    if survivor(account_id, before) == other_id:
        raise DecidedAlready(f"{account_id} is merged into {other_id} already; undo that first.")
    chosen = {part: whose for part, whose in (parts or {}).items() if whose != account_id}
    if strange := set(chosen.values()) - {other_id}:
        raise CannotDecide(f"{min(strange)} is neither {account_id} nor {other_id}; choose one of the two.")
    return _decided(tx, Verdict.MERGE, account_id, other_id, parts=chosen, why=why, by=by, at=at)


def keep_apart(
    tx: Connection, one: str, other: str, *, why: str | None = None, by: Principal, at: datetime
) -> Decision:
    """Decide that two accounts are two companies, and are not to be proposed again."""
    allow(tx, by, Deed.IMPORT, at=at)
    _refuse_itself(one, other)
    _refuse_unknown(tx, one, other)
    if known := between(tx, one, other, by=by, at=at):
        raise DecidedAlready(f"{known.by} decided to {known.verdict} {one} and {other} already; undo that first.")
    first, second = pair(one, other)
    return _decided(tx, Verdict.APART, first, second, why=why, by=by, at=at)


def split_off(tx: Connection, account_id: str, *, why: str | None = None, by: Principal, at: datetime) -> Decision:
    """
    Decide that an account does not belong under the parent its source names: it heads a family of its own.

    It counts for as long as the source names that parent; another one is believed.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    row = imports.accounts_by_id(tx, [account_id])
    if row.is_empty():
        raise no_account(account_id)
    for known in store.counting(tx, among={account_id}):
        if known.verdict is Verdict.SPLIT and known.account_id == account_id:
            raise DecidedAlready(f"{account_id} is split off from {known.other_id} already; undo that first.")
    parent = row["parent_id"][0] if "parent_id" in row.columns else None
    if parent is None:
        raise CannotDecide(f"{account_id} has no parent in the newest import; there is nothing to split it off from.")
    return _decided(tx, Verdict.SPLIT, account_id, str(parent), why=why, by=by, at=at)


def undo(tx: Connection, decision_id: str, *, by: Principal, at: datetime) -> Decision:
    """Take a decision back; from the next import on the accounts are as their source tells them."""
    allow(tx, by, Deed.IMPORT, at=at)
    undone = store.get(tx, decision_id).undo(by=by.person_id, at=at)
    audit.record(tx, "undo decision", decision_id, kind="account decision", by=by.person_id, at=at)
    return store.save(tx, undone)


def get(tx: Connection, decision_id: str, *, by: Principal, at: datetime) -> Decision:
    """One decision."""
    allow(tx, by, Deed.IMPORT, at=at)
    return store.get(tx, decision_id)


def decisions(
    tx: Connection,
    verdicts: tuple[Verdict, ...] = tuple(Verdict),
    *,
    after: str | None = None,
    limit: int = USUAL,
    by: Principal,
    at: datetime,
) -> Page[Decision]:
    """What was decided, the newest first, undone ones too."""
    allow(tx, by, Deed.IMPORT, at=at)
    found = store.listed(tx, verdicts, before=moment_of(after), limit=limit_of(limit) + 1)
    return page_of(found, limit, lambda one: (microseconds(one.at), one.decision_id))


def waiting(tx: Connection, *, by: Principal, at: datetime) -> pl.DataFrame | None:
    """
    Pairs of the newest accounts nobody decided about, best first; None where they have not been looked for yet.

    Before the first import there are none.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    newest = imports.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None:
        return pl.DataFrame(schema=PAIR_SCHEMA)
    pairs = search.known_pairs(record_of(tx), newest.snapshot_id, newest.rows)
    known = store.counting(tx)
    if pairs is None or not known:
        return pairs
    merged = [one.other_id for one in known if one.verdict is Verdict.MERGE]
    apart = pl.DataFrame(
        [pair(one.account_id, one.other_id) for one in known if one.verdict is Verdict.APART],
        schema={"_one": pl.String, "_other": pl.String},
        orient="row",
    )
    return (
        pairs.filter(~pl.col("account_id").is_in(merged) & ~pl.col("duplicate_id").is_in(merged))
        .with_columns(
            _one=pl.min_horizontal("account_id", "duplicate_id"), _other=pl.max_horizontal("account_id", "duplicate_id")
        )
        .join(apart, on=["_one", "_other"], how="anti", maintain_order="left")
        .drop("_one", "_other")
    )


def not_honoured(tx: Connection, *, by: Principal, at: datetime) -> int:
    """How many decisions were made or undone since the newest import of accounts, and wait for the next."""
    allow(tx, by, Deed.IMPORT, at=at)
    newest = imports.latest(tx, Kind.ACCOUNTS)
    if newest is None:
        return 0
    honoured = imports.difference(tx, newest.import_id, by=by, at=at)
    counting = {one.decision_id for one in store.counting(tx) if one.changes_accounts}
    return len(counting.symmetric_difference(honoured.decisions if honoured is not None else ()))


def between(tx: Connection, one: str, other: str, *, by: Principal, at: datetime) -> Decision | None:
    """What was decided about two accounts and counts."""
    allow(tx, by, Deed.IMPORT, at=at)
    for known in store.counting(tx, among={one, other}):
        if known.verdict is not Verdict.SPLIT and pair(known.account_id, known.other_id) == pair(one, other):
            return known
    return None


def _decided(
    tx: Connection,
    verdict: Verdict,
    account_id: str,
    other_id: str,
    *,
    parts: Mapping[str, str] | None = None,
    why: str | None,
    by: Principal,
    at: datetime,
) -> Decision:
    made = Decision(
        decision_id=new_id("decision"),
        verdict=verdict,
        account_id=account_id,
        other_id=other_id,
        parts=parts or {},
        why=(why or "").strip() or None,
        by=by.person_id,
        at=at,
    )
    after = {"account": account_id, "other": other_id, "parts": dict(made.parts)}
    audit.record(
        tx, verdict.value, made.decision_id, kind="account decision", by=by.person_id, at=at, after=after, why=made.why
    )
    return store.add(tx, made)


def _refuse_itself(one: str, other: str) -> None:
    if one == other:
        raise CannotDecide(f"{one} is one account; name two.")


def _refuse_unknown(tx: Connection, *ids: str) -> None:
    known = set(imports.accounts_as_told(tx, ids)["account_id"])
    for account_id in ids:
        if account_id not in known:
            raise no_account(account_id)


def no_account(account_id: str) -> NotFound:
    """The refusal for an account the newest import does not have."""
    return NotFound(f"There is no account {account_id!r} in the newest import.")
