"""What the pages to decide on are tested with: the teams of `builders.together`, served on a Tuesday."""

from __future__ import annotations

from builders.together import a_grid_plan, invite, the_teams, the_territories
from patchbook.db.record import Record
from patchbook.plans.life import RecordedPlan

PLAN = "plan-grid"


def a_desk(record: Record) -> RecordedPlan:
    """Everybody, the territories of today, and a draft that managers were let into."""
    with record.writing() as tx:
        the_teams(tx)
        the_territories(tx)
        made = a_grid_plan(tx)
        invite(tx, PLAN, "mia", "max", "hal")
    return made
