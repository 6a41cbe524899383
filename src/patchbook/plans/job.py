"""A carve of a recorded plan in three steps: what it needs is gathered, it runs outside any transaction, it is kept.

What was gathered is pinned: accounts by their snapshot, people by a digest, today's owners by the instant they were
asked about. Carving again from the pins gives the same files, byte for byte, unless time cut the carve short.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, true

from patchbook.accounts import Accounts
from patchbook.accounts.families import find_families
from patchbook.audit import actions as audit
from patchbook.carving.solution import Progress
from patchbook.db.crash import crash_point
from patchbook.db.record import Record, record_of
from patchbook.errors import BadInput, Conflict, PatchbookError
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind, NoImport
from patchbook.ledger import actions as ledger
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow
from patchbook.people.person import Person
from patchbook.people.principal import Principal, system
from patchbook.period import midnight
from patchbook.plans import documents, results, store
from patchbook.plans.check import check
from patchbook.plans.edits import Lock, Move, Rename, kind_of, payload_of
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.plan import Lock as PlanLock
from patchbook.plans.plan import Plan
from patchbook.plans.prepare import spoilt_numbers
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.references import context_of
from patchbook.plans.result import Result
from patchbook.plans.seats import people_frame
from patchbook.plans.state import done, draft_of, state_of
from patchbook.plans.store import RecordedEdit
from patchbook.rules.schema import schema_of

MOST_PEOPLE = 1_000_000


class ErasedPerson(Conflict):
    """A carve cannot be repeated, because somebody it was made with was erased since."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything a carve needs, gathered; it can run anywhere, and nothing is locked meanwhile."""

    plan: RecordedPlan
    files: Mapping[str, str]
    accounts: Accounts
    people: tuple[Person, ...]
    people_id: str
    owners: pl.DataFrame
    """account_id and person_id of every account the ledger knew at `owners_at`."""
    owners_at: datetime
    snapshot_id: str
    locks: tuple[PlanLock, ...] = ()
    """Accounts the journal keeps in a seat of the carve before."""

    def run(self, progress: Callable[[Progress], None] | None = None, stop: Callable[[], bool] | None = None) -> Carved:
        """
        The carve.

        Raises
        ------
        BadInput
            The document asks for what accounts or people do not have; the message says in which line.
        """
        from patchbook.plans.carve import carve  # the engine takes a second to load, and most deeds on plans need none

        was_stopped = False

        def asked() -> bool:
            nonlocal was_stopped
            was_stopped = was_stopped or (stop is not None and stop())
            return was_stopped

        with self.laid_out() as (plan, accounts):
            result = carve(plan, accounts=accounts, people=self.people, progress=progress, stop=asked)
        return Carved(job=self, result=result, was_stopped=was_stopped)

    @contextmanager
    def laid_out(self) -> Iterator[tuple[Plan, Accounts]]:
        """
        The plan with its files where it can read them, and its accounts as it sees them, for as long as that takes.

        Raises
        ------
        BadInput
            The document asks for what accounts or people do not have; the message says in which line.
        """
        with documents.laid_out(self.plan.document, self.files) as written:
            own = {lock.account_id for lock in written.locks}
            plan = replace(
                written,
                effective=self.plan.effective,
                seed=self.plan.seed,
                seconds=self.plan.seconds,
                locks=(*written.locks, *(lock for lock in self.locks if lock.account_id not in own)),
            )
            accounts = as_planned(self.accounts, plan, self.owners)
            _refuse_unfitting(plan, accounts, self.people)
            yield plan, accounts


@dataclass(frozen=True, kw_only=True)
class Carved:
    """A job that ran."""

    job: Job
    result: Result
    was_stopped: bool = False
    """Whether somebody ended it; it holds the best found until then, and may not repeat."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A plan with its new carve."""

    plan: RecordedPlan
    not_applied: tuple[str, ...] = ()
    """Edits that could not be carried over, each with the reason."""


