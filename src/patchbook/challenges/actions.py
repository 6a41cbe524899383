"""What reps say to the book a plan would give them, and what their managers answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, TypeVar

import polars as pl
from sqlalchemy import Connection

from patchbook.approvals import actions as approvals
from patchbook.approvals import store as approvals_store
from patchbook.approvals.reach import is_company_wide, reach
from patchbook.audit import actions as audit
from patchbook.challenges import store
from patchbook.challenges.challenge import (
    AlreadyFiled,
    Ask,
    BadChallenge,
    Challenge,
    PlannedAccount,
    Reason,
    Status,
    WindowClosed,
    by_rule,
    refuse_misfit,
)
from patchbook.db import settings
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, moment_of, page_of
from patchbook.errors import BadInput, NotFound
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal, system
from patchbook.period import microseconds, told
from patchbook.plans import state as plan_state
from patchbook.plans import store as plan_store
from patchbook.plans.effect import Effect, effect
from patchbook.plans.guardrails import refusals, refuse
from patchbook.plans.life import RecordedPlan
from patchbook.plans.standing import state_now
from patchbook.plans.state import PlanState, parsed
from patchbook.proposals.actions import make_moves

Decision = Literal["accept", "reject"]
Word = TypeVar("Word", bound=StrEnum)


def open_window(
    tx: Connection,
    plan_id: str,
    until: datetime | None = None,
    *,
    revision: int | None = None,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    Let reps see the book a plan would give them, and challenge it until an instant.

    Without one they have as many days as the setting `challenge_days` says. To close the window early, open it until
    an instant closer by.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    end = until or at + timedelta(days=settings.value(tx, "challenge_days"))
    if end <= at:
        raise BadInput(
            f"Plan {plan.name!r} would be open to challenges until {told(end)}, which is past; name a later day."
        )
    opened = plan.open_to_challenges(until=end)
    audit.record(tx, "open to challenges", plan_id, kind="plan", by=by.person_id, at=at, after={"until": end})
    return plan_store.save(tx, opened, what="opened it to challenges", by=by.person_id, at=at, revision=revision)


def preview(
    tx: Connection,
    plan_id: str,
    *,
    person_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[PlannedAccount]:
    """
    The book a plan would give somebody, and what of today's would leave it: one's own, or that of who is below one.

    Reps see theirs once the plan is open to challenges.
    """
    allow_somewhere(by, Deed.CHALLENGE)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    whose = person_id or by.person_id
    if whose != by.person_id and not _looks_after(tx, whose, by):
        raise NotFound(f"There is no person {whose!r}.")
    if not may(by, Deed.DECIDE) and plan.open_to_challenges_until is None:
        raise WindowClosed(plan)
    state = state_now(tx, plan, shapes=False)
    rows = state.assignments.filter((pl.col("person") == whose) | (pl.col("previous_owner") == whose)).sort(
        "account_id"
    )
    if after is not None:
        rows = rows.filter(pl.col("account_id") > key_of(after, str)[0])
    filed = store.open_ones(tx, plan_id, whose)
    shown = rows.head(limit_of(limit) + 1).iter_rows(named=True)
    found = [_planned(row, whose, state.measures, filed) for row in shown]
    return page_of(found, limit, lambda row: (row.account_id,))


def challenge(
    tx: Connection,
    plan_id: str,
    account_id: str,
    ask: Ask | str,
    reason_code: Reason | str,
    note: str = "",
    *,
    wanted: str | None = None,
    by: Principal,
    at: datetime,
) -> Challenge:
    """
    Ask to keep, drop or add an account before the plan holds.

    Parameters
    ----------
    wanted
        Which of one's own territories of the plan it should be in, where one has several.

    Raises
    ------
    WindowClosed
        The plan is not open to challenges now.
    BadChallenge
        What is asked is so already, or is not one's own to ask.
    """
    allow_somewhere(by, Deed.CHALLENGE)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    until = plan.open_to_challenges_until
    if until is None or at >= until:
        raise WindowClosed(plan)
    state = state_now(tx, plan, shapes=False)
    asked, code = _word(Ask, ask, "ask"), _word(Reason, reason_code, "reason")
    row = _row(state, account_id)
    mine = row if row is not None and by.person_id in (row["person"], row["previous_owner"]) else None
    refuse_misfit(
        asked,
        account_id,
        is_mine_today=mine is not None and mine["previous_owner"] == by.person_id,
        is_mine_planned=mine is not None and mine["person"] == by.person_id,
    )
    if account_id in store.open_ones(tx, plan_id, by.person_id):
        raise AlreadyFiled(f"You have an open challenge about {account_id}; withdraw it to file another.")
    made = Challenge(
        challenge_id=new_id("challenge"),
        plan_id=plan_id,
        account_id=account_id,
        ask=asked,
        reason_code=code,
        note=note.strip(),
        filed_by=by.person_id,
        filed_at=at,
        due=at + timedelta(days=settings.value(tx, "challenge_answer_days")),
        territory=None if row is None else row["territory"],
        planned_person=None if row is None else row["person"],
        wanted_territory=None if asked is Ask.DROP else _wanted(state, wanted, by.person_id),
    )
    told_of = {"plan": plan_id, "account": account_id, "ask": made.ask.value, "reason": made.reason_code.value}
    audit.record(tx, "challenge", made.challenge_id, kind="challenge", by=by.person_id, at=at, after=told_of)
    store.add(tx, made)
    return _shown(_ruled(tx, state, made, at), by)


def withdraw(tx: Connection, challenge_id: str, *, by: Principal, at: datetime) -> Challenge:
    """Take back a challenge of one's own."""
    allow_somewhere(by, Deed.CHALLENGE)
    after = store.get(tx, challenge_id, by=by, at=at).withdraw(by=by.person_id, at=at)
    audit.record(tx, "withdraw challenge", challenge_id, kind="challenge", by=by.person_id, at=at)
    return _shown(store.save(tx, after), by)


