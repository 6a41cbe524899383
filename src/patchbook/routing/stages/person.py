"""One person, by name: a fallback that is always there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.questions.people import StandingOf
from patchbook.routing.stages.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person."""

    key: ClassVar[str] = "person"
    help: ClassVar[str] = "Give it to one person."

    person_id: str

    def decide(self, case: Case) -> Result:
        """That person."""
        standing = case.world.ask(StandingOf(self.person_id))
        if standing is None or not standing.is_employed:
            return Result(says=f"{self.person_id} is not employed.")
        return Result(says=f"It goes to {standing.name}, the fallback of this route.", person_id=self.person_id)
