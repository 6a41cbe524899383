"""The owner of the account, whatever makes them so: staffing, a holdover, an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.questions.owners import OWNER, OwnerOf
from patchbook.routing.stages.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who has the account."""

    key: ClassVar[str] = "owner"
    help: ClassVar[str] = "Give it to whoever has the account."

    role: str = OWNER

    def decide(self, case: Case) -> Result:
        """The owner, when there is an account and somebody has it."""
        if case.account is None:
            return Result(says="There is no account, so nobody owns it.")
        held = case.world.ask(OwnerOf(case.account.account_id, self.role))
        if held is None or held.person_id is None:
            return Result(says=f"Nobody has {case.account.name}.")
        return Result(says=held.says, person_id=held.person_id, territory_id=held.territory_id)
