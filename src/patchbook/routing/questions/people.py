"""How a person stands at one instant, and how much they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from patchbook.routing.question import Question


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All that decides whether somebody may have a lead now, apart from how much they have."""

    person_id: str
    name: str
    is_employed: bool = True
    is_paused: bool = False
    """Takes nothing for now, by their own or their manager's word."""
    away_until: datetime | None = None
    """The end of the leave they are on."""
    acting_id: str | None = None
    """Who acts for them meanwhile."""
    is_working: bool = True
    """Whether it is within their working hours, in their own zone and with their holidays."""
    works_from: datetime | None = None
    """When they work next, where they do not now."""
    manager_id: str | None = None
    share: float = 1.0
    """Of a full-time seat: capacity times ramp. Caps are scaled by it."""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandingOf(Question[Standing | None]):
    """How a person stands now; None when there is no such person."""

    name: ClassVar[str] = "standing"
    answered_by: ClassVar[Any] = Standing | None

    person_id: str


@dataclass(frozen=True, kw_only=True)
class Load:
    """What somebody was given lately, and has open."""

    hour: int = 0
    """Given in the last 60 minutes."""
    day: int = 0
    """Given since midnight of their own zone."""
    week: int = 0
    """Given since midnight of Monday there."""
    month: int = 0
    """Given since the first of the month there."""
    open: int = 0
    """Open now, however old."""
    open_value_usd: float = 0.0


@dataclass(frozen=True)
class LoadOf(Question[Load]):
    """How much a person has, of some kinds only or, when none is named, of all."""

    name: ClassVar[str] = "load"
    answered_by: ClassVar[Any] = Load

    person_id: str
    kinds: tuple[str, ...] = ()