def decide(
    tx: Connection,
    challenge_id: str,
    decision: Decision,
    outcome: str | None = None,
    *,
    to: str | None = None,
    overrule: str | None = None,
    by: Principal,
    at: datetime,
) -> Challenge:
    """
    Accept a challenge, which moves the account in the draft, or reject it and say why.

    Parameters
    ----------
    to
        The territory the account goes to, where that is not the one the rep wants.
    overrule
        A planner's reason to go past guardrails.
    """
    allow_somewhere(by, Deed.DECIDE)
    if decision not in ("accept", "reject"):
        raise BadInput(f"{decision!r} is no decision; it is accept or reject.")
    found = store.get(tx, challenge_id, by=by, at=at)
    status = Status.ACCEPTED if decision == "accept" else Status.REJECTED
    after = found.decide(status, outcome, by=by.person_id, at=at)
    if status is Status.ACCEPTED:
        after = replace(after, wanted_territory=to or found.wanted_territory)
        _move(tx, plan_state.state(tx, found.plan_id), after, overrule, by, at)
    return _decided(tx, after, by, at)


def get(tx: Connection, challenge_id: str, *, by: Principal, at: datetime) -> Challenge:
    """The challenge of that id."""
    allow_somewhere(by, Deed.CHALLENGE)
    return _shown(store.get(tx, challenge_id, by=by, at=at), by)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What accepting an open challenge would do."""

    effect: Effect | None
    """None where the challenge names no territory, or nothing would move."""
    refusals: tuple[str, ...]
    """Guardrails it would break, in words."""
    territories: tuple[str, ...]
    """The territories of the plan that whoever looks may send the account to."""


def weighed(tx: Connection, challenge_id: str, *, by: Principal, at: datetime) -> Weighed:
    """What accepting a challenge would do to the draft as it is now; for who decides."""
    allow_somewhere(by, Deed.DECIDE)
    found = store.get(tx, challenge_id, by=by, at=at)
    state = state_now(tx, plan_store.get(tx, found.plan_id), shapes=False)
    mine = reach(tx, state.territories, by, Deed.DECIDE, at=at)
    names = tuple(name for name in sorted(state.territories["territory"]) if mine is None or name in mine)
    if found.wanted_territory is None or _row(state, found.account_id) is None:
        return Weighed(effect=None, refusals=(), territories=names)
    moves = {found.account_id: found.wanted_territory}
    rails = approvals.guardrails(tx, parsed(state.plan), at=at)
    done = effect(state, moves, tolerances=rails.tolerances, hints=mine is None)
    broken = tuple(one.says for one in refusals(state, moves, done, rails, at=at, reach=mine))
    return Weighed(effect=done if done.accounts else None, refusals=broken, territories=names)


def challenges(
    tx: Connection,
    *,
    plan_id: str | None = None,
    status: Status | None = None,
    overdue: bool = False,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Challenge]:
    """One's own challenges, and those one may decide on, those due first on top."""
    allow_somewhere(by, Deed.CHALLENGE)
    rows = store.listed(
        tx,
        plan_id=plan_id,
        status=status,
        overdue=overdue,
        after=moment_of(after),
        limit=limit_of(limit) + 1,
        by=by,
        at=at,
    )
    page = page_of(rows, limit, lambda row: (microseconds(row.due), row.challenge_id))
    return Page(tuple(_shown(row, by) for row in page.rows), page.next_cursor)


