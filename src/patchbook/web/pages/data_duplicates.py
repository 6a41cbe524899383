"""Duplicates, side by side: two accounts that may be one company; merged, kept apart, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import polars as pl
from fastapi import Form, Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from patchbook.accounts.decided import PLACE, combined, parts_of
from patchbook.accounts.fields import FIELDS
from patchbook.db.page import cursor_of, key_of
from patchbook.db.record import Record, record_of
from patchbook.imports import actions as imports
from patchbook.imports.changes import is_worked_out
from patchbook.imports.imported import Imported, Kind
from patchbook.imports.review import actions as review
from patchbook.imports.review import search
from patchbook.imports.review.decision import Decision, Verdict
from patchbook.ledger import actions as ledger
from patchbook.live.store import territories_of
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.territories import store as territories
from patchbook.web.as_csv import frame_as_csv
from patchbook.web.jobs import ENDED, Job
from patchbook.web.models import After, InPath
from patchbook.web.names import people_named
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.data import AGAIN, begun, latest_job, progress_of

router = Pages()

LISTED = 25
SEARCH = "duplicates"
"""The subject of the job that looks for duplicates among many accounts."""

Account = Annotated[str, Query(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
Why = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, kw_only=True)
class PairRow:
    """A pair nobody decided about."""

    one: str
    other: str
    one_name: str | None
    other_name: str | None
    score: float
    reasons: str
    address: str


@dataclass(frozen=True, kw_only=True)
class DuplicatesPage:
    """Pairs that wait, or decisions that were made."""

    newest: Imported | None
    shows_decided: bool
    pairs: tuple[PairRow, ...] = ()
    total: int | None = None
    """Pairs that wait; None where they have not been looked for."""
    decisions: tuple[Decision, ...] = ()
    next: str | None = None
    not_honoured: int = 0
    names: Mapping[str, str]
    """person_id → name."""
    job: Job | None = None
    """What is under way: looking for duplicates, or taking the accounts in again."""

    @property
    def progress(self) -> str:
        """Where to ask how far it is."""
        return "/data/progress" if self.job is not None and self.job.subject == AGAIN else "/data/duplicates/progress"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One part of two accounts, side by side."""

    part: str
    title: str
    one: str
    other: str
    differs: bool
    chosen: str
    """one or other: whose value the merged account has unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One account of a pair."""

    account_id: str
    name: str | None
    owner: str | None
    territory: str | None


@dataclass(frozen=True, kw_only=True)
class PairPage:
    """Two accounts side by side."""

    one: Side
    other: Side
    stays: str
    """The account proposed to stay."""
    score: float | None
    reasons: str | None
    parts: tuple[Difference, ...]
    decision: Decision | None
    decided_by: str | None
    ownership: str
    """What happens to who owns them."""


def load(
    tx: Connection,
    *,
    decided: bool = False,
    after: str | None = None,
    job: Job | None = None,
    by: Principal,
    at: datetime,
) -> DuplicatesPage:
    """What the list shows."""
    newest = imports.latest(tx, Kind.ACCOUNTS)
    not_honoured = review.not_honoured(tx, by=by, at=at)
    waiting = review.waiting(tx, by=by, at=at)
    total = None if waiting is None else waiting.height
    if decided:
        found = review.decisions(tx, review.ABOUT_PAIRS, after=after, limit=LISTED, by=by, at=at)
        who = {name for one in found.rows for name in (one.by, one.undone_by) if name}
        return DuplicatesPage(
            newest=newest,
            shows_decided=True,
            total=total,
            decisions=found.rows,
            next=found.next_cursor,
            not_honoured=not_honoured,
            names=people_named(tx, who),
        )
    start = 0 if after is None else key_of(after, int)[0]
    shown = waiting.slice(start, LISTED) if waiting is not None else None
    return DuplicatesPage(
        newest=newest,
        shows_decided=False,
        pairs=_rows(tx, shown) if shown is not None else (),
        total=total,
        next=cursor_of(start + LISTED) if total is not None and total > start + LISTED else None,
        not_honoured=not_honoured,
        names={},
        job=job,
    )


