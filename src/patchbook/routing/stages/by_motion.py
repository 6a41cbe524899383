"""Whoever owns business of this motion at the account, by the rules of engagement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from patchbook.routing.engagement import FAMILY, SEATS, said
from patchbook.routing.giving import to_person, to_pool
from patchbook.routing.lead import Kind
from patchbook.routing.questions.engagement import FamilyOf
from patchbook.routing.questions.owners import OWNER, Holder, OwnerOf
from patchbook.routing.route import TO_THE_KNOWN, Terms
from patchbook.routing.stage import Case, Result
from patchbook.words import listed


@dataclass(frozen=True, kw_only=True)
class ByMotion:
    """The first of the seats that the rules of engagement name for how the business came about."""

    key: ClassVar[str] = "by motion"
    help: ClassVar[str] = "Give it to whom the rules of engagement name for its motion, or for a case."

    terms: Terms = TO_THE_KNOWN

    def decide(self, case: Case) -> Result:
        """The first that somebody is, and that may have it."""
        if case.account is None:
            return Result(says="There is no account, so nobody owns its business.")
        what = "a case" if case.lead.kind is Kind.CASE else said(case.lead.motion)
        seats = case.routing.engagement.seats_for(case.lead.motion, case.lead.kind)
        passed: list[str] = []
        skipped = case.skipped
        for seat in seats:
            held = holder(case, seat)
            if held is None:
                passed.append(seat)
                continue
            before = f", as {case.account.name} has no {listed(passed)}" if passed else ""
            because = f"{what} belongs to {SEATS[seat]}{before}"
            if held.person_id is not None:
                result = to_person(case, held.person_id, self.terms, because=because, territory_id=held.territory_id)
            else:
                result = to_pool(case, held.pool_id or "", self.terms, because=because, territory_id=held.territory_id)
            skipped += result.skipped
            if result.person_id is not None or result.ends:
                counts = "owner" if seat == OWNER and not result.turns else result.counts_as
                return replace(result, skipped=skipped, counts_as=counts)
            passed.append(seat)
        return Result(says=f"{case.account.name} has no {listed(passed)} who could have {what}.", skipped=skipped)


def holder(case: Case, seat: str) -> Holder | None:
    """Who is meant by a word of the rules of engagement at the case's account; None where nobody is."""
    assert case.account is not None
    account_id = case.account.account_id
    role = seat
    if seat == FAMILY:
        family = case.world.ask(FamilyOf(account_id))
        if family is None:
            return None
        account_id, role = family.head_id, OWNER
    held = case.world.ask(OwnerOf(account_id, role))
    return held if held is not None and (held.person_id or held.pool_id) else None
