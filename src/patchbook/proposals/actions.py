"""What people do with moves of accounts in a draft: look at their effect, propose, decide, or make them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl
from sqlalchemy import Connection

from patchbook.approvals import actions as approvals
from patchbook.approvals.reach import is_company_wide, reach
from patchbook.audit import actions as audit
from patchbook.db import settings
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.errors import BadInput, Conflict, NotAllowed
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.plans import actions as plans
from patchbook.plans import edits
from patchbook.plans import store as plan_store
from patchbook.plans.effect import Effect, UnknownInPlan, effect
from patchbook.plans.guardrails import Rail, Refusal, refusals, refuse
from patchbook.plans.life import RecordedPlan
from patchbook.plans.standing import state_now
from patchbook.plans.state import PlanState, parsed
from patchbook.proposals import store
from patchbook.proposals.proposal import BadProposal, Move, Proposal, Stale, Status

Decision = Literal["accept", "reject"]


class NotYours(NotAllowed):
    """Moves touch nothing of whoever proposes or decides, or more than they look after."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What moves would do, and which guardrails they would break."""

    effect: Effect
    refusals: tuple[Refusal, ...]


def effect_of(tx: Connection, plan_id: str, moves: Mapping[str, str], *, by: Principal, at: datetime) -> Preview:
    """
    What the moves would do, before anything is sent.

    Parameters
    ----------
    moves
        account_id → the territory of the plan it would go to.
    """
    allow_somewhere(by, Deed.PROPOSE)
    _, _, preview = _previewed(tx, plan_id, moves, by, at)
    return preview


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an open proposal stands in the draft as it is now."""

    stale: str | None
    """Why it does not fit any more."""
    preview: Preview | None
    """What it would do now; None where it does not fit."""
    why_not_mine: str | None
    """Why whoever looks cannot accept it; None where they can."""


def standing(tx: Connection, proposal_id: str, *, by: Principal, at: datetime) -> Standing:
    """Whether a proposal still fits the draft, what it would do now, and whether this person may accept it."""
    allow_somewhere(by, Deed.PROPOSE)
    found = store.get(tx, proposal_id, by=by, at=at)
    state = state_now(tx, plan_store.get(tx, found.plan_id), shapes=False)
    why_not = None
    mine = reach(tx, state.territories, by, Deed.DECIDE, at=at)
    try:
        state.plan.edited()
        allow_somewhere(by, Deed.DECIDE)
        _refuse_one_sided(tx, found, mine, by)
    except (NotAllowed, Conflict) as refusal:
        why_not = str(refusal)
    try:
        found.refuse_stale(_where(state, found.goes_to))
        _, _, preview = _previewed(tx, found.plan_id, found.goes_to, by, at, deed=Deed.DECIDE)
    except (Stale, UnknownInPlan) as refusal:
        return Standing(stale=str(refusal), preview=None, why_not_mine=why_not)
    return Standing(stale=None, preview=preview, why_not_mine=why_not)


def propose(
    tx: Connection,
    plan_id: str,
    moves: Mapping[str, str],
    why: str,
    *,
    revision: int | None = None,
    by: Principal,
    at: datetime,
) -> Proposal:
    """
    Ask for moves in a draft; each takes from, or gives to, a territory of one's own.

    The effect on every measure is kept with it, as whoever decides will want to see it. Guardrails it would break are
    told, not refused: a planner may overrule them when accepting.
    """
    allow_somewhere(by, Deed.PROPOSE)
    state, mine, preview = _previewed(tx, plan_id, moves, by, at)
    plan = state.plan.edited()
    if revision is not None and revision != plan.revision:
        raise plan_store.stale(tx, plan_id, revision)
    planned = _moves(state, moves)
    touched = preview.effect.territories
    made = Proposal(
        proposal_id=new_id("proposal"),
        plan_id=plan_id,
        why=why.strip(),
        moves=planned,
        effect=preview.effect,
        warnings=tuple(refusal.says for refusal in preview.refusals if refusal.rail is not Rail.SUBTREE),
        agreed=touched if mine is None else tuple(name for name in touched if name in mine),
        revision=plan.revision,
        made_by=by.person_id,
        made_at=at,
    )
    told = {"plan": plan_id, "moves": len(planned), "revision": plan.revision}
    audit.record(tx, "propose", made.proposal_id, kind="proposal", by=by.person_id, at=at, after=told)
    return store.add(tx, made)


def withdraw(tx: Connection, proposal_id: str, *, by: Principal, at: datetime) -> Proposal:
    """Take back a proposal of one's own."""
    allow_somewhere(by, Deed.PROPOSE)
    found = store.get(tx, proposal_id, by=by, at=at)
    if found.made_by != by.person_id:
        raise NotYours(f"Proposal {proposal_id!r} was made by {found.made_by}; who made it can withdraw it.")
    after = found.withdraw(by=by.person_id, at=at)
    audit.record(tx, "withdraw proposal", proposal_id, kind="proposal", by=by.person_id, at=at)
    return store.save(tx, after)


