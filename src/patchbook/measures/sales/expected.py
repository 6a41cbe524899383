"""What a configuration of accounts and holders is expected to sell in a year. Arrays in, arrays out.

A *holder* is a person with all their accounts, or a vacant territory. Its time divided by the time its accounts ask
for, travel included, is the coverage all of them get; a curve (`curve.py`) turns that into sales. `best_use` divides
the time so that no hour would bring more elsewhere in the same book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.measures.sales.assumption import Assumed
from patchbook.measures.sales.curve import CURVES, MOST_COVERAGE, FloatArray

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FLYING_HOURS = 3.0
"""To and from airports and through them, one way."""
FLYING_KM_AN_HOUR = 750.0
"""Nobody drives from Denver to Honolulu: beyond where flying is quicker, one flies."""
_FURTHER_THAN_ANY_KM = 1e6
"""No two places are so far apart by any road."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What the accounts of a plan are worth and ask for, whoever has them."""

    potential: FloatArray
    """(accounts,) what each would buy in a year at coverage 1, times the assumption `won_share`."""
    hours: FloatArray
    """(accounts,) hours a year with the account that are planned."""
    visits: FloatArray
    """(accounts,) visits a year that are planned; 0 where nobody travels."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Who has which account."""

    holder: IntArray
    """(accounts,) or -1 where nobody looks after it."""
    seats: FloatArray
    """(holders,) what each can carry, in full-time seats: capacity times ramp."""
    is_vacant: BoolArray
    """(holders,) a seat that nobody fills."""
    distance_km: FloatArray
    """(accounts,) one way by road from where the holder starts; 0 where that is not known."""
    is_new: BoolArray
    """(accounts,) true where the account leaves somebody who looks after it today."""

    @property
    def holders(self) -> int:
        """How many holders there are."""
        return len(self.seats)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Expected sales in every draw."""

    sales: FloatArray
    """(draws,) of everything, accounts that nobody has among them."""
    of_holder: FloatArray
    """(draws, holders)"""
    coverage: FloatArray
    """(draws, holders) what all accounts of a holder get of the time they ask for; at most MOST_COVERAGE."""
    travel_hours: FloatArray
    """(draws, holders) a year, at coverage 1."""
    lost: FloatArray
    """(draws, holders) what changes of owner cost; already taken from the sales."""
    unheld: FloatArray
    """(draws,) what accounts that nobody has buy by themselves."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The second of two configurations less the first, draw by draw."""

    base: float
    """With every assumption at its base."""
    low: float
    """5 % of the draws are below."""
    high: float
    """95 % of the draws are below."""
    better: float
    """The share of draws in which the second sells more; draws in which they are equal count half."""


@dataclass(frozen=True, kw_only=True)
class Summed:
    """A configuration summed by holder, once for any number of draws."""

    configuration: Configuration
    accounts: IntArray
    """(holders,) how many each has."""
    potential: FloatArray
    """(holders,)"""
    changing: FloatArray
    """(holders,) the potential of accounts that leave somebody."""
    planned: FloatArray
    """(holders,) hours a year."""
    unheld: float
    """The potential of accounts that nobody has."""
    place: FloatArray
    """(travelling accounts,) holder and distance as one number, ascending."""
    visits_until: FloatArray
    """(travelling accounts + 1,) visits of all that come before."""
    km_until: FloatArray
    """(travelling accounts + 1,) visits times distance of all that come before."""

    def travel_hours(self, km_an_hour: FloatArray, visits_a_trip: FloatArray) -> FloatArray:
        """
        (draws, holders) hours a year on the way, the sum of `hours_a_visit` over the visits of each holder.

        At a given speed one drives to what is nearer than some distance and flies to the rest. With the accounts of
        each holder in the order of their distances, both are differences of running sums.
        """
        holders = np.arange(self.configuration.holders)
        speed = km_an_hour[:, None]
        with np.errstate(divide="ignore"):
            driven_km = FLYING_HOURS / np.maximum(1.0 / speed - 1.0 / FLYING_KM_AN_HOUR, 0.0)
        driven_km = np.minimum(driven_km, _FURTHER_THAN_ANY_KM / 2)
        first = np.searchsorted(self.place, holders * _FURTHER_THAN_ANY_KM)
        last = np.searchsorted(self.place, (holders + 1) * _FURTHER_THAN_ANY_KM)
        split = np.searchsorted(self.place, holders * _FURTHER_THAN_ANY_KM + driven_km, side="right")
        driving = (self.km_until[split] - self.km_until[first]) / speed
        flying = FLYING_HOURS * (self.visits_until[last] - self.visits_until[split])
        flying = flying + (self.km_until[last] - self.km_until[split]) / FLYING_KM_AN_HOUR
        return np.asarray(2.0 * (driving + flying) / visits_a_trip[:, None])

    def expected(self, assumed: Assumed, *, curve: str = "power", more_seats: float = 0.0) -> Expected:
        """
        Expected sales in each draw, with the time of each holder spent as planned: one coverage for all its accounts.

        Parameters
        ----------
        curve
            A name in CURVES.
        more_seats
            Full-time seats given to every holder besides its own, to ask where one more would bring most.
        """
        travel_hours = self.travel_hours(assumed["km_an_hour"], assumed["visits_a_trip"])
        values = {name: values[:, None] for name, values in assumed.values.items()}
        seats, is_vacant = self.configuration.seats, self.configuration.is_vacant
        time = values["hours"] * (seats * np.where(is_vacant, values["vacant_cover"], 1.0) + more_seats)
        asked = self.planned + travel_hours
        # Accounts that ask for no time have all they ask for.
        coverage = np.divide(time, asked, out=np.ones(asked.shape), where=asked > 0)
        coverage = np.minimum(coverage, MOST_COVERAGE)
        response = CURVES[curve](elasticity=values["elasticity"], carryover=values["carryover"])
        bought = values["won_share"] * response.sales(coverage)
        lost = bought * self.changing * values["lost"]
        of_holder = bought * self.potential - lost
        unheld = (values["won_share"] * values["carryover"])[:, 0] * self.unheld
        return Expected(
            sales=of_holder.sum(axis=1) + unheld,
            of_holder=of_holder,
            coverage=coverage,
            travel_hours=travel_hours,
            lost=lost,
            unheld=unheld,
        )


