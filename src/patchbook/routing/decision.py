"""What routing decides, and why: the path through the stages, who was passed over, and whose turn was taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

QUEUE = "queue"
"""The last stage of every route: what nobody took waits there, with its age, until somebody does."""


class Outcome(StrEnum):
    """What a stage did with a lead."""

    TOOK = "took"
    PASSED = "passed"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of the route, in plain words."""

    stage: str
    outcome: Outcome
    says: str


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """Somebody who could have had the lead, and why they did not get it."""

    person_id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TurnTaken:
    """Whose turn of a pool it was, and the pool's counters after it, as `routing.turn` packs them."""

    pool_id: str
    person_id: str
    """Whose; in turns between territories, the territory's id."""
    counts: bool = True
    """Whether the turn counts in the pool's fairness."""
    says: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    """The counters afterwards: to be kept, and given as the answer to the next `TurnsOf` this pool."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """
    One routing answer.

    Exactly one of `person_id` and `is_queued` says where the lead is: with a person, or in the orphan queue. Nothing
    is ever left unassigned without being there.
    """

    lead_id: str
    at: datetime
    person_id: str | None = None
    territory_id: str | None = None
    account_id: str | None = None
    route: str
    """The route that took the lead."""
    stage: str
    """The stage that decided; `queue` where none did."""
    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...] = ()
    turns: tuple[TurnTaken, ...] = ()
    holds_until: datetime | None = None
    """When it is to be decided again, where it waits in the queue only for somebody's working hours."""

    @property
    def is_queued(self) -> bool:
        """Whether it waits in the orphan queue."""
        return self.person_id is None

    @property
    def says(self) -> str:
        """The decision in one sentence."""
        return self.steps[-1].says
