"""What people do with exceptions: ask for one, agree to it, renew it, end it, and look at how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.approvals import store as approvals_store
from patchbook.approvals.reach import is_company_wide
from patchbook.approvals.review import Decision, Verdict
from patchbook.audit import actions as audit
from patchbook.db import settings
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.errors import BadInput, NotFound, PatchbookError
from patchbook.exceptions import store
from patchbook.exceptions.exception import (
    AccountException,
    BadException,
    Budget,
    Kind,
    NotYours,
    Status,
    Step,
    WrongStep,
    who_agrees,
)
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER, Answer
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import override
from patchbook.people import actions as people
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal, system
from patchbook.people.profile import NotEmployed
from patchbook.period import Period, microseconds, told
from patchbook.plans import state as plan_state
from patchbook.plans import store as plan_store
from patchbook.plans.effect import effect
from patchbook.plans.life import Status as PlanStatus
from patchbook.plans.state import parsed


def request(
    tx: Connection,
    account_id: str,
    person_id: str,
    *,
    role: str = OWNER,
    kind: Kind | str,
    reason: str,
    starts: datetime,
    expires: datetime,
    by: Principal,
    at: datetime,
) -> AccountException:
    """
    Ask that an account go to a person for a while, whatever its territory says.

    The managers of who loses and who gains it are asked to agree, or a planner where there is none.

    Raises
    ------
    BadException
        It gives no reason, lasts too long, or the person has the account anyway.
    NotEmployed
        The person is not employed for all of it.
    WrongStep
        Another exception holds for the account meanwhile.
    """
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    now = _owner(tx, account_id, role, on=max(starts, at), by=by, at=at)
    people.get(tx, person_id, by=by, at=at)  # refuses whom they do not see
    if now.person_id == person_id:
        raise BadException(f"{person_id} is the {role} of {account_id} on {told(max(starts, at))} anyway.")
    return _request(
        tx,
        AccountException(
            exception_id=new_id("exception"),
            account_id=account_id,
            role=role,
            person_id=person_id,
            kind=_kind(kind),
            reason=reason.strip(),
            starts=starts,
            expires=expires,
            requested_by=by.person_id,
            requested_at=at,
            losing_territory_id=now.territory_id,
            gaining_territory_id=store.territory_of(tx, person_id, role, on=starts),
            losing_person_id=now.person_id,
        ),
        by,
        at,
    )


def renew(
    tx: Connection, exception_id: str, *, expires: datetime, reason: str, by: Principal, at: datetime
) -> AccountException:
    """Ask that an exception go on after it expires; those it concerns have to agree again."""
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.get(tx, exception_id, by=by, at=at)
    if found.status is not Status.APPROVED:
        raise WrongStep(f"The exception for {found.account_id} is {found.status}; only an approved one can be renewed.")
    again = replace(
        found,
        exception_id=new_id("exception"),
        reason=reason.strip(),
        starts=found.expires,
        expires=expires,
        requested_by=by.person_id,
        requested_at=at,
        status=Status.REQUESTED,
        renews_id=found.exception_id,
        steps=(),
    )
    return _request(tx, again, by, at)


def approve(
    tx: Connection, exception_id: str, comment: str | None = None, *, by: Principal, at: datetime
) -> AccountException:
    """Agree to an exception; with the last one it is in the ledger."""
    return _answer(tx, exception_id, Verdict.APPROVED, comment, by, at)


def reject(tx: Connection, exception_id: str, comment: str | None, *, by: Principal, at: datetime) -> AccountException:
    """Refuse an exception, and say why."""
    return _answer(tx, exception_id, Verdict.REJECTED, comment, by, at)


def withdraw(tx: Connection, exception_id: str, *, by: Principal, at: datetime) -> AccountException:
    """Take back a request of one's own."""
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.get(tx, exception_id, by=by, at=at)
    if found.requested_by != by.person_id and not is_company_wide(by, Deed.DECIDE):
        raise NotYours(f"The exception was requested by {found.requested_by}; who requested it can withdraw it.")
    after = found.withdraw()
    audit.record(tx, "withdraw exception", exception_id, kind="exception", by=by.person_id, at=at)
    return store.save(tx, after)


def end(
    tx: Connection, exception_id: str, *, on: datetime | None = None, why: str, by: Principal, at: datetime
) -> AccountException:
    """
    Let an exception hold only until a day; from then on the account goes where its territory says.

    Who requested or agreed to it may, and planners.
    """
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.get(tx, exception_id, by=by, at=at)
    asked = {found.requested_by, *found.approvers, *(step.approver_id for step in found.steps)}
    if by.person_id not in asked and not is_company_wide(by, Deed.DECIDE):
        raise NotYours("Who requested or agreed to an exception can end it, and planners.")
    after = found.end(on=on or at, by=by.person_id, why=why)
    assert after.ended_at is not None
    lift(tx, override, store.facts_of(tx, exception_id, after=after.ended_at), at=at)
    audit.record(
        tx,
        "end exception",
        exception_id,
        kind="exception",
        by=by.person_id,
        at=at,
        before={"expires": found.expires},
        after={"ended": after.ended_at},
    )
    return store.save(tx, after)