def _move(
    tx: Connection, state: PlanState, accepted: Challenge, overrule: str | None, by: Principal, at: datetime
) -> None:
    """Put the account of an accepted challenge where it shall be."""
    plan = state.plan.edited()
    to = accepted.wanted_territory
    if to is None:
        raise BadChallenge(f"Say to which territory {accepted.account_id} goes; the challenge names none.")
    moves = {accepted.account_id: to}
    rails = approvals.guardrails(tx, parsed(plan), at=at)
    mine = reach(tx, state.territories, by, Deed.DECIDE, at=at)
    found = effect(state, moves, tolerances=rails.tolerances, hints=mine is None)
    broken = refusals(state, moves, found, rails, at=at, reach=mine)
    refuse(broken, overrule=overrule, may_overrule=is_company_wide(by, Deed.COMMIT))
    if found.accounts:
        why = f"Challenge of {accepted.filed_by} ({accepted.reason_code.value.replace('_', ' ')})"
        make_moves(tx, plan, moves, why, overruled=bool(broken), by=by, at=at)


def _ruled(tx: Connection, state: PlanState, made: Challenge, at: datetime) -> Challenge:
    """The challenge as the rule about open deals decides it, where that is set and no guardrail stands against it."""
    if not settings.value(tx, "challenge_rule_open_deal"):
        return made
    ruled = by_rule(made, has_open_deal=store.has_open_deal(tx, made.account_id, made.filed_by))
    if ruled is None:
        return made
    status, outcome = ruled
    patchbook = system()
    after = made.decide(status, outcome, by=patchbook.person_id, at=at)
    if status is Status.ACCEPTED:
        if not state.plan.is_draft or made.wanted_territory is None:
            return made
        moves = {made.account_id: made.wanted_territory}
        rails = approvals.guardrails(tx, parsed(state.plan), at=at)
        if refusals(state, moves, effect(state, moves, tolerances=rails.tolerances), rails, at=at):
            return made
        _move(tx, state, after, None, patchbook, at)
    return _decided(tx, after, patchbook, at)


def _decided(tx: Connection, after: Challenge, by: Principal, at: datetime) -> Challenge:
    word = "accept challenge" if after.status is Status.ACCEPTED else "reject challenge"
    told_of = {"plan": after.plan_id, "account": after.account_id, "to": after.wanted_territory}
    audit.record(tx, word, after.challenge_id, kind="challenge", by=by.person_id, at=at, after=told_of)
    return store.save(tx, after)


def _planned(row: dict[str, Any], whose: str, measures: tuple[str, ...], filed: dict[str, str]) -> PlannedAccount:
    stays, was = row["person"] == whose, row["previous_owner"] == whose
    change: Literal["keeps", "gains", "loses"] = ("keeps" if was else "gains") if stays else "loses"
    return PlannedAccount(
        account_id=row["account_id"],
        name=row.get("name"),
        change=change,
        territory=row["territory"] if stays else None,
        reason=row["reason"] if stays else None,
        measures={name: row[f"measure_{name}"] for name in measures if row.get(f"measure_{name}") is not None},
        challenge_id=filed.get(row["account_id"]),
    )


def _wanted(state: PlanState, wanted: str | None, person_id: str) -> str | None:
    """The territory a rep would have the account in: the one named, or their only one."""
    mine = state.territories.filter(pl.col("person") == person_id)["territory"].to_list()
    if wanted is not None and wanted not in mine:
        have = ", ".join(mine) or "none"
        raise BadChallenge(f"{wanted!r} is no territory of yours in this plan; yours are {have}.")
    return wanted or (mine[0] if len(mine) == 1 else None)


def _row(state: PlanState, account_id: str) -> dict[str, Any] | None:
    found = state.assignments.filter(pl.col("account_id") == account_id)
    return found.row(0, named=True) if found.height else None


def _looks_after(tx: Connection, person_id: str, by: Principal) -> bool:
    if is_company_wide(by, Deed.DECIDE):
        return True
    return may(by, Deed.DECIDE) and person_id in approvals_store.people_lines(tx).below(by.person_id)


def _word(kind: type[Word], said: str, what: str) -> Word:
    try:
        return kind(said)
    except ValueError:
        raise BadChallenge(f"There is no {what} {said!r}; there are {', '.join(kind)}.") from None


def _shown(found: Challenge, by: Principal) -> Challenge:
    """As this person may see it: where an account goes that is not theirs is for those who decide."""
    if may(by, Deed.DECIDE) or found.planned_person == by.person_id:
        return found
    return replace(found, territory=None, planned_person=None)
