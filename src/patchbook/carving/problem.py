"""What a carve is given: units, seats, costs and limits, as arrays. It knows no account, no file, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the units' accounts are, and where the seats are at home.

    A unit may hold several sites (the accounts of a family); its travel is the sum over its sites.
    """

    sites: FloatArray
    """(sites, dimensions) in km: three dimensions on the globe (see `geography.to_sphere_km`), two on a plane."""
    unit_of_site: IntArray
    """(sites,)"""
    weight: FloatArray
    """(sites,) what one kilometre costs: visits, workload, or 1."""
    homes: FloatArray | None = None
    """(seats, dimensions) fixed homes; a row of NaN is free, and without any homes every centre is optimised."""
    on_globe: bool = True
    """Distances are great-circle arcs rather than straight lines."""


@dataclass(frozen=True, kw_only=True)
class Areas:
    """Which area each unit lies in and which areas touch: what contiguity is judged on."""

    area_of_unit: IntArray
    """(units,); -1 is exempt (a unit without a place)."""
    adjacency: csr_array
    """(areas, areas) symmetric, true where two areas touch; connected (islands are bridged before)."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Choose one seat for each unit: least cost, every measure within tolerance of each seat's share."""

    weights: FloatArray
    """(units, measures), at least 0, in the measures' own units."""
    shares: FloatArray
    """(seats, measures), each column sums to 1: the part of the total that a seat should carry."""
    tolerances: FloatArray
    """(measures,) a load may be (1 ± tolerance) × its share of the total."""
    places: Places | None = None
    travel: float = 1.0
    """What a weighted kilometre costs."""
    kind: IntArray | None = None
    """(units,) row of `kind_cost` a unit belongs to (its required skills, its vertical); one kind without it."""
    kind_cost: FloatArray | None = None
    """(kinds, seats) affinity cost for each unit of value; infinite where a seat may not take the kind."""
    value: FloatArray | None = None
    """(units,) what moving or misplacing a unit weighs; 1 without it."""
    incumbent: IntArray | None = None
    """(units,) the seat that has the unit today, or -1."""
    stay: FloatArray | None = None
    """(units,) what it costs to move a unit away from its incumbent."""
    moved_at_most: float | None = None
    """Largest share of the value of units with an incumbent that may move."""
    fixed: IntArray | None = None
    """(units,) the seat a unit is locked to, or -1."""
    areas: Areas | None = None
    """With areas, every seat's areas must be connected."""
    apart: IntArray | None = None
    """(pairs, 2) units that may not share a seat."""
    marks: Mapping[str, IntArray] = field(default_factory=dict)
    """Name → (units,) what a constraint of one's own has to know of each unit, under the constraint's name."""
    seat_names: tuple[str, ...] = field(default=())
    measure_names: tuple[str, ...] = field(default=())
    unit_names: tuple[str, ...] = field(default=())
    """What people call the units; numbers are used without."""

    @property
    def units(self) -> int:
        """How many units there are to assign."""
        return int(self.weights.shape[0])

    @property
    def seats(self) -> int:
        """How many seats there are to fill."""
        return int(self.shares.shape[0])

    @property
    def measures(self) -> int:
        """How many measures have to balance."""
        return int(self.weights.shape[1])

    @property
    def free_seats(self) -> IntArray:
        """The seats whose centre is nobody's home, and so may be anywhere."""
        if self.places is None or self.places.homes is None:
            return np.arange(self.seats)
        return np.flatnonzero(np.isnan(self.places.homes).any(axis=1))

    @property
    def known_centres(self) -> FloatArray | None:
        """(seats, dimensions) every seat's home; None where any seat is without."""
        if self.places is None or len(self.free_seats):
            return None
        return self.places.homes

    def targets(self) -> FloatArray:
        """(seats, measures) what each seat should carry, in the measures' own units."""
        return np.asarray(self.shares * self.weights.sum(axis=0))
