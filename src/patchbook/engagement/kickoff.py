"""The kickoff pack: what a plan in force gives somebody, what changed for them and why, and that they have read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, insert, or_, select

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.engagement.tables import pack_acknowledgement
from patchbook.errors import Conflict, NotAllowed, NotFound
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile, UnknownPerson
from patchbook.people.sight import in_sight
from patchbook.plans import store as plan_store
from patchbook.plans.life import RecordedPlan, Status
from patchbook.plans.standing import standing, state_now
from patchbook.plans.state import PlanState


class NoPack(NotFound):
    """No plan in force has anything for this person."""


class NotYourPack(NotAllowed):
    """A pack is acknowledged by whom it is for, and by nobody else."""


class OldPack(Conflict):
    """The pack has changed since it was read."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What somebody carries of one measure."""

    measure: str
    target: float | None
    actual: float
    of_total: float
    """As a share of the whole plan."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """An account of the pack."""

    account_id: str
    name: str | None
    territory: str | None
    potential: float
    reason: str | None
    other: str | None
    """From whom it comes, or to whom it goes; None where nobody had it, and where the reader may not know."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """All somebody needs on the first day of a plan."""

    plan: RecordedPlan
    person: Profile
    territories: tuple[str, ...]
    shares: tuple[Share, ...]
    keeps: int
    gained: tuple[Given, ...]
    lost: tuple[Given, ...]
    book: tuple[Given, ...]
    """Every account, those with most potential first."""
    digest: str
    acknowledged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Read:
    """Whether somebody has read their pack as it is."""

    person_id: str
    person: str
    territory: str | None
    accounts: int
    at: datetime | None


def pack(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> Pack:
    """
    The kickoff pack of somebody: one's own, or that of somebody one decides for.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody whose pack one may see.
    NoPack
        No plan in force gives them anything or takes anything from them.
    """
    allow_somewhere(by, Deed.SEE)
    person = _person(tx, person_id, by, at)
    for plan in plan_store.with_status(tx, Status.ACTIVE):
        if plan.result_id is None or person_id not in _digests_now(tx, plan):
            continue
        return _pack(tx, plan, person, names_others=may(by, Deed.SEE_EVERYONE))
    raise NoPack(f"No plan in force has an account for {person.name}; a pack is made from the plan that gives one.")


def acknowledge(tx: Connection, person_id: str, digest: str, *, by: Principal, at: datetime) -> Pack:
    """Say that one has read one's pack as it is; saying so twice is saying it once."""
    found = pack(tx, person_id, by=by, at=at)
    if by.person_id != person_id:
        raise NotYourPack(f"Only {found.person.name} can say that {found.person.name} has read it.")
    if digest != found.digest:
        raise OldPack("The pack has changed since you opened it; read it again, then say so.")
    if found.acknowledged_at is None:
        values = {"plan_id": found.plan.plan_id, "person_id": person_id, "digest": digest, "at": at}
        tx.execute(insert(pack_acknowledgement).values(acknowledgement_id=new_id("acknowledgement"), **values))
        audit.record(
            tx, "acknowledge pack", found.plan.plan_id, kind="plan", by=by.person_id, at=at, after={"digest": digest}
        )
    return found


