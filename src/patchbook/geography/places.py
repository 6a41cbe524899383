"""A place by the name a person gives it: `Atlanta, GA`, `30301, US`, `Munich, Germany`."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

_EXACT = ("zip", "postal", "city+state", "city")
"""A state or a country is no point; half of it would be farther than any radius."""


@lru_cache(maxsize=4096)
def place_named(name: str) -> tuple[float, float] | None:
    """
    Latitude and longitude of a town or a postal code, or None where the gazetteer knows none that is meant for sure.

    What stands after the last comma is the state or the country; what stands before it is a postal code where it has
    a digit, and a town otherwise.

    Examples
    --------
    >>> latitude, longitude = place_named("Atlanta, GA") or (0.0, 0.0)
    >>> round(latitude), round(longitude)
    (34, -84)
    """
    from patchbook.geography.geocode import geocode
    from patchbook.geography.states import state_codes

    first, comma, last = (part.strip() for part in name.rpartition(","))
    first, last = (first, last) if comma else (last, "")
    if not first:
        return None
    is_code = any(sign.isdigit() for sign in first)
    is_state = bool(last) and state_codes(pl.Series([last]))[0] is not None
    # `DE` is Delaware and Germany; a town of one says which, and a postal code goes with a country.
    readings = [("country", last)] if is_code or not is_state else [("state", last), ("country", last)]
    for column, value in readings:
        row = {"postal_code" if is_code else "city": first, column: value or None}
        found = geocode(pl.DataFrame([row], schema=dict.fromkeys(row, pl.String)), density=False).row(0, named=True)
        if found["geocode_method"] in _EXACT:
            return float(found["latitude"]), float(found["longitude"])
    return None
