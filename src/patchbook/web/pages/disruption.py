"""Whom a plan disrupts: what each rep would lose and gain against today's owners, and the accounts behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import polars as pl
from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy import Connection

from patchbook.db.page import cursor_of, key_of
from patchbook.errors import BadInput
from patchbook.imports.store import open_amounts
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.web.as_csv import safe_csv
from patchbook.web.models import After, AnId, InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plans import KINDS
from patchbook.web.plan_figures import PlanFigures, figures, moved
from patchbook.web.templating import number, usd

ACCOUNTS, PIPELINE = "accounts", "open pipeline"
"""What disruption is counted in beside the plan's measures."""
ROWS = 50
REPS = 40
"""So many reps are shown; the file has all."""

router = Pages()


@dataclass(frozen=True, kw_only=True)
class RepChange:
    """What changes for one rep."""

    person_id: str
    name: str
    keeps: int
    loses: int
    gains: int
    lost: float
    """Of what is asked for."""
    gained: float
    lost_share: float
    """Of the largest bar, 0 to 1."""
    gained_share: float


@dataclass(frozen=True, kw_only=True)
class MovedAccount:
    """An account that would change owner."""

    account_id: str
    name: str
    before: str
    after: str
    territory: str
    reason: str
    values: tuple[Markup, ...]


