"""Who fills a seat through a period when people are employed only for a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from patchbook.people.profile import NotEmployed
from patchbook.period import Period
from patchbook.territories.territory import Filler

Employed = Mapping[str, tuple[Period, ...]]
"""Person → their employments."""


def filled(
    filler: Filler, period: Period, *, employed: Employed, interims: Sequence[str] = ()
) -> list[tuple[Filler, Period]]:
    """
    Who fills a seat for each part of a period, so that no part of it is nobody's.

    A person fills it while they are employed; after that it is vacant. A vacant seat is looked after by the first who
    is employed then, of the interim named and `interims` in their order, for as long as their employment lasts.

    Raises
    ------
    NotEmployed
        The person, or the interim named, is not employed when the period starts.
    """
    if filler.person_id is not None:
        own = employment_at(filler.person_id, period, employed)
        pieces = [(filler, own)]
        for rest in period.without(own):
            pieces += vacant(rest, interims, employed)
        return pieces
    if filler.pool_id is not None:
        return [(filler, period)]
    if filler.interim_id is None:
        return vacant(period, interims, employed)
    employment_at(filler.interim_id, period, employed)
    return vacant(period, [filler.interim_id, *interims], employed)


def vacant(period: Period, interims: Sequence[str], employed: Employed) -> list[tuple[Filler, Period]]:
    """Who looks after a vacant seat for each part of a period; a part nobody can is left without."""
    start, pieces = period.start, []
    while start < period.end:
        who, until = None, _next_start(start, interims, employed, period)
        for one in interims:
            if found := next((own for own in employed.get(one, ()) if own.contains(start)), None):
                who, until = one, min(found.end, period.end)
                break
        pieces.append((Filler(interim_id=who), Period(start, until)))
        start = until
    return pieces


def employment_at(person_id: str, period: Period, employed: Employed) -> Period:
    """The part of a period, from its start, in which somebody is employed."""
    for own in employed.get(person_id, ()):
        if own.contains(period.start):
            return Period(period.start, min(own.end, period.end))
    raise NotEmployed(person_id, period.start, employed.get(person_id, ()))


def _next_start(start: datetime, interims: Iterable[str], employed: Employed, period: Period) -> datetime:
    starts = [own.start for one in interims for own in employed.get(one, ()) if start < own.start < period.end]
    return min(starts, default=period.end)
