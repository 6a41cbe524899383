"""Why the plan in force put an account where it is, who nearly got it, and what would change that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans.in_force import carves_in_force


@dataclass(frozen=True, kw_only=True)
class Nearly:
    """What the carve of one plan said of an account when it was published."""

    plan_id: str
    plan: str
    reason: str | None
    runner_up: str | None
    """The territory that nearly got it."""
    runner_up_cost: float | None
    """What it would have cost there in addition: 1 is what an account costs on average."""
    would_change_if: str | None
    """What would have led it elsewhere, in a sentence."""

    @property
    def says(self) -> str:
        """All of it in sentences."""
        next_best = f"The next best was {self.runner_up}" if self.runner_up else None
        told = [text.rstrip(". ") for text in (self.reason, next_best, self.would_change_if) if text]
        return " ".join(f"{text}." for text in told)


def nearly(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> tuple[Nearly, ...]:
    """What the carves of the active plans said of an account; nothing to who does not see everyone's."""
    if not may(by, Deed.SEE_EVERYONE):
        return ()
    found = []
    for plan, kept in carves_in_force(tx, by=by, at=at):
        row = kept.assignments.filter(pl.col("account_id") == account_id)
        if row.height == 1:
            told = {name: row[name][0] if name in row.columns else None for name in _TOLD}
            found.append(Nearly(plan_id=plan.plan_id, plan=plan.name, **told))
    return tuple(found)


_TOLD = ("reason", "runner_up", "runner_up_cost", "would_change_if")
