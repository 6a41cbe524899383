"""Who fills a seat from a date on, given when people are employed and what was decided for later. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from patchbook.period import FOREVER, Period


@dataclass(frozen=True)
class Filling:
    """A person in a seat for a period; without one it is vacant, and `interim_id` takes care if there is somebody."""

    period: Period
    person_id: str | None
    interim_id: str | None


def fillings(
    wanted: str | None,
    interim: str | None,
    *,
    on: datetime,
    employed: Mapping[str, Sequence[Period]],
    later: Iterable[Period] = (),
) -> tuple[Filling, ...]:
    """
    Who fills a seat from `on`, in order of time: the one wanted while employed, else the interim while employed.

    Parameters
    ----------
    later
        Periods decided otherwise already, which are left out.

    Examples
    --------
    >>> from datetime import UTC
    >>> def day(number): return datetime(2027, 1, number, tzinfo=UTC)
    >>> found = fillings("ann", "max", on=day(1), employed={"ann": [Period(day(1), day(9))], "max": [Period(day(1))]})
    >>> [(str(one.period), one.person_id, one.interim_id) for one in found]
    [('[2027-01-01, 2027-01-09)', 'ann', None), ('[2027-01-09, open)', None, 'max')]
    """
    kept = [period for period in later if period.end > on]
    works = employed.get(wanted, ()) if wanted is not None else ()
    helps = employed.get(interim, ()) if interim is not None else ()
    ends = {on, FOREVER}
    for period in (*kept, *works, *helps):
        ends |= {end for end in (period.start, period.end) if end > on}
    cuts = sorted(ends)
    found: list[Filling] = []
    for start, end in pairwise(cuts):
        piece = Period(start, end)
        if any(period.covers(piece) for period in kept):
            continue
        person_id = wanted if _covered(piece, works) else None
        interim_id = interim if person_id is None and _covered(piece, helps) else None
        found.append(Filling(piece, person_id, interim_id))
    return tuple(_joined(found))


def _covered(piece: Period, periods: Sequence[Period]) -> bool:
    return any(period.covers(piece) for period in periods)


def _joined(found: Iterable[Filling]) -> list[Filling]:
    joined: list[Filling] = []
    for one in found:
        last = joined[-1] if joined else None
        same = last is not None and (last.person_id, last.interim_id) == (one.person_id, one.interim_id)
        if last is not None and same and last.period.end == one.period.start:
            joined[-1] = Filling(Period(last.period.start, one.period.end), one.person_id, one.interim_id)
        else:
            joined.append(one)
    return joined
