"""Proposals: moves of accounts in a draft that somebody asks for, and what comes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from patchbook.proposals import actions as proposals
from patchbook.proposals.actions import Decision
from patchbook.proposals.proposal import MOST_MOVES, Status
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, Paged, Revision, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["proposals"])

Moves = Annotated[
    dict[Id, Name],
    Field(min_length=1, max_length=MOST_MOVES, description="Account → the territory of the plan it would go to."),
]


class MovesIn(In):
    """Moves to look at."""

    moves: Moves


class ProposalIn(MovesIn):
    """Moves to ask for, or to make, and why."""

    why: Why
    revision: Revision | None = None


class CommitIn(ProposalIn):
    """Moves to make at once."""

    overrule: Why | None = Field(default=None, description="Why guardrails are overruled, where they are.")


class DecisionIn(In):
    """What is decided about a proposal."""

    decision: Decision
    comment: Why | None = None
    overrule: Why | None = Field(default=None, description="Why guardrails are overruled, where they are.")


class LoadOut(Out):
    """What one territory carries of one measure, before and after."""

    territory: str
    measure: str
    before: float
    after: float
    target: float | None
    tolerance: float | None
    deviation_before: float | None
    deviation_after: float | None


class EffectOut(Out):
    """What a set of moves does."""

    accounts: int
    territories: list[str]
    loads: list[LoadOut]
    families_torn: list[str]
    families_joined: list[str]
    change_owner: int
    moved_before: float | None
    moved_after: float | None
    says: str


class RefusalOut(Out):
    """A guardrail that would be broken."""

    rail: str
    says: str
    territory: str | None
    may_be_overruled: bool


class EffectsOut(Out):
    """What moves would do, and which guardrails they would break."""

    effect: EffectOut
    refusals: list[RefusalOut]


class MoveOut(Out):
    """One account, from where to where, and from whom to whom."""

    account_id: str
    from_territory: str | None
    to_territory: str
    from_person: str | None
    to_person: str | None


class ProposalOut(Out):
    """A proposal, with its effect as it was when it was sent."""

    proposal_id: str
    plan_id: str
    why: str
    moves: list[MoveOut]
    effect: EffectOut
    warnings: list[str]
    revision: int
    made_by: str
    made_at: datetime
    status: Status
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


class RevisedOut(Out):
    """A plan that was changed, and the revision it is at now."""

    plan_id: str
    revision: int


@router.post("/plans/{plan_id}/effects")
def get_effect(plan_id: InPath, what: MovesIn, tx: Transaction, person: SignedIn, at: Now) -> EffectsOut:
    """What moves would do to every measure; nothing is sent or changed."""
    return EffectsOut.of(proposals.effect_of(tx, plan_id, what.moves, by=person, at=at))


@router.post("/plans/{plan_id}/proposals", status_code=201)
def propose(plan_id: InPath, what: ProposalIn, tx: Transaction, person: SignedIn, at: Now) -> ProposalOut:
    """Ask for moves in a draft."""
    made = proposals.propose(tx, plan_id, what.moves, what.why, revision=what.revision, by=person, at=at)
    return ProposalOut.of(made)


@router.post("/plans/{plan_id}/moves", status_code=201)
def commit_moves(plan_id: InPath, what: CommitIn, tx: Transaction, person: SignedIn, at: Now) -> RevisedOut:
    """Make moves in a draft at once, where one may."""
    after = proposals.commit(
        tx, plan_id, what.moves, what.why, revision=what.revision, overrule=what.overrule, by=person, at=at
    )
    return RevisedOut.of(after)


@router.get("/proposals")
def list_proposals(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, plan_id: AnId = None, status: Status | None = None
) -> Listed[ProposalOut]:
    """The proposals one may see."""
    found = proposals.proposals(
        tx, plan_id=plan_id, status=status, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(ProposalOut, found)


@router.get("/proposals/{proposal_id}")
def get_proposal(proposal_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ProposalOut:
    """One proposal."""
    return ProposalOut.of(proposals.get(tx, proposal_id, by=person, at=at))


@router.post("/proposals/{proposal_id}/decision", status_code=201)
def decide_proposal(proposal_id: InPath, what: DecisionIn, tx: Transaction, person: SignedIn, at: Now) -> ProposalOut:
    """Accept a proposal, whose moves are made at once, or reject it with a word of why."""
    decided = proposals.decide(tx, proposal_id, what.decision, what.comment, overrule=what.overrule, by=person, at=at)
    return ProposalOut.of(decided)


@router.delete("/proposals/{proposal_id}")
def withdraw_proposal(proposal_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ProposalOut:
    """Take back a proposal of one's own; it stays readable."""
    return ProposalOut.of(proposals.withdraw(tx, proposal_id, by=person, at=at))
