"""The territory the published plan puts the lead into, and who has that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.questions.owners import OWNER, HolderOf
from patchbook.routing.questions.territories import Placing
from patchbook.routing.stages.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class ByTerritory:
    """Who has the lead's territory."""

    key: ClassVar[str] = "territory"
    help: ClassVar[str] = "Give it to whoever has the territory its fields fall into."

    role: str = OWNER

    def decide(self, case: Case) -> Result:
        """The one who has the territory."""
        account_id = case.account.account_id if case.account is not None else None
        placed = case.world.ask(Placing(case.lead.fields, account_id))
        for territory in placed.territories:
            held = case.world.ask(HolderOf(territory.territory_id, self.role))
            if held is not None and held.person_id is not None:
                return Result(says=held.says, person_id=held.person_id, territory_id=territory.territory_id)
        return Result(says="No territory takes it.")
