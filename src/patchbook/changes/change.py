"""What a dated change of people comes to, in figures and in words. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from patchbook.errors import BadInput
from patchbook.period import Period
from patchbook.territories.territory import Filler, Seat


class BadChange(BadInput):
    """A change of people cannot be as it was asked for."""


@dataclass(frozen=True)
class Replace:
    """Somebody else takes the seat."""

    person_id: str


@dataclass(frozen=True)
class SplitOverTeam:
    """The accounts go to the rest of the team by capacity, and the seat stays vacant."""

    team: tuple[str, ...] | None = None
    """The people who take them; everybody with an owner seat beside it when None."""


@dataclass(frozen=True)
class LeaveVacant:
    """The seat waits for somebody to be hired."""

    interim_id: str | None = None
    """Who looks after it till then; whoever manages it when None."""


Handover = Replace | SplitOverTeam | LeaveVacant


def people_in(how: Handover) -> tuple[str, ...]:
    """The people a handover names."""
    if isinstance(how, Replace):
        return (how.person_id,)
    if isinstance(how, SplitOverTeam):
        return how.team or ()
    return () if how.interim_id is None else (how.interim_id,)


@dataclass(frozen=True, kw_only=True)
class SeatChange:
    """One seat, before and after, for a period."""

    seat: Seat
    before: Filler
    after: Filler
    valid: Period
    accounts: int = 0
    """How many accounts the territory has when the period starts."""


@dataclass(frozen=True, kw_only=True)
class Giving:
    """What a territory gives up, or takes, when accounts move between territories."""

    territory_id: str
    person_id: str | None
    account_ids: tuple[str, ...]
    weight: float
    before: float
    after: float
    target: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a deed did, or would do."""

    deed: str
    person_id: str | None
    on: datetime
    until: datetime | None = None
    summary: tuple[str, ...] = ()
    """Sentences for people, in ids; whoever shows them may put names for them."""
    seats: tuple[SeatChange, ...] = ()
    gives: tuple[Giving, ...] = ()
    takes: tuple[Giving, ...] = ()
    notes: tuple[str, ...] = ()
    """What somebody should look at: covers that ended, people without a manager, pools."""
    accounts_before: int = 0
    """Accounts the person looks after the instant before, as owner or interim."""
    accounts_after: int = 0
    accounts_moved: int = 0
    """Accounts that go to another territory."""
    closed: int = 0
    """Facts that are no longer believed."""
    written: int = 0
    uncovered: int = 0
    """Accounts with nobody to look after them at some instant from `on`; a change with any is refused."""
    is_preview: bool = False
    made: dict[str, str] = field(default_factory=dict)
    """Ids of what the deed made, by what they are: `person_id`, `territory_id`, `seat_id`."""