def prepare_carve(
    tx: Connection,
    plan_id: str,
    *,
    seed: int | None = None,
    seconds: float | None = None,
    fresh: bool = False,
    is_kept: bool = True,
    by: Principal,
    at: datetime,
) -> Job:
    """
    Gather what a carve of the plan needs.

    Parameters
    ----------
    seed, seconds
        Instead of the plan's own.
    fresh
        Take the newest accounts, people and owners, instead of those the plan was carved with before.
    is_kept
        Whether the carve may become the plan's, so that the plan has to be a draft; not where it is only looked into.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    plan = plan.edited() if is_kept else plan
    plan = replace(plan, seed=plan.seed if seed is None else seed, seconds=plan.seconds if seconds is None else seconds)
    if plan.seed < 0 or not 0 < plan.seconds <= 86_400:
        raise BadInput(
            f"The seed is {plan.seed} and the time {plan.seconds:g} s; the seed is 0 or more, the time above 0 and at"
            " most a day."
        )
    again = not fresh and plan.result_id is not None
    snapshot_id = plan.snapshot_id if plan.snapshot_id is not None and not fresh else _newest(tx)
    people, people_id = _people(tx, plan.people_id if again else None, plan, at)
    owners_at = plan.owners_at if again and plan.owners_at is not None else at
    return Job(
        plan=plan,
        files=store.files(tx, plan_id),
        accounts=snapshots.taken(tx, snapshot_id),
        people=people,
        people_id=people_id,
        owners=owners_known(tx, owners_at),
        owners_at=owners_at,
        snapshot_id=snapshot_id,
        locks=_locks(tx, plan),
    )


def keep_result(tx: Connection, carved: Carved, *, by: Principal, at: datetime) -> Kept:
    """
    Keep a carve as the plan's, with the locks and names of the one before.

    Raises
    ------
    StalePlan
        The plan was changed while it was carved; the message says who changed what.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    job = carved.job
    now = store.get(tx, job.plan.plan_id, by=by, at=at)
    if now.revision != job.plan.revision:
        raise store.stale(tx, now.plan_id, job.plan.revision)
    result_id = results.keep(carved.result, record_of(tx).folder)
    crash_point("carve.result")
    store.put_people(tx, job.people_id, [_row(person) for person in job.people])
    plan = now.carved(
        result_id=result_id,
        snapshot_id=job.snapshot_id,
        people_id=job.people_id,
        owners_at=job.owners_at,
        engine_version=engine_version(),
        seed=job.plan.seed,
        seconds=job.plan.seconds,
    )
    return _kept(tx, now, plan, what="carved it", by=by, at=at)


def adopt_result(
    tx: Connection, plan: RecordedPlan, result_id: str, *, seed: int, seconds: float, engine: str, by: Principal,
    at: datetime,
) -> Kept:  # fmt: skip
    """
    Let a draft have a result that was made of the accounts, people and owners it is pinned to.

    That it was, and who may, are the caller's.
    """
    if plan.snapshot_id is None or plan.people_id is None or plan.owners_at is None:
        raise NotCarved(plan)
    carved = plan.carved(
        result_id=result_id,
        snapshot_id=plan.snapshot_id,
        people_id=plan.people_id,
        owners_at=plan.owners_at,
        engine_version=engine,
        seed=seed,
        seconds=seconds,
    )
    return _kept(tx, plan, carved, what="took a carve that was tried", by=by, at=at)


def engine_version() -> str:
    """What carves now, as a plan names it."""
    from patchbook import __version__
    from patchbook.plans.carve import ENGINE

    return f"{__version__}, engine {ENGINE}"


def _kept(tx: Connection, before: RecordedPlan, plan: RecordedPlan, *, what: str, by: Principal, at: datetime) -> Kept:
    """Keep a plan with its new result, and with the locks and names of the one before."""
    journal = store.edits(tx, plan.plan_id)
    is_other = before.result_id not in (None, plan.result_id)
    carried = _carried(record_of(tx).folder, before, plan, journal) if is_other else []
    not_applied = _adopt(tx, plan, journal, carried, by=by, at=at)
    kept = store.save(tx, plan, what=what, by=by.person_id, at=at)
    audit.record(
        tx, "carve", plan.plan_id, kind="plan", by=by.person_id, at=at, before={"result": before.result_id},
        after={"result": plan.result_id, "snapshot": plan.snapshot_id, "seed": plan.seed,
               "engine": plan.engine_version},
    )  # fmt: skip
    return Kept(plan=kept, not_applied=tuple(not_applied))