def load_pair(tx: Connection, one: str, other: str, *, by: Principal, at: datetime) -> PairPage:
    """What the page of a pair shows."""
    rows = {row["account_id"]: row for row in imports.accounts_as_told(tx, [one, other]).to_dicts()}
    for account_id in (one, other):
        if account_id not in rows:
            raise review.no_account(account_id)
    pairs = review.waiting(tx, by=by, at=at)
    ids = [one, other]
    mine = None if pairs is None else pairs.filter(pl.col("account_id").is_in(ids) & pl.col("duplicate_id").is_in(ids))
    known = mine.row(0, named=True) if mine is not None and mine.height else None
    decision = review.between(tx, one, other, by=by, at=at)
    stays = decision.account_id if decision is not None else known["survivor"] if known is not None else one
    owners = ledger.owners_of(tx, ids, on=at)
    places = territories_of(tx, ids, at=at)
    told = {row.get("owner") for row in rows.values()}
    names = people_named(tx, {owner for owner in (*owners.values(), *told) if owner})
    called = {one.territory_id: one.name for one in territories.at_day(tx, at)} if places else {}
    sides = [
        Side(
            account_id=account_id,
            name=rows[account_id].get("name"),
            owner=names.get(owners.get(account_id) or "", owners.get(account_id)),
            territory=called.get(places.get(account_id, ""), places.get(account_id)),
        )
        for account_id in ids
    ]
    return PairPage(
        one=sides[0],
        other=sides[1],
        stays=stays,
        score=None if known is None else known["score"],
        reasons=None if known is None else known["reasons"],
        parts=_differences(rows[one], rows[other], stays, decision, names),
        decision=decision,
        decided_by=None if decision is None else people_named(tx, {decision.by})[decision.by],
        ownership=_ownership(*sides, stays=stays),
    )


@router.page("/data/duplicates", Deed.IMPORT)
def show(here: Looked, decided: Annotated[bool, Query()] = False, after: After = None) -> Response:
    """The pairs that wait, or what was decided."""
    jobs = [job for job in (latest_job(here, SEARCH), latest_job(here, AGAIN)) if job and job.status not in ENDED]
    page = load(here.tx, decided=decided, after=after, job=jobs[0] if jobs else None, by=here.person, at=here.at)
    return here.show("data_duplicates.html", page)


@router.page("/data/duplicates.csv", Deed.IMPORT)
def show_csv(here: Looked) -> Response:
    """Every pair that waits."""
    waiting = review.waiting(here.tx, by=here.person, at=here.at)
    empty = pl.DataFrame(schema={"account_id": pl.String, "duplicate_id": pl.String})
    return frame_as_csv(empty if waiting is None else waiting, "duplicates.csv")


@router.form("/data/duplicates/search", Deed.IMPORT)
def look_for(here: Looked) -> Response:
    """Look for duplicates among the newest accounts."""
    newest = imports.latest(here.tx, Kind.ACCOUNTS)
    record: Record = record_of(here.tx)

    def work(job: Job) -> None:
        job.progress = "Looking for duplicates"
        if newest is not None and newest.snapshot_id is not None:
            search.pairs_of(record, newest.snapshot_id)

    return begun(here, SEARCH, work, "/data/duplicates")


@router.page("/data/duplicates/progress", Deed.IMPORT)
def progress(here: Looked) -> Response:
    """How far looking for duplicates is."""
    return progress_of(here, SEARCH)


@router.page("/data/duplicates/pair", Deed.IMPORT)
def show_pair(here: Looked, one: Account, other: Account) -> Response:
    """Two accounts side by side."""
    return here.show("data_pair.html", load_pair(here.tx, one, other, by=here.person, at=here.at))


@router.page("/data/duplicates/next", Deed.IMPORT)
def show_next(here: Looked) -> Response:
    """The best pair nobody decided about."""
    return RedirectResponse(_next(here.tx, by=here.person, at=here.at), 303)


@router.form("/data/duplicates/merge", Deed.IMPORT)
def merge(
    here: Looked,
    one: Annotated[str, Form(min_length=1, max_length=1000)],
    other: Annotated[str, Form(min_length=1, max_length=1000)],
    stays: Annotated[str, Form(min_length=1, max_length=1000)],
    part: Annotated[list[str] | None, Form(max_length=500)] = None,
    whose: Annotated[list[str] | None, Form(max_length=500)] = None,
    why: Why = "",
) -> Response:
    """Decide that two accounts are one company; `whose` says one, other or nothing for each `part`."""
    goes = other if stays == one else one
    ids = {"one": one, "other": other}
    parts = {name: ids[told] for name, told in zip(part or [], whose or [], strict=False) if told in ids}
    made = review.merge(here.tx, stays, goes, parts=parts, why=why, by=here.person, at=here.at)
    said = f"{made.other_id} is merged into {made.account_id} from the next import on; it can be undone."
    return here.done(_next(here.tx, by=here.person, at=here.at), said)


