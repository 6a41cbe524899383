"""One person, by name: a fallback that is always there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.giving import to_person
from patchbook.routing.route import TO_THE_KNOWN, Terms
from patchbook.routing.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person."""

    key: ClassVar[str] = "person"
    help: ClassVar[str] = "Give it to one person."

    person: str
    """Their id."""
    terms: Terms = TO_THE_KNOWN

    def decide(self, case: Case) -> Result:
        """That person, or who acts for them."""
        return to_person(case, self.person, self.terms, because=f"the route {case.route.name} names them here")
