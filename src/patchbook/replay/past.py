"""What came in once, and what became of it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from patchbook.errors import BadInput
from patchbook.routing.lead import Lead


class NothingHappened(BadInput):
    """There is nothing to replay."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """One lead or deal of the past."""

    lead: Lead
    account_id: str | None = None
    """The account it was known to belong to from the start: deals have one."""
    person_id: str | None = None
    """Who had it in fact."""
    touched_at: datetime | None = None
    """When somebody first got in touch."""
    closed_at: datetime | None = None
    value_usd: float | None = None


def in_order(found: Iterable[Past]) -> list[Past]:
    """As they came in; what came at one instant in the order of its source and id."""
    return sorted(found, key=lambda one: (one.lead.received_at, one.lead.source, one.lead.source_id))
