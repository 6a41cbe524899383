"""What routing asks of the rules of engagement, answered from the record; who asks has asked the gate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from patchbook.engagement.appointing import family_of as family_of
from patchbook.engagement.registering import partner_of_record
from patchbook.routing.questions.engagement import Registered


def partner_of(tx: Connection, account_id: str, *, on: datetime) -> Registered | None:
    """The partner of record of an account."""
    found = partner_of_record(tx, account_id, on=on)
    if found is None or found.ends is None:
        return None
    return Registered(
        registration_id=found.registration_id,
        partner=found.partner,
        person_id=found.person_id,
        deal=found.deal,
        until=f"{found.ends:%Y-%m-%d}",
    )
