"""What each lock, family, tolerance and cap costs: estimated by the prices, and measured by carving without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from patchbook.carving.costs import Costs
from patchbook.carving.problem import FloatArray, Problem
from patchbook.carving.solution import Progress, Solution
from patchbook.plans.demands import Lifted, Priced, demands_of_layer
from patchbook.plans.result import CarvedLayer
from patchbook.plans.studies.study import Asked, BadChoice, Cell, Chart, Choice, Column, Found, Mark, Table
from patchbook.plans.worth import TRAVEL, UNLIKENESS, Worth
from patchbook.words import counted, listed

IntArray = npt.NDArray[np.int64]

MOST_ROWS = 200
"""Single demands that the table lists; those below are the cheapest by estimate."""
NOTHING = 5e-5
"""A share that is written as 0.0 %."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What carving again without a demand came to; figures above 0 are what the demand costs."""

    cost: float
    """Share of the carve's cost."""
    travel: float | None
    """Share of its travel; None where places do not count."""
    travel_km: float | None
    """Mean kilometres an account."""
    moved: int
    """Accounts that change owner with the demand and would not without it."""
    deviation: float
    """How much further the worst territory is from its share."""
    is_met: bool
    """Whether a carve within every other demand was found."""


@dataclass(frozen=True, kw_only=True)
class _Figures:
    """A carve in the figures that are compared."""

    cost: float
    travel: float | None
    accounts: int
    moved: int
    deviation: float


class Prices:
    """What each demand of a plan costs."""

    name = "prices"
    title = "What the demands cost"
    question = "What does each lock, family, tolerance and cap cost, and what would be saved without it?"
    choices: tuple[Choice, ...] = (
        Choice(name="top", says="How many single demands to measure by carving without them", default="5"),
        Choice(name="groups", says="Whether to measure all of a kind together: yes or no", default="yes"),
    )

    def run(self, asked: Asked) -> Found:
        """Every demand's estimate; the dearest, and each kind as a whole, measured as well."""
        top, groups = _choices(asked)
        result = asked.carved()
        layers: list[_Told] = []
        for carved in result.carved_layers:
            if asked.stop():
                break
            layers.append(_told(asked, carved, top=top, groups=groups))
        says = [sentence for told in layers for sentence in told.says(alone=len(result.carved_layers) == 1)]
        if not says:
            says = ["The plan carves nothing, so nothing in it has a price."]
        else:
            says.append(
                "An estimate is read off the prices of the carve without carving again; it knows nothing of contiguity "
                "and of centres that would move. What is measured was carved again; both are shares of what the carve "
                "costs, in which leaving an owner or a misfit counts as kilometres."
            )
            if any(told.carved.market.likeness is not None for told in layers):
                says.append(f"Accounts that are unlike count as {UNLIKENESS.each_km:,.0f} km for 1 of unlikeness.")
        return Found(
            says=tuple(says),
            tables=_tables(layers) if layers else (),
            charts=tuple(chart for told in layers if (chart := _chart(told)) is not None),
            was_stopped=asked.stop(),
        )


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is known of one layer's demands."""

    carved: CarvedLayer
    demands: tuple[Priced, ...]
    measured: tuple[Measured | None, ...]
    chance: float | None
    """How far the costs of two seeds are apart with nothing lifted, as a share; None where that was not looked at."""

    def says(self, *, alone: bool) -> list[str]:
        """The dearest kinds and the dearest single demands in sentences."""
        pairs = list(zip(self.demands, self.measured, strict=True))
        known = [(one, found) for one, found in pairs if found is not None and found.is_met]
        known.sort(key=lambda pair: (not pair[0].is_group, -pair[1].cost))
        where = "" if alone else f"{self.carved.layer.name}: "
        said = [
            _sentence(where, one, found, self.carved.market.worth)
            for one, found in known
            if found.cost > self._noise(one)
        ]
        cheap = [one.says for one, found in known if found.cost <= self._noise(one)]
        if cheap:
            said.append(f"{where}{_capital(listed(cheap))}: nothing that could be told from chance.")
        said += [
            f"{where}No carve within every other demand was found if {one.without}."
            for one, found in pairs if found is not None and not found.is_met
        ]  # fmt: skip
        if not pairs:
            said.append(f"{where}nothing is demanded but that every account has a seat.")
        if self.chance is not None and known:
            said.append(
                f"{where}Carved anew with another seed and nothing lifted, the cost is {_percent(self.chance)} off: of "
                "whole kinds of demand, smaller differences say nothing."
            )
        return said

    def _noise(self, one: Priced) -> float:
        """The share of the cost up to which a difference may be chance: more where a carve began anew."""
        return max(self.chance or 0.0, NOTHING) if one.is_group else NOTHING


