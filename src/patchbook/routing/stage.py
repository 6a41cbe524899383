"""What a stage of a route is: it looks at a lead and what is known so far, and finds somebody, or passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from patchbook.routing.decision import Skipped, TurnTaken
from patchbook.routing.lead import Lead
from patchbook.routing.question import World
from patchbook.routing.questions.accounts import Candidate
from patchbook.routing.route import Route, Routing


@dataclass(frozen=True, kw_only=True)
class Case:
    """A lead on its way, with what earlier stages found."""

    lead: Lead
    at: datetime
    route: Route
    routing: Routing
    world: World
    account: Candidate | None = None
    """The account it belongs to."""
    skipped: tuple[Skipped, ...] = ()
    """Who was passed over so far."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """
    What a stage says. With a `person_id` it decides; without, the next stage is asked, unless `ends` is set.

    What it found on the way is handed on: an account, those who were passed over.
    """

    says: str
    """One sentence."""
    person_id: str | None = None
    account: Candidate | None = None
    territory_id: str | None = None
    skipped: tuple[Skipped, ...] = ()
    turns: tuple[TurnTaken, ...] = ()
    """Turns taken, where it decides."""
    counts_as: str = ""
    """`owner` or `sticky`, where that may count as a turn in the pools of the route."""
    ends: bool = False
    """The lead goes to the queue now; no further stage is asked."""
    holds_until: datetime | None = None
    """When it is to be decided again, where it only waits for working hours."""


class Stage(Protocol):
    """One step of a route: a frozen dataclass of its options, in a file of its own, and one line in `STAGES`."""

    key: ClassVar[str]
    """What it is called in the routing document."""
    help: ClassVar[str]
    """One sentence for a planner."""

    def decide(self, case: Case) -> Result:
        """Find somebody for the lead, or say why not."""
        ...
