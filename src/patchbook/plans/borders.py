"""Why each territory ends where it does, in plain words: who is next to it, what holds it, what moving does. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.carving.borders import Border, Hold, borders, prices_by_share
from patchbook.plans.result import BORDERS, CarvedLayer
from patchbook.plans.worth import TRAVEL, Worth
from patchbook.words import counted, listed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One side of a border, for people."""

    layer: str
    worth: Worth
    """What its costs are told in."""
    territory: str
    neighbour: str
    next_to_it: int
    """Accounts of the territory whose second best place is the neighbour."""
    held: dict[Hold, int]
    """Accounts of the territory that the neighbour would suit better, by what holds them."""
    measure: str | None
    """The measure that balance holds most of them for."""
    price_here: float | None
    """What 1 % of its share of that measure more costs the territory, in km; below 0 where it would save."""
    price_there: float | None
    """The same for the neighbour."""
    first: str | None
    """Who would go first."""
    first_costs: float | None
    """What that costs, in km; below 0 where it would save."""
    may_go: int
    """Accounts that could go before a load is outside its limits."""
    may_go_costs: float
    """What they would cost."""
    then: str
    """What would be the matter if the next went too."""
    why: str
    """Why the border is where it is."""


def told_of(carved: CarvedLayer) -> list[Told]:
    """Both sides of every border of a carved layer, those that hold most accounts first."""
    return _Words(carved).all()


def frame_of(told: Sequence[Told]) -> pl.DataFrame:
    """The borders as a table of a result; its columns are in `docs/reference/results.md`."""
    return pl.DataFrame(
        [
            (one.territory, one.neighbour, one.layer, one.next_to_it, sum(one.held.values()), one.measure,
             *((one.price_here, one.price_there) if one.worth is TRAVEL else (None, None)), one.why)
            for one in told
        ],
        schema=dict(BORDERS),
        orient="row",
    )  # fmt: skip