def get(tx: Connection, exception_id: str, *, by: Principal, at: datetime) -> AccountException:
    """The exception of that id."""
    allow_somewhere(by, Deed.SEE)
    return _shown(store.get(tx, exception_id, by=by, at=at), by)


@dataclass(frozen=True, kw_only=True)
class MayDo:
    """What somebody may do with an exception now."""

    agree: bool
    renew: bool
    end: bool
    withdraw: bool


def may_do(tx: Connection, found: AccountException, *, by: Principal, at: datetime) -> MayDo:
    """What this person may do with an exception they see; the deeds themselves ask again."""
    planner = is_company_wide(by, Deed.DECIDE) and may(by, Deed.DECIDE)
    asks = may(by, Deed.REQUEST_EXCEPTION)
    concerned = {found.requested_by, *found.approvers, *(step.approver_id for step in found.steps)}
    agree = found.status is Status.REQUESTED and may(by, Deed.DECIDE)
    if agree:
        alone = planner and found.requested_by == by.person_id and store.planners_besides(tx, by.person_id) == 0
        try:
            found.step_for(by.person_id, is_planner=planner, alone=alone)
        except NotYours:
            agree = False
    holds = found.status is Status.APPROVED
    return MayDo(
        agree=agree,
        renew=holds and asks,
        end=holds and asks and at < found.expires and (planner or by.person_id in concerned),
        withdraw=found.status is Status.REQUESTED and asks and (planner or found.requested_by == by.person_id),
    )


