"""What people do with plans in the record: start, carve, edit, clone, invite, submit, withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, cursor_of, key_of, limit_of, page_of
from patchbook.db.record import record_of
from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.imports import snapshots
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.people.profile import UnknownPerson
from patchbook.period import instant
from patchbook.plans import documents, results, store
from patchbook.plans.edits import Add, Edit, Staff, Vacate, kind_of, payload_of, said_of
from patchbook.plans.effect import effect
from patchbook.plans.guardrails import Refusal, moves_of, refusals, refuse, taken_away_by, with_new
from patchbook.plans.job import Carved, Job, Kept, carve_now, keep_result, prepare_carve
from patchbook.plans.life import LONGEST_NAME, NotCarved, RecordedPlan, Status
from patchbook.plans.standing import draft_now, state_now
from patchbook.plans.state import PlanState, done, parsed
from patchbook.plans.store import Change, RecordedEdit
from patchbook.words import counted

__all__ = [
    "Carved",
    "Job",
    "Kept",
    "carve_now",
    "keep_result",
    "prepare_carve",
]

LONGEST_WHY = 2_000


class BadPlanName(BadInput):
    """A plan's name is empty, too long, or cannot be shown."""


class NothingToUndo(Conflict):
    """No edit of the plan can be undone, or redone."""


class Unassigned(Conflict):
    """A plan leaves accounts without a territory, so it cannot be submitted."""


