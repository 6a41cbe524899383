"""Where one more seat is worth most, what a territory peeled off for it would move, and which seat is missed least."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from patchbook.carving.peel import Peeled, peeled
from patchbook.carving.sizing import Grown, Place, missed, next_seat, shrunk
from patchbook.plans.report import words
from patchbook.plans.result import CarvedLayer
from patchbook.plans.studies.asking import amount, layer_of, whole
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Table
from patchbook.plans.worth import TRAVEL, Worth
from patchbook.words import counted, listed

SHOWN = 15
"""Places on the chart."""


class NextSeat:
    """Where the next seat is worth most."""

    name = "next-seat"
    title = "The next seat"
    question = "Where is one more seat worth most, what would it move, and which seat is missed least?"
    choices: tuple[Choice, ...] = (
        Choice(name="layer", says="The carve; the one with most accounts if empty", default=""),
        Choice(name="solve", says="How many of the best places are solved anew", default="3"),
        Choice(name="ramp", says="What the hire carries at first", default="100%"),
        Choice(name="givers", says="Neighbours that give, where a territory is peeled off", default="4"),
    )

    def run(self, asked: Asked) -> Found:
        """Every place with what one more seat there is worth; the best of them solved."""
        result = asked.carved()
        layer = layer_of(result, asked.choices)
        few = max(1, whole(asked.choices, "solve", 3, most=20))
        ramp = amount(asked.choices, "ramp", 1.0, above=0) or 1.0
        givers = max(1, whole(asked.choices, "givers", 4, most=50))
        size = ramp / max(float(np.mean([seat.share for seat in layer.market.seats])), 1e-9)
        seed = result.plan.seed
        found, solved = next_seat(layer.solution, size=size, few=few, seed=seed, stop=asked.stop, progress=asked.tell)
        peels = {
            id(one.place): peeled(layer.solution, one.place, size=size, givers=givers, seed=seed, stop=asked.stop)
            for one in solved
            if one.place is not None and not asked.stop()
        }
        loss = missed(layer.solution)
        order = np.argsort(loss, kind="stable")
        gone = {}
        if layer.solution.problem.seats > 1:
            for seat in order[: 1 if few < 3 else 2].tolist():
                if not asked.stop() and np.isfinite(loss[seat]):
                    gone[seat] = shrunk(layer.solution, seat, seed=seed, stop=asked.stop)
        told = _Told(layer=layer, size=size)
        return Found(
            says=tuple(told.says(found, solved, peels, gone)),
            tables=(told.places(found, solved, peels), told.missed(order.tolist(), loss.tolist(), gone)),
            charts=(told.chart(found, solved),) if found else (),
            was_stopped=asked.stop(),
        )


class _Told:
    """A layer's answers with names, everything for each account of the carve."""

    def __init__(self, *, layer: CarvedLayer, size: float) -> None:
        self.layer, self.size = layer, size
        self.accounts = max(layer.accounts.height, 1)
        self.row_of_unit = np.unique(layer.market.unit_of_row, return_index=True)[1]

        self.worth = layer.market.worth

    def each(self, total: float) -> float:
        """What it is for each account."""
        return self.worth.figure(total) / self.accounts

    def told(self, total: float, *, bare: bool = False) -> str:
        """The same in words."""
        return self.worth.each(total, self.accounts, bare=bare)

    def place(self, place: Place) -> str:
        """What a place is called: its city, what an account there is like, or its territory."""
        likeness = self.layer.market.likeness
        if place.site is not None and likeness is not None:
            return likeness.values(int(self.row_of_unit[place.unit])) or self.layer.names[place.near]
        if self.layer.market.is_on_the_ground and place.site is not None and "city" in self.layer.accounts.columns:
            city = self.layer.accounts["city"].cast(pl.String)[int(self.row_of_unit[place.unit])]
            if city:
                return str(city)
        return self.layer.names[place.near]

    @property
    def at(self) -> str:
        """What stands before a place in a sentence."""
        return "in " if self.layer.market.likeness is None else "for accounts like "

    def says(
        self, found: tuple[Place, ...], solved: tuple[Grown, ...], peels: dict[int, Peeled], gone: dict[int, Grown]
    ) -> list[str]:
        """The best place, what it takes, and the seat that is missed least."""
        name, seats = self.layer.layer.name, self.layer.solution.problem.seats
        told = []
        best = next((one for one in solved if one.solution.feasible), None)
        if best is not None and best.place is not None:
            where = f"{self.at}{self.place(best.place)}, in what is {self.layer.names[best.place.near]} now"
            if best.saving > 0:
                told.append(
                    f"{name}: one more seat is worth most {where}: it saves as much as "
                    f"{self.told(best.saving)}, {self.worth.of} alone {self.told(best.travel_saved, bare=True)}."
                )
            else:
                told.append(
                    f"{name}: nowhere does one more seat save {self.worth.of}; it costs least {where}, as much as "
                    f"{self.told(-best.saving)}, because all others get smaller."
                )
            less = self.size / (seats + self.size)
            told.append(
                f"Wherever it is, every other seat carries {words.percent(less)} less: {self._loads(less)}. "
                f"Drawn anew, {words.percent(best.moved_share)} of the accounts change seats."
            )
            peel = peels.get(id(best.place))
            if peel is not None:
                told.append(self._peel(peel))
        elif solved:
            told.append(f"{name}: with one more seat no carve within every tolerance was found; widen a tolerance.")
        elif found:
            told.append(
                f"{name}: by the prices one more seat is worth most {self.at}{self.place(found[0])}; none is solved."
            )
        for seat, one in sorted(gone.items(), key=lambda item: (item[1].solution.excess, -item[1].saving))[:1]:
            ending = "" if one.solution.feasible else ", and not every tolerance can be met without it"
            change = f"costs {self.told(-one.saving)} more" if one.saving < 0 else f"saves {self.told(one.saving)}"
            told.append(
                f"{self._seat(seat)} is missed least: without it the carve {change}, while every other seat "
                f"carries {words.percent(1 / max(seats - 1, 1))} more{ending}."
            )
        how = "people at their homes and the new seat free" if self.worth is TRAVEL else "the new seat free"
        told.append(
            "Estimates come from the prices of load at each seat, with everybody where they are; the best were solved "
            f"anew, {how}. Nothing here says whether somebody can be hired there, or what the load that is relieved is "
            "worth."
        )
        return told

    def _loads(self, less: float) -> str:
        solution = self.layer.solution
        mean = solution.loads.sum(axis=0) / solution.problem.seats
        names = solution.problem.measure_names or ("the measure",) * len(mean)
        pairs = zip(names, mean, strict=True)
        return listed([f"{load:,.0f} of {name} becomes {load * (1 - less):,.0f}" for name, load in pairs], 4)

    def _peel(self, peel: Peeled) -> str:
        who = [self.layer.names[seat] for seat, gives in zip(peel.givers, peel.gives, strict=True) if gives]
        units = int(peel.gives.sum())
        what = "account" if self.layer.solution.problem.units == self.accounts else "family or account"
        given = counted(units, what, "accounts" if what == "account" else "families and accounts")
        return (
            f"Peeled off instead, {given} ({words.percent(peel.moved_share)}) from {listed(who, 4)} make a territory "
            f"of {words.percent(peel.loads[-1].mean())} of a mean seat, which can grow later."
            if who
            else "Peeled off instead, nothing could be given."
        )

    def _seat(self, seat: int) -> str:
        person = self.layer.market.seats[seat].person
        return self.layer.names[seat] if person is None else f"{self.layer.names[seat]} ({person.name})"

    def places(self, found: tuple[Place, ...], solved: tuple[Grown, ...], peels: dict[int, Peeled]) -> Table:
        """A row for each place a seat might be added at; those that were solved first."""
        done = {id(one.place): one for one in solved}
        ordered = [*(one.place for one in solved if one.place is not None), *(p for p in found if id(p) not in done)]
        rows: list[tuple[Cell, ...]] = []
        for place in ordered:
            one, peel = done.get(id(place)), peels.get(id(place))
            rows.append(
                (
                    self.place(place),
                    self.layer.names[place.near],
                    self.each(place.saving),
                    None if one is None else self.each(one.saving),
                    None if one is None else self.each(one.travel_saved),
                    None if one is None else one.solution.feasible,
                    None if one is None else one.moved_share,
                    None if peel is None else int(peel.gives.sum()),
                    None if peel is None else peel.moved_share,
                    None if peel is None else float(peel.loads[-1].mean()),
                    None if peel is None else ", ".join(
                        f"{self.layer.names[seat]}: {gives}"
                        for seat, gives in zip(peel.givers, peel.gives, strict=True) if gives
                    ),
                )
            )  # fmt: skip
        return Table(
            name="places",
            title="What one more seat is worth, place by place",
            columns=_in(self.worth, PLACES),
            rows=tuple(rows),
        )

    def missed(self, order: list[int], loss: list[float], gone: dict[int, Grown]) -> Table:
        """A row for each seat, the one that is missed least first."""
        rows: list[tuple[Cell, ...]] = []
        for seat in order:
            one = gone.get(seat)
            person = self.layer.market.seats[seat].person
            rows.append(
                (
                    self.layer.names[seat],
                    None if person is None else person.name,
                    self.each(loss[seat]) if np.isfinite(loss[seat]) else None,
                    None if one is None else self.each(-one.saving),
                    None if one is None else one.solution.feasible,
                    None if one is None else one.moved_share,
                )
            )
        return Table(
            name="missed", title="What is lost without each seat", columns=_in(self.worth, MISSED), rows=tuple(rows)
        )

    def chart(self, found: tuple[Place, ...], solved: tuple[Grown, ...]) -> Chart:
        """What was solved, and what was estimated for the rest."""
        table = self.places(found, solved, {}).rows[:SHOWN]
        marks = []
        for at, row in enumerate(table):
            value = row[3] if row[3] is not None else row[2]
            assert isinstance(value, float)
            is_best = row[3] is not None and at == 0
            marks.append(Mark(label=str(row[0]), x=float(at), y=value, kind="best" if is_best else "plain"))
        return Chart(
            name="places", title="What one more seat saves, place by place", kind="bars",
            across="Place", up=f"Saving, {self.worth.word} an account", up_unit=self.worth.unit, marks=tuple(marks),
        )  # fmt: skip


