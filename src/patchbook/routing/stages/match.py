"""Which account a lead belongs to: it decides nothing, and later stages go by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.questions.accounts import Candidates, Identity
from patchbook.routing.stages.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Match:
    """Find the lead's account."""

    key: ClassVar[str] = "match"
    help: ClassVar[str] = "Find the account a lead belongs to."

    at_least: float = 0.7

    def decide(self, case: Case) -> Result:
        """The account, for later stages."""
        domain = case.lead.fields.get("domain")
        identity = Identity(domain=str(domain) if domain is not None else None)
        found = case.world.ask(Candidates(identity, self.at_least))
        if not found:
            return Result(says="It matches no account.")
        return Result(says=f"It belongs to {found[0].name} (score {found[0].score:.2f}).", account=found[0])
