"""A claim: an account nobody works on that a rep takes for themselves, within limits. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import told
from patchbook.routing.engagement import Claims

LONGEST = 2_000
WEEK = timedelta(days=7)


class Status(StrEnum):
    """What became of a claim; one that is held counts until its end."""

    HELD = "held"
    RETURNED = "returned"


class NoClaim(NotFound):
    """There is no claim of that id, or none the one who asks may see."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"There is no claim {claim_id!r}.")


class BadClaim(BadInput):
    """A claim says nothing, or too much, about why."""


class NotClaimable(Conflict):
    """An account is not one that may be claimed now."""


class ClaimLimit(Conflict):
    """Somebody has as many claims as they may, or claims again what they were just relieved of."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An account somebody took, from when until when, and why."""

    claim_id: str
    account_id: str
    person_id: str
    reason: str
    claimed_at: datetime
    ends: datetime
    status: Status = Status.HELD
    returned_at: datetime | None = None
    returned_by: str | None = None
    returned_why: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be told to anybody."""
        if not self.reason.strip() or len(self.reason) > LONGEST:
            raise BadClaim(f"A claim says why in 1 to {LONGEST:,} characters; this has {len(self.reason):,}.")

    def is_in_force(self, at: datetime) -> bool:
        """Whether the account is theirs by it at this instant."""
        return self.status is Status.HELD and self.claimed_at <= at < self.ends

    def give_back(self, *, by: str, at: datetime, why: str) -> Claim:
        """Returned before it ends."""
        if not self.is_in_force(at):
            over = f"ended on {told(self.ends)}" if self.status is Status.HELD else f"is {self.status}"
            raise NotClaimable(f"The claim on {self.account_id} {over}; only one in force can be given back.")
        if not why.strip() or len(why) > LONGEST:
            raise BadClaim(f"To give an account back, say why in 1 to {LONGEST:,} characters.")
        return replace(self, status=Status.RETURNED, returned_at=at, returned_by=by, returned_why=why.strip())


def refuse_over_limits(
    limits: Claims,
    *,
    account_id: str,
    person_id: str,
    claims: Sequence[Claim],
    lost_at: datetime | None,
    at: datetime,
) -> None:
    """
    Raise where somebody may not claim one more, or not this one yet.

    Parameters
    ----------
    claims
        All this person made, in force or not.
    lost_at
        When this account was last returned from them, by a time-out or their own hand.
    """
    held = sum(one.is_in_force(at) for one in claims)
    if held >= limits.in_force:
        raise ClaimLimit(
            f"{person_id} has {held:,} claims in force, and {limits.in_force:,} are allowed; give one back first."
        )
    week = [one.claimed_at for one in claims if at - WEEK < one.claimed_at <= at]
    if len(week) >= limits.per_week:
        raise ClaimLimit(
            f"{person_id} made {len(week):,} claims in the last seven days, and {limits.per_week:,} are allowed;"
            f" the next can be made on {told(sorted(week)[-limits.per_week] + WEEK)}."
        )
    free = None if lost_at is None else lost_at + timedelta(days=limits.cool_down_days)
    if lost_at is not None and free is not None and at < free:
        raise ClaimLimit(
            f"{account_id} was returned from {person_id} on {told(lost_at)};"
            f" they can claim it again from {told(free)} on."
        )
