"""One account: who has it, since when, why, what would change that, and how it was on any day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import Response
from pydantic import BeforeValidator
from sqlalchemy import Connection

from patchbook.comments.comment import Subject
from patchbook.engagement import appointing
from patchbook.errors import NotFound
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import AccountException
from patchbook.exceptions.exception import Status as ExceptionStatus
from patchbook.imports import actions as imports
from patchbook.imports.imported import NoImport
from patchbook.leads import looking
from patchbook.ledger import actions as ledger
from patchbook.ledger import deals
from patchbook.ledger.answers import OWNER
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import Status
from patchbook.plans.nearly import Nearly, nearly
from patchbook.web.models import When
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.account import as_of
from patchbook.web.pages.account.as_of import AsOf
from patchbook.web.pages.ask import account_path
from patchbook.web.pages.comments import Thread, thread

router = Pages()

AccountId = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Day = Annotated[When | None, BeforeValidator(lambda told: told or None), Query()]

_TITLES = {
    "industry": "Industry",
    "segment": "Segment",
    "status": "Status",
    "employees": "Employees",
    "revenue_usd": "Revenue",
    "potential_usd": "Potential",
    "open_pipeline_usd": "Open pipeline",
    "phone": "Phone",
    "street": "Street",
}
"""What is shown of an account beside its name and place, in this order."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing known of the account."""

    title: str
    text: str | None = None
    number: float | None = None
    usd: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Something that will or could change who has the account."""

    on: datetime | None
    says: str
    path: str | None = None
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Another account of the family."""

    name: str
    path: str
    place: str
    owner: str
    is_head: bool


@dataclass(frozen=True, kw_only=True)
class DealLine:
    """An open deal, and who has it."""

    deal: deals.Deal
    who: str


@dataclass(frozen=True, kw_only=True)
class LeadLine:
    """A lead of the account."""

    lead_id: str
    title: str
    source: str
    received_at: datetime
    status: str
    who: str


@dataclass(frozen=True, kw_only=True)
class AccountPage:
    """All of one account."""

    account_id: str
    path: str
    name: str
    domain: str | None
    place: str
    facts: tuple[Fact, ...]
    asof: AsOf
    ahead: tuple[Ahead, ...]
    nearly: tuple[Nearly, ...]
    family: tuple[Relative, ...]
    deals: tuple[DealLine, ...]
    leads: tuple[LeadLine, ...]
    thread: Thread | None
    """What was said about it; None for an account that was never assigned."""
    draft_id: str | None
    """A draft to propose a change in."""
    is_imported: bool


def load(
    tx: Connection,
    account_id: str,
    *,
    on: datetime | None = None,
    known: datetime | None = None,
    by: Principal,
    at: datetime,
) -> AccountPage:
    """
    All of an account that this person may see.

    Raises
    ------
    UnknownAccount
        There is none, or none this person may see.
    """
    shown = as_of.load(tx, account_id, on=on, known=known, by=by, at=at)
    row = _imported(tx, [account_id]).get(account_id, {})
    open_deals = deals.open_deals(tx, account_id, by=by, at=at)
    leads = looking.leads(tx, account_id=account_id, limit=10, by=by, at=at).rows
    asked = exceptions.register(tx, account_id=account_id, limit=20, by=by, at=at).rows
    now = ledger.owners_of(tx, [account_id], on=at).get(account_id)
    ids = [one.holder_id for one in open_deals] + [one.person_id for one in leads]
    names = names_of(tx, [*ids, now, *(one.person_id for one in asked)], at=at)
    return AccountPage(
        account_id=account_id,
        path=shown.path,
        name=row.get("name") or account_id,
        domain=row.get("domain"),
        place=", ".join(str(row[part]) for part in ("city", "state", "country") if row.get(part)),
        facts=tuple(_facts(row)),
        asof=shown,
        ahead=tuple(_ahead(shown, asked, open_deals, names, at)),
        nearly=nearly(tx, account_id, by=by, at=at),
        family=_family(tx, account_id, by=by, at=at),
        deals=tuple(DealLine(deal=one, who=names.get(one.holder_id or now or "", "nobody")) for one in open_deals),
        leads=tuple(
            LeadLine(
                lead_id=one.lead_id,
                title=str(one.fields.get("contact") or one.fields.get("name") or one.source_id),
                source=one.source,
                received_at=one.received_at,
                status=one.status.value,
                who=names.get(one.person_id or "", "nobody yet"),
            )
            for one in leads
        ),
        thread=_thread(tx, account_id, by=by, at=at),
        draft_id=_draft(tx, by=by, at=at),
        is_imported=bool(row),
    )


