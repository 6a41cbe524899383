"""What is routed: a lead, an opportunity, a case or a meeting, as it came in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Value = str | int | float | bool | date


class Kind(StrEnum):
    """What came in."""

    LEAD = "lead"
    OPPORTUNITY = "opportunity"
    CASE = "case"
    MEETING = "meeting"


class Motion(StrEnum):
    """How the business came about; rules of engagement differ by it."""

    NEW_BUSINESS = "new business"
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    RENEWAL = "renewal"
    EXPANSION = "expansion"
    PARTNER_SOURCED = "partner sourced"


@dataclass(frozen=True, kw_only=True)
class Lead:
    """One thing to be routed, with its fields cleaned and typed as those of an account."""

    lead_id: str
    source: str
    """The system it came from: a form, a file, a CRM."""
    source_id: str
    """Its id there; the same id from the same source is the same lead."""
    kind: Kind = Kind.LEAD
    motion: Motion = Motion.INBOUND
    received_at: datetime
    fields: Mapping[str, Value | None] = field(default_factory=dict)
    """Field → value: those of an account (`name` is the company, `domain`, `phone`, `country`, `postal_code`,
    `employees`, …) and `email`, `contact`, `language`, `product`, `amount_usd`, and fields of one's own."""