def _told(asked: Asked, carved: CarvedLayer, *, top: int, groups: bool) -> _Told:
    demands = demands_of_layer(carved, asked.plan)
    single = [one for one in demands if not one.is_group]
    whole = [one for one in demands if one.is_group]
    tried = [*single[:top], *(whole if groups else [])]
    steps = len(tried) + 1
    chance = None
    found: dict[int, Measured] = {}
    again = _Again(asked=asked, carved=carved, best=carved.solution, part=1 / steps)
    for number, one in enumerate([None, *tried]):
        if asked.stop() or not tried:
            break
        again.done = number / steps
        if one is None:
            chance = again.chance(anew=groups)
        else:
            found[id(one)] = again.without(one)
    shown = [*single[:MOST_ROWS], *whole]
    return _Told(
        carved=carved, demands=tuple(shown), measured=tuple(found.get(id(one)) for one in shown), chance=chance
    )


@dataclass(kw_only=True)
class _Again:
    """Carves a layer again without something, and compares with the best that is known with it."""

    asked: Asked
    carved: CarvedLayer
    best: Solution
    part: float
    done: float = 0.0

    def chance(self, *, anew: bool) -> float | None:
        """
        How far the costs of two carves of the same are apart, as a share; the best of all is what is compared with.

        Parameters
        ----------
        anew
            Whether to carve anew with another seed as well, as is done without whole kinds of demand.
        """
        known = self.carved.solution
        found = [known]
        off = None
        if anew:
            found.append(self._solve(known.problem, warm=None, seed=self.asked.plan.seed + 1))
            off = abs(found[1].cost / max(known.cost, 1e-12) - 1)
        found += [
            self._solve(known.problem, warm=each) for each in tuple(found)
        ]  # as what is compared goes on from there
        self.best = min(found, key=lambda s: (not s.feasible, s.cost))
        return off

    def without(self, one: Priced) -> Measured:
        """
        What is saved without a demand.

        The carve goes on from the one with the demand; without a whole kind of demand it also begins anew, as the best
        may be far from there.
        """
        lifted = one.lift()
        rows = self.carved.market.unit_of_row
        first = np.unique(lifted.unit_of_row, return_index=True)[1]
        owners = self.best.owners[rows][first]
        solution = self._solve(lifted.problem, warm=replace(self.best, problem=lifted.problem, owners=owners))
        if one.is_group or not solution.feasible:
            solution = min(
                (solution, self._solve(lifted.problem, warm=None)),
                key=lambda s: (not s.feasible, _cost(lifted.problem, s.owners, s.centres)),
            )
        before = _figures(self.carved, lifted, owners, self.best)
        after = _figures(self.carved, lifted, solution.owners, solution)
        travel = travel_km = None
        if before.travel is not None and after.travel is not None and before.travel > 0:
            travel = 1 - after.travel / before.travel
            travel_km = (before.travel - after.travel) / max(before.accounts, 1)
        return Measured(
            cost=1 - after.cost / max(before.cost, 1e-12), travel=travel, travel_km=travel_km,
            moved=before.moved - after.moved, deviation=after.deviation - before.deviation, is_met=solution.feasible,
        )  # fmt: skip

    def _solve(self, problem: Problem, *, warm: Solution | None, seed: int | None = None) -> Solution:
        from patchbook.carving.solve import solve
        from patchbook.carving.stop import MaxSeconds

        late = MaxSeconds(self.asked.plan.seconds)

        def told(reached: Progress) -> None:
            self.asked.tell(
                replace(reached, phase=f"{self.carved.layer.name}, without", done=self.done + self.part * reached.done)
            )

        return solve(
            problem,
            seed=self.asked.plan.seed if seed is None else seed,
            stop=lambda best: self.asked.stop() or late(best),
            progress=told,
            warm=warm,
        )


def _figures(carved: CarvedLayer, lifted: Lifted, owners: IntArray, solution: Solution) -> _Figures:
    """A carve seen with the costs of the problem without the demand, account by account where accounts are counted."""
    problem = lifted.problem
    seat_of_row = owners[lifted.unit_of_row]
    incumbents = carved.solution.problem.incumbent
    moved = 0
    if incumbents is not None:
        held = incumbents[carved.market.unit_of_row]
        moved = int(((held >= 0) & (seat_of_row != held)).sum())
    lim = solution.limits
    loads = lim.loads(solution.owners)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.abs(loads / lim.targets - 1)[lim.balanced]
    travel = None
    if problem.places is not None:
        road = replace(problem, kind=None, kind_cost=None, incumbent=None)
        travel = Costs(road).total(owners, solution.centres)
    cost = _cost(problem, owners, solution.centres)
    return _Figures(
        cost=cost, travel=travel, accounts=len(seat_of_row), moved=moved, deviation=float(np.nanmax(off, initial=0.0))
    )


def _cost(problem: Problem, owners: IntArray, centres: FloatArray | None) -> float:
    """What an assignment costs, where a unit that is bound to a seat which may not take it costs nothing there."""
    costs = Costs(problem)
    each = costs.each(owners, centres)
    return float(each[np.isfinite(each)].sum())


