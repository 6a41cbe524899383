"""What every part of the demo workspace is made with: the record, the data, the days, and who acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from sqlalchemy import Connection

from patchbook.access import principal
from patchbook.db.record import Record
from patchbook.people.principal import Principal
from patchbook.period import midnight

PLANNER, ADMIN, FINANCE, VIEWER, HEAD = "R01", "R02", "R03", "R04", "R05"
"""Who signs in beside the sales team: they plan, run the record, pay commissions, look on, and head the managers."""


class Acting(TypedDict):
    """Who acts, and when, as every action takes it."""

    by: Principal
    at: datetime


@dataclass(kw_only=True)
class Scene:
    """A record in the making; each part leaves the ids others need."""

    record: Record
    data: Path
    """The folder of the demo's files."""
    seed: int
    at: datetime
    """The instant the workspace is made for."""
    seconds: float | None = None
    plans: dict[str, str] = field(default_factory=dict)
    """What a plan is to the demo → its id."""

    def day(self, days: int, hour: int = 0) -> datetime:
        """A day before (negative) or after the day of the scene, at an hour."""
        return midnight(self.at.date()) + timedelta(days=days, hours=hour)

    def acting(self, tx: Connection, person_id: str, at: datetime) -> Acting:
        """Somebody with the roles they hold then."""
        return {"by": principal(tx, person_id, at=at), "at": at}
