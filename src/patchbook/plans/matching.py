"""Which person suits which carved territory, in one unit, and why: kilometres, counted once for each account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.carving.bounds import BOUNDS
from patchbook.carving.constraints import broken
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.costs import Costs
from patchbook.carving.match import Matching, NoMatching, match
from patchbook.carving.problem import EARTH_RADIUS_KM
from patchbook.carving.solution import Solution
from patchbook.geography.distance import to_sphere_km
from patchbook.people.person import Person
from patchbook.plans.eligibility import MISFIT_KM, has, needed_values
from patchbook.plans.market import PREFER_KM, Market
from patchbook.plans.plan import CarveLayer, Match, Plan
from patchbook.plans.report import words
from patchbook.plans.seats import Seat
from patchbook.words import counted, listed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

KNOWN_KM = 120.0
"""An open opportunity or a contact that somebody else looks after counts as much as so many kilometres."""
NEW_KM = 200.0
"""An average account given to somebody who carries nothing yet counts as much as so many kilometres."""
SAME_SHARE = 1e-6
"""Two shares of a full-time seat this close are the same."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that counts for who gets which territory."""

    name: str
    km: FloatArray
    """(people, territories) in kilometres, the weight counted; less is better."""
    count: FloatArray
    """(people, territories) what a planner would count: kilometres an account, or accounts."""


@dataclass(frozen=True, kw_only=True)
class Suited:
    """How well each person suits each territory of a carved layer."""

    people: tuple[Person, ...]
    territories: tuple[str, ...]
    accounts: IntArray
    """(territories,)"""
    terms: tuple[Term, ...]
    may: BoolArray
    """(people, territories)"""
    why_not: tuple[str | None, ...]
    """For each territory that nobody may have, what nobody has; None otherwise."""

    @property
    def km(self) -> FloatArray:
        """(people, territories) what each pair costs; infinite where it may not be."""
        return np.where(self.may, sum((term.km for term in self.terms), np.zeros(self.may.shape)), np.inf)

    def matched(self) -> Matching:
        """
        The matching that costs least.

        Raises
        ------
        NoMatching
            A territory can go to nobody, or a set of them to too few people; the message names them.
        """
        told = next(((place, why) for place, why in enumerate(self.why_not) if why is not None), None)
        if told is not None and len(self.people) >= len(self.territories):
            place, why = told
            raise NoMatching(
                f"{self.territories[place]} can go to nobody: {why}.",
                people=np.empty(0, np.int64),
                territories=np.array([place]),
            )
        return match(self.km, people=[person.name for person in self.people], territories=self.territories)

    def reason(self, person: int, place: int) -> str:
        """Why a person has, or might have, a territory, in figures."""
        told = [said for term in self.terms if (said := _said(term, self, person, place)) is not None]
        text = "; ".join(told) or "nothing speaks for anybody else"
        return text[0].upper() + text[1:]


def suited(
    plan: Plan,
    number: int,
    accounts: pl.DataFrame,
    market: Market,
    owners: IntArray,
    *,
    names: Sequence[str],
    weights: Match,
    as_drawn: bool = True,
) -> Suited:
    """
    How well the people of a carved layer suit its territories.

    A territory goes only to somebody who has what all its accounts require, who carries what it was drawn for, and,
    where an account in it is locked or protected, to who has it already.

    Parameters
    ----------
    owners
        (units,) the seat each unit was given, or -1.
    names
        What the territories are called.
    as_drawn
        Whether a territory goes only to who carries what it was drawn for.
    """
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    territory = owners[market.unit_of_row]
    held = np.flatnonzero(territory >= 0)
    drawn = _Drawn(
        plan=plan, number=number, layer=layer, accounts=accounts[held], territory=territory[held],
        people=tuple(seat.person for seat in market.seats if seat.person is not None),
        places=len(market.seats), weights=weights,
    )  # fmt: skip
    may = drawn.locked(market, owners)
    if as_drawn:
        shares = np.array([seat.share for seat in market.seats])
        may &= np.abs(np.array([person.share for person in drawn.people])[:, None] - shares) <= SAME_SHARE
    may_do, why_not = drawn.able()
    terms = (drawn.home(), drawn.kept(), drawn.known(), drawn.fitting(), drawn.ramping())
    return Suited(
        people=drawn.people, territories=tuple(names), accounts=np.bincount(territory[held], minlength=drawn.places),
        may=may & may_do, why_not=why_not, terms=tuple(term for term in terms if term is not None),
    )  # fmt: skip


def matched(plan: Plan, number: int, accounts: pl.DataFrame, market: Market, solution: Solution) -> Solution:
    """A carve of seats without homes, with each territory at the seat of whom it suits best; vacant ones follow."""
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    assert layer.match is not None
    names = [seat.name for seat in market.seats]
    found = suited(plan, number, accounts, market, solution.owners, names=names, weights=layer.match)
    if not found.people:
        return solution
    held = np.array([place for place, seat in enumerate(market.seats) if seat.person is not None])
    free = iter([place for place, seat in enumerate(market.seats) if seat.person is None])
    seat_of = np.array([held[person] if person >= 0 else next(free) for person in found.matched().person_of])
    return _seated(solution, seat_of)


