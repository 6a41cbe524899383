"""The rules of engagement in force: the section of the newest routing document."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from patchbook.leads.document import kept
from patchbook.leads.tables import routing
from patchbook.routing.engagement import Engagement


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds, and which version of the routing document says so; 0 where there is none yet."""

    engagement: Engagement
    routing_version: int = 0


def in_force(tx: Connection) -> Rules:
    """The rules that hold now; the defaults where nobody set any."""
    row = tx.execute(select(routing.c.version, routing.c.document).order_by(routing.c.version.desc()).limit(1)).first()
    if row is None:
        return Rules(engagement=Engagement())
    return Rules(engagement=kept(row.version, row.document)["engagement"], routing_version=row.version)
