"""How many accounts a change that is only looked at would leave alone."""

from __future__ import annotations

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import Change
from patchbook.changes.coverage import rest_of
from patchbook.period import Period
from patchbook.territories.territory import SeatRole


def foreseen(tx: Connection, change: Change) -> int:
    """
    The accounts that would have nobody at some instant from the day on; the deed itself refuses where there are any.

    Those of a seat that nobody would look after, unless they move; and those that would move to a territory which
    nobody looks after at some later time.
    """
    alone = sum(
        one.accounts
        for one in change.seats
        if one.seat.role is SeatRole.OWNER and one.seat.number == 1 and not one.after.is_covered
    )
    alone -= min(alone, change.accounts_moved)
    taking = {one.territory_id: len(one.account_ids) for one in change.takes if one.territory_id and one.account_ids}
    rest = Period(change.on)
    looked_after = store.looked_after(tx, rest, sorted(taking)) if taking else {}
    return alone + sum(taking[where] for where, held in looked_after.items() if rest_of(rest, held))
