"""`within_km('Atlanta, GA', 50)`: whether an account lies within so many kilometres, as the crow flies."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from patchbook.geography.distance import EARTH_RADIUS_KM, great_circle_km
from patchbook.geography.places import place_named
from patchbook.rules.computed import Call
from patchbook.rules.condition import known
from patchbook.rules.context import Context
from patchbook.rules.functions.function import BadArgument, Derived, Function

_DECIMALS = 6
"""Distances count to the millimetre, where one point and many would begin to be computed apart."""


class WithinKm(Function):
    """A circle around a town, a postal code, or a point in degrees."""

    name = "within_km"
    example = "within_km('Atlanta, GA', 50)"
    help = "the account lies at most so many kilometres from a town, a postal code, or degrees north and east"
    signatures = (("text", "number"), ("number", "number", "number"))
    fixed_inputs = ("latitude", "longitude")

    def refuse(self, call: Call, context: Context | None) -> None:
        *place, km = call.arguments
        latitude, longitude = _centre(call)
        if not -90 <= latitude <= 90:
            raise BadArgument(0, f"{latitude:g} is no latitude; degrees north are within ±90, and stand first")
        if not -180 <= longitude <= 180:
            raise BadArgument(1, f"{longitude:g} is no longitude; degrees east are within ±180")
        if not 0 < float(km) <= math.pi * EARTH_RADIUS_KM:  # type: ignore[arg-type]
            raise BadArgument(
                len(place), f"{km} is no radius; kilometres are above 0, and 20,015 reach round the globe"
            )

    def derive(self, call: Call, context: Context) -> Derived:
        return _Near(*_centre(call), float(call.arguments[-1]))  # type: ignore[arg-type]

    def in_words(self, call: Call) -> tuple[str, str]:
        *place, km = call.arguments
        told = f"within {km} km of {', '.join(map(str, place))}"
        return f"it lies {told}", f"it does not lie {told}"


class _Near(Derived):
    def __init__(self, latitude: float, longitude: float, km: float) -> None:
        super().__init__(["latitude", "longitude"])
        self.latitude, self.longitude, self.km = latitude, longitude, km

    def of_record(self, record: Mapping[str, object]) -> bool | None:
        latitude, longitude = known(record.get("latitude")), known(record.get("longitude"))
        if latitude is None or longitude is None:
            return None
        phi, here = math.radians(float(latitude)), math.radians(self.latitude)  # type: ignore[arg-type]
        half_phi = (here - phi) / 2
        half_lambda = math.radians(self.longitude - float(longitude)) / 2  # type: ignore[arg-type]
        haversine = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(here) * math.sin(half_lambda) ** 2
        distance = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(max(haversine, 0.0), 1.0)))
        return round(distance, _DECIMALS) <= self.km

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        latitude, longitude = (column.cast(pl.Float64).fill_nan(None) for column in self.columns_of(frame))
        km = great_circle_km(
            latitude.fill_null(0.0).to_numpy(), longitude.fill_null(0.0).to_numpy(), self.latitude, self.longitude
        )
        near = pl.Series(np.round(km, _DECIMALS) <= self.km, dtype=pl.Boolean)
        return near.set(latitude.is_null() | longitude.is_null(), None)


def _centre(call: Call) -> tuple[float, float]:
    if len(call.arguments) == 3:
        latitude, longitude, _ = call.arguments
        return float(latitude), float(longitude)  # type: ignore[arg-type]
    name = str(call.arguments[0])
    found = place_named(name)
    if found is None:
        raise BadArgument(
            0,
            f"no place {name!r} is known for sure; write a town with its state or country, a postal code with its "
            "country, or degrees north and east",
        )
    return found