def _seated(solution: Solution, seat_of: IntArray) -> Solution:
    """The same territories at other seats: `seat_of` has for each seat the one that gets what it holds."""
    problem, lim = solution.problem, solution.limits
    order = np.argsort(seat_of)
    owners = np.where(solution.owners >= 0, seat_of[solution.owners], -1)
    centres = None if solution.centres is None else solution.centres[order]
    prices = solution.prices[order]
    lim = replace(
        lim, targets=lim.targets[order], low=lim.low[order], high=lim.high[order], balanced=lim.balanced[order],
        only=np.where(lim.only >= 0, seat_of[lim.only], -1),
    )  # fmt: skip
    costs = Costs(problem, limits=lim)
    cost = costs.total(owners, centres)
    bound = max(0.0, *(bound(costs, centres, lim, prices) for bound in BOUNDS))
    return replace(
        solution, owners=owners, centres=centres, prices=prices, limits=lim, cost=cost, bound=min(cost, bound),
        broken=broken(problem, lim, owners), moved_share=moved_share(problem, owners),
    )  # fmt: skip


def without_home(seat: Seat) -> Seat:
    """The seat with its person's home forgotten, so that its territory may be drawn anywhere."""
    if seat.person is None:
        return seat
    return replace(seat, person=replace(seat.person, latitude=None, longitude=None))


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """The territories of a layer before anybody has them, and who might."""

    plan: Plan
    number: int
    layer: CarveLayer
    accounts: pl.DataFrame
    territory: IntArray
    """(accounts,)"""
    people: tuple[Person, ...]
    places: int
    weights: Match

    def home(self) -> Term | None:
        """The way from each home to the accounts of each territory; for an unknown home the mean of the others."""
        homes = {
            number: (person.latitude, person.longitude)
            for number, person in enumerate(self.people)
            if person.latitude is not None and person.longitude is not None
        }
        if not {"latitude", "longitude"} <= set(self.accounts.columns) or not homes:
            return None
        latitude, longitude = (
            self.accounts[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("latitude", "longitude")
        )
        known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
        if not len(known):
            return None
        from patchbook.carving._kernels.costs import add_travel

        counts = np.ones(self.accounts.height)
        if self.layer.travel_by is not None:
            counts = self.accounts[f"measure_{self.layer.travel_by}"].to_numpy().astype(float)
            counts = counts / max(float(counts.mean()), 1e-12)
        at_home = list(homes)
        way = np.zeros((self.places, len(homes)))
        sites = to_sphere_km(latitude[known], longitude[known])
        centres = to_sphere_km(*np.array(list(homes.values())).T)
        there = self.territory[known]
        add_travel(sites, there, counts[known], centres, EARTH_RADIUS_KM**-2, self.plan.road_factor, way)
        km = np.repeat(way.mean(axis=1)[None], len(self.people), axis=0)
        km[at_home] = way.T
        each = km / np.maximum(np.bincount(there, counts[known], self.places), 1e-12)
        each[np.setdiff1d(np.arange(len(self.people)), at_home)] = np.nan
        return Term(name="home", km=km * self.weights.home, count=each)

    def kept(self) -> Term | None:
        """Accounts that somebody else of these people has today, by what they are worth."""
        owner = self._named("owner")
        if not (owner >= 0).any():
            return None
        mine = self._theirs(owner, self._worth())
        km = self.weights.incumbency * PREFER_KM * (mine.sum(axis=0) - mine)
        return Term(name="incumbency", km=km, count=self._theirs(owner, np.ones(len(owner))))

    def known(self) -> Term | None:
        """Accounts with an open opportunity or a contact of somebody who is not this person."""
        is_open = np.zeros(self.accounts.height, bool)
        for name in ("open_opportunities", "open_pipeline_usd"):
            if name in self.accounts.columns:
                is_open |= (self.accounts[name].cast(pl.Float64, strict=False).fill_null(0.0) > 0).to_numpy()
        owner = np.where(is_open, self._named("owner"), -1)
        contact = self._named(self.weights.contacts)
        some = (owner >= 0) | (contact >= 0)
        if not some.any():
            return None
        ones = np.ones(len(owner))
        known = self._theirs(owner, ones) + self._theirs(np.where(contact == owner, -1, contact), ones)
        somebody = np.bincount(self.territory, some, self.places)
        return Term(name="relationships", km=self.weights.relationships * KNOWN_KM * (somebody - known), count=known)

    def fitting(self) -> Term | None:
        """Accounts whose value of the layer's field is no skill of theirs; half as bad for who has no such skill."""
        if self.layer.by is None or self.layer.by not in self.accounts.columns:
            return None
        values = self.accounts[self.layer.by].cast(pl.String).str.to_lowercase()
        names = values.drop_nulls().unique().sort().to_list()
        value = values.replace_strict({name: at for at, name in enumerate(names)}, default=-1, return_dtype=pl.Int64)
        number = value.fill_null(-1).to_numpy()
        there = np.zeros((self.places, len(names)))
        np.add.at(there, (self.territory[number >= 0], number[number >= 0]), 1.0)
        skilled = np.array([[name in has(one, "skills") for name in names] for one in self.people], float)
        skilled = skilled.reshape(len(self.people), len(names))
        if not skilled.any():
            return None
        fitting = skilled @ there.T
        misfit = np.where(skilled.any(axis=1), 1.0, 0.5)[:, None] * (there.sum(axis=1) - fitting)
        return Term(name="affinity", km=self.weights.affinity * MISFIT_KM * misfit, count=fitting)

    def ramping(self) -> Term | None:
        """A rich territory for somebody who carries little of what they will."""
        new = np.array([1.0 - min(1.0, person.ramp) for person in self.people])
        if not (new > 0).any():
            return None
        worth = np.bincount(self.territory, self._worth(), self.places)
        km = self.weights.ramp * NEW_KM * new[:, None] * worth[None]
        return Term(name="ramp", km=km, count=np.repeat(1.0 - new[:, None], self.places, axis=1))

    def locked(self, market: Market, owners: IntArray) -> BoolArray:
        """(people, territories) false where somebody else's lock or protection holds a territory."""
        may = np.ones((len(self.people), self.places), bool)
        fixed = market.problem.fixed
        if fixed is not None:
            number = np.cumsum([seat.person is not None for seat in market.seats]) - 1
            for place in np.unique(fixed[(fixed >= 0) & (owners == fixed)]).tolist():
                if market.seats[place].person is not None:
                    may[:, place] = np.arange(len(self.people)) == number[place]
        return may

    def able(self) -> tuple[BoolArray, tuple[str | None, ...]]:
        """Who has what the accounts of each territory require; of what nobody has, what it is."""
        may = np.ones((len(self.people), self.places), bool)
        why: list[str | None] = [None] * self.places
        for field, person_field in self.layer.require.items():
            needed = needed_values(self.plan, self.number, field, self.accounts, self.territory, self.places)
            lists = [has(person, person_field) for person in self.people]
            for place, values in enumerate(needed):
                able = np.array([values <= theirs for theirs in lists], bool)
                may[:, place] &= able
                if not able.any() and why[place] is None:
                    why[place] = _lacking(values, lists, person_field)
        return may, tuple(why)

    def _worth(self) -> FloatArray:
        """(accounts,) what each is worth by the plan's measures, 1 on average."""
        columns = [self.accounts[f"measure_{one.name}"].to_numpy().astype(float) for one in self.plan.measures]
        shares = [column / column.mean() for column in columns if column.sum() > 0]
        return np.asarray(np.mean(shares, axis=0)) if shares else np.ones(self.accounts.height)

    def _named(self, field: str | None) -> IntArray:
        """(accounts,) which of the people a field names, or -1."""
        if field is None or field not in self.accounts.columns:
            return np.full(self.accounts.height, -1)
        number: dict[str, int] = {}
        for place, person in enumerate(self.people):
            for name in (person.person_id, person.name, person.email):
                if name:
                    number.setdefault(name.casefold(), place)
        written = self.accounts[field].cast(pl.String).to_list()
        return np.array([number.get((name or "").strip().casefold(), -1) for name in written], np.int64)

    def _theirs(self, who: IntArray, counts: FloatArray) -> FloatArray:
        """(people, territories) what is each person's in each territory."""
        mine = np.zeros((len(self.people), self.places))
        some = who >= 0
        np.add.at(mine, (who[some], self.territory[some]), counts[some])
        return mine


def _lacking(values: frozenset[str], lists: Sequence[frozenset[str]], person_field: str) -> str:
    """What keeps everybody from accounts that need these values."""
    missing = sorted(value for value in values if not any(value in theirs for theirs in lists))
    if missing:
        return f"it needs {listed(missing, 4)}, which nobody has among their {person_field}"
    return f"it needs {listed(sorted(values), 4)}, and nobody has all of these among their {person_field}"


def _said(term: Term, suited_: Suited, person: int, place: int) -> str | None:
    """What one term says of a pair; nothing where it says nothing."""
    count = float(term.count[person, place])
    size = int(suited_.accounts[place])
    if term.name == "home":
        return "home is not known" if np.isnan(count) else f"{count:,.0f} km from home to its accounts on average"
    if term.name == "incumbency":
        return f"has {count:,.0f} of its {counted(size, 'account')} today" if count else None
    if term.name == "relationships":
        return f"knows {counted(int(count), 'account')} by open deals or contacts" if count else None
    if term.name == "affinity":
        return f"has the skill for {count:,.0f} of {size:,}" if count else None
    return f"at {words.percent(count)} of their ramp" if count < 1 else None
