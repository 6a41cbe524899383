"""The register of exceptions: accounts that go to somebody else for a while, counted against a budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.comments.comment import Subject
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import AccountException, Budget, Kind, Status
from patchbook.ledger.answers import OWNER
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.period import instant
from patchbook.proposals.inbox import SOON
from patchbook.web.models import After, AnId, InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.comments import Thread, thread

NAV = (
    Nav(
        title="Exceptions",
        path="/exceptions",
        section="Own",
        deed=Deed.SEE,
        covers=("/holdovers", "/registrations", "/handoffs"),
    ),
)
PAGE_SIZE = 50

router = Pages()

Words = Annotated[str, Form(max_length=2000)]
Day = Annotated[str, Form(max_length=40)]


@dataclass(frozen=True, kw_only=True)
class ExceptionsPage:
    """The exceptions somebody sees, those that end first on top, and how many there may be."""

    rows: tuple[AccountException, ...]
    next: str | None
    status: Status | None
    soon: bool
    account_id: str | None
    at: datetime
    budget: Budget | None
    """None for those who do not see everyone."""
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    kinds: tuple[tuple[str, str], ...]
    may_ask: bool
    soon_days: int = SOON.days

    @property
    def csv(self) -> str:
        """The same list for a spreadsheet."""
        narrowed = f"&status={self.status.value}" if self.status else ""
        if self.soon:
            narrowed = f"&expiring_before={(self.at + SOON).date().isoformat()}"
        return f"/api/v1/exceptions?format=csv&limit=1000{narrowed}"

    def ends_soon(self, one: AccountException) -> bool:
        """Whether it is in force and ends within the month."""
        return one.status is Status.APPROVED and self.at < one.expires <= self.at + SOON

    def state(self, one: AccountException) -> str:
        """Its status in words that tell whether it holds now."""
        return state_of(one, self.at)


@dataclass(frozen=True, kw_only=True)
class ExceptionPage:
    """One exception: who has to agree, what it costs the balance, and what one may do with it."""

    exception: AccountException
    state: str
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    loads: tuple[Mapping[str, Any], ...]
    """What it does to the balance of the active plan."""
    may_agree: bool
    may_renew: bool
    may_end: bool
    may_withdraw: bool
    thread: Thread


def state_of(one: AccountException, at: datetime) -> str:
    """An exception's status, where it was approved by the date: `to come`, `in force` or `expired`."""
    if one.status is not Status.APPROVED:
        return one.status.value
    return "in force" if one.is_in_force(at) else "to come" if at < one.starts else "expired"


def load_list(
    tx: Connection,
    *,
    status: Status | None = None,
    soon: bool = False,
    account_id: str | None = None,
    after: str | None = None,
    by: Principal,
    at: datetime,
) -> ExceptionsPage:
    """The exceptions this person sees, those that end first on top."""
    paged: dict[str, Any] = {"after": after, "limit": PAGE_SIZE, "by": by, "at": at}
    if soon:
        found = exceptions.expiring(tx, before=at + SOON, **paged)
    else:
        found = exceptions.register(tx, status=status, account_id=account_id or None, **paged)
    who = (
        person
        for one in found.rows
        for person in (one.person_id, one.losing_person_id, one.requested_by, *_asked(one), *one.approvers)
    )
    return ExceptionsPage(
        rows=found.rows,
        next=found.next_cursor,
        status=status,
        soon=soon,
        account_id=account_id,
        at=at,
        budget=exceptions.budget(tx, by=by, at=at) if may(by, Deed.SEE_EVERYONE) else None,
        people=people_named(tx, who),
        accounts=accounts_named(tx, (one.account_id for one in found.rows)),
        kinds=tuple((kind.value, kind.value.capitalize()) for kind in Kind),
        may_ask=may(by, Deed.REQUEST_EXCEPTION),
    )


