"""What rules of engagement ask about an account: the partner of record, and the family it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from patchbook.routing.question import Question


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A partner's registration in force on an account."""

    registration_id: str
    partner: str
    person_id: str
    """Who looks after the partner."""
    deal: str
    until: str
    """The end of its window, as 2027-02-01."""


@dataclass(frozen=True)
class PartnerOf(Question[Registered | None]):
    """The partner of record of an account; None when no registration is in force."""

    name: ClassVar[str] = "partner"
    answered_by: ClassVar[Any] = Registered | None

    account_id: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """The accounts under one ultimate parent."""

    head_id: str
    sites: int
    countries: tuple[str, ...] = ()
    """Where they are, as codes in order."""


@dataclass(frozen=True)
class FamilyOf(Question[Family | None]):
    """The family of an account; None when it stands alone."""

    name: ClassVar[str] = "family"
    answered_by: ClassVar[Any] = Family | None

    account_id: str