@router.form("/data/duplicates/apart", Deed.IMPORT)
def keep_apart(
    here: Looked,
    one: Annotated[str, Form(min_length=1, max_length=1000)],
    other: Annotated[str, Form(min_length=1, max_length=1000)],
    why: Why = "",
) -> Response:
    """Decide that two accounts are two companies."""
    review.keep_apart(here.tx, one, other, why=why, by=here.person, at=here.at)
    said = f"{one} and {other} stay two accounts, and are not proposed again."
    return here.done(_next(here.tx, by=here.person, at=here.at), said)


@router.form("/data/decisions/{decision_id}/undo", Deed.IMPORT)
def undo(decision_id: InPath, here: Looked) -> Response:
    """Take a decision about accounts back."""
    undone = review.undo(here.tx, decision_id, by=here.person, at=here.at)
    if undone.verdict is Verdict.SPLIT:
        return here.done(
            "/data/families", f"{undone.account_id} is under {undone.other_id} again from the next import on."
        )
    said = f"Undone: {undone.account_id} and {undone.other_id} are two accounts to be decided about again."
    return here.done("/data/duplicates?decided=true", said)


def pair_address(one: str, other: str) -> str:
    """Where two accounts stand side by side."""
    return "/data/duplicates/pair?" + urlencode({"one": one, "other": other})


def _next(tx: Connection, *, by: Principal, at: datetime) -> str:
    waiting = review.waiting(tx, by=by, at=at)
    if waiting is None or waiting.is_empty():
        return "/data/duplicates"
    best = waiting.row(0, named=True)
    return pair_address(best["account_id"], best["duplicate_id"])


def _rows(tx: Connection, pairs: pl.DataFrame) -> tuple[PairRow, ...]:
    ids = list({*pairs["account_id"], *pairs["duplicate_id"]})
    names = imports.names_of_accounts(tx, ids) if ids else {}
    return tuple(
        PairRow(
            one=row["account_id"],
            other=row["duplicate_id"],
            one_name=names.get(row["account_id"]),
            other_name=names.get(row["duplicate_id"]),
            score=row["score"],
            reasons=row["reasons"],
            address=pair_address(row["account_id"], row["duplicate_id"]),
        )
        for row in pairs.iter_rows(named=True)
    )


def _differences(
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    stays: str,
    decision: Decision | None,
    names: Mapping[str, str],
) -> tuple[Difference, ...]:
    """Every part either of them knows, those that differ first."""
    parts = parts_of(one)
    kept, gone = (one, other) if one["account_id"] == stays else (other, one)
    chosen = decision.parts if decision is not None and decision.verdict is Verdict.MERGE else {}
    made = combined(kept, gone, parts, chosen)
    titles = {field.name: field.title for field in FIELDS}
    found = []
    for part, columns in parts.items():
        shown = [name for name in columns if not is_worked_out(name)]
        texts = [_told(side, shown, names) for side in (one, other)]
        if not any(texts):
            continue
        is_gone = all(made[name] == gone[name] for name in columns) and any(
            made[name] != kept[name] for name in columns
        )
        found.append(
            Difference(
                part=part,
                title="Where it is" if part == PLACE else titles.get(part, part),
                one=texts[0],
                other=texts[1],
                differs=texts[0] != texts[1],
                chosen="one" if (gone if is_gone else kept) is one else "other",
            )
        )
    return tuple(sorted(found, key=lambda row: not row.differs))


def _told(row: Mapping[str, Any], columns: list[str], names: Mapping[str, str]) -> str:
    return ", ".join(_cell(name, row[name], names) for name in columns if row[name] is not None)


def _cell(name: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.10g}"
    return names.get(value, value) if name == "owner" else str(value)


def _ownership(one: Side, other: Side, *, stays: str) -> str:
    """What a merge does to who owns them, which is nothing at once."""
    kept, goes = (one, other) if one.account_id == stays else (other, one)
    if goes.owner is None:
        nobody = "neither is owned" if kept.owner is None else f"{goes.account_id} is nobody's"
        return f"A merge moves nothing in the ledger: {nobody}, so there is nothing to give away."
    if goes.owner == kept.owner:
        return (
            f"Both are {kept.owner}'s. A merge moves nothing in the ledger: {goes.account_id} stays there with its"
            " history, and the next import no longer has it."
        )
    whose = f"{kept.account_id} is {kept.owner}'s" if kept.owner else f"{kept.account_id} is nobody's"
    return (
        f"{goes.account_id} is {goes.owner}'s, {whose}. A merge moves nothing in the ledger: the merged account keeps"
        f" the owner of {kept.account_id}, and {goes.account_id} stays {goes.owner}'s until somebody else gets it."
    )
