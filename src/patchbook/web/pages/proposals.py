"""Proposals: what somebody asks to move in a draft, what it would do, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.comments.comment import Subject
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import store as plan_store
from patchbook.plans.effect import Effect, Load
from patchbook.plans.guardrails import Refusal
from patchbook.plans.life import RecordedPlan
from patchbook.proposals import actions as proposals
from patchbook.proposals.actions import Decision
from patchbook.proposals.proposal import Move, Proposal, Status
from patchbook.web.models import After, InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.comments import Thread, thread
from patchbook.words import counted

NAV = (Nav(title="Proposals", path="/proposals", section="Plan", deed=Deed.PROPOSE),)
MOST_MOVES_SHOWN = 500
PAGE_SIZE = 50

router = Pages()


@dataclass(frozen=True, kw_only=True)
class ListedProposal:
    """A proposal in the list."""

    proposal: Proposal
    plan_name: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ProposalsPage:
    """The proposals somebody made or may decide about."""

    status: Status | None
    rows: tuple[ListedProposal, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class ProposalPage:
    """One proposal, and how it stands."""

    proposal: Proposal
    plan: RecordedPlan
    moves: tuple[Move, ...]
    """The first of them."""
    accounts: Mapping[str, str]
    people: Mapping[str, str]
    effect: Effect
    """As it is now while the proposal is open and fits; else as it was when it was sent."""
    measures: tuple[tuple[str, tuple[Load, ...]], ...]
    """Each measure with what its territories carry before and after."""
    refusals: tuple[Refusal, ...]
    """Guardrails it breaks now."""
    stale: str | None
    why_not_mine: str | None
    is_mine: bool
    may_overrule: bool
    thread: Thread

    @property
    def is_open(self) -> bool:
        """Whether it waits to be decided."""
        return self.proposal.status is Status.OPEN


def load_list(
    tx: Connection, *, status: Status | None = None, after: str | None = None, by: Principal, at: datetime
) -> ProposalsPage:
    """The proposals this person made or may decide about, newest first."""
    found = proposals.proposals(tx, status=status, after=after, limit=PAGE_SIZE, by=by, at=at)
    names = people_named(tx, (one.made_by for one in found.rows))
    plans = plan_store.names(tx, sorted({one.plan_id for one in found.rows}))
    rows = tuple(
        ListedProposal(proposal=one, plan_name=plans.get(one.plan_id, one.plan_id), name=names[one.made_by])
        for one in found.rows
    )
    return ProposalsPage(status=status, rows=rows, next=found.next_cursor)


def load(tx: Connection, proposal_id: str, *, by: Principal, at: datetime) -> ProposalPage:
    """One proposal, and while it is open whether it still fits the draft."""
    found = proposals.get(tx, proposal_id, by=by, at=at)
    plan = plan_store.get(tx, found.plan_id, by=by, at=at)
    stands = proposals.standing(tx, proposal_id, by=by, at=at) if found.status is Status.OPEN else None
    preview = stands.preview if stands else None
    effect = preview.effect if preview else found.effect
    moves = found.moves[:MOST_MOVES_SHOWN]
    who = {found.made_by, found.decided_by, *(one.from_person for one in moves), *(one.to_person for one in moves)}
    return ProposalPage(
        proposal=found,
        plan=plan,
        moves=moves,
        accounts=accounts_named(tx, (one.account_id for one in moves)),
        people=people_named(tx, who),
        effect=effect,
        measures=by_measure(effect),
        refusals=preview.refusals if preview else (),
        stale=stands.stale if stands else None,
        why_not_mine=stands.why_not_mine if stands else None,
        is_mine=found.made_by == by.person_id,
        may_overrule=proposals.may_overrule(by),
        thread=thread(tx, Subject.PROPOSAL, proposal_id, by=by, at=at),
    )


def by_measure(effect: Effect) -> tuple[tuple[str, tuple[Load, ...]], ...]:
    """What an effect does to each measure, `accounts` first."""
    names = dict.fromkeys(load.measure for load in effect.loads)
    return tuple((name, tuple(load for load in effect.loads if load.measure == name)) for name in names)


@router.page("/proposals", Deed.PROPOSE)
def show_list(here: Looked, status: Annotated[Status | None, Query()] = None, after: After = None) -> Response:
    """The proposals one made or may decide about."""
    return here.show("proposals.html", load_list(here.tx, status=status, after=after, by=here.person, at=here.at))


@router.page("/proposals/{proposal_id}", Deed.PROPOSE)
def show(proposal_id: InPath, here: Looked) -> Response:
    """One proposal."""
    return here.show("proposal.html", load(here.tx, proposal_id, by=here.person, at=here.at))


@router.form("/proposals/{proposal_id}/decision", Deed.DECIDE)
def decide(
    proposal_id: InPath,
    here: Looked,
    decision: Annotated[Decision, Form()],
    comment: Annotated[str, Form(max_length=2000)] = "",
    overrule: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Accept a proposal, whose moves are made at once, or reject it with a word of why."""
    made = proposals.decide(
        here.tx,
        proposal_id,
        decision,
        comment.strip() or None,
        overrule=overrule.strip() or None,
        by=here.person,
        at=here.at,
    )
    if made.status is Status.ACCEPTED:
        return here.done(f"/proposals/{proposal_id}", f"Accepted: {counted(len(made.moves), 'account')} moved.")
    return here.done(f"/proposals/{proposal_id}", "Rejected; the draft stays as it is.")


@router.form("/proposals/{proposal_id}/withdrawal", Deed.PROPOSE)
def withdraw(proposal_id: InPath, here: Looked) -> Response:
    """Take back a proposal of one's own."""
    proposals.withdraw(here.tx, proposal_id, by=here.person, at=here.at)
    return here.done(f"/proposals/{proposal_id}", "Withdrawn; it stays readable.")