@router.page("/accounts/{account_id:path}", Deed.SEE)
def show(here: Looked, account_id: AccountId, on: Day = None, known: Day = None) -> Response:
    """The account; only the part for a day where a script asks for that."""
    if here.is_for_a_part:
        part = as_of.load(here.tx, account_id, on=on, known=known, by=here.person, at=here.at)
        return here.show("account.html", {"asof": part}, block="asof")
    return here.show("account.html", load(here.tx, account_id, on=on, known=known, by=here.person, at=here.at))


def _imported(tx: Connection, account_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Account → what the newest import tells of it."""
    try:
        rows = imports.accounts_by_id(tx, account_ids).to_dicts()
    except (NoImport, NotFound):
        return {}
    return {row["account_id"]: row for row in rows}


def _facts(row: dict[str, Any]) -> list[Fact]:
    found = []
    for name, title in _TITLES.items():
        value = row.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            is_money = name.endswith("_usd")
            found.append(Fact(title=title, usd=value) if is_money else Fact(title=title, number=value))
        else:
            found.append(Fact(title=title, text=str(value)))
    return found


def _ahead(
    shown: AsOf, asked: Sequence[AccountException], held: Sequence[deals.Deal], names: dict[str, str], at: datetime
) -> list[Ahead]:
    """What will change, by date, then what was asked for and is not decided."""
    found = []
    rows = [one for one in shown.table if one.role == OWNER]
    for before, after in pairwise(rows):
        if after.start > at:
            why = f": {after.because}" if after.because else ""
            moves = after.territory and after.territory != before.territory
            where = f" in {after.territory}" if moves else ""
            found.append(Ahead(on=after.start, says=f"{after.who} has it{where} from then on{why}.", kind="planned"))
    if rows and at < rows[-1].end and rows[-1].end.year < 9999:
        found.append(Ahead(on=rows[-1].end, says="No fact says who has it from then on.", kind="planned"))
    for one in asked:
        path = f"/exceptions/{one.exception_id}"
        who = names.get(one.person_id, one.person_id)
        if one.is_in_force(at):
            end = min(one.expires, one.ended_at or one.expires)
            found.append(
                Ahead(
                    on=end,
                    says=f"The exception for {who} ends, unless renewed: {one.reason}",
                    path=path,
                    kind="exception",
                )
            )
        elif one.status is ExceptionStatus.REQUESTED:
            found.append(
                Ahead(on=one.starts, says=f"An exception for {who} is asked for: {one.reason}", path=path, kind="asked")
            )
    for deal in held:
        if deal.holder_id is not None:
            who = names.get(deal.holder_id, deal.holder_id)
            says = f"The holdover of the deal {deal.called} with {who} expires; then it goes with the account."
            found.append(Ahead(on=deal.held_until, says=says, path="/holdovers", kind="holdover"))
    return sorted(found, key=lambda one: one.on or datetime.max.replace(tzinfo=UTC))


def _family(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> tuple[Relative, ...]:
    try:
        head, others = appointing.relatives(tx, account_id, by=by, at=at)
    except NotFound:
        return ()
    if not others:
        return ()
    rows = _imported(tx, others)
    owners = ledger.owners_of(tx, others, on=at)
    names = names_of(tx, owners.values(), at=at)
    return tuple(
        Relative(
            name=rows.get(one, {}).get("name") or one,
            path=account_path(one),
            place=", ".join(
                str(rows[one][part]) for part in ("city", "state", "country") if rows.get(one, {}).get(part)
            ),
            owner=names.get(owners.get(one) or "", "nobody"),
            is_head=one == head,
        )
        for one in others
    )


def _thread(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> Thread | None:
    try:
        return thread(tx, Subject.ACCOUNT, account_id, by=by, at=at)
    except NotFound:
        return None  # an account that is assigned to nobody yet


def _draft(tx: Connection, *, by: Principal, at: datetime) -> str | None:
    if not may(by, Deed.PROPOSE):
        return None
    found = plans.plans(tx, status=Status.DRAFT, limit=1, by=by, at=at).rows
    return found[0].plan_id if found else None