def summed(demand: Demand, configuration: Configuration) -> Summed:
    """The sums of a configuration that expected sales are reckoned from."""
    held = configuration.holder >= 0
    holder, number = configuration.holder[held], configuration.holders
    travels = np.flatnonzero(held & (demand.visits > 0) & (configuration.distance_km > 0))
    distance_km, visits = configuration.distance_km[travels], demand.visits[travels]
    place = configuration.holder[travels] * _FURTHER_THAN_ANY_KM + distance_km
    order = np.argsort(place, kind="stable")
    return Summed(
        configuration=configuration,
        accounts=np.bincount(holder, minlength=number),
        potential=_sum(holder, demand.potential[held], number),
        changing=_sum(holder, np.where(configuration.is_new, demand.potential, 0.0)[held], number),
        planned=_sum(holder, demand.hours[held], number),
        unheld=float(demand.potential[~held].sum()),
        place=place[order],
        visits_until=np.concatenate([[0.0], np.cumsum(visits[order])]),
        km_until=np.concatenate([[0.0], np.cumsum((visits * distance_km)[order])]),
    )


def expected_sales(
    demand: Demand, configuration: Configuration, assumed: Assumed, *, curve: str = "power", more_seats: float = 0.0
) -> Expected:
    """`Summed.expected` of a configuration that is asked about once."""
    return summed(demand, configuration).expected(assumed, curve=curve, more_seats=more_seats)


def best_use(
    demand: Demand, configuration: Configuration, assumed: Assumed, *, curve: str = "power"
) -> tuple[FloatArray, FloatArray]:
    """
    (accounts,) coverage and (holders,) sales when each holder spends its time where it brings most.

    Sales are concave in coverage, so the best division of a holder's hours is the one in which the last hour brings the
    same with every account that gets any (equal marginal return, as CALLPLAN does for each rep). That return is found
    for all holders at once by bisection. Only the first draw of the assumptions counts.
    """
    one = {name: values[0] for name, values in assumed.values.items()}
    held = np.flatnonzero(configuration.holder >= 0)
    holder, number = configuration.holder[held], configuration.holders
    hours = demand.hours[held] + demand.visits[held] * hours_a_visit(
        configuration.distance_km[held], one["km_an_hour"], one["visits_a_trip"]
    )
    worth = demand.potential[held] * np.where(configuration.is_new[held], 1.0 - one["lost"], 1.0) * one["won_share"]
    time = one["hours"] * configuration.seats * np.where(configuration.is_vacant, one["vacant_cover"], 1.0)
    response = CURVES[curve](elasticity=one["elasticity"], carryover=one["carryover"])

    def spread(log_return: FloatArray) -> FloatArray:
        """The coverage of each account when an hour must bring so much."""
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.exp(log_return)[holder] * hours / worth
        return np.where(hours <= 0, MOST_COVERAGE, np.where(worth > 0, response.coverage_at(slope), 0.0))

    paid = (worth > 0) & (hours > 0)
    hourly = np.log(worth[paid] / hours[paid]) if paid.any() else np.zeros(1)
    low, high = np.full(number, hourly.min() - 60.0), np.full(number, hourly.max() + 60.0)
    for _ in range(60):
        middle = (low + high) / 2
        too_much = _sum(holder, spread(middle) * hours, number) > time
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    coverage = np.zeros(len(configuration.holder))
    coverage[held] = spread(high)  # the side on which the time is not overspent
    sales = _sum(holder, worth * response.sales(coverage[held]), number)
    return coverage, sales


def hours_a_visit(distance_km: FloatArray, km_an_hour: float, visits_a_trip: float) -> FloatArray:
    """
    Travel for each visit: out and back over the visits of a trip, by road or by air, whichever is quicker.

    Examples
    --------
    >>> hours_a_visit(np.array([65.0, 3000.0]), 65.0, 2.0).tolist()
    [1.0, 7.0]
    """
    one_way = np.minimum(distance_km / km_an_hour, FLYING_HOURS + distance_km / FLYING_KM_AN_HOUR)
    return np.asarray(2.0 * one_way / visits_a_trip)


def difference(first: Expected, second: Expected, *, base: float) -> Difference:
    """The second less the first over the same draws; `base` is the same with every assumption at its base."""
    gained = second.sales - first.sales
    low, high = np.quantile(gained, [0.05, 0.95])
    # A rounding error is no difference.
    some = 1e-9 * np.maximum(np.abs(first.sales), 1.0)
    better = float(((gained > some) + 0.5 * (np.abs(gained) <= some)).mean())
    return Difference(base=base, low=float(low), high=float(high), better=better)


def _sum(holder: IntArray, values: FloatArray, number: int) -> FloatArray:
    return np.bincount(holder, values, number).astype(np.float64)
