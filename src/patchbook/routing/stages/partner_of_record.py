"""Whoever looks after the partner that registered a deal on the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.engagement import said
from patchbook.routing.giving import to_person
from patchbook.routing.questions.engagement import PartnerOf
from patchbook.routing.route import TO_THE_KNOWN, Terms
from patchbook.routing.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class PartnerOfRecord:
    """While a registration is in force, the account's business goes to whoever looks after the partner."""

    key: ClassVar[str] = "partner of record"
    help: ClassVar[str] = "Give it to whoever looks after the partner that registered a deal on the account."

    terms: Terms = TO_THE_KNOWN

    def decide(self, case: Case) -> Result:
        """The partner's manager, for motions that the rules of engagement name."""
        if case.account is None:
            return Result(says="There is no account, so no partner registered a deal on it.")
        motions = case.routing.engagement.registrations.motions
        if case.lead.motion not in motions:
            return Result(says=f"Registrations do not count for {said(case.lead.motion)}.")
        found = case.world.ask(PartnerOf(case.account.account_id))
        if found is None:
            return Result(says=f"No partner has a registration in force on {case.account.name}.")
        because = f"{found.partner} registered {found.deal!r} on {case.account.name}, in force until {found.until}"
        return to_person(case, found.person_id, self.terms, because=because)
