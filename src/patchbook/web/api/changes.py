"""Dated changes of people: join, be away, leave, change seats, reorganise; each can be looked at before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from patchbook import changes
from patchbook.changes import Change, Handover, LeaveVacant, Replace, SplitOverTeam
from patchbook.web.api.publications import HoldoversIn
from patchbook.web.api.seats import FillerOut, SeatOut
from patchbook.web.models import End, Id, In, Name, Out, PeriodIn, PeriodOut, Preview, When
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["changes"])

Weights = Annotated[
    dict[Id, Annotated[float, Field(ge=0, le=1e15)]] | None,
    Field(max_length=20_000, description="Account → what it counts for; each counts alike where none is given."),
]
Families = Annotated[
    dict[Id, Id] | None, Field(max_length=20_000, description="Account → its family, which stays together.")
]


class ReplaceIn(In):
    """Somebody takes the seat over."""

    how: Literal["replace"]
    person_id: Id

    def meant(self) -> Handover:
        """As the record means it."""
        return Replace(person_id=self.person_id)


class SplitOverTeamIn(In):
    """The accounts go to a team, by capacity."""

    how: Literal["split over team"]
    team: list[Id] | None = Field(default=None, max_length=1000)

    def meant(self) -> Handover:
        """As the record means it."""
        return SplitOverTeam(team=None if self.team is None else tuple(self.team))


class LeaveVacantIn(In):
    """The seat stays vacant, with somebody in the interim."""

    how: Literal["leave vacant"]
    interim_id: Id | None = None

    def meant(self) -> Handover:
        """As the record means it."""
        return LeaveVacant(interim_id=self.interim_id)


HandoverIn = Annotated[ReplaceIn | SplitOverTeamIn | LeaveVacantIn, Field(discriminator="how")]
VACANT = LeaveVacantIn(how="leave vacant")


class HireIn(In):
    """Who fills which vacant seat from when on."""

    person_id: Id
    seat_id: Id
    on: When


class PeelIn(In):
    """A starter book for somebody, taken off the neighbours that have most too much."""

    person_id: Id
    name: Name = Field(description="What the new territory is called.")
    parent_id: Id
    on: When
    share: float = Field(default=1.0, gt=0, le=1, description="How much of a full book.")
    neighbours: list[Id] | None = Field(default=None, max_length=1000)
    holdovers: HoldoversIn = HoldoversIn()
    weights: Weights = None
    families: Families = None


class LeaveIn(In):
    """Who is away from when until when, and who acts for them."""

    person_id: Id
    cover_id: Id
    start: When
    end: When


class ReturnIn(In):
    """Who comes back earlier, and when."""

    person_id: Id
    on: When


class DepartureIn(In):
    """Who leaves when, and what becomes of each seat of theirs."""

    person_id: Id
    on: When
    default: HandoverIn = VACANT
    seats: dict[Id, HandoverIn] = Field(default={}, max_length=1000, description="Seat → another way for it.")
    overrides_to: Id | None = None
    reports_to: Id | None = None
    weights: Weights = None
    families: Families = None


class TransferIn(In):
    """Who goes to which seat from when on, and what becomes of the one they had."""

    person_id: Id
    to_seat_id: Id
    on: When
    from_seat_id: Id | None = None
    handover: HandoverIn = VACANT
    holdovers: HoldoversIn = HoldoversIn()
    weights: Weights = None
    families: Families = None


class PromotionIn(In):
    """Who gets which role, and from when on another seat."""

    person_id: Id
    role: Name
    on: When
    to_seat_id: Id | None = None
    from_seat_id: Id | None = None
    handover: HandoverIn = VACANT
    holdovers: HoldoversIn = HoldoversIn()
    weights: Weights = None
    families: Families = None


class ReorganisationIn(In):
    """Which territory goes under which other from when on, with all below it."""

    territory_id: Id
    parent_id: Id | None
    on: When
    reports_to: Id | None = None


class SeatChangeOut(Out):
    """Who fills a seat before and after."""

    seat: SeatOut
    before: FillerOut
    after: FillerOut
    valid: PeriodOut
    accounts: int


class GivingOut(Out):
    """Accounts a territory gives or takes."""

    territory_id: str
    person_id: str | None
    account_ids: list[str]
    weight: float
    before: float
    after: float
    target: float


class ChangeOut(Out):
    """What a change did, or would do."""

    deed: str
    person_id: str | None
    on: datetime
    until: End
    summary: list[str]
    seats: list[SeatChangeOut]
    gives: list[GivingOut]
    takes: list[GivingOut]
    notes: list[str]
    accounts_before: int
    accounts_after: int
    accounts_moved: int
    closed: int
    written: int
    uncovered: int
    is_preview: bool
    made: dict[str, str]


@router.post("/hires", status_code=201)
def hire(
    what: HireIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Fill a vacant seat from a day on."""
    done = changes.hire(tx, what.person_id, what.seat_id, on=what.on, preview=preview, by=person, at=at)
    return _told(done, response)


