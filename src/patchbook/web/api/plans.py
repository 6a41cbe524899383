"""Plans: started, shown, cloned, shared with people, submitted, given up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from patchbook.plans import actions as plans
from patchbook.plans.life import Status
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, Paged, Revision, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["plans"])

Document = Annotated[str, StringConstraints(min_length=1, max_length=500_000, pattern=r"^[^\x00]*$")]
Files = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=900_000, pattern=r"^[^\x00]*$")]],
    Field(max_length=100, description="The CSV files the document names, name → content."),
]


class PlanIn(In):
    """A plan to start."""

    document: Document = Field(description="The plan file, as YAML.")
    name: Name | None = Field(default=None, description="The document's own where none is given.")
    files: Files = Field(default={})
    effective: date | None = None
    confidential: bool = False
    snapshot_id: Id | None = Field(default=None, description="Accounts to plan with; the newest import's where absent.")


class DocumentIn(In):
    """Another document for a draft."""

    document: Document
    files: Files | None = None
    name: Name | None = None
    effective: date | None = None
    revision: Revision


class CloneIn(In):
    """What a scenario is called."""

    name: Name


class RevisionIn(In):
    """The revision that was read."""

    revision: Revision


class InvitationIn(In):
    """Who is to see a draft."""

    person_ids: list[Id] = Field(min_length=1, max_length=1000)


class PlanOut(Out):
    """A plan, and where it is in its life."""

    plan_id: str
    name: str
    status: Status
    revision: int
    effective: date | None
    confidential: bool
    owner_id: str
    scenario_of: str | None
    snapshot_id: str | None
    owners_at: datetime | None
    seed: int
    seconds: float
    engine_version: str | None
    result_id: str | None
    made_by: str
    made_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    published_by: str | None
    published_at: datetime | None
    open_to_challenges_until: datetime | None


class DocumentOut(Out):
    """A plan's document, with the files it names."""

    document: str
    files: dict[str, str]
    revision: int


class InvitedOut(Out):
    """Somebody who may see a draft."""

    person_id: str


class RevisionOut(Out):
    """What made one revision of a plan."""

    revision: int
    what: str
    by: str
    at: datetime


@router.get("/plans")
def list_plans(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Status | None = None,
    scenario_of: AnId = None,
) -> Listed[PlanOut]:
    """The plans one may see, the newest first; with `scenario_of` a plan and its scenarios."""
    found = plans.plans(
        tx, status=status, scenario_of=scenario_of, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(PlanOut, found)


@router.post("/plans", status_code=201)
def start_plan(what: PlanIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Start a draft from a plan file."""
    made = plans.start(
        tx,
        what.name,
        what.document,
        files=what.files,
        effective=what.effective,
        confidential=what.confidential,
        snapshot_id=what.snapshot_id,
        by=person,
        at=at,
    )
    return PlanOut.of(made)


@router.get("/plans/{plan_id}")
def get_plan(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """One plan."""
    return PlanOut.of(plans.get(tx, plan_id, by=person, at=at))


@router.get("/plans/{plan_id}/document")
def get_document(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> DocumentOut:
    """The plan file, and the files it names."""
    found = plans.get(tx, plan_id, by=person, at=at)
    files = plans.files(tx, plan_id, by=person, at=at)
    return DocumentOut(document=found.document, files=files, revision=found.revision)


@router.put("/plans/{plan_id}/document")
def change_document(plan_id: InPath, what: DocumentIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Give a draft another document; its carve stays until it is carved again."""
    changed = plans.change_document(
        tx,
        plan_id,
        what.document,
        files=what.files,
        name=what.name,
        effective=what.effective,
        revision=what.revision,
        by=person,
        at=at,
    )
    return PlanOut.of(changed)


@router.post("/plans/{plan_id}/scenarios", status_code=201)
def clone_plan(plan_id: InPath, what: CloneIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """A scenario: a draft with the same document, carve and edits, to change and to compare."""
    return PlanOut.of(plans.clone(tx, plan_id, what.name, by=person, at=at))


@router.get("/plans/{plan_id}/invitations")
def list_invitations(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> Listed[InvitedOut]:
    """Who is invited to a plan."""
    return _invited(plans.invited(tx, plan_id, by=person, at=at))


@router.post("/plans/{plan_id}/invitations", status_code=201)
def invite(plan_id: InPath, what: InvitationIn, tx: Transaction, person: SignedIn, at: Now) -> Listed[InvitedOut]:
    """Let people see a draft."""
    return _invited(plans.invite(tx, plan_id, what.person_ids, by=person, at=at))


@router.delete("/plans/{plan_id}/invitations/{person_id}", status_code=204)
def uninvite(plan_id: InPath, person_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> None:
    """No longer let somebody see a draft."""
    plans.uninvite(tx, plan_id, person_id, by=person, at=at)


@router.post("/plans/{plan_id}/submission", status_code=201)
def submit_plan(plan_id: InPath, what: RevisionIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Send a draft to its approvers."""
    return PlanOut.of(plans.submit(tx, plan_id, revision=what.revision, by=person, at=at))


@router.post("/plans/{plan_id}/withdrawal", status_code=201)
def withdraw_plan(plan_id: InPath, what: RevisionIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Give up a plan that was not published; it stays readable."""
    return PlanOut.of(plans.withdraw(tx, plan_id, revision=what.revision, by=person, at=at))


@router.get("/plans/{plan_id}/revisions")
def list_revisions(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[RevisionOut]:
    """What made each revision of a plan, and who."""
    found = plans.changes(tx, plan_id, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(RevisionOut, found)


def _invited(person_ids: list[str]) -> Listed[InvitedOut]:
    return whole(InvitedOut, [InvitedOut(person_id=person_id) for person_id in person_ids])