class _Words:
    """The borders of one layer being told."""

    def __init__(self, carved: CarvedLayer) -> None:
        self.carved = carved
        self.problem = carved.solution.problem
        self.units = carved.market.unit_of_row
        self.sizes = np.bincount(self.units, minlength=self.problem.units)
        self.first_row = np.unique(self.units, return_index=True)[1]
        self.prices: FloatArray = prices_by_share(carved.solution)
        self.measures = self.problem.measure_names or tuple(f"measure {m + 1}" for m in range(self.problem.measures))
        self.worth = carved.market.worth
        self.values = _values_of(carved)
        order = np.argsort(self.units, kind="stable")
        self._rows, self._start = order, np.searchsorted(self.units[order], np.arange(self.problem.units + 1))

    def all(self) -> list[Told]:
        """Both sides of every border."""
        told = [self._told(border) for border in borders(self.carved.solution)]
        return sorted(told, key=lambda one: (-sum(one.held.values()), -one.next_to_it, one.territory, one.neighbour))

    def _told(self, border: Border) -> Told:
        names, m = self.carved.names, border.blames
        going = border.next_to_it[: border.may_go]
        return Told(
            layer=self.carved.layer.name, worth=self.worth,
            territory=names[border.seat], neighbour=names[border.neighbour],
            next_to_it=self._accounts(border.next_to_it),
            held={hold: self._accounts(units) for hold, units in border.held.items()},
            measure=self.measures[m] if m >= 0 else None,
            price_here=float(self.prices[border.seat, m]) if m >= 0 else None,
            price_there=float(self.prices[border.neighbour, m]) if m >= 0 else None,
            first=self._unit(int(border.next_to_it[0])) if len(border.next_to_it) else None,
            first_costs=border.next_costs if len(border.next_to_it) else None,
            may_go=self._accounts(going), may_go_costs=border.may_go_costs, then=self._then(border),
            why=self._why(border),
        )  # fmt: skip

    def _why(self, border: Border) -> str:
        """Why what would suit the neighbour better is not there; else what it would cost to move the border."""
        parts = [
            sentence
            for hold in (Hold.BALANCE, Hold.OWNER, Hold.LOCK, Hold.NEED, Hold.OTHER)
            if hold in border.held
            for sentence in [self._held(border, hold, border.held[hold])]
        ]
        return " ".join(parts or [self._nobody(border)])

    def _held(self, border: Border, hold: Hold, units: IntArray) -> str:
        here, there = self.carved.names[border.seat], self.carved.names[border.neighbour]
        number = self._accounts(units)
        who = f"{counted(number, 'account')}{self._around(units)}"
        grounded = self.carved.market.is_on_the_ground
        would = f"that {there} is nearer to" if grounded else f"that would suit {there} better"
        is_one = number == 1
        if hold is Hold.BALANCE:
            return f"{self._pressure(border)} {who} {would} {'goes' if is_one else 'go'} to {here}."
        if hold is Hold.OWNER:
            return f"{who[0].upper()}{who[1:]} {would} {'stays' if is_one else 'stay'} in {here} with today's owner."
        if hold is Hold.LOCK:
            return f"{who[0].upper()}{who[1:]} {would} {'is' if is_one else 'are'} locked or protected in {here}."
        stays = f"{'is' if is_one else 'are'} in {here}"
        if hold is Hold.NEED:
            needs = "it needs" if is_one else "they need"
            return f"{who[0].upper()}{who[1:]} {would} {stays}, as {there} has not what {needs}."
        kept = "for territories in one piece" if self.problem.areas is not None else "as accounts go whole"
        return f"{who[0].upper()}{who[1:]} {would} {stays} {kept}, with every limit kept."

    def _pressure(self, border: Border) -> str:
        """Which seat is full or short of what, at what price: Denver is full of workload: 1 % more costs 30 km, so"""
        here, there, m = self.carved.names[border.seat], self.carved.names[border.neighbour], border.blames
        if m < 0:
            return "For balance,"
        price_here, price_there = float(self.prices[border.seat, m]), float(self.prices[border.neighbour, m])
        if price_there > self.worth.hardly and price_there >= -price_here:
            return (
                f"{there} is full of {self.measures[m]}: 1 % of its share more there costs "
                f"{self.worth.told(price_there)}. That is why"
            )
        if -price_here > self.worth.hardly:
            return (
                f"{here} is short of {self.measures[m]}: 1 % of its share less there costs "
                f"{self.worth.told(-price_here)}. That is why"
            )
        return f"For balance of {self.measures[m]},"

    def _nobody(self, border: Border) -> str:
        """Where every account is at the seat that suits it: what would go first, at what cost."""
        if not len(border.next_to_it):
            return "No account is next to this border."
        first = self._unit(int(border.next_to_it[0]))
        return (
            f"Every account here suits {self.carved.names[border.seat]} best; the first to go would be {first}, at a "
            f"cost worth {self.worth.told(max(border.next_costs, 0.0))}."
        )

    def _then(self, border: Border) -> str:
        if border.then_measure < 0:
            return ""
        where, measure = self.carved.names[border.then_seat], self.measures[border.then_measure]
        return f"{where} would be {'over' if border.then_seat == border.neighbour else 'under'} its limit of {measure}"

    def _around(self, units: IntArray) -> str:
        """Where most of these accounts are, or what they are."""
        if self.values is None:
            return ""
        rows = [
            row for unit in units.tolist() for row in self._rows[self._start[unit] : self._start[unit + 1]].tolist()
        ]
        common = Counter(value for row in rows if (value := self.values[row]) is not None)
        if not common:
            return ""
        names = sorted(common, key=lambda value: (-common[value], value))[:2]
        rest = len(common) > 2
        grounded = self.carved.market.is_on_the_ground
        text = listed([*names, "elsewhere" if grounded else "others"] if rest else names)
        return f" in {text}" if grounded else f" of {text}"

    def _accounts(self, units: IntArray) -> int:
        return int(self.sizes[units].sum())

    def _unit(self, unit: int) -> str:
        row = int(self.first_row[unit])
        accounts = self.carved.accounts
        name = accounts["name"][row] if "name" in accounts.columns else None
        return f"{name} ({accounts['account_id'][row]})" if name else str(accounts["account_id"][row])


def _values_of(carved: CarvedLayer) -> Sequence[str | None] | None:
    """What is told of each account of a layer: its city, what makes it alike, or its value of the layer's field."""
    if carved.market.likeness is not None:
        return carved.market.likeness.kinds
    column = "city" if carved.market.is_on_the_ground else carved.layer.by
    if column is None or column not in carved.accounts.columns:
        return None
    values: list[str | None] = carved.accounts[column].cast(pl.String).to_list()
    return values