def load(tx: Connection, exception_id: str, *, by: Principal, at: datetime) -> ExceptionPage:
    """One exception."""
    found = exceptions.get(tx, exception_id, by=by, at=at)
    theirs = exceptions.may_do(tx, found, by=by, at=at)
    who = {found.person_id, found.losing_person_id, found.requested_by, found.ended_by}
    return ExceptionPage(
        exception=found,
        state=state_of(found, at),
        people=people_named(tx, {*who, *_asked(found), *found.approvers}),
        accounts=accounts_named(tx, [found.account_id]),
        loads=tuple(found.cost.get("loads", ())),
        may_agree=theirs.agree,
        may_renew=theirs.renew,
        may_end=theirs.end,
        may_withdraw=theirs.withdraw,
        thread=thread(tx, Subject.EXCEPTION, exception_id, by=by, at=at),
    )


def _asked(one: AccountException) -> tuple[str | None, ...]:
    return tuple(step.approver_id for step in one.steps)


@router.page("/exceptions", Deed.SEE)
def show_list(
    here: Looked,
    status: Annotated[Status | None, Query()] = None,
    soon: bool = False,
    account_id: AnId = None,
    after: After = None,
) -> Response:
    """The register."""
    page = load_list(here.tx, status=status, soon=soon, account_id=account_id, after=after, by=here.person, at=here.at)
    return here.show("exceptions.html", page)


@router.form("/exceptions", Deed.REQUEST_EXCEPTION)
def request(
    here: Looked,
    account_id: Annotated[str, Form(min_length=1, max_length=200)],
    person_id: Annotated[str, Form(min_length=1, max_length=200)],
    kind: Annotated[Kind, Form()],
    reason: Words,
    starts: Day,
    expires: Day,
    role: Annotated[str, Form(max_length=50)] = OWNER,
) -> Response:
    """Ask that an account go to somebody for a while."""
    made = exceptions.request(
        here.tx,
        account_id.strip(),
        person_id.strip(),
        role=role,
        kind=kind,
        reason=reason,
        starts=instant(starts),
        expires=instant(expires),
        by=here.person,
        at=here.at,
    )
    return here.done(f"/exceptions/{made.exception_id}", "Asked; it holds once those it concerns agree.")


@router.page("/exceptions/{exception_id}", Deed.SEE)
def show(exception_id: InPath, here: Looked) -> Response:
    """One exception."""
    return here.show("exception.html", load(here.tx, exception_id, by=here.person, at=here.at))


@router.form("/exceptions/{exception_id}/decision", Deed.DECIDE)
def decide(
    exception_id: InPath,
    here: Looked,
    decision: Annotated[str, Form(pattern="^(yes|no)$")],
    comment: Words = "",
) -> Response:
    """Agree to it, or refuse it with a word of why."""
    say = exceptions.approve if decision == "yes" else exceptions.reject
    after = say(here.tx, exception_id, comment.strip() or None, by=here.person, at=here.at)
    said = {Status.APPROVED: "Agreed by all; it is in the ledger.", Status.REJECTED: "Refused."}
    return here.done(f"/exceptions/{exception_id}", said.get(after.status, "Agreed; others are still to agree."))


@router.form("/exceptions/{exception_id}/renewals", Deed.REQUEST_EXCEPTION)
def renew(exception_id: InPath, here: Looked, expires: Day, reason: Words) -> Response:
    """Ask that it go on after it expires."""
    made = exceptions.renew(here.tx, exception_id, expires=instant(expires), reason=reason, by=here.person, at=here.at)
    return here.done(f"/exceptions/{made.exception_id}", "Asked to go on; those it concerns agree again.")


@router.form("/exceptions/{exception_id}/end", Deed.REQUEST_EXCEPTION)
def end(exception_id: InPath, here: Looked, why: Words, on: Day = "") -> Response:
    """Let it hold only until a day."""
    day = instant(on) if on.strip() else None
    exceptions.end(here.tx, exception_id, on=day, why=why, by=here.person, at=here.at)
    return here.done(f"/exceptions/{exception_id}", "Ended; the account goes where its territory says.")


@router.form("/exceptions/{exception_id}/withdrawal", Deed.REQUEST_EXCEPTION)
def withdraw(exception_id: InPath, here: Looked) -> Response:
    """Take back a request."""
    exceptions.withdraw(here.tx, exception_id, by=here.person, at=here.at)
    return here.done(f"/exceptions/{exception_id}", "Withdrawn; it stays readable.")
