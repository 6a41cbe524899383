"""Which accounts a lead may belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from patchbook.routing.question import Question


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a lead says about its company, cleaned: what matching goes by. `match.identity_of` makes one."""

    domain: str | None = None
    """Of the web site or of the e-mail address, never one of mail for everybody."""
    name: str | None = None
    """The company as it was written."""
    name_key: str | None = None
    phone: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to find a company by."""
        return self.domain is None and self.name_key is None and self.phone is None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An account a lead may belong to, with how well it fits and what breaks a tie."""

    account_id: str
    name: str
    score: float
    """0 to 1."""
    agrees: tuple[str, ...] = ()
    """What the two have in common, in words: `the domain acme.com`, `the telephone number`."""
    is_customer: bool = False
    open_deals: int = 0
    family_size: int = 1
    """How many accounts are below it, itself included: the head of a larger family comes first."""
    active_on: str | None = None
    """The day of the last activity or change, as 2027-02-01."""


@dataclass(frozen=True)
class Candidates(Question[tuple[Candidate, ...]]):
    """The accounts that fit best, the best score first, then by id; `match_index.AccountIndex.candidates` answers."""

    name: ClassVar[str] = "candidates"
    answered_by: ClassVar[Any] = tuple[Candidate, ...]

    identity: Identity
    at_least: float
    """The lowest score worth telling."""