def decide(
    tx: Connection,
    proposal_id: str,
    decision: Decision,
    comment: str | None = None,
    *,
    overrule: str | None = None,
    by: Principal,
    at: datetime,
) -> Proposal:
    """
    Accept a proposal, which makes its moves in the draft at once, or reject it and say why.

    Both sides have to agree: what is not the proposer's own must be that of who accepts. A planner speaks for all.

    Parameters
    ----------
    overrule
        A planner's reason to go past guardrails the moves break now.
    """
    allow_somewhere(by, Deed.DECIDE)
    if decision not in ("accept", "reject"):
        raise BadInput(f"{decision!r} is no decision; it is accept or reject.")
    found = store.get(tx, proposal_id, by=by, at=at)
    if decision == "reject":
        after = found.reject(by=by.person_id, at=at, comment=comment)
    else:
        after = found.accept(by=by.person_id, at=at, comment=comment)
        state, mine, preview = _previewed(tx, found.plan_id, found.goes_to, by, at, deed=Deed.DECIDE)
        found.refuse_stale(_where(state, found.goes_to))
        _refuse_one_sided(tx, found, mine, by)
        broken = [refusal for refusal in preview.refusals if refusal.rail is not Rail.SUBTREE]
        refuse(broken, overrule=overrule, may_overrule=is_company_wide(by, Deed.COMMIT))
        why = f"Proposed by {found.made_by}: {found.why}" + (f" Overruled: {overrule}" if broken else "")
        make_moves(tx, state.plan, found.goes_to, why, overruled=bool(broken), by=by, at=at)
    told = {"plan": found.plan_id, "moves": len(found.moves), "overruled": bool(overrule)}
    audit.record(tx, f"{decision} proposal", proposal_id, kind="proposal", by=by.person_id, at=at, after=told)
    return store.save(tx, after)


