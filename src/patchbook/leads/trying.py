"""A lead tried out: what would be decided about it now, and why; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.leads.document import NAME, loads
from patchbook.leads.knowledge import knowledge_of, routing_of
from patchbook.leads.lane import decide_lead
from patchbook.leads.lead import Received, RecordedLead, Status
from patchbook.leads.names import named
from patchbook.leads.world import CompanyWorld
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.routing.calendars import Calendars
from patchbook.routing.decision import Decision

TRIED = "tried"
"""Instead of the id of a lead that there is not."""


def try_lead(tx: Connection, what: Received, *, document: str | None = None, by: Principal, at: datetime) -> Decision:
    """
    What would be decided about a lead that came now: no lead, no decision and no turn is kept.

    Parameters
    ----------
    document
        The text of a routing document to try it with; the one in force without it.

    Raises
    ------
    BadRouting
        The text cannot be meant.
    """
    allow(tx, by, Deed.ROUTE, at=at)
    record = record_of(tx)
    basis = knowledge_of(record).basis(tx, at)
    if document is not None:
        meant = loads(document, name=NAME)
        calendars = meant.sections["calendars"] or Calendars()
        basis = replace(basis, document=meant, routing=routing_of(meant), calendars=calendars)
    made = RecordedLead(
        lead_id=TRIED,
        source=what.source,
        source_id=what.source_id,
        kind=what.kind,
        motion=what.motion,
        received_at=min(what.received_at or at, at),
        fields=what.fields,
        digest="",
        status=Status.QUEUED,
    )
    turns: dict[str, Mapping[str, Any] | None] = {}
    world = CompanyWorld(tx, tx, basis, turns, key=record.anchor.key, lead_id=TRIED, besides=frozenset(), at=at)
    decision = decide_lead(made, basis.routing, world, at=at)
    people = basis.company.people

    def name_of(person_id: str) -> str:
        return people[person_id].name if person_id in people else person_id

    return replace(
        decision,
        steps=tuple(replace(one, says=named(one.says, name_of)) for one in decision.steps),
        skipped=tuple(replace(one, why=named(one.why, name_of)) for one in decision.skipped),
        turns=tuple(replace(one, says=named(one.says, name_of)) for one in decision.turns),
    )