@router.post("/starter-books", status_code=201)
def peel(
    what: PeelIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Make a new territory for somebody from what its most loaded neighbours have too much of."""
    done = changes.peel(
        tx,
        what.person_id,
        name=what.name,
        parent_id=what.parent_id,
        on=what.on,
        share=what.share,
        weights=what.weights,
        families=what.families,
        neighbours=what.neighbours,
        policy=what.holdovers.policy(),
        preview=preview,
        by=person,
        at=at,
    )
    return _told(done, response)


@router.post("/leaves", status_code=201)
def leave(
    what: LeaveIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Let somebody act for a person for a while; the end is the return."""
    period = PeriodIn(start=what.start, end=what.end).period()
    done = changes.leave(tx, what.person_id, what.cover_id, period=period, preview=preview, by=person, at=at)
    return _told(done, response)


@router.post("/returns", status_code=201)
def come_back(
    what: ReturnIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """End a leave before it was to end, or call off one that has not begun."""
    done = changes.come_back(tx, what.person_id, on=what.on, preview=preview, by=person, at=at)
    return _told(done, response)


@router.post("/departures", status_code=201)
def depart(
    what: DepartureIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """End somebody's employment on a day, and hand over all they have."""
    done = changes.departure(
        tx,
        what.person_id,
        on=what.on,
        default=what.default.meant(),
        seats={seat: how.meant() for seat, how in what.seats.items()},
        overrides_to=what.overrides_to,
        reports_to=what.reports_to,
        weights=what.weights,
        families=what.families,
        preview=preview,
        by=person,
        at=at,
    )
    return _told(done, response)


@router.post("/transfers", status_code=201)
def transfer(
    what: TransferIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Put somebody into a vacant seat from a day on, and hand over the one they had."""
    done = changes.transfer(
        tx,
        what.person_id,
        to_seat_id=what.to_seat_id,
        on=what.on,
        from_seat_id=what.from_seat_id,
        handover=what.handover.meant(),
        weights=what.weights,
        families=what.families,
        policy=what.holdovers.policy(),
        preview=preview,
        by=person,
        at=at,
    )
    return _told(done, response)


@router.post("/promotions", status_code=201)
def promote(
    what: PromotionIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Give somebody another role, and from a day on another seat."""
    done = changes.promotion(
        tx,
        what.person_id,
        role=what.role,
        on=what.on,
        to_seat_id=what.to_seat_id,
        from_seat_id=what.from_seat_id,
        handover=what.handover.meant(),
        weights=what.weights,
        families=what.families,
        policy=what.holdovers.policy(),
        preview=preview,
        by=person,
        at=at,
    )
    return _told(done, response)


@router.post("/reorganisations", status_code=201)
def reorganise(
    what: ReorganisationIn, response: Response, tx: Transaction, person: SignedIn, at: Now, preview: Preview = False
) -> ChangeOut:
    """Move a territory and all below it under another from a day on."""
    done = changes.reorganisation(
        tx,
        what.territory_id,
        what.parent_id,
        on=what.on,
        reports_to=what.reports_to,
        preview=preview,
        by=person,
        at=at,
    )
    return _told(done, response)


def _told(done: Change, response: Response) -> ChangeOut:
    """The change; one that was only looked at made nothing."""
    if done.is_preview:
        response.status_code = 200
    return ChangeOut.of(done)