def carve_now(
    record: Record,
    plan_id: str,
    *,
    seed: int | None = None,
    seconds: float | None = None,
    fresh: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    by: Principal,
    clock: Callable[[], datetime],
) -> Kept:
    """Gather, carve and keep, with no transaction open while the carve runs."""
    with record.reading() as tx:
        job = prepare_carve(tx, plan_id, seed=seed, seconds=seconds, fresh=fresh, by=by, at=clock())
    carved = job.run(progress, stop)
    with record.writing() as tx:
        return keep_result(tx, carved, by=by, at=clock())


def owners_known(tx: Connection, at: datetime) -> pl.DataFrame:
    """The owner of every account of the ledger at an instant, as known then."""
    if imports.has_assignments(tx):
        batches = [
            pl.DataFrame(pl.from_arrow(batch)).select("account_id", "person_id")
            for batch in ledger.company(tx, on=at, as_known_on=at, by=system(), at=at)
        ]
        if batches:
            return pl.concat(batches)
    return pl.DataFrame(schema={"account_id": pl.String, "person_id": pl.String})


def as_planned(accounts: Accounts, plan: Plan, owners: pl.DataFrame) -> Accounts:
    """The accounts with the columns the plan takes for fields, the ledger's owners, and numbers as numbers."""
    frame = accounts.frame
    field_of = {mapped.column: mapped.field for mapped in accounts.mapping}
    for field, column in plan.columns.items():
        source = field_of.get(column, column)
        if source not in frame.columns:
            shown = ", ".join(field_of)
            message = f"the accounts have no column {column!r} for {field}; they have {shown}"
            place = f"columns.{field}"
            raise BadPlanFile(documents.DOCUMENT.name, [_problem(message, place, plan)])
        dtype = frame.schema.get(field, frame.schema[source])
        frame = frame.with_columns(frame[source].cast(dtype, strict=False).alias(field))
    if {"parent_id", "name"} & set(plan.columns):
        texts = [frame[name] if name in frame.columns else None for name in ("parent_id", "name")]
        frame = frame.with_columns(find_families(frame["account_id"], *texts).family_id)
    spoilt = spoilt_numbers(plan, replace(accounts, frame=frame))
    frame = frame.with_columns(pl.col(name).cast(pl.Float64, strict=False) for name in sorted(spoilt))
    if owners.height:
        told = owners.rename({"person_id": "_owner"}).with_columns(_known=pl.lit(True))
        frame = frame.join(told, on="account_id", how="left", maintain_order="left")
        if "owner" not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("owner"))
        owner = pl.when(pl.col("_known").fill_null(False)).then("_owner").otherwise("owner")
        frame = frame.with_columns(owner.alias("owner")).drop("_owner", "_known")
    return replace(accounts, frame=frame)


def _refuse_unfitting(plan: Plan, accounts: Accounts, people: Sequence[Person]) -> None:
    """Stop where the document asks for fields that accounts or people do not have."""
    frame = accounts.frame.with_columns(
        pl.col(mapped.field).alias(mapped.column)
        for mapped in accounts.mapping
        if mapped.field in accounts.frame.columns and mapped.column not in accounts.frame.columns
    )
    staff = schema_of(people_frame(people)) if plan.people is not None else None
    found = check(plan, schema_of(frame), staff, context=context_of(plan, frame))
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise BadPlanFile(documents.DOCUMENT.name, errors)


def _newest(tx: Connection) -> str:
    found = imports.latest(tx, Kind.ACCOUNTS)
    if found is None or found.snapshot_id is None:
        raise NoImport("No accounts have been imported yet; import them before carving a plan.")
    return found.snapshot_id


