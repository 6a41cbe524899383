"""A job, the lease under which one worker does it, and what came of each run. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from patchbook.errors import Conflict, NotFound
from patchbook.jobs.schedule import Schedule
from patchbook.period import told

LEASE = timedelta(minutes=5)
"""A worker that has not written for so long is taken to be gone; others may do its job."""

MOST_ATTEMPTS = 5
"""So often a failed run is tried again before it waits for its next turn."""

FIRST_WAIT = timedelta(minutes=1)
"""After the first failure; twice as long after each one more."""


class NoJob(NotFound):
    """There is no job of that name."""

    def __init__(self, name: str, known: tuple[str, ...], near: str | None = None) -> None:
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
        super().__init__(f"There is no job {name!r}; {hint}")


class Running(Conflict):
    """Somebody does the job right now."""

    def __init__(self, state: JobState) -> None:
        super().__init__(
            f"{state.name} is being run by {state.leased_by} since {told(state.started) if state.started else 'now'};"
            " wait till it is done."
        )


class NotRunning(Conflict):
    """A job that nobody does and nobody asked for cannot be stopped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not being run, and nobody asked for a run; there is nothing to stop.")


class LostLease(Conflict):
    """A worker came back after its lease had passed to another; nothing it still wanted to write is written."""

    def __init__(self, name: str, token: int, now: int) -> None:
        super().__init__(
            f"The run {token} of {name} lost its turn to run {now} while it stood still; nothing more of it is written."
        )


class Outcome(StrEnum):
    """What came of a run."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """A rule of the record refused it; the log says which."""
    FAILED = "failed"
    """It broke; the log says with what."""
    ABANDONED = "abandoned"
    """Its worker went away, and another took over."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run has to say."""

    says: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job as it stands."""

    name: str
    meaning: str
    schedule: Schedule
    is_on: bool
    next_due: datetime
    token: int = 0
    """The number of its last run; whoever holds a smaller one may not write."""
    leased_by: str | None = None
    leased_until: datetime | None = None
    started: datetime | None = None
    attempts: int = 0
    """Failures since it last succeeded or gave up."""
    asked_by: str | None = None
    """Who asked for a run out of turn."""

    def is_leased(self, at: datetime) -> bool:
        """Whether somebody is taken to be doing it; a lease from a future the clock was set back from counts not."""
        return self.leased_until is not None and at < self.leased_until <= at + LEASE

    def is_due(self, at: datetime) -> bool:
        """
        Whether it should be run now.

        A time later than the next one after now can only come from a clock that was since set back; then it is due, so
        that nothing waits a day for the clock to catch up.
        """
        if self.is_leased(at):
            return False
        if self.asked_by is not None:
            return True
        return self.is_on and (self.next_due <= at or self.next_due > self.schedule.after(at))

    def due_after(self, outcome: Outcome, at: datetime) -> tuple[datetime, int]:
        """When it is due next after a run that ended so, and how many failures that makes."""
        regular = self.schedule.after(at)
        if outcome is not Outcome.FAILED or self.attempts + 1 >= MOST_ATTEMPTS:
            return regular, 0
        return min(regular, at + FIRST_WAIT * 2**self.attempts), self.attempts + 1


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a job."""

    run_id: str
    name: str
    token: int
    worker: str
    due: datetime
    started: datetime
    ended: datetime | None = None
    outcome: Outcome = Outcome.RUNNING
    attempt: int = 1
    asked_by: str | None = None
    says: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