@dataclass(frozen=True, kw_only=True)
class DisruptionPage:
    """What the page of disruption shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    accounts: int
    moved: int
    moved_share: float | None
    totals: tuple[tuple[str, Markup], ...]
    """What changes owner altogether, by what it is counted in."""
    what: str
    whats: tuple[tuple[str, str], ...]
    reps: tuple[RepChange, ...]
    more_reps: int
    person: str
    people: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[MovedAccount, ...]
    listed: int
    next: str | None


@dataclass(frozen=True, kw_only=True)
class _Disruption:
    plan: RecordedPlan
    figures: PlanFigures
    accounts: pl.DataFrame
    """Those that change owner, with what each is counted in as a column of that name."""
    whats: tuple[str, ...]
    names: Mapping[str, str]


def load(
    tx: Connection,
    plan_id: str,
    *,
    what: str = ACCOUNTS,
    person: str | None = None,
    after: str | None = None,
    by: Principal,
    at: datetime,
) -> DisruptionPage:
    """
    What changes owner in a plan.

    Parameters
    ----------
    what
        What the bars show: accounts, a measure of the plan, or the open pipeline.
    person
        Only the accounts somebody loses or gains.
    """
    told = _told(tx, plan_id, by, at)
    if what not in told.whats:
        raise BadInput(f"Disruption is not counted in {what!r}; in {', '.join(told.whats)}.")
    reps = _reps(told, what)
    found = told.accounts
    if person:
        found = found.filter((pl.col("previous_owner") == person) | (pl.col("person") == person))
    start = 0 if after is None else key_of(after, int)[0]
    scenario = told.figures.scenario
    columns = tuple(one for one in told.whats if one != ACCOUNTS)
    return DisruptionPage(
        plan_id=plan_id,
        name=told.plan.name,
        status=told.plan.status.value,
        kind=KINDS[told.plan.status],
        accounts=scenario.accounts,
        moved=scenario.moved,
        moved_share=scenario.moved_share,
        totals=tuple((name, _shown(name, float(told.accounts[name].sum()))) for name in columns),
        what=what,
        whats=tuple((one, one.replace("_", " ").capitalize()) for one in told.whats),
        reps=reps[:REPS],
        more_reps=max(0, len(reps) - REPS),
        person=person or "",
        people=tuple(sorted(((rep.person_id, rep.name) for rep in reps), key=lambda pair: pair[1].lower())),
        columns=columns,
        rows=tuple(_row(told, row, columns) for row in found.slice(start, ROWS).iter_rows(named=True)),
        listed=found.height,
        next=cursor_of(start + ROWS) if start + ROWS < found.height else None,
    )


@router.page("/plans/{plan_id}/disruption", Deed.SEE_EVERYONE)
def show(
    plan_id: InPath,
    here: Looked,
    what: Annotated[str, Query(max_length=200)] = ACCOUNTS,
    person: AnId = None,
    after: After = None,
) -> Response:
    """What changes owner in a plan."""
    page = load(here.tx, plan_id, what=what, person=person, after=after, by=here.person, at=here.at)
    return here.show("disruption.html", page)


@router.page("/plans/{plan_id}/disruption/accounts.csv", Deed.SEE_EVERYONE)
def accounts_csv(plan_id: InPath, here: Looked, person: AnId = None) -> Response:
    """Every account that changes owner, as CSV."""
    told = _told(here.tx, plan_id, here.person, here.at)
    found = told.accounts
    if person:
        found = found.filter((pl.col("previous_owner") == person) | (pl.col("person") == person))
    ids = ("account_id", "name", "previous_owner", "person", "territory", "reason")
    columns = [*(name for name in ids if name in found.columns), *(one for one in told.whats if one != ACCOUNTS)]
    return _csv(found.select(columns).iter_rows(), columns, "accounts-that-move.csv")


@router.page("/plans/{plan_id}/disruption/reps.csv", Deed.SEE_EVERYONE)
def reps_csv(plan_id: InPath, here: Looked) -> Response:
    """What every rep loses, gains and keeps, as CSV."""
    told = _told(here.tx, plan_id, here.person, here.at)
    by_what = {what: {rep.person_id: rep for rep in _reps(told, what)} for what in told.whats}
    measured = [what for what in told.whats if what != ACCOUNTS]
    rows = [
        [rep.person_id, rep.name, rep.keeps, rep.loses, rep.gains,
         *(value for what in measured for value in (by_what[what][rep.person_id].lost,
                                                    by_what[what][rep.person_id].gained))]
        for rep in by_what[ACCOUNTS].values()
    ]  # fmt: skip
    columns = ["person_id", "name", "keeps", "loses", "gains"]
    columns += [f"{what} {way}" for what in measured for way in ("lost", "gained")]
    return _csv(rows, columns, "disruption.csv")


def _csv(rows: Iterable[Sequence[Any]], columns: Sequence[str], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(safe_csv(rows, columns), 200, headers, "text/csv; charset=utf-8")


def _told(tx: Connection, plan_id: str, by: Principal, at: datetime) -> _Disruption:
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plans.get(tx, plan_id, by=by, at=at)
    known = figures(tx, plan, by=by, at=at)
    if known is None:
        raise NotCarved(plan)
    frame = moved(tx, plan, by=by, at=at)
    measures = [name for name in known.scenario.measures if name != ACCOUNTS and f"measure_{name}" in frame.columns]
    amounts = open_amounts(tx)
    frame = frame.with_columns(
        pl.lit(1.0).alias(ACCOUNTS),
        *(pl.col(f"measure_{name}").alias(name) for name in measures),
        pl.Series(PIPELINE, [amounts.get(one, 0.0) for one in frame["account_id"]], dtype=pl.Float64),
    )
    whats = (ACCOUNTS, *measures, *([PIPELINE] if amounts else []))
    ids = {rep.person for rep in known.scenario.disruption}
    names = people.names(tx, sorted(ids))
    return _Disruption(plan=plan, figures=known, accounts=frame, whats=whats, names=names)


def _reps(told: _Disruption, what: str) -> tuple[RepChange, ...]:
    """Every rep something changes for or who keeps something, those it changes most for first."""
    lost, gained = (dict(_sums(told.accounts, side, what)) for side in ("previous_owner", "person"))
    largest = max([*lost.values(), *gained.values()], default=0.0) or 1.0
    rows = [
        RepChange(
            person_id=rep.person,
            name=told.names.get(rep.person, rep.person),
            keeps=rep.keeps,
            loses=rep.loses,
            gains=rep.gains,
            lost=lost.get(rep.person, 0.0),
            gained=gained.get(rep.person, 0.0),
            lost_share=lost.get(rep.person, 0.0) / largest,
            gained_share=gained.get(rep.person, 0.0) / largest,
        )
        for rep in told.figures.scenario.disruption
    ]
    return tuple(sorted(rows, key=lambda rep: (-(rep.lost + rep.gained), rep.name)))


def _sums(frame: pl.DataFrame, side: str, what: str) -> Iterable[tuple[str, float]]:
    return frame.filter(pl.col(side).is_not_null()).group_by(side).agg(pl.col(what).sum()).iter_rows()


def _row(told: _Disruption, row: Mapping[str, Any], columns: Sequence[str]) -> MovedAccount:
    person = row["person"]
    return MovedAccount(
        account_id=row["account_id"],
        name=row.get("name") or row["account_id"],
        before=told.names.get(row["previous_owner"], row["previous_owner"]),
        after="Nobody" if person is None else told.names.get(person, person),
        territory=row["territory"] or "No territory",
        reason=row["reason"] or "",
        values=tuple(_shown(name, row[name]) for name in columns),
    )


def _shown(what: str, value: float | None) -> Markup:
    return usd(value) if what == PIPELINE else number(value)
