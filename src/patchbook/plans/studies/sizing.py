"""How many seats a market needs, by which measure, and what fewer or more of them come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from patchbook.carving.sizing import Grown, curve, travel_of
from patchbook.plans.plan import Sizing
from patchbook.plans.report import words
from patchbook.plans.result import CarvedLayer
from patchbook.plans.seats import Need
from patchbook.plans.studies.asking import amount, layer_of, measures_in, whole
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Table
from patchbook.plans.worth import TRAVEL, Worth
from patchbook.words import counted, listed


class HowMany:
    """How many seats are needed."""

    name = "sizing"
    title = "How many seats"
    question = "How many seats does the market need, by which measure, and what do fewer or more come to?"
    choices: tuple[Choice, ...] = (
        Choice(name="layer", says="The carve; the one with most accounts if empty", default=""),
        Choice(
            name="capacity", default="",
            says="What a full-time seat carries, as in visits=500; potential=2000; the plan's if empty",
        ),
        Choice(name="ramp", says="What a hire carries at first", default="100%"),
        Choice(name="fewer", says="How many fewer seats are tried", default="3"),
        Choice(name="more", says="How many more seats are tried", default="3"),
        Choice(name="seat_costs", says="What a seat costs a year", default=""),
        Choice(name="worth", says="What one unit of the measure that decides is worth a year", default=""),
    )  # fmt: skip

    def run(self, asked: Asked) -> Found:
        """The need by each measure, and the curve of load and travel over the number of seats."""
        result = asked.carved()
        layer = layer_of(result, asked.choices)
        ramp = amount(asked.choices, "ramp", 1.0, above=0) or 1.0
        needs = _needs(layer, asked.choices, [measure.name for measure in result.plan.measures])
        costs, worth = (amount(asked.choices, name, None, above=0) for name in ("seat_costs", "worth"))
        mean = sum(seat.share for seat in layer.market.seats) / len(layer.market.seats)
        steps = curve(
            layer.solution,
            fewer=min(whole(asked.choices, "fewer", 3, most=20), layer.solution.problem.seats - 1),
            more=whole(asked.choices, "more", 3, most=20),
            size=ramp / max(mean, 1e-9), seed=result.plan.seed, stop=asked.stop, progress=asked.tell,
        )  # fmt: skip
        sized = _Sized(layer=layer, needs=needs, ramp=ramp, steps=steps)
        says = [
            *sized.says(),
            *(_pays(sized, costs, worth) if costs and worth else []),
            CANNOT_SAY.format(of=sized.worth.of),
        ]
        tables = [sized.curve()] if not needs else [sized.needed(), sized.curve()]
        return Found(says=tuple(says), tables=tuple(tables), charts=tuple(sized.charts()), was_stopped=asked.stop())


CANNOT_SAY = (
    "Each number of seats comes from the one before by the best of a few seats added or left out, so its {of} is "
    "what can be had rather than the least there is. A capacity is an assumption: what people can carry shows in what "
    "they do."
)


@dataclass(frozen=True, kw_only=True)
class _Sized:
    """A layer, what its measures ask for, and the carves of other numbers of seats."""

    layer: CarvedLayer
    needs: tuple[Need, ...]
    """The one that asks for most first."""
    ramp: float
    steps: tuple[Grown, ...]

    @property
    def worth(self) -> Worth:
        """What the way to the centres is told in."""
        return self.layer.market.worth

    @property
    def seats(self) -> int:
        """How many there are."""
        return len(self.layer.market.seats)

    @property
    def filled(self) -> float:
        """What the people there are carry, in full-time seats."""
        return sum(seat.share for seat in self.layer.market.seats if seat.person is not None)

    @property
    def carried(self) -> float:
        """What all seats carry, vacant ones as full."""
        return sum(seat.share for seat in self.layer.market.seats)

    def hires(self, need: Need) -> int:
        """How many more seats a measure asks for, when each carries as much as a hire does at first."""
        return max(0, math.ceil((need.full_time - self.carried) / self.ramp - 1e-9))

    def says(self) -> list[str]:
        """How many seats are needed and why; what the next and the last do."""
        name = self.layer.layer.name
        if not self.needs:
            told = [
                f"{name} has {counted(self.seats, 'seat')}. How many it needs can be said once it is known what one "
                "can carry: set capacity, as in visits=500, or size the carve in the plan."
            ]
        else:
            first, *rest = self.needs
            others = [f"{need.says} is {math.ceil(need.full_time - 1e-9):,}" for need in rest]
            so = f"; {listed(others)}, so {first.sizing.measure} decides" if others else ""
            told = [
                f"{name} needs {math.ceil(first.full_time - 1e-9):,} full-time seats: {first.says}{so}.",
                self._has(first),
            ]
        here = next(at for at, step in enumerate(self.steps) if step.solution is self.layer.solution)
        for at, what in ((here + 1, "One more"), (here - 1, "One fewer")):
            if 0 <= at < len(self.steps):
                change = travel_of(self.steps[at].solution) - travel_of(self.layer.solution)
                changed = self.worth.each(change, self.layer.accounts.height, sign="+", bare=True)
                told.append(f"{what} changes {self.worth.of} by {changed}.")
        return told

    def _has(self, need: Need) -> str:
        people = sum(seat.person is not None for seat in self.layer.market.seats)
        has = (
            f"It has {counted(self.seats, 'seat')}, {people:,} of them filled; together they carry as much as "
            f"{self.carried:,.1f} full-time seats, {self.filled:,.1f} of it by people who are there"
        )
        if hires := self.hires(need):
            at = "" if self.ramp == 1 else f" that begin at {words.percent(self.ramp)}"
            return f"{has}. {counted(hires, 'more seat')}{at} would close the gap."
        spare = self.carried / max(need.full_time, 1e-12) - 1
        return f"{has}. That is enough, with {words.percent(spare)} to spare."

    def needed(self) -> Table:
        """A row for each measure with a capacity."""
        return Table(
            name="needed",
            title="Seats needed, measure by measure",
            columns=(
                Column(name="measure", says="Measure"),
                Column(name="total", says="In all", unit="number"),
                Column(name="capacity", says="A seat carries", unit="number"),
                Column(name="full_time_seats", says="Full-time seats needed", unit="number"),
                Column(name="seats", says="Rounded up", unit="count"),
                Column(name="seats_now", says="Seats now", unit="count"),
                Column(name="carried_now", says="Full-time seats they are", unit="number"),
                Column(name="more_seats", says="More seats needed", unit="count"),
                Column(name="decides", says="Decides", unit="yes_no"),
            ),
            rows=tuple(
                (
                    need.sizing.measure, need.total, need.sizing.capacity, need.full_time,
                    math.ceil(need.full_time - 1e-9), self.seats, self.carried, self.hires(need), at == 0,
                )
                for at, need in enumerate(self.needs)
            ),
        )  # fmt: skip

    def curve(self) -> Table:
        """A row for each number of seats."""
        problem = self.layer.solution.problem
        names = problem.measure_names or tuple(f"measure {m + 1}" for m in range(problem.measures))
        rows: list[tuple[Cell, ...]] = []
        for step in self.steps:
            solution = step.solution
            seats = solution.problem.seats
            mean = solution.loads.sum(axis=0) / seats
            rows.append(
                (
                    seats,
                    seats == self.seats and solution is self.layer.solution,
                    self.worth.figure(travel_of(solution)) / max(self.layer.accounts.height, 1),
                    *(float(load) for load in mean),
                    self._full(seats) if self.needs else None,
                    solution.feasible,
                )
            )
        return Table(
            name="curve",
            title="Fewer and more seats",
            columns=(
                Column(name="seats", says="Seats", unit="count"),
                Column(name="is_now", says="As it is", unit="yes_no"),
                Column(
                    name="travel_km_an_account" if self.worth is TRAVEL else "unlikeness_an_account",
                    says=f"{self.worth.of.capitalize()} an account",
                    unit=self.worth.unit,
                ),
                *(Column(name=f"{_word(name)}_a_seat", says=f"{name} a seat", unit="number") for name in names),
                Column(name="fullness", says="How full, by the measure that decides", unit="share"),
                Column(name="is_feasible", says="Within tolerance", unit="yes_no"),
            ),
            rows=tuple(rows),
        )

    def _full(self, seats: int) -> float:
        """How full seats are by the measure that decides: added ones begin at their ramp."""
        carried = self.carried + (seats - self.seats) * (self.ramp if seats > self.seats else self.carried / self.seats)
        return self.needs[0].full_time / max(carried, 1e-12)

    def charts(self) -> list[Chart]:
        """Travel, and how full seats are, over their number."""
        of = self.worth.of
        travel = Chart(
            name=of, title=f"{of.capitalize()}, by the number of seats", kind="lines", across="Seats",
            up=f"{of.capitalize()}{', km' if self.worth is TRAVEL else ''} an account", across_unit="count",
            up_unit=self.worth.unit, marks=self._marks(2),
        )  # fmt: skip
        if not self.needs:
            return [travel]
        measure = self.needs[0].sizing.measure
        full = Chart(
            name="fullness", title=f"How full seats are by {measure}; 100 % is what they can carry", kind="lines",
            across="Seats", up="Load, as a share of capacity", across_unit="count", up_unit="share",
            marks=self._marks(-2),
        )  # fmt: skip
        return [travel, full]

    def _marks(self, column: int) -> tuple[Mark, ...]:
        """One column of the curve over the number of seats."""
        return tuple(
            Mark(
                label=counted(int(row[0] or 0), "seat"), x=float(row[0] or 0), y=float(row[column] or 0),
                kind="now" if row[1] else "plain",
            )
            for row in self.curve().rows
        )  # fmt: skip


def _pays(sized: _Sized, costs: float, worth: float) -> list[str]:
    """Up to which seat a seat pays for itself, where a seat has a cost and what it carries a worth."""
    if not sized.needs:
        return ["Whether a seat pays for itself needs its capacity too: set capacity, as in visits=500."]
    need = sized.needs[0]
    measure, capacity = need.sizing.measure, need.sizing.capacity
    even = costs / worth
    at_first = capacity * sized.ramp
    told = (
        f"At {costs:,.0f} a seat and {worth:,.2f} for each of {measure}, a seat pays for itself from "
        f"{even:,.0f} of {measure}"
    )
    if even > at_first:
        return [f"{told}, which is more than the {at_first:,.0f} one carries: no further seat pays."]
    uncovered = need.total - sized.carried * capacity
    pays = math.floor((uncovered - even) / at_first + 1e-9) + 1 if uncovered >= even else 0
    so = (
        f"of the {need.total:,.0f} there are {uncovered:,.0f} are carried by nobody, so {counted(pays, 'more seat')} "
        "would pay"
        if uncovered > 0
        else "all there is is carried already, so no further seat pays by load alone"
    )
    return [f"{told}, {words.percent(even / capacity)} of what it can carry; {so}."]


def _needs(layer: CarvedLayer, choices: Mapping[str, str], measures: list[str]) -> tuple[Need, ...]:
    known = {sizing.measure: sizing.capacity for sizing in layer.layer.sizings}
    capacity = measures_in(choices, "capacity", known, measures)
    found = [
        Need(sizing=Sizing(measure=name, capacity=value), total=float(layer.accounts[f"measure_{name}"].sum()))
        for name, value in capacity.items()
    ]
    return tuple(sorted(found, key=lambda need: -need.full_time))


def _word(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower()).strip("_")


HOW_MANY = HowMany()
