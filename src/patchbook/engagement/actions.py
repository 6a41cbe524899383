"""All that rules of engagement have to do by themselves: what is due, and doing it. The job runner calls these two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.engagement import acknowledging, appointing, deals, handing_over, timing_out
from patchbook.engagement.deals import Assigned
from patchbook.engagement.idle import Due
from patchbook.engagement.timing_out import TimedOut
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal, system
from patchbook.words import counted


@dataclass(frozen=True, kw_only=True)
class Enforced:
    """What one run did."""

    timed_out: TimedOut
    deals: Assigned
    new_sites: int
    """Sites of families that came since and were given to who owns these."""
    handoffs: int
    """Customers won that were handed from sales to who looks after them."""
    document_version: int
    """The version of the rules of engagement that holds."""

    @property
    def says(self) -> str:
        """The run in one sentence."""
        sites = f"{counted(self.new_sites, 'new site')} given to who owns the family"
        handed = f"{counted(self.handoffs, 'handoff')} begun"
        return f"{self.timed_out.says[:-1]}; {self.deals.says[:-1]}; {sites}; {handed}."


def due(tx: Connection, at: datetime, *, by: Principal | None = None) -> tuple[Due, ...]:
    """What a run would do about accounts nobody works on; nothing is written."""
    allow(tx, by or system(), Deed.EDIT_TERRITORIES, at=at)
    return timing_out.due(tx, at)


def enforce(tx: Connection, at: datetime, *, by: Principal | None = None) -> Enforced:
    """Warn and return what is idle, give new sites and opportunities their owner, and keep the rules as told."""
    by = by or system()
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    kept = acknowledging.keep(tx, at=at)
    return Enforced(
        timed_out=timing_out.enforce(tx, at, by=by),
        new_sites=appointing.reach_new_sites(tx, at=at),
        deals=deals.assign(tx, at, by=by),
        handoffs=handing_over.hand_over(tx, at, by=by),
        document_version=kept.version,
    )