def _people(tx: Connection, people_id: str | None, plan: RecordedPlan, at: datetime) -> tuple[tuple[Person, ...], str]:
    """The people a carve is made with, those of the carve before where one is named."""
    if people_id is not None:
        rows = store.people(tx, people_id)
        erased = [row["person_id"] for row in rows if row.get("erased")]
        if erased:
            raise ErasedPerson(
                f"Plan {plan.name!r} was carved with {erased[0]}, who was erased since, so it cannot be carved again as"
                " it was; carve it afresh with today's people."
            )
        return tuple(_person(row) for row in rows), people_id
    on = midnight(plan.effective) if plan.effective is not None else at
    found = people_store.listed(tx, seen=true(), search=None, on=max(on, at), after=None, limit=MOST_PEOPLE)
    people = tuple(sorted((_plain(profile) for profile in found), key=lambda person: person.person_id))
    told = json.dumps([_row(person) for person in people], sort_keys=True, ensure_ascii=False)
    return people, f"people-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _plain(profile: Person) -> Person:
    return Person(**{name: getattr(profile, name) for name in Person.__dataclass_fields__})


def _row(person: Person) -> dict[str, Any]:
    told = asdict(person)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}


def _person(row: Mapping[str, Any]) -> Person:
    lists = {name: frozenset(row[name]) for name in ("skills", "languages", "products")}
    return Person(**{**row, **lists})


def _locks(tx: Connection, plan: RecordedPlan) -> tuple[PlanLock, ...]:
    """Accounts locked in a seat of a carve layer, as locks for the next carve."""
    journal = store.edits(tx, plan.plan_id)
    if plan.result_id is None or not any(one.kind == "lock" and not one.undone for one in journal):
        return ()
    state = state_of(record_of(tx).folder, plan, journal)
    locked = state.assignments.filter(pl.col("locked") & pl.col("seat").is_not_null())
    return tuple(
        PlanLock(account_id=account, seat=seat) for account, seat in locked.select("account_id", "seat").iter_rows()
    )


def _carried(folder: Any, before: RecordedPlan, after: RecordedPlan, journal: Sequence[RecordedEdit]) -> list[Any]:
    """The edits that give a new carve the names and locks of the one before."""
    old = state_of(folder, before, journal)
    new = draft_of(folder, after)
    was = {holding.seat: holding.territory for holding in new.holdings if holding.seat}
    edits: list[Any] = []
    base = {holding.seat: holding.territory for holding in draft_of(folder, before).holdings if holding.seat}
    taken = {holding.territory for holding in new.holdings}
    for seat, territory in old.territories.select("seat", "territory").iter_rows():
        if seat in was and base.get(seat) != territory and territory not in taken:
            edits.append(Rename(territory=was[seat], to=territory))
            was[seat] = territory
    locked = old.assignments.filter(pl.col("locked"))
    aside = locked.filter(pl.col("seat").is_null() & pl.col("territory").is_not_null())
    for (territory,), rows in aside.group_by(["territory"], maintain_order=True):
        edits.append(Move(accounts=tuple(rows["account_id"]), to=str(territory)))
    if locked.height:
        edits.append(Lock(accounts=tuple(locked["account_id"])))
    return edits


def _adopt(
    tx: Connection, plan: RecordedPlan, journal: Sequence[RecordedEdit], carried: Sequence[Any], *, by: Principal,
    at: datetime,
) -> list[str]:  # fmt: skip
    """Take what waited for this carve and what comes from the one before into the journal, as far as it applies."""
    folder = record_of(tx).folder
    draft = draft_of(folder, plan)
    told: list[str] = []
    for one in journal:
        if one.undone:
            continue
        if one.result_id not in (None, plan.result_id):
            continue
        try:
            draft.apply([done(one)])
        except PatchbookError as error:
            told.append(f"{one.kind}: {error}")
            store.mark_edit(tx, plan.plan_id, one.number, undone=True, by=by.person_id, at=at)
            continue
        if one.result_id is None:
            assert plan.result_id is not None
            store.adopt_edits(tx, plan.plan_id, plan.result_id, [one.number])
    for edit in carried:
        entry = RecordedEdit(
            number=0, kind=kind_of(edit), payload=payload_of(edit), why="kept from the carve before", by=by.person_id,
            at=at, result_id=plan.result_id,
        )  # fmt: skip
        try:
            draft.apply([done(entry)])
        except PatchbookError as error:
            told.append(f"{entry.kind}: {error}")
            continue
        store.append_edit(tx, plan.plan_id, entry)
    return told


def _problem(message: str, place: str, plan: Plan) -> Any:
    from patchbook.plans.problems import Problem

    return Problem(message=message, place=place, line=plan.lines.get(place))
