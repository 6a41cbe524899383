"""What kind of work a job is: its name, when it is usually done, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchbook.jobs.job import Report
from patchbook.jobs.schedule import Schedule

if TYPE_CHECKING:
    from patchbook.jobs.runner import Turn


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of work."""

    name: str
    meaning: str
    """One sentence for a planner."""
    schedule: Schedule
    """The one it comes with; another can be set in the record."""
    run: Callable[[Turn], Report]
    """Does the work once. It may be done again after a crash, so what was done already must not be done twice."""
