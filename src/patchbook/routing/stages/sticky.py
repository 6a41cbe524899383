"""Whoever had the last lead of the same account or contact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from patchbook.routing.giving import to_person
from patchbook.routing.questions.pools import LastHad
from patchbook.routing.route import SHARED, Terms
from patchbook.routing.stage import Case, Result
from patchbook.words import counted


@dataclass(frozen=True, kw_only=True)
class Sticky:
    """The same person for the same company or contact."""

    key: ClassVar[str] = "sticky"
    help: ClassVar[str] = "Give it to whoever had the last lead of the same account or contact."

    days: int = 90
    """How long ago at most; 0 for however long."""
    terms: Terms = SHARED

    def decide(self, case: Case) -> Result:
        """The person who had the last one."""
        email = case.lead.fields.get("email")
        address = str(email).strip().lower() if email not in (None, "") else None
        account_id = case.account.account_id if case.account is not None else None
        if account_id is None and address is None:
            return Result(says="There is neither an account nor an e-mail address to know it by.")
        last = case.world.ask(LastHad(account_id, address, self.days))
        if last is None:
            within = f" within {counted(self.days, 'day')}" if self.days else ""
            return Result(says=f"Nobody had an earlier one of this account or contact{within}.")
        result = to_person(case, last, self.terms, because="they had the last one of this account or contact")
        return replace(result, counts_as="sticky")
