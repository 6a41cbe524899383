"""Which account a lead belongs to: it decides nothing, and later stages go by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.match import TIE_BREAKS, best_of, identity_of
from patchbook.routing.questions.accounts import Candidates
from patchbook.routing.stage import Case, Result
from patchbook.words import listed


@dataclass(frozen=True, kw_only=True)
class Match:
    """Find the lead's account by domain, name, telephone number and place."""

    key: ClassVar[str] = "match"
    help: ClassVar[str] = "Find the account a lead belongs to; later stages go by it."

    at_least: float = 0.7
    """The score from which it is believed, 0 to 1."""
    tie_within: float = 1.0
    """How many bits of evidence behind the best another may be to be as good; the city alone is 2."""
    tie_breaks: tuple[str, ...] = tuple(TIE_BREAKS)
    """What decides between those, in order; the account's id comes last."""

    def decide(self, case: Case) -> Result:
        """The account, for later stages."""
        identity = identity_of(case.lead, case.routing.free_mail)
        if identity.is_empty:
            return Result(says="It names no company: no domain of one, no name and no telephone number.")
        found = case.world.ask(Candidates(identity, self.at_least))
        if not found:
            return Result(says=f"It matches no account with a score of {self.at_least:g} or more.")
        best, tie, others = best_of(found, self.tie_within, self.tie_breaks)
        because = f"; of {1 + len(others)} that fit alike, this one {tie}" if others else ""
        by = listed(best.agrees) if best.agrees else "all it says"
        return Result(says=f"It belongs to {best.name}, by {by} (score {best.score:.2f}{because}).", account=best)
