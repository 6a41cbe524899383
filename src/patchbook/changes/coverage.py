"""Which accounts nobody looks after, and when: the proof that a change leaves no gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.period import FOREVER, Period


@dataclass(frozen=True)
class Gap:
    """An account with nobody to look after it, for a period."""

    account_id: str
    territory_id: str
    valid: Period


def uncovered(
    tx: Connection, *, on: datetime, until: datetime | None = None, territory_ids: Sequence[str] | None = None
) -> list[Gap]:
    """
    The assigned accounts that no person, pool, interim or override has at some instant of a period.

    Parameters
    ----------
    on, until
        The period asked about; without an end, all that is known of the future.
    territory_ids
        Only accounts assigned to these; everywhere when None.
    """
    within = Period(on, until or FOREVER)
    looked_after = store.looked_after(tx, within, territory_ids)
    holes = {one: left for one, periods in looked_after.items() if (left := rest_of(within, periods))}
    gaps = [
        Gap(one.account_id, one.territory_id, shared)
        for one in store.assigned(tx, within, list(holes))
        for hole in holes[one.territory_id]
        if (shared := one.valid.shared(hole)) is not None
    ]
    otherwise = store.owned_otherwise(tx, [gap.account_id for gap in gaps], within)
    return [
        Gap(gap.account_id, gap.territory_id, left)
        for gap in gaps
        for left in rest_of(gap.valid, otherwise.get(gap.account_id, ()))
    ]


def rest_of(period: Period, taken: Iterable[Period]) -> list[Period]:
    """
    What is left of a period when others are taken out of it.

    Examples
    --------
    >>> from datetime import date
    >>> from patchbook.period import midnight
    >>> spring, march = (Period(midnight(date(2027, 3, 1)), midnight(date(2027, m, 1))) for m in (6, 4))
    >>> [str(left) for left in rest_of(spring, [march])]
    ['[2027-04-01, 2027-06-01)']
    """
    left = [period]
    for other in taken:
        left = [piece for one in left for piece in one.without(other)]
    return left
