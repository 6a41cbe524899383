"""Public holidays of a country, from the `holidays` library where it is installed. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from patchbook.errors import BadInput
from patchbook.rules.source import nearest
from patchbook.words import listed

YEARS = range(2015, 2051)
"""The years holidays are worked out for; a list of one's own may name any."""


class NoHolidays(BadInput):
    """The holidays of a place cannot be known here."""


@lru_cache(maxsize=256)
def public_holidays(place: str) -> frozenset[date]:
    """
    The public holidays of a country as `DE`, or of a part of it as `DE-BY`, in `YEARS`.

    Raises
    ------
    NoHolidays
        The library is not installed, or knows no such place.
    """
    try:
        import holidays
    except ModuleNotFoundError:
        raise NoHolidays(
            f"Public holidays of {place} need a library that is not installed; run `pip install"
            " 'patchbook[holidays]'`, or list the days under `holidays`."
        ) from None
    country, _, part = place.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        close = nearest(country, known)
        raise NoHolidays(
            f"No public holidays are known of {country!r}; write a country as DE"
            + (f" (did you mean {close}?)" if close else "")
            + ", or list the days under `holidays`."
        )
    if part and part not in known[country]:
        raise NoHolidays(f"No part {part!r} of {country} has holidays of its own; it has {listed(known[country])}.")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=YEARS))
