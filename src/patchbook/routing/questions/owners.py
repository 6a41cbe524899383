"""Who has an account, or a role at a territory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from patchbook.routing.question import Question

OWNER = "owner"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has it: a person, or a pool, or nobody yet."""

    person_id: str | None = None
    """The person, or the interim where the seat is vacant."""
    pool_id: str | None = None
    territory_id: str | None = None
    territory: str | None = None
    because: str = "staffing"
    """`staffing`, `interim`, or the kind of override: holdover, exception, cover, named."""
    says: str = ""
    """The reason in one sentence, as the ledger gives it."""


@dataclass(frozen=True)
class OwnerOf(Question[Holder | None]):
    """Who has a role at an account, holdovers and exceptions included; None when the ledger has nothing of it."""

    name: ClassVar[str] = "owner"
    answered_by: ClassVar[Any] = Holder | None

    account_id: str
    role: str = OWNER
    opportunity_id: str = ""


@dataclass(frozen=True)
class HolderOf(Question[Holder | None]):
    """Who has a role at a territory; None when there is no such seat, or nobody in it and no interim."""

    name: ClassVar[str] = "holder"
    answered_by: ClassVar[Any] = Holder | None

    territory_id: str
    role: str = OWNER