def readers(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> tuple[Read, ...]:
    """Who has an account in a plan, of those one sees, and whether they have read their pack as it is."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    state, digests = state_now(tx, plan, shapes=False), _digests_now(tx, plan)
    held = state.assignments.drop_nulls("person").group_by("person").agg(pl.len(), pl.col("territory").first())
    seen = in_sight(by, person=people.person.c.person_id, at=at)
    known = people.find(tx, sorted(held["person"]), seen=seen)
    read = _acknowledged(tx, plan_id)
    rows = sorted(held.iter_rows(), key=lambda row: row[0])
    return tuple(
        Read(
            person_id=person_id,
            person=known[person_id].name,
            territory=territory,
            accounts=many,
            at=read.get((person_id, digests[person_id])),
        )
        for person_id, many, territory in rows
        if person_id in known
    )


def _person(tx: Connection, person_id: str, by: Principal, at: datetime) -> Profile:
    seen = people.person.c.person_id == by.person_id
    if may(by, Deed.SEE_EVERYONE):
        seen = or_(seen, in_sight(by, person=people.person.c.person_id, at=at))
    found = people.find(tx, [person_id], seen=seen).get(person_id)
    if found is None:
        raise UnknownPerson(person_id)
    return found


def _pack(tx: Connection, plan: RecordedPlan, person: Profile, *, names_others: bool) -> Pack:
    me = person.person_id
    state = state_now(tx, plan, shapes=False)
    mine = state.assignments.filter(pl.col("person") == me)
    before, now = pl.col("previous_owner"), pl.col("person")
    gained = mine.filter(before.ne_missing(pl.lit(me)))
    lost = state.assignments.filter((before == me) & now.ne_missing(pl.lit(me)))
    others = sorted({*gained["previous_owner"].drop_nulls(), *lost["person"].drop_nulls()}) if names_others else []
    names = people.names(tx, others)
    digest = _digests_now(tx, plan)[me]
    return Pack(
        plan=state.plan,
        person=person,
        territories=tuple(sorted(mine["territory"].drop_nulls().unique())),
        shares=tuple(_share(state, mine, name) for name in state.measures),
        keeps=mine.height - gained.height,
        gained=_given(state, gained, "previous_owner", names),
        lost=_given(state, lost, "person", names),
        book=_given(state, mine, "previous_owner", names),
        digest=digest,
        acknowledged_at=_acknowledged(tx, state.plan.plan_id).get((me, digest)),
    )


def _share(state: PlanState, mine: pl.DataFrame, measure: str) -> Share:
    column = f"measure_{measure}"
    actual, total = float(mine[column].sum()), float(state.assignments[column].sum())
    here = state.territories.filter(pl.col("territory").is_in(mine["territory"].unique().implode()))
    name = f"{measure}_target"
    target = float(here[name].sum()) if name in here.columns and here[name].null_count() < here.height else None
    return Share(measure=measure, target=target, actual=actual, of_total=actual / total if total else 0.0)


def _given(state: PlanState, rows: pl.DataFrame, other: str, names: Mapping[str, str]) -> tuple[Given, ...]:
    column = f"measure_{state.measures[0]}" if state.measures else None
    ordered = rows.sort(column, descending=True, nulls_last=True) if column else rows
    return tuple(
        Given(
            account_id=row["account_id"],
            name=row.get("name"),
            territory=row["territory"] if other == "previous_owner" else None,
            potential=float(row[column] or 0.0) if column else 0.0,
            reason=row["reason"],
            other=names.get(row[other] or ""),
        )
        for row in ordered.iter_rows(named=True)
    )


def _digests_now(tx: Connection, plan: RecordedPlan) -> Mapping[str, str]:
    return standing(tx, plan).remembered(digests_of, plan)


def digests_of(state: PlanState) -> Mapping[str, str]:
    """Person → what tells one pack of theirs from another: their accounts, and those they lose. Pure."""
    told = state.assignments.select("account_id", "territory", "person", "previous_owner")
    of = pl.concat([told.with_columns(whose=pl.col(column)) for column in ("person", "previous_owner")])
    packs = of.drop_nulls("whose").unique(["whose", "account_id"]).sort("whose", "account_id")
    return {
        str(whose): hashlib.sha256(
            json.dumps([state.plan.plan_id, whose, rows.select("account_id", "territory", "person").rows()]).encode()
        ).hexdigest()
        for (whose,), rows in packs.partition_by("whose", as_dict=True, maintain_order=True).items()
    }


def _acknowledged(tx: Connection, plan_id: str) -> dict[tuple[str, str], datetime]:
    table = pack_acknowledgement
    query = select(table.c.person_id, table.c.digest, table.c.at).where(table.c.plan_id == plan_id)
    return {(row.person_id, row.digest): row.at for row in tx.execute(query)}
