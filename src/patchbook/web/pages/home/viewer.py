"""The home of those who look on: how the plan stands, who has what, and who was credited on a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans.scenario import Scenario
from patchbook.web import plan_figures
from patchbook.web.pages.home import team
from patchbook.web.pages.home.team import Team


@dataclass(frozen=True, kw_only=True)
class ViewerHome:
    """What those who look on see first."""

    team: Team | None
    standing: Scenario | None
    """The figures of the plan in force: coverage, disruption, fairness."""
    accounts: int | None
    """How many accounts the record knows."""
    sees_credit: bool

    @property
    def covered_share(self) -> float | None:
        """The share of the plan's accounts that somebody looks after."""
        if self.standing is None or not self.standing.accounts:
            return None
        return 1 - self.standing.accounts_without_owner / self.standing.accounts


def load(tx: Connection, *, by: Principal, at: datetime) -> ViewerHome:
    """How the plan stands."""
    if not may(by, Deed.SEE_EVERYONE):
        return ViewerHome(team=None, standing=None, accounts=None, sees_credit=False)
    plan = team.active_plan(tx, by=by, at=at) if by.is_everywhere else None
    known = plan_figures.figures(tx, plan, by=by, at=at) if plan is not None else None
    newest = imports.latest(tx, Kind.ACCOUNTS)
    return ViewerHome(
        team=team.load(tx, by=by, at=at),
        standing=known.scenario if known is not None else None,
        accounts=newest.rows if newest is not None else None,
        sees_credit=may(by, Deed.SEE_CREDIT),
    )