def commit(
    tx: Connection,
    plan_id: str,
    moves: Mapping[str, str],
    why: str,
    *,
    revision: int | None = None,
    overrule: str | None = None,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Make moves in a draft at once, where both ends are one's own and one may.

    Planners may; managers may inside their own territories where the setting `managers_commit` says so.
    """
    _allow_commit(tx, by)
    state, _, preview = _previewed(tx, plan_id, moves, by, at)
    plan = state.plan.edited()
    if revision is not None and revision != plan.revision:
        raise plan_store.stale(tx, plan_id, revision)
    refuse(preview.refusals, overrule=overrule, may_overrule=is_company_wide(by, Deed.COMMIT))
    told = why.strip() + (f" Overruled: {overrule}" if preview.refusals else "")
    return make_moves(tx, plan, moves, told, overruled=bool(preview.refusals), by=by, at=at)


def may_overrule(by: Principal) -> bool:
    """Whether somebody may go past guardrails with a reason."""
    return may(by, Deed.COMMIT) and is_company_wide(by, Deed.COMMIT)


def get(tx: Connection, proposal_id: str, *, by: Principal, at: datetime) -> Proposal:
    """The proposal of that id."""
    allow_somewhere(by, Deed.PROPOSE)
    return store.get(tx, proposal_id, by=by, at=at)


def proposals(
    tx: Connection,
    *,
    plan_id: str | None = None,
    status: Status | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Proposal]:
    """Proposals one made, or that touch one's own territories, newest first."""
    allow_somewhere(by, Deed.PROPOSE)
    rows = store.proposals(
        tx, plan_id=plan_id, status=status, after=moment_of(after), limit=limit_of(limit) + 1, by=by, at=at
    )
    return page_of(rows, limit, lambda row: (microseconds(row.made_at), row.proposal_id))


def _previewed(
    tx: Connection, plan_id: str, moves: Mapping[str, str], by: Principal, at: datetime, *, deed: Deed = Deed.PROPOSE
) -> tuple[PlanState, frozenset[str] | None, Preview]:
    """The plan as it stands, what of it is this person's, and what the moves would do to it."""
    state = state_now(tx, plan_store.get(tx, plan_id, by=by, at=at), shapes=False)
    rails = approvals.guardrails(tx, parsed(state.plan), at=at)
    mine = reach(tx, state.territories, by, deed, at=at)
    if mine is not None and deed is Deed.PROPOSE:
        _refuse_foreign(state, moves, mine)
    found = effect(state, moves, tolerances=rails.tolerances, hints=mine is None)
    broken = refusals(state, moves, found, rails, at=at, reach=mine)
    return state, mine, Preview(effect=found, refusals=broken)


def _refuse_foreign(state: PlanState, moves: Mapping[str, str], mine: frozenset[str]) -> None:
    """
    Raise where a move neither takes from nor gives to one's own.

    An account of somebody else is answered as one that is not there, so that nobody learns of it from the refusal.
    """
    where = _where(state, moves)
    for account, to in moves.items():
        if to not in mine and where.get(account) not in mine:
            raise UnknownInPlan(f"Your territories of the plan have no account {account!r}; move it to or from them.")


def _moves(state: PlanState, moves: Mapping[str, str]) -> tuple[Move, ...]:
    """The moves that change something, with who gives and who gets."""
    people = dict(state.territories.select("territory", "person").iter_rows())
    rows = state.assignments.filter(pl.col("account_id").is_in(list(moves))).select("account_id", "territory", "person")
    return tuple(
        Move(
            account_id=account_id,
            from_territory=territory,
            to_territory=moves[account_id],
            from_person=person,
            to_person=people.get(moves[account_id]),
        )
        for account_id, territory, person in rows.iter_rows()
        if territory != moves[account_id]
    )


def _where(state: PlanState, moves: Mapping[str, str]) -> dict[str, str | None]:
    rows = state.assignments.filter(pl.col("account_id").is_in(list(moves)))
    return dict(rows.select("account_id", "territory").iter_rows())


def _refuse_one_sided(tx: Connection, found: Proposal, mine: frozenset[str] | None, by: Principal) -> None:
    """Raise where accepting would be agreeing with oneself, or for territories of somebody else."""
    if found.made_by == by.person_id:
        _allow_commit(tx, by)
    if mine is None:
        return
    if found.made_by != by.person_id and not found.territories & mine:
        raise NotYours("The proposal touches none of your territories; whoever looks after them decides.")
    open_sides = sorted(found.territories - mine - set(found.agreed))
    if open_sides:
        raise NotYours(
            f"{', '.join(open_sides)} {'is' if len(open_sides) == 1 else 'are'} neither yours nor the proposer's;"
            " a manager above both sides or a planner decides."
        )


def _allow_commit(tx: Connection, by: Principal) -> None:
    if settings.value(tx, "managers_commit"):
        allow_somewhere(by, Deed.PROPOSE)
    else:
        allow_somewhere(by, Deed.COMMIT)


def make_moves(
    tx: Connection,
    plan: RecordedPlan,
    moves: Mapping[str, str],
    why: str,
    *,
    overruled: bool,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """The draft with the moves made, one edit a territory they go to; who may, and guardrails, are the caller's."""
    if not why.strip():
        raise BadProposal("A move says why; the reason is empty.")
    made = [
        edits.Move(accounts=tuple(account for account, goal in moves.items() if goal == to), to=to)
        for to in dict.fromkeys(moves.values())
    ]
    return plans.apply(tx, plan.edited(), made, why=why[: plans.LONGEST_WHY], overruled=overruled, by=by, at=at)