def _sentence(where: str, one: Priced, found: Measured, worth: Worth) -> str:
    """What one demand costs: Every family kept together (30) costs 1.2 % …"""
    parts = []
    if found.travel is not None and abs(found.travel) >= NOTHING:
        parts.append(
            f"{worth.of} would be {_percent(abs(found.travel))} {'less' if found.travel > 0 else 'more'}"
            f" ({worth.each(abs(found.travel_km or 0.0), 1, bare=True)})"
        )
    if found.moved:
        accounts = counted(abs(found.moved), f"{'fewer' if found.moved > 0 else 'more'} account")
        parts.append(f"{accounts} would change owner")
    if abs(found.deviation) >= 0.0005:
        change = f"{abs(found.deviation) * 100:.1f} points {'further from' if found.deviation > 0 else 'nearer to'}"
        parts.append(f"the worst territory would be {change} its share")
    then = f": if {one.without}, {listed(parts)}" if parts else f", against what it would be if {one.without}"
    guess = "" if one.estimate is None else f" The prices estimated {_percent(one.estimate)}."
    return f"{where}{_capital(one.says)} costs {_percent(found.cost)}{then}.{guess}"


def _tables(layers: list[_Told]) -> tuple[Table, ...]:
    """Every demand with its estimate, and what carving without it came to of those that were carved without."""
    worths = [worth for worth in (TRAVEL, UNLIKENESS) if any(told.carved.market.worth is worth for told in layers)]
    known: list[tuple[Cell, ...]] = []
    carved: list[tuple[Cell, ...]] = []
    for told in layers:
        pairs = zip(told.demands, told.measured, strict=True)
        ordered = sorted(pairs, key=lambda pair: (not pair[0].is_group, pair[1] is None, -(pair[0].estimate or 0.0)))
        for one, found in ordered:
            layer = told.carved.layer.name
            measured = None if found is None else found.cost
            known.append((layer, one.says, one.kind, one.is_group, one.estimate, one.ceiling, measured))
            if found is not None:
                ways: list[float | None] = []
                for worth in worths:
                    mine = worth is told.carved.market.worth and found.travel_km is not None
                    ways += [found.travel, worth.figure(found.travel_km or 0.0)] if mine else [None, None]
                figures = (found.cost, *ways, found.moved, found.deviation, found.is_met)
                carved.append((layer, one.says, *figures))
    whose = (Column(name="layer", says="Layer"), Column(name="demand", says="Demand"))
    demands = Table(
        name="demands",
        title="What each demand costs",
        columns=(
            *whose,
            Column(name="kind", says="Kind"),
            Column(name="all_of_a_kind", says="All of a kind", unit="yes_no"),
            Column(name="estimated", says="Estimated", unit="share"),
            Column(name="at_most", says="At most", unit="share"),
            Column(name="measured", says="Measured", unit="share"),
        ),
        rows=tuple(known),
    )
    measured_table = Table(
        name="measured",
        title="What each demand that was carved without takes",
        columns=(
            *whose,
            Column(name="measured", says="Cost", unit="share"),
            *(column for worth in worths for column in _ways(worth)),
            Column(name="moved", says="Changes of owner", unit="count"),
            Column(name="deviation", says="Fairer by", unit="share"),
            Column(name="met_without", says="The rest is met without it", unit="yes_no"),
        ),
        rows=tuple(carved),
    )
    return (demands, measured_table) if carved else (demands,)


def _ways(worth: Worth) -> tuple[Column, Column]:
    of = worth.of
    return (
        Column(name=of, says=of.capitalize(), unit="share"),
        Column(
            name=f"{of}_km" if worth is TRAVEL else f"{of}_an_account",
            says=f"{of.capitalize()} an account", unit=worth.unit,
        ),
    )  # fmt: skip


def _chart(told: _Told) -> Chart | None:
    pairs = zip(told.demands, told.measured, strict=True)
    known = sorted(((one, found) for one, found in pairs if found is not None), key=lambda pair: -pair[1].cost)
    if not known:
        return None
    return Chart(
        name=f"measured_{told.carved.number}",
        title=f"{told.carved.layer.name}: what each demand costs, measured",
        kind="bars",
        across="Share of what the carve costs",
        up="Demand",
        marks=tuple(Mark(label=_capital(one.says), x=found.cost) for one, found in known),
        across_unit="share",
        up_unit="text",
    )


def _choices(asked: Asked) -> tuple[int, bool]:
    top = asked.choices.get("top", "5")
    groups = asked.choices.get("groups", "yes").casefold()
    if not top.isdecimal():
        raise BadChoice(f"top is {top!r}; it must be a whole number of 0 or more, such as 5.")
    if groups not in ("yes", "no"):
        raise BadChoice(f"groups is {groups!r}; it must be yes or no.")
    return int(top), groups == "yes"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


PRICES = Prices()
"""The study as it stands in the list."""