def _in(worth: Worth, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns, with costs told in unlikeness where the layer has nothing to do with places."""
    if worth is TRAVEL:
        return columns
    return tuple(
        replace(one, name=one.name.replace("travel_", "").replace("_km_", f"_{worth.word}_"),
                says=one.says.replace("travel", worth.of), unit=worth.unit)
        if one.unit == "km" else one
        for one in columns
    )  # fmt: skip


PLACES = (
    Column(name="place", says="Place"),
    Column(name="territory", says="In what is now"),
    Column(name="estimate_km_an_account", says="Saves, estimated", unit="km"),
    Column(name="saving_km_an_account", says="Saves, solved", unit="km"),
    Column(name="travel_saved_km_an_account", says="Of it travel", unit="km"),
    Column(name="is_feasible", says="Within tolerance", unit="yes_no"),
    Column(name="moved_share", says="Moves, drawn anew", unit="share"),
    Column(name="peeled_units", says="Moves, peeled off", unit="count"),
    Column(name="peeled_share", says="Share moved, peeled off", unit="share"),
    Column(name="peeled_load", says="Starts with, of a mean seat", unit="share"),
    Column(name="givers", says="Given by"),
)
MISSED = (
    Column(name="territory", says="Territory"),
    Column(name="person", says="Person"),
    Column(name="estimate_km_an_account", says="Costs at least, estimated", unit="km"),
    Column(name="cost_km_an_account", says="Costs, solved", unit="km"),
    Column(name="is_feasible", says="Within tolerance", unit="yes_no"),
    Column(name="moved_share", says="Moves", unit="share"),
)


NEXT_SEAT = NextSeat()
