"""Territories, the seats in them, who fills a seat, and how credit is shared. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import Period, told


class Kind(StrEnum):
    """What a territory is made of."""

    GEOGRAPHIC = "geographic"
    NAMED = "named"
    VERTICAL = "vertical"
    OVERLAY = "overlay"
    POOL = "pool"
    HOUSE = "house"
    GROUP = "group"


class SeatRole(StrEnum):
    """What whoever fills a seat does for the accounts of its territory."""

    OWNER = "owner"
    SDR = "sdr"
    AM = "am"
    CSM = "csm"
    SE = "se"
    OVERLAY = "overlay"
    PARTNER = "partner"
    SERVICE = "service"
    MANAGER = "manager"


class UnknownTerritory(NotFound):
    """There is no such territory on that day, or none this principal may see."""

    def __init__(self, territory_id: str) -> None:
        super().__init__(f"There is no territory {territory_id!r}.")


class UnknownSeat(NotFound):
    """There is no such seat, or none this principal may see."""

    def __init__(self, seat_id: str) -> None:
        super().__init__(f"There is no seat {seat_id!r}.")


class UnknownPool(NotFound):
    """There is no such pool."""

    def __init__(self, pool_id: str) -> None:
        super().__init__(f"There is no pool {pool_id!r}.")


class BadTerritory(BadInput):
    """A territory, seat or pool cannot be as it was given."""


class TreeCycle(BadInput):
    """A territory would lie, through others, below itself."""

    def __init__(self, loop: Sequence[str], on: datetime) -> None:
        super().__init__(
            f"{loop[0]} cannot be put below {loop[-1]}, which lies below it on {told(on)}:"
            f" {' > '.join(loop)} > {loop[0]}."
        )


class StillNeeded(Conflict):
    """Something still hangs on what was to be closed."""


class LeavesAGap(Conflict):
    """Accounts would be left with nobody to look after them."""


class BadSplit(BadInput):
    """The shares of a split do not make one whole."""


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A node of the tree, as it is for a period."""

    territory_id: str
    name: str
    kind: Kind
    parent_id: str | None
    steward_id: str | None = None
    """Who answers for how it is drawn."""
    review_on: datetime | None = None
    valid: Period


@dataclass(frozen=True, kw_only=True)
class Node:
    """A territory where it stands in the tree."""

    territory: Territory
    depth: int
    path: tuple[str, ...]
    """The names from the root down to it."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A role at a territory; `number` tells several of one role apart."""

    seat_id: str
    territory_id: str
    role: SeatRole
    number: int = 1


@dataclass(frozen=True, kw_only=True)
class Filler:
    """Who fills a seat: a person, a pool, or nobody, and then `interim_id` looks after it."""

    person_id: str | None = None
    pool_id: str | None = None
    interim_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse two at once."""
        if sum(one is not None for one in (self.person_id, self.pool_id, self.interim_id)) > 1:
            raise BadTerritory(
                "A seat is filled by a person or a pool, or is vacant with an interim; name one of them."
            )

    @property
    def is_vacant(self) -> bool:
        """Whether nobody fills the seat."""
        return self.person_id is None and self.pool_id is None

    @property
    def is_covered(self) -> bool:
        """Whether anybody looks after it."""
        return any(one is not None for one in (self.person_id, self.pool_id, self.interim_id))

    def __str__(self) -> str:
        if self.person_id is not None:
            return self.person_id
        if self.pool_id is not None:
            return f"pool {self.pool_id}"
        return "vacant" if self.interim_id is None else f"vacant, {self.interim_id} in the interim"


@dataclass(frozen=True, kw_only=True)
class Staffed:
    """Who fills a seat for a period, and why."""

    seat: Seat
    filler: Filler
    valid: Period
    cause: str
    source: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody in a pool, and how much of what comes in is theirs beside the others."""

    person_id: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Pool:
    """People who share what comes in."""

    pool_id: str
    name: str
    members: tuple[Member, ...]
    revision: int = 1

    def __post_init__(self) -> None:
        """Refuse a pool that could not share anything."""
        if not self.name.strip():
            raise BadTerritory("A pool needs a name.")
        if not self.members:
            raise BadTerritory(f"The pool {self.name!r} has no members; name at least one.")
        seen = [member.person_id for member in self.members]
        if again := next((one for one in seen if seen.count(one) > 1), None):
            raise BadTerritory(f"The pool {self.name!r} names {again} twice; give each member one weight.")
        for member in self.members:
            if not 0 < member.weight < float("inf"):
                raise BadTerritory(
                    f"{member.person_id} has weight {member.weight:g} in the pool {self.name!r}; weights are above 0."
                )


@dataclass(frozen=True, kw_only=True)
class Share:
    """Somebody's part of the credit for a territory or an account, in percent with at most two decimals."""

    person_id: str
    percent: float


@dataclass(frozen=True, kw_only=True)
class Split:
    """How credit is shared for a period; `account_id` is empty where it is for the whole territory."""

    territory_id: str
    account_id: str = ""
    role: SeatRole = SeatRole.OWNER
    shares: tuple[Share, ...]
    valid: Period

    def __post_init__(self) -> None:
        """Refuse shares that do not make one whole."""
        check_shares(self.shares)


def check_shares(shares: Iterable[Share]) -> None:
    """
    Refuse shares that do not sum to 100 %, counted in hundredths of a percent.

    Examples
    --------
    >>> check_shares([Share(person_id="ann", percent=33.34), Share(person_id="bob", percent=66.66)])
    """
    given = list(shares)
    hundredths = [_hundredths(share) for share in given]
    if len({share.person_id for share in given}) < len(given):
        raise BadSplit("A split names somebody twice; give each person one share.")
    if sum(hundredths) != 100_00:
        told_shares = ", ".join(f"{share.person_id} {share.percent:g} %" for share in given) or "none"
        raise BadSplit(
            f"The shares of a split sum to {sum(hundredths) / 100:g} % ({told_shares}); they must sum to 100 %."
        )


def _hundredths(share: Share) -> int:
    try:
        exact = Decimal(str(share.percent)) * 100
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or exact != exact.to_integral_value() or not 0 < exact <= 100_00:
        raise BadSplit(
            f"{share.person_id} has {share.percent} % of a split; a share is above 0, at most 100, with two decimals."
        )
    return int(exact)
