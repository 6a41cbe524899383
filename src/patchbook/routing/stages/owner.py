"""The owner of the account, whatever makes them so: staffing, a holdover, an exception."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from patchbook.routing.giving import to_person, to_pool
from patchbook.routing.lead import Kind
from patchbook.routing.questions.owners import OWNER, Holder, OwnerOf
from patchbook.routing.route import TO_THE_KNOWN, Terms
from patchbook.routing.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whoever has the account: a company that is known never goes to a stranger."""

    key: ClassVar[str] = "owner"
    help: ClassVar[str] = "Give it to whoever has the account, holdovers and exceptions included."

    role: str = OWNER
    terms: Terms = TO_THE_KNOWN

    def decide(self, case: Case) -> Result:
        """The owner, when there is an account and somebody has it."""
        if case.account is None:
            return Result(says="There is no account, so nobody owns it.")
        opportunity_id = case.lead.source_id if case.lead.kind is Kind.OPPORTUNITY else ""
        held = case.world.ask(OwnerOf(case.account.account_id, self.role, opportunity_id))
        if held is None or (held.person_id is None and held.pool_id is None):
            return Result(
                says=f"Nobody is {self.role} of {case.account.name}.",
                territory_id=held.territory_id if held is not None else None,
            )
        because = f"{case.account.name} {'is theirs' if held.pool_id is None else 'belongs to a pool'}{_by(held)}"
        if held.person_id is not None:
            result = to_person(case, held.person_id, self.terms, because=because, territory_id=held.territory_id)
        else:
            result = to_pool(case, held.pool_id or "", self.terms, because=because, territory_id=held.territory_id)
        return result if result.turns else replace(result, counts_as="owner")


def _by(held: Holder) -> str:
    """What makes them the holder, where that is not plain staffing."""
    where = f" through {held.territory}" if held.territory is not None else ""
    return where if held.because == "staffing" else f" by {held.because}"
