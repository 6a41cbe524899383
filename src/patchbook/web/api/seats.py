"""Seats: roles at territories, who fills them, pools that share, and how credit is divided."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from patchbook.territories import pools, seats, splits
from patchbook.territories.territory import Member, SeatRole, Share
from patchbook.web.models import (
    Id,
    In,
    InPath,
    Listed,
    Name,
    On,
    Out,
    Paged,
    PeriodIn,
    PeriodOut,
    Revision,
    When,
    Why,
    whole,
)
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["seats"])


class FillerIn(In):
    """Who fills a seat: a person, a pool, or nobody, and then who looks after it in the interim."""

    person_id: Id | None = None
    pool_id: Id | None = None
    interim_id: Id | None = None


class SeatIn(FillerIn):
    """A seat to be opened."""

    role: SeatRole = SeatRole.OWNER
    since: When
    reason: Why = "opened"


class StaffingIn(FillerIn):
    """Who fills a seat for a period."""

    valid: PeriodIn
    reason: Why = "staffed"


class MemberIn(In):
    """Somebody in a pool, and their weight."""

    person_id: Id
    weight: float = Field(default=1.0, gt=0, le=1_000_000)


class PoolIn(In):
    """A pool to be."""

    name: Name
    members: list[MemberIn] = Field(min_length=1, max_length=1000)


class ChangedPoolIn(In):
    """What changes of a pool."""

    revision: Revision
    name: Name | None = None
    members: list[MemberIn] | None = Field(default=None, min_length=1, max_length=1000)


class ShareIn(In):
    """Somebody's part of the credit, in percent."""

    person_id: Id
    percent: float = Field(gt=0, le=100)


class SplitIn(In):
    """How credit is shared for a period; for one account, or the whole territory."""

    account_id: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    role: SeatRole = SeatRole.OWNER
    shares: list[ShareIn] = Field(min_length=1, max_length=100)
    valid: PeriodIn
    reason: Why = "split"


class EndOfSplitIn(In):
    """A split that is to hold no more for a period."""

    account_id: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    role: SeatRole = SeatRole.OWNER
    valid: PeriodIn


class SeatOut(Out):
    """A role at a territory."""

    seat_id: str
    territory_id: str
    role: SeatRole
    number: int


class FillerOut(Out):
    """Who fills a seat."""

    person_id: str | None
    pool_id: str | None
    interim_id: str | None
    is_vacant: bool


class StaffedOut(Out):
    """Who fills a seat for a period, and why."""

    seat: SeatOut
    filler: FillerOut
    valid: PeriodOut
    cause: str
    source: str
    reason: str


class MemberOut(Out):
    """Somebody in a pool."""

    person_id: str
    weight: float


class PoolOut(Out):
    """People who share what comes in."""

    pool_id: str
    name: str
    members: list[MemberOut]
    revision: int


class ShareOut(Out):
    """Somebody's part of the credit."""

    person_id: str
    percent: float


class SplitOut(Out):
    """How credit is shared for a period."""

    territory_id: str
    account_id: str
    role: SeatRole
    shares: list[ShareOut]
    valid: PeriodOut


@router.get("/territories/{territory_id}/seats")
def list_seats(territory_id: InPath, tx: Transaction, person: SignedIn, at: Now, on: On = None) -> Listed[StaffedOut]:
    """The seats of a territory on a date, with who fills them then."""
    return whole(StaffedOut, seats.seats(tx, territory_id, on=on or at, by=person, at=at))


@router.post("/territories/{territory_id}/seats", status_code=201)
def open_seat(territory_id: InPath, what: SeatIn, tx: Transaction, person: SignedIn, at: Now) -> SeatOut:
    """Open a seat from a day on; with neither person nor pool it is vacant."""
    return SeatOut.of(seats.open_seat(tx, territory_id, **what.model_dump(), by=person, at=at))


@router.get("/seats/{seat_id}/staffings")
def list_staffings(seat_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[StaffedOut]:
    """Who has filled a seat, fills it and is going to, the oldest first."""
    found = seats.history(tx, seat_id, by=person, at=at)
    return paging.sliced(StaffedOut, found, key=lambda one: str(one.valid.start.isoformat()))


@router.post("/seats/{seat_id}/staffings", status_code=201)
def staff_seat(seat_id: InPath, what: StaffingIn, tx: Transaction, person: SignedIn, at: Now) -> Listed[StaffedOut]:
    """Fill a seat for a period, or leave it vacant; gives who fills each part of it."""
    told = what.model_dump(exclude={"valid"})
    return whole(StaffedOut, seats.staff(tx, seat_id, **told, period=what.valid.period(), by=person, at=at))


@router.get("/pools")
def list_pools(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[PoolOut]:
    """The pools there are, by name."""
    return paging.listed(PoolOut, pools.pools(tx, after=paging.after, limit=paging.limit, by=person, at=at))


@router.post("/pools", status_code=201)
def add_pool(what: PoolIn, tx: Transaction, person: SignedIn, at: Now) -> PoolOut:
    """Add a pool; fill seats with it afterwards."""
    return PoolOut.of(pools.add_pool(tx, what.name, _members(what.members), by=person, at=at))


@router.get("/pools/{pool_id}")
def get_pool(pool_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PoolOut:
    """One pool."""
    return PoolOut.of(pools.get_pool(tx, pool_id, by=person, at=at))


@router.patch("/pools/{pool_id}")
def change_pool(pool_id: InPath, what: ChangedPoolIn, tx: Transaction, person: SignedIn, at: Now) -> PoolOut:
    """Change who is in a pool, or what it is called."""
    members = None if what.members is None else _members(what.members)
    changed = pools.change_pool(tx, pool_id, what.revision, name=what.name, members=members, by=person, at=at)
    return PoolOut.of(changed)


@router.get("/territories/{territory_id}/splits")
def list_splits(
    territory_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged, on: On = None
) -> Listed[SplitOut]:
    """How credit is shared in a territory, on a date or later."""
    found = splits.splits(tx, territory_id, on=on or at, by=person, at=at)
    return paging.sliced(
        SplitOut, found, key=lambda one: f"{one.account_id}\n{one.role}\n{one.valid.start.isoformat()}"
    )


@router.post("/territories/{territory_id}/splits", status_code=201)
def add_split(territory_id: InPath, what: SplitIn, tx: Transaction, person: SignedIn, at: Now) -> SplitOut:
    """Share the credit for a period."""
    made = splits.split(
        tx,
        territory_id,
        [Share(person_id=share.person_id, percent=share.percent) for share in what.shares],
        account_id=what.account_id,
        role=what.role,
        period=what.valid.period(),
        reason=what.reason,
        by=person,
        at=at,
    )
    return SplitOut.of(made)


@router.post("/territories/{territory_id}/splits/end", status_code=204)
def end_split(territory_id: InPath, what: EndOfSplitIn, tx: Transaction, person: SignedIn, at: Now) -> None:
    """Let credit be undivided again for a period."""
    splits.end_split(
        tx,
        territory_id,
        account_id=what.account_id,
        role=what.role,
        period=what.valid.period(),
        by=person,
        at=at,
    )


def _members(told: list[MemberIn]) -> list[Member]:
    return [Member(person_id=member.person_id, weight=member.weight) for member in told]