def start(
    tx: Connection,
    name: str | None,
    document: str,
    *,
    files: Mapping[str, str] | None = None,
    effective: date | None = None,
    confidential: bool = False,
    snapshot_id: str | None = None,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Start a draft from a plan file.

    Parameters
    ----------
    name, effective
        Instead of those in the document.
    files
        The files the document names, by the name it has for them.
    confidential
        Whether only those invited may see it, planners too.
    snapshot_id
        The accounts to carve, where not the newest at the first carve.

    Raises
    ------
    BadPlanFile
        The document cannot be meant, or names a file that did not come with it; with its line.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    files = files or {}
    plan = documents.refuse_incomplete(document, files)
    if snapshot_id is not None:
        snapshots.path_of(record_of(tx), snapshot_id)
    made = RecordedPlan(
        plan_id=new_id("plan"), name=_name(plan.name if name is None else name), document=document,
        effective=effective or plan.effective, confidential=confidential, snapshot_id=snapshot_id,
        seed=plan.seed, seconds=plan.seconds, owner_id=by.person_id, made_by=by.person_id, made_at=at,
    )  # fmt: skip
    store.add(tx, made, what="started it")
    store.put_files(tx, made.plan_id, _used(document, files))
    after = {"confidential": confidential, "effective": made.effective and made.effective.isoformat()}
    _audit(tx, "start", made, by, at, after=after)
    return made


def get(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> RecordedPlan:
    """The plan of that id, if they may see it; to everybody else it is not there."""
    allow_somewhere(by, Deed.SEE)
    return store.get(tx, plan_id, by=by, at=at)


def plans(
    tx: Connection,
    *,
    status: Status | str | None = None,
    scenario_of: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[RecordedPlan]:
    """Plans somebody may see, newest first; with `scenario_of` a plan and its scenarios."""
    allow_somewhere(by, Deed.SEE)
    wanted, last = _status(status), _after(after)
    found = store.plans(tx, by, at=at, status=wanted, scenario_of=scenario_of, after=last, limit=limit_of(limit) + 1)
    return page_of(found, limit, lambda plan: (plan.made_at.isoformat(), plan.plan_id))


def families(
    tx: Connection,
    *,
    status: Status | str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[tuple[RecordedPlan, ...]]:
    """Plans somebody may see, each with its scenarios and before them; the family with the newest plan first."""
    allow_somewhere(by, Deed.SEE)
    found = store.families(tx, by, at=at, status=_status(status), after=_after(after), limit=limit_of(limit) + 1)
    page = page_of(found, limit, lambda family: (family[0].isoformat(), family[1]))
    return Page(tuple(members for _, _, members in page.rows), page.next_cursor)


def _status(status: Status | str | None) -> Status | None:
    if status is None:
        return None
    if status not in list(Status):
        raise BadInput(f"There is no status {str(status)!r}; a plan is {', '.join(Status)}.")
    return Status(status)


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    made, plan_id = key_of(cursor, str, str)
    return instant(made), plan_id


def change_document(
    tx: Connection,
    plan_id: str,
    document: str,
    *,
    files: Mapping[str, str] | None = None,
    name: str | None = None,
    effective: date | None = None,
    revision: int | None,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Give a draft another document; its carve stays until it is carved again.

    Files the new document still names are kept where `files` does not have them.
    """
    plan = _draft(tx, plan_id, revision, by, at)
    known = {**store.files(tx, plan_id), **(files or {})}
    written = documents.refuse_incomplete(document, known)
    changed = replace(
        plan,
        document=document,
        name=plan.name if name is None else _name(name),
        effective=effective or written.effective or plan.effective,
        seed=written.seed,
        seconds=written.seconds,
    )
    store.put_files(tx, plan_id, _used(document, known))
    kept = store.save(tx, changed, what="changed the document", by=by.person_id, at=at)
    _audit(tx, "change document", kept, by, at)
    return kept


def files(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> dict[str, str]:
    """The files a plan's document names, name → content."""
    get(tx, plan_id, by=by, at=at)
    return store.files(tx, plan_id)


def clone(tx: Connection, plan_id: str, name: str, *, by: Principal, at: datetime) -> RecordedPlan:
    """A draft with the same document, pins, carve and edits: a scenario to change and to compare."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    made = RecordedPlan(
        plan_id=new_id("plan"), name=_name(name), document=plan.document, effective=plan.effective,
        confidential=plan.confidential, scenario_of=plan.scenario_of or plan.plan_id, snapshot_id=plan.snapshot_id,
        people_id=plan.people_id, owners_at=plan.owners_at, seed=plan.seed, seconds=plan.seconds,
        engine_version=plan.engine_version, result_id=plan.result_id, owner_id=by.person_id, made_by=by.person_id,
        made_at=at,
    )  # fmt: skip
    store.add(tx, made, what=f"cloned it from {plan_id}")
    store.put_files(tx, made.plan_id, store.files(tx, plan_id))
    for one in store.edits(tx, plan_id):
        if not one.undone and one.result_id == plan.result_id:
            store.append_edit(tx, made.plan_id, one)
    _audit(tx, "clone", made, by, at, after={"of": plan_id})
    return made


def invite(tx: Connection, plan_id: str, person_ids: Sequence[str], *, by: Principal, at: datetime) -> list[str]:
    """Let people see a draft; everybody invited now."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    _refuse_unknown_people(tx, person_ids)
    new = store.invite(tx, plan_id, person_ids)
    if new:
        _audit(tx, "invite", plan, by, at, after={"people": new})
    return store.invited(tx, plan_id)


def uninvite(tx: Connection, plan_id: str, person_id: str, *, by: Principal, at: datetime) -> list[str]:
    """No longer let somebody see a draft; everybody invited still."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    if not store.uninvite(tx, plan_id, person_id):
        raise NotFound(f"{person_id!r} is not invited to plan {plan.name!r}.")
    _audit(tx, "uninvite", plan, by, at, before={"people": [person_id]})
    return store.invited(tx, plan_id)


def invited(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> list[str]:
    """Who is invited to a plan."""
    get(tx, plan_id, by=by, at=at)
    return store.invited(tx, plan_id)


def state(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> PlanState:
    """
    The plan as it stands: its carve with the edits worked in.

    Raises
    ------
    NotAllowed
        Reps see their own future book, by `challenges.preview`.
    """
    allow_somewhere(by, Deed.SEE_EVERYONE)
    return state_now(tx, store.get(tx, plan_id, by=by, at=at))


def result(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> results.KeptResult:
    """What the carve itself gave: its figures, its problems, and the tables before any edit."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = store.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        raise NotCarved(plan)
    return results.read(record_of(tx).folder, plan.result_id)


def edit(
    tx: Connection,
    plan_id: str,
    edit: Edit,
    *,
    why: str | None = None,
    revision: int | None,
    overrule: str | None = None,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Change a carved draft by one edit.

    Parameters
    ----------
    revision
        The revision the edit was made on; None takes whatever is there.
    overrule
        Why guardrails do not hold for once.

    Raises
    ------
    StalePlan
        Somebody else changed the plan meanwhile; the message says who changed what.
    Guarded
        It breaks a guardrail; the message says which, by how much, and what would be allowed.
    """
    plan = _draft(tx, plan_id, revision, by, at)
    people = [edit.person] if isinstance(edit, Staff | Add) else [edit.interim] if isinstance(edit, Vacate) else []
    _refuse_unknown_people(tx, [person for person in people if person is not None])
    overruled = _guard(tx, plan, edit, overrule, by, at)
    reason = f"{why} Overruled: {overrule}" if overruled and why else why or overrule
    return apply(tx, plan, [edit], why=reason, overruled=overruled, by=by, at=at)


def apply(
    tx: Connection,
    plan: RecordedPlan,
    edits: Sequence[Edit],
    *,
    why: str | None,
    overruled: bool = False,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Write edits into the journal as one revision; who may, and guardrails, are the caller's.

    Raises
    ------
    PatchbookError
        An edit does not fit the plan as it stands; nothing is written.
    """
    if why is not None and len(why) > LONGEST_WHY:
        raise BadInput(f"The reason has {len(why):,} characters; it may have {LONGEST_WHY:,}.")
    draft = draft_now(tx, plan.edited())
    made = []
    for one in edits:
        payload = {**payload_of(one), **({"overruled": True} if overruled else {})}
        entry = RecordedEdit(
            number=0, kind=kind_of(one), payload=payload, why=(why or "").strip() or None, by=by.person_id, at=at,
            result_id=plan.result_id,
        )  # fmt: skip
        draft.apply([done(entry)])
        made.append(store.append_edit(tx, plan.plan_id, entry))
    kept = store.save(tx, plan, what=said_of(edits), by=by.person_id, at=at)
    told = {"edits": [{"number": one.number, "kind": one.kind} for one in made], "revision": kept.revision}
    _audit(tx, "edit", kept, by, at, after=told)
    return kept


def undo(tx: Connection, plan_id: str, *, revision: int | None, by: Principal, at: datetime) -> RecordedPlan:
    """Take back the last edit that counts, whoever made it; it stays in the journal as undone."""
    plan = _draft(tx, plan_id, revision, by, at)
    standing = [one for one in store.edits(tx, plan_id) if not one.undone and one.result_id == plan.result_id]
    if not standing:
        raise NothingToUndo(f"Plan {plan.name!r} has no edit to undo.")
    last = standing[-1]
    store.mark_edit(tx, plan_id, last.number, undone=True, by=by.person_id, at=at)
    kept = store.save(tx, plan, what=f"undid edit {last.number} ({last.kind})", by=by.person_id, at=at)
    _audit(tx, "undo", kept, by, at, after={"number": last.number, "revision": kept.revision})
    return kept


def redo(tx: Connection, plan_id: str, *, revision: int | None, by: Principal, at: datetime) -> RecordedPlan:
    """Make the edit undone last again; after another edit there is nothing to redo."""
    plan = _draft(tx, plan_id, revision, by, at)
    waiting = [
        one for one in store.edits(tx, plan_id) if one.undone and not one.final and one.result_id == plan.result_id
    ]
    if not waiting:
        raise NothingToUndo(f"Plan {plan.name!r} has no edit to redo.")
    first = waiting[0]
    draft_now(tx, plan).apply([done(first)])
    store.mark_edit(tx, plan_id, first.number, undone=False)
    kept = store.save(tx, plan, what=f"redid edit {first.number} ({first.kind})", by=by.person_id, at=at)
    _audit(tx, "redo", kept, by, at, after={"number": first.number, "revision": kept.revision})
    return kept


def journal(
    tx: Connection, plan_id: str, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[RecordedEdit]:
    """Every edit of a plan in order, undone ones too."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    store.get(tx, plan_id, by=by, at=at)
    last = 0 if after is None else key_of(after, int)[0]
    found = store.edits(tx, plan_id, after=last, limit=limit_of(limit) + 1)
    return page_of(found, limit, lambda one: (one.number,))


def changes(
    tx: Connection, plan_id: str, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[Change]:
    """What made each revision of a plan, and who, in order."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    store.get(tx, plan_id, by=by, at=at)
    last = 0 if after is None else key_of(after, int)[0]
    found = store.changes_since(tx, plan_id, last)[: limit_of(limit) + 1]
    shown = tuple(found[:limit])
    return Page(shown, cursor_of(shown[-1].revision) if len(found) > limit else None)


def submit(tx: Connection, plan_id: str, *, revision: int | None, by: Principal, at: datetime) -> RecordedPlan:
    """
    Send a draft to its approvers.

    Raises
    ------
    Unassigned
        Accounts have no territory; the message says how many and the first.
    """
    from patchbook.approvals.actions import open_review

    plan = _draft(tx, plan_id, revision, by, at)
    sent = plan.submit(by=by.person_id, at=at)
    free = state_now(tx, plan, shapes=False).unassigned
    if free.height:
        many = counted(free.height, "account")
        raise Unassigned(
            f"Plan {plan.name!r} leaves {many} without a territory, first {free['account_id'][0]}; move"
            f" {'it' if free.height == 1 else 'them'}, or add a house layer, which takes the rest."
        )
    kept = store.save(tx, sent, what="submitted it", by=by.person_id, at=at)
    _audit(tx, "submit", kept, by, at, after={"revision": kept.revision, "result": kept.result_id})
    open_review(tx, plan_id, by=by, at=at)
    return store.get(tx, plan_id)


def withdraw(tx: Connection, plan_id: str, *, revision: int | None, by: Principal, at: datetime) -> RecordedPlan:
    """Give a plan up that was not published; it stays readable."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    _refuse_stale(tx, plan, revision)
    kept = store.save(tx, plan.withdraw(), what="withdrew it", by=by.person_id, at=at)
    _audit(tx, "withdraw", kept, by, at, before={"status": plan.status})
    return kept


def _draft(tx: Connection, plan_id: str, revision: int | None, by: Principal, at: datetime) -> RecordedPlan:
    """The plan, if they may edit it, it is a draft, and nobody changed it since they looked."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at)
    _refuse_stale(tx, plan, revision)
    return plan.edited()


def _refuse_stale(tx: Connection, plan: RecordedPlan, revision: int | None) -> None:
    if revision is not None and revision != plan.revision:
        raise store.stale(tx, plan.plan_id, revision)


def _guard(tx: Connection, plan: RecordedPlan, edit: Edit, overrule: str | None, by: Principal, at: datetime) -> bool:
    """Whether an edit breaks guardrails that are overruled; raises where they are not."""
    found = refused(tx, plan, edit, at=at)
    refuse(found, overrule=overrule, may_overrule=may(by, Deed.COMMIT))
    return bool(found)


def refused(tx: Connection, plan: RecordedPlan, edit: Edit, *, at: datetime) -> tuple[Refusal, ...]:
    """The guardrails an edit of a carved draft would break."""
    from patchbook.approvals.actions import guardrails

    now = state_now(tx, plan, shapes=False)
    now = replace(now, territories=with_new(edit, now.territories))
    rails = guardrails(tx, parsed(plan), at=at)
    moves = moves_of(edit, now)
    caused = effect(now, moves, tolerances=rails.tolerances) if moves else None
    return refusals(now, moves, caused, rails, at=at, without=taken_away_by(edit))


def _refuse_unknown_people(tx: Connection, person_ids: Sequence[str]) -> None:
    known = people_store.find(tx, list(person_ids)) if person_ids else {}
    for person_id in person_ids:
        if person_id not in known:
            raise UnknownPerson(person_id)


def _used(document: str, files: Mapping[str, str]) -> dict[str, str]:
    return {name: files[name] for name in documents.names_in(document)}


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadPlanName(
            f"A plan's name is 1 to {LONGEST_NAME} characters that can be shown; {name[:40]!r} has {len(name)}."
        )
    return name


def _audit(
    tx: Connection,
    deed: str,
    plan: RecordedPlan,
    by: Principal,
    at: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(tx, deed, plan.plan_id, kind="plan", by=by.person_id, at=at, before=before, after=after)
