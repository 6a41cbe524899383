"""Where one record is, at once: what `geocode` says of it, from tables in memory where the spelling is plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from patchbook.geography import gazetteer
from patchbook.geography.geocode import PLACE_COLUMNS, geocode

VAGUE = ("state", "country")
"""Methods whose point is only the middle of a large place."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """A point and how it was found."""

    latitude: float
    longitude: float
    method: str
    """One of `geocode.METHODS`, but never "none"."""
    county_fips: str | None = None

    @property
    def is_vague(self) -> bool:
        """Whether only the state or country is known, so that distances mean nothing."""
        return self.method in VAGUE


def locate(record: Mapping[str, object]) -> Located | None:
    """
    Where a record is, by its coordinates or its postal code, city, state and country; None where nothing tells.

    Examples
    --------
    >>> found = locate({"postal_code": "30301", "state": "GA", "country": "US"})
    >>> found.method, round(found.latitude), round(found.longitude)
    ('zip', 34, -84)
    """
    given = _given(record)
    if given is not None:
        return given
    postal_code, city, state, country = (_text(record.get(name)) for name in PLACE_COLUMNS)
    if postal_code is city is state is country is None:
        return None
    return _plain(postal_code, city, state, country) or _looked_up(postal_code, city, state, country)


def load() -> None:
    """Read the tables now, so that the first record does not wait for them."""
    _zips()
    _postal_codes()
    _cities()


def _given(record: Mapping[str, object]) -> Located | None:
    latitude, longitude = record.get("latitude"), record.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    # Comparisons with NaN are false, so that it is no place either.
    usable = -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude, longitude) != (0, 0)
    if not usable:
        return None
    county = _text(record.get("county_fips"))
    return Located(latitude=float(latitude), longitude=float(longitude), method="given", county_fips=county)


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None


def _plain(postal_code: str | None, city: str | None, state: str | None, country: str | None) -> Located | None:
    """A clean spelling of a known code or city; None leaves it to the tables of `geocode`, which know the others."""
    if country == "US":
        if postal_code is not None:
            match = re.fullmatch(r"([0-9]{5})(?:-[0-9]{4})?", postal_code)
            found = _zips().get(match[1]) if match else None
            return found[1] if found is not None and state in (None, found[0]) else None
        if city is not None and state is not None and re.fullmatch(r"[A-Za-z]+(?: [A-Za-z]+)*", city):
            return _cities().get((city.lower(), state))
        return None
    if postal_code is not None and country is not None and re.fullmatch(r"[0-9]{4,5}", postal_code):
        return _postal_codes().get((country, postal_code))
    return None


@lru_cache(maxsize=50_000)
def _looked_up(postal_code: str | None, city: str | None, state: str | None, country: str | None) -> Located | None:
    row = dict(zip(PLACE_COLUMNS, (postal_code, city, state, country), strict=True))
    found = geocode(pl.DataFrame([row], schema=dict.fromkeys(PLACE_COLUMNS, pl.String)), density=False).row(0)
    latitude, longitude, method, _, county_fips, *_ = found
    if latitude is None or method == "none":
        return None
    return Located(latitude=latitude, longitude=longitude, method=method, county_fips=county_fips)


@lru_cache(maxsize=1)
def _zips() -> Mapping[str, tuple[str, Located]]:
    rows = gazetteer.us_zips().select("zip", "state", "latitude", "longitude", "county_fips").iter_rows()
    return {
        code: (state, Located(latitude=latitude, longitude=longitude, method="zip", county_fips=county))
        for code, state, latitude, longitude, county in rows
        if county is not None
    }


@lru_cache(maxsize=1)
def _postal_codes() -> Mapping[tuple[str, str], Located]:
    rows = gazetteer.postal_codes().select("country", "postal_key", "latitude", "longitude").iter_rows()
    return {
        (country, key): Located(latitude=latitude, longitude=longitude, method="postal")
        for country, key, latitude, longitude in rows
    }


@lru_cache(maxsize=1)
def _cities() -> Mapping[tuple[str, str], Located]:
    """City and state by the key `place_key` gives; a plain spelling whose key is another finds nothing here."""
    rows = gazetteer.us_cities().select("city_key", "state", "latitude", "longitude", "county_fips").iter_rows()
    return {
        (city, state): Located(latitude=latitude, longitude=longitude, method="city+state", county_fips=county)
        for city, state, latitude, longitude, county in rows
        if county is not None
    }
