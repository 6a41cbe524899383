"""A multinational: who owns a family of accounts everywhere, who in each country, and its sites. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patchbook.errors import BadInput, NotFound
from patchbook.period import Period


class NoAppointment(NotFound):
    """There is no appointment of that id, or none the one who asks may see."""

    def __init__(self, appointment_id: str) -> None:
        super().__init__(f"There is no appointment {appointment_id!r}.")


class BadAppointment(BadInput):
    """Nobody can be appointed so: there is no such family or country in it, or no reason."""


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """Somebody owns a family of accounts, everywhere or in one country."""

    appointment_id: str
    family_id: str
    """The account at its head."""
    country: str = ""
    """Two letters, as `DE`; empty for everywhere."""
    person_id: str
    starts: datetime
    ends: datetime
    reason: str
    made_by: str
    made_at: datetime

    @property
    def period(self) -> Period:
        """When it holds."""
        return Period(self.starts, self.ends)


@dataclass(frozen=True, kw_only=True)
class Site:
    """One account of a family, where it is, and who owns it and why."""

    account_id: str
    country: str | None
    person_id: str | None
    because: str


@dataclass(frozen=True, kw_only=True)
class Multinational:
    """A family of accounts as its owners share it."""

    family_id: str
    global_owner_id: str | None
    regional: tuple[Appointment, ...]
    """Who owns it in which country."""
    sites: tuple[Site, ...]
    """Those the reader may see."""

    @property
    def says(self) -> str:
        """Who owns it, in one sentence."""
        everywhere = self.global_owner_id or "nobody"
        by_country = ", ".join(f"{one.person_id} in {one.country}" for one in self.regional)
        return f"{self.family_id} is owned globally by {everywhere}" + (f"; {by_country}." if by_country else ".")


@dataclass(frozen=True, kw_only=True)
class Appointed:
    """An appointment, and which sites it reached."""

    appointment: Appointment
    sites: tuple[str, ...]
    left: tuple[str, ...]
    """Sites that somebody has by an exception or a claim, which stay theirs."""
