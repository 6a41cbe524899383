"""A timer: somebody has a lead, and time runs. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from patchbook.routing.service_levels import What


class State(StrEnum):
    """Where a timer is."""

    RUNNING = "running"
    REMINDED = "reminded"
    MET = "met"
    """What it waited for came in time."""
    LATE = "late"
    """It came after a manager was told."""
    REASSIGNED = "reassigned"
    """It ran out, and the lead went to somebody else."""
    ESCALATED = "escalated"
    """It ran out, and a manager was told."""
    STOPPED = "stopped"
    """The lead left this person for another reason."""


RUNS = (State.RUNNING, State.REMINDED)
"""A timer that is so can still run out."""


@dataclass(frozen=True, kw_only=True)
class Timer:
    """One thing that is awaited of one person about one lead."""

    timer_id: str
    lead_id: str
    decision: int
    """The number of the decision that gave them the lead."""
    what: What
    level: str
    person_id: str
    minutes: float
    started: datetime
    remind_at: datetime | None
    due_at: datetime
    next_at: datetime | None
    """When something has to be done about it; None once nothing has."""
    state: State = State.RUNNING
    reassigns: bool
    """Whether the lead may still go to somebody else by this service level."""
    manager_id: str | None = None
    """Who was told."""
    ended: datetime | None = None

    @property
    def says(self) -> str:
        """What is awaited, in one sentence."""
        verb = "accept" if self.what is What.ACCEPT else "get in touch about"
        return f"{self.person_id} did not {verb} {self.lead_id} within {self.minutes:,g} business minutes."

    @property
    def is_running(self) -> bool:
        """Whether it can still run out."""
        return self.state in RUNS

    @property
    def is_past_due(self) -> bool:
        """Whether it ran out before what it waited for came."""
        return self.state in (State.LATE, State.REASSIGNED, State.ESCALATED)

    def reminded(self) -> Timer:
        """Who has the lead was reminded."""
        return replace(self, state=State.REMINDED, next_at=self.due_at)

    def moved(self, due_at: datetime) -> Timer:
        """It runs out later than was thought: its person was given leave meanwhile."""
        return replace(self, due_at=due_at, next_at=due_at)

    def ran_out(self, state: State, *, at: datetime, manager_id: str | None = None) -> Timer:
        """It ran out."""
        return replace(self, state=state, next_at=None, ended=at, manager_id=manager_id)

    def stopped(self, *, is_met: bool, at: datetime) -> Timer:
        """What it waited for came, or need not come any more."""
        if self.state is State.ESCALATED:
            return replace(self, state=State.LATE, ended=at) if is_met else self
        return replace(self, state=State.MET if is_met else State.STOPPED, next_at=None, ended=at)