def register(
    tx: Connection,
    *,
    status: Status | None = None,
    account_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[AccountException]:
    """Every exception one may see, those that end first on top."""
    allow_somewhere(by, Deed.SEE)
    rows = store.listed(
        tx, status=status, account_id=account_id, after=moment_of(after), limit=limit_of(limit) + 1, by=by, at=at
    )
    return _page(rows, limit, by)


def expiring(
    tx: Connection, *, before: datetime, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[AccountException]:
    """Exceptions in force that end by a day, the next to end first: to renew, or to let go."""
    allow_somewhere(by, Deed.SEE)
    if before <= at:
        raise BadInput(f"{told(before)} is past; name a day to come, to see what ends by then.")
    period = Period(at, before)
    rows = store.listed(
        tx,
        status=Status.APPROVED,
        expiring=period,
        after=moment_of(after),
        limit=limit_of(limit) + 1,
        by=by,
        at=at,
    )
    return _page(rows, limit, by)


def budget(tx: Connection, *, by: Principal, at: datetime) -> Budget:
    """How many of the accounts one may see are exceptions, and how many may be."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    return Budget(
        in_force=store.in_force(tx, by=by, at=at),
        assigned=store.assigned(tx, by=by, at=at),
        allowed_percent=settings.value(tx, "exception_budget_percent"),
    )


def _request(tx: Connection, made: AccountException, by: Principal, at: datetime) -> AccountException:
    made.refuse_long(days_at_most=settings.value(tx, "exception_days"), at=at)
    _refuse_unemployed(tx, made)
    _refuse_another(tx, made)
    sides = who_agrees(
        losing=made.losing_person_id,
        gaining=made.person_id,
        requested_by=by.person_id,
        lines=approvals_store.people_lines(tx),
        managers=approvals_store.managers(tx, at=at),
    )
    steps = tuple(Step(step_id=new_id("step"), side=side, approver_id=who) for side, who in sides)
    made = replace(made, steps=steps, cost=_cost(tx, made, at=at))
    told_of = {
        "account": made.account_id,
        "role": made.role,
        "person": made.person_id,
        "kind": made.kind.value,
        "starts": made.starts.isoformat(),
        "expires": made.expires.isoformat(),
        "renews": made.renews_id,
    }
    subject = made.exception_id
    audit.record(tx, "request exception", subject, kind="exception", by=by.person_id, at=at, after=told_of)
    return _shown(store.add(tx, made), by)


def _answer(
    tx: Connection, exception_id: str, verdict: Verdict, comment: str | None, by: Principal, at: datetime
) -> AccountException:
    allow_somewhere(by, Deed.DECIDE)
    found = store.get(tx, exception_id, by=by, at=at)
    planner = is_company_wide(by, Deed.DECIDE)
    alone = planner and found.requested_by == by.person_id and store.planners_besides(tx, by.person_id) == 0
    step = found.step_for(by.person_id, is_planner=planner, alone=alone)
    decision = Decision(verdict=verdict, by=by.person_id, at=at, comment=(comment or "").strip() or None)
    after = found.decided(step, decision)
    store.add_decision(tx, step.step_id, decision)
    told_of = {"step": step.step_id, "side": step.side, "for": step.approver_id, "status": after.status.value}
    word = "approve exception" if verdict is Verdict.APPROVED else "reject exception"
    audit.record(tx, word, exception_id, kind="exception", by=by.person_id, at=at, after=told_of)
    store.save(tx, after)
    if after.status is Status.APPROVED:
        _write(tx, after, at)
    return after


def _write(tx: Connection, agreed: AccountException, at: datetime) -> None:
    """Put an agreed exception in the ledger."""
    if agreed.expires <= at:
        raise WrongStep(f"The exception would have ended on {told(agreed.expires)}; reject it, or ask for a new one.")
    _refuse_another(tx, agreed)
    _refuse_unemployed(tx, agreed)
    lay(
        tx,
        override,
        [
            {
                "account_id": agreed.account_id,
                "role": agreed.role,
                "person_id": agreed.person_id,
                "kind": store.KIND,
                "valid_from": agreed.starts,
                "valid_to": agreed.expires,
                "cause": store.KIND,
                "source": agreed.exception_id,
                "reason": f"{agreed.kind.value.capitalize()} exception: {agreed.reason}",
            }
        ],
        at=at,
    )


def _owner(tx: Connection, account_id: str, role: str, *, on: datetime, by: Principal, at: datetime) -> Answer:
    """Who has the account when the exception starts; whoever sees it now may ask, though it leaves them by then."""
    try:
        return ledger.owner(tx, account_id, role=role, on=on, by=by, at=at)
    except NotFound:
        ledger.owner(tx, account_id, role=role, on=at, by=by, at=at)
        return ledger.owner(tx, account_id, role=role, on=on, by=system(), at=at)


def _refuse_unemployed(tx: Connection, made: AccountException) -> None:
    """Raise where the person's employment does not reach from the exception's start to its end."""
    employed = people_store.employments(tx, [made.person_id]).get(made.person_id, ())
    if any(period.covers(made.period) for period in employed):
        return
    here = next((period for period in employed if period.contains(made.starts)), None)
    if here is None:
        raise NotEmployed(made.person_id, made.starts, employed)
    raise BadException(
        f"{made.person_id} is employed until {told(here.end)}, and the exception would last until"
        f" {told(made.expires)}; it ends with the employment at the latest."
    )


def _refuse_another(tx: Connection, made: AccountException) -> None:
    other = store.in_the_way(tx, made.account_id, made.role, made.period, but=made.exception_id)
    if other is not None:
        raise WrongStep(
            f"{made.account_id} goes to {other['person_id']} by exception from {told(other['valid_from'])} to"
            f" {told(other['valid_to'])}; end that one first, or start when it has ended."
        )


def _cost(tx: Connection, made: AccountException, *, at: datetime) -> Mapping[str, Any]:
    """What the exception does to the balance of the active plan, in which the account leaves its territory."""
    active = plan_store.with_status(tx, PlanStatus.ACTIVE)
    goal = made.gaining_territory_id and store.name_of(tx, made.gaining_territory_id, on=at)
    if not active or goal is None or made.role != OWNER:
        return {}
    plan = max(active, key=lambda one: (one.published_at or one.made_at, one.plan_id))
    tolerances = {measure.name: measure.tolerance for measure in parsed(plan).measures}
    try:
        state = plan_state.state(tx, plan.plan_id)
        found = effect(state, {made.account_id: goal}, tolerances=tolerances)
    except PatchbookError:  # the account or the territory is not in the plan, so the plan does not feel it
        return {}
    return {"plan_id": plan.plan_id, "says": found.says, "loads": found.to_dict()["loads"]}


def _kind(kind: Kind | str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise BadException(f"There is no kind of exception {kind!r}; there are {', '.join(Kind)}.") from None


def _page(rows: list[AccountException], limit: int, by: Principal) -> Page[AccountException]:
    page = page_of(rows, limit, lambda row: (microseconds(row.expires), row.exception_id))
    return Page(tuple(_shown(row, by) for row in page.rows), page.next_cursor)


def _shown(found: AccountException, by: Principal) -> AccountException:
    """As this person may see it: what it costs other territories is for those who see them."""
    return found if may(by, Deed.SEE_EVERYONE) else replace(found, cost={})
