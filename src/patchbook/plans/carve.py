"""Carve a plan: accounts to layers, each carve layer to its seats, and everything told in tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts import Accounts
from patchbook.carving.cover import interim
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Progress, Solution
from patchbook.errors import BadInput
from patchbook.people.person import Person
from patchbook.plans.assertions import judged
from patchbook.plans.borders import frame_of, told_of
from patchbook.plans.enough import enough_accounts, not_missing, somebody_may
from patchbook.plans.inheritance import effective
from patchbook.plans.layers import Taken, divide
from patchbook.plans.market import Market, market_of
from patchbook.plans.matching import matched, without_home
from patchbook.plans.naming import called
from patchbook.plans.plan import CarveLayer, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.plans.prepare import Prepared, Remark, prepare
from patchbook.plans.reasons import Reason, reasons
from patchbook.plans.references import context_of
from patchbook.plans.result import CarvedLayer, Result
from patchbook.plans.rule_book import with_rules
from patchbook.plans.seats import Seat, covered, needs_of, seats_of, sized
from patchbook.plans.territories import Holding, areas_frame, before_frame, territories_frame

IntArray = npt.NDArray[np.int64]


ENGINE = 3
"""Grows when the same plan, accounts, people and seed may be carved another way than before."""


SAME = 0.002
"""Costs so close are of the same carve, or of one as good."""


class BadSeed(BadInput):
    """A seed is below 0."""


def carve(
    plan: Plan,
    *,
    accounts: Accounts | None = None,
    people: Sequence[Person] | None = None,
    seed: int | None = None,
    seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    solutions: Mapping[int, Solution] | None = None,
) -> Result:
    """
    Divide a plan's accounts between its territories.

    Parameters
    ----------
    accounts, people
        Accounts and people that were read already; otherwise the plan's files are read.
    seed, seconds
        Instead of the plan's own. A carve that is not cut short by time repeats exactly with its seed.
    progress
        Told where the carve is.
    stop
        Asked now and then; true ends the carve, which keeps the best so far.
    clock
        Seconds from any beginning.
    solutions
        Of carve layers that are solved already, by their number in the plan; the others are solved now.

    Raises
    ------
    BadInput
        The plan, its accounts or its people cannot be used; the message says what would be right.
    """
    plan = replace(plan, seed=plan.seed if seed is None else seed, seconds=plan.seconds if seconds is None else seconds)
    if plan.seed < 0:
        raise BadSeed(f"The seed is {plan.seed}; it must be 0 or more.")
    started = clock()
    watch = _Watch(tell=progress or (lambda _: None), stop=stop or (lambda: False), clock=clock)
    watch.tell(Progress(phase="reading", done=0.0, best_cost=float("inf")))
    prepared = prepare(plan, accounts, people)
    not_missing(plan, set(prepared.accounts["account_id"].to_list()))
    taken, unknown = divide(plan, prepared.accounts)
    book = _Book(prepared=prepared, solved=solutions or {})
    for name in unknown:
        book.remark("not found", f"{name} is named in a layer but is not among the accounts.", account_id=name)
    used: set[str] = set()
    for part in taken:
        if isinstance(part.layer, CarveLayer):
            book.carved(part, used, watch)
        elif isinstance(part.layer, NamedLayer):
            book.named(part)
        else:
            book.ruled(part)
    context = context_of(plan, prepared.accounts)
    return judged(with_rules(book.result(seconds=clock() - started), context), context)


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """Who is told how far a carve is, who may end it, and by whose clock."""

    tell: Callable[[Progress], None]
    stop: Callable[[], bool]
    clock: Callable[[], float]

    def until(self, seconds: float) -> Callable[[float], bool]:
        """A criterion that ends after so many seconds, or when somebody says so."""
        from patchbook.carving.stop import MaxSeconds

        late = MaxSeconds(seconds, clock=self.clock)
        return lambda best_cost: self.stop() or late(best_cost)

    def solve(
        self, problem: Problem, plan: Plan, layer: CarveLayer, *, first: bool = False, warm: Solution | None = None,
        starts: int = 1,
    ) -> Solution:  # fmt: skip
        """
        The solution of a layer's problem; with `first` the first that is within every limit.

        Parameters
        ----------
        starts
            From how many beginnings it is solved at most, for the best; two that come to the same are enough.
        """
        from patchbook.carving.solve import solve

        late = self.until(plan.seconds)
        found: list[Solution] = []
        for start in range(starts):

            def told(reached: Progress, start: int = start) -> None:
                done = (start + reached.done) / starts
                self.tell(replace(reached, phase=f"{layer.name}, {reached.phase}", done=done))

            one = solve(
                problem,
                seed=plan.seed + start,
                stop=lambda best_cost: late(best_cost) or (first and best_cost < float("inf")),
                progress=told,
                warm=warm,
            )
            agree = any(abs(one.cost - other.cost) <= SAME * other.cost for other in found)
            found.append(one)
            if agree or late(one.cost):
                break
        return min(found, key=lambda solution: (not solution.feasible, solution.excess, solution.cost))


@dataclass
class _Book:
    """What is known of each account while the layers are worked through."""

    prepared: Prepared
    solved: Mapping[int, Solution] = field(default_factory=dict)
    holdings: list[Holding] = field(default_factory=list)
    solutions: list[tuple[CarveLayer, Solution]] = field(default_factory=list)
    carved_layers: list[CarvedLayer] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Every account begins without a territory."""
        rows = self.prepared.accounts.height
        self.owner = np.full(rows, -1)
        self.layer: list[str | None] = [None] * rows
        self.reason = ["No layer of the plan takes it; a house layer would"] * rows
        self.runner_up: list[str | None] = [None] * rows
        self.runner_up_cost: list[float | None] = [None] * rows
        self.would_change_if = ["It would be assigned if a layer's condition held for it"] * rows
        self.person: list[str | None] = [None] * rows
        self.remarks.extend(self.prepared.remarks)
        self.previous = _previous_owners(self.prepared)

    def remark(self, kind: str, message: str, *, account_id: str | None = None, territory: str | None = None) -> None:
        """Note something a planner should look at."""
        self.remarks.append(Remark(kind=kind, message=message, account_id=account_id, territory=territory))

    def named(self, part: Taken) -> None:
        """Hand-picked accounts; where the file names nobody, today's owner keeps them."""
        for row, territory, who in zip(part.rows, part.territory, part.person, strict=True):
            person = who or self.previous[row]
            place = self._hold(territory, part.layer.name, person, vacant=person is None)
            change = "It would move only if its line in the list were changed"
            self._give(int(row), place, part.layer.name, person, "Named in the plan's list of accounts", change)

    def ruled(self, part: Taken) -> None:
        """Accounts of a rule, or of the house."""
        layer = part.layer
        assert isinstance(layer, RuleLayer | HouseLayer)
        if not len(part.rows) and isinstance(layer, HouseLayer):
            return
        person = self._person_called(layer.person) if isinstance(layer, RuleLayer) else None
        place = self._hold(layer.name, layer.name, person, vacant=False)
        reason, change = (
            self._reason_of(part.number, layer)
            if isinstance(layer, RuleLayer)
            else ("No other layer takes it, so it is the house's", "It would move if another layer's condition held")
        )
        for row in part.rows:
            self._give(int(row), place, layer.name, person, reason, change)

    def _reason_of(self, number: int, layer: RuleLayer) -> tuple[str, str]:
        """Why a rule takes an account, and what would change that."""
        rule = effective(self.prepared.plan, number)
        if not layer.catches_all:
            return f"Meets the rule {rule}", "It would move if the rule no longer held for it"
        return (
            f"Nothing under {layer.under} takes it, so it is in the catch-all of {layer.under}: it meets {rule}",
            f"It would move if a rule under {layer.under} held for it",
        )

    def carved(self, part: Taken, used: set[str], watch: _Watch) -> None:
        """A layer divided between its seats."""
        plan, layer = self.prepared.plan, part.layer
        assert isinstance(layer, CarveLayer)
        accounts = self.prepared.accounts[part.rows]
        needs = needs_of(layer, accounts)
        seats = seats_of(plan, part.number, self.prepared.people, used, needs)
        used |= {seat.person.person_id for seat in seats if seat.person is not None}
        if needs:
            self.remark("sizing", sized(layer, seats, needs))
        enough_accounts(plan, part.number, accounts.height, len(seats))
        drawn = seats if layer.match is None else [without_home(seat) for seat in seats]
        market = market_of(plan, part.number, accounts, drawn)
        enough_accounts(plan, part.number, market.problem.units, len(seats), families=True)
        if market.problem.fixed is None or not (market.problem.fixed >= 0).any():
            somebody_may(plan, part.number, accounts.height, market.problem.kind_cost)
        self.remarks.extend(market.remarks)
        solution = self.solved.get(part.number) or watch.solve(market.problem, plan, layer, starts=market.starts)
        if not solution.feasible and part.number not in self.solved:
            failed = CarvedLayer(
                number=part.number, layer=layer, accounts=accounts, market=market, solution=solution, names=()
            )
            self._explain(failed, watch)
        if layer.match is not None:
            market = replace(market, seats=tuple(seats))
            solution = matched(plan, part.number, accounts, market, solution)
        self.solutions.append((layer, solution))
        self._record(part, layer, accounts, market, solution)

    def _explain(self, carved: CarvedLayer, watch: _Watch) -> None:
        """Which demands of the layer conflict, and what would do instead."""
        from patchbook.plans.conflicts import conflict_of

        plan, layer = self.prepared.plan, carved.layer
        late = watch.until(plan.seconds)
        found = conflict_of(
            carved,
            plan,
            lambda problem, warm: watch.solve(problem, plan, layer, first=True, warm=warm),
            stop=lambda: late(float("inf")),
        )
        self.conflicts.append(
            {
                "layer": layer.name, "demands": found.demands, "culprits": found.culprits,
                "relaxations": found.relaxations, "proven": found.is_proven,
            }
        )  # fmt: skip
        self.remark("conflict", found.says)
        for told in found.relaxations:
            self.remark("relaxation", f"{layer.name}: {told}")

    def _record(
        self, part: Taken, layer: CarveLayer, accounts: pl.DataFrame, market: Market, solution: Solution
    ) -> None:
        names = called(layer, accounts, market, solution)
        self.carved_layers.append(
            CarvedLayer(
                number=part.number, layer=layer, accounts=accounts, market=market, solution=solution, names=tuple(names)
            )
        )
        targets = _targets(self.prepared.plan, layer, accounts, market, solution)
        in_pieces = _in_pieces(solution)
        covers = interim(solution, np.array([seat.person is None for seat in market.seats]))
        dedicated = set(np.flatnonzero(~solution.limits.balanced).tolist())
        first = len(self.holdings)
        for place, seat in enumerate(market.seats):
            person = None if seat.person is None else seat.person.person_id
            cover = market.seats[covers[place]].person if covers[place] >= 0 else None
            self.holdings.append(
                Holding(
                    territory=names[place], layer=layer.name, seat=seat.name, person=person, vacant=person is None,
                    targets=targets[place], oversized=place in dedicated,
                    contiguous=None if market.problem.areas is None else place not in in_pieces,
                    interim=None if cover is None else cover.person_id,
                )
            )  # fmt: skip
            if cover is not None:
                told = covered(names, place, int(covers[place]), cover, alike=market.likeness is not None)
                self.remark("interim", told, territory=names[place])
        for row, unit, why in zip(
            part.rows, market.unit_of_row, reasons(solution, market, accounts, names), strict=True
        ):
            self._place(int(row), int(solution.owners[unit]), first, layer, market.seats, names, why)
        self._tell_of(layer, accounts, market, solution, names)

    def _place(
        self, row: int, seat: int, first: int, layer: CarveLayer, seats: tuple[Seat, ...], names: list[str], why: Reason
    ) -> None:
        self.layer[row] = layer.name
        self.reason[row] = why.reason
        self.would_change_if[row] = why.would_change_if
        self.runner_up[row] = None if why.runner_up is None else names[why.runner_up]
        self.runner_up_cost[row] = why.runner_up_cost
        if seat >= 0:
            self.owner[row] = first + seat
            person = seats[seat].person
            self.person[row] = None if person is None else person.person_id

    def _tell_of(
        self, layer: CarveLayer, accounts: pl.DataFrame, market: Market, solution: Solution, names: list[str]
    ) -> None:
        """Notes on what is oversized, unassigned or not met."""
        ids = accounts["account_id"].to_list()
        for unit in solution.limits.oversized.tolist():
            row = int(np.flatnonzero(market.unit_of_row == unit)[0])
            seat = int(solution.owners[unit])
            who = f"{ids[row]} and its family are" if (market.unit_of_row == unit).sum() > 1 else f"{ids[row]} is"
            self.remark(
                "oversized",
                f"{who} larger than any share of {layer.name}, so {names[seat]} holds nothing else and the rest is "
                "balanced around it.",
                account_id=ids[row],
                territory=names[seat],
            )
        for unit in solution.unassigned.tolist():
            for row in np.flatnonzero(market.unit_of_row == unit).tolist():
                self.remark("unassigned", f"{ids[row]} needs what nobody in {layer.name} has.", account_id=ids[row])
        for message in solution.broken:
            self.remark("not met", f"{message}." if layer.name in message else f"{layer.name}: {message}.")

    def _hold(self, territory: str, layer: str, person: str | None, *, vacant: bool) -> int:
        for place, holding in enumerate(self.holdings):
            if holding.territory == territory:
                return place
        self.holdings.append(
            Holding(
                territory=territory, layer=layer, seat=None, person=person, vacant=vacant,
                targets=(None,) * len(self.prepared.plan.measures),
            )
        )  # fmt: skip
        return len(self.holdings) - 1

    def _give(self, row: int, place: int, layer: str, person: str | None, reason: str, change: str) -> None:
        self.owner[row], self.layer[row], self.person[row] = place, layer, person
        self.reason[row], self.would_change_if[row] = reason, change

    def _person_called(self, name: str | None) -> str | None:
        if name is None:
            return None
        for person in self.prepared.people:
            if Seat(name=person.person_id, person=person, share=1.0).is_called(name):
                return person.person_id
        return name

    def result(self, *, seconds: float) -> Result:
        """Everything as tables."""
        plan, accounts = self.prepared.plan, self.prepared.accounts
        territory = [self.holdings[place].territory if place >= 0 else None for place in self.owner]
        seat = [self.holdings[place].seat if place >= 0 else None for place in self.owner]
        assignments = pl.DataFrame(
            {
                "account_id": accounts["account_id"],
                "territory": territory,
                "seat": seat,
                "person": self.person,
                "layer": self.layer,
                "reason": self.reason,
                "runner_up": self.runner_up,
                "moved": [bool(old) and old != new for old, new in zip(self.previous, self.person, strict=True)],
                "previous_owner": self.previous,
                "runner_up_cost": self.runner_up_cost,
                "would_change_if": self.would_change_if,
            },
            schema_overrides={
                **dict.fromkeys(("territory", "seat", "person", "layer", "runner_up", "previous_owner"), pl.String),
                "runner_up_cost": pl.Float64,
            },
        )
        problems = pl.DataFrame(
            [(r.kind, r.account_id, r.territory, r.message) for r in self.remarks],
            schema={"kind": pl.String, "account_id": pl.String, "territory": pl.String, "message": pl.String},
            orient="row",
        )
        return Result(
            plan=plan, accounts=accounts, assignments=assignments,
            territories=territories_frame(plan, accounts, self.owner, self.holdings),
            before=before_frame(plan, accounts, self.previous), rejected=self.prepared.rejected, problems=problems,
            borders=frame_of([one for carved in self.carved_layers for one in told_of(carved)]),
            areas=areas_frame(accounts, self._on_maps(territory)), summary=self._summary(seconds),
            people={person.person_id: person.name for person in self.prepared.people}, staff=self.prepared.people,
            carved_layers=tuple(self.carved_layers),
        )  # fmt: skip

    def _on_maps(self, territory: list[str | None]) -> list[str | None]:
        """The territories that cover ground: a list of named accounts or the house does not."""
        grounded = {carved.layer.name for carved in self.carved_layers if carved.market.is_on_the_ground}
        return [name if layer in grounded else None for name, layer in zip(territory, self.layer, strict=True)]

    def _summary(self, seconds: float) -> Mapping[str, Any]:
        from patchbook import __version__

        feasible = all(solution.feasible for _, solution in self.solutions)
        objective = sum(solution.cost for _, solution in self.solutions)
        bound = sum(solution.bound for _, solution in self.solutions)
        return {
            "feasible": feasible,
            "objective": objective,
            "bound": bound,
            "gap": _gap(objective, bound) if feasible and self.solutions else None,
            "unassigned": int((self.owner < 0).sum()),
            "oversized": int(sum(len(solution.limits.oversized) for _, solution in self.solutions)),
            "layers": [
                {
                    "name": layer.name, "seats": solution.problem.seats, "units": solution.problem.units,
                    "feasible": solution.feasible, "objective": solution.cost, "bound": solution.bound,
                    "gap": solution.gap if solution.feasible else None,
                    "moved_share": solution.moved_share, "not_met": list(solution.broken[:20]),
                }
                for layer, solution in self.solutions
            ],
            "conflicts": self.conflicts,
            "seed": self.prepared.plan.seed,
            "seconds": round(seconds, 3),
            "snapshot": self.prepared.snapshot_id,
            "version": __version__,
        }  # fmt: skip


def _gap(objective: float, bound: float) -> float | None:
    """How far the objective is above the bound; nothing where the bound is 0 and the objective is not."""
    if objective <= bound + 1e-9 * max(1.0, objective):
        return 0.0
    return objective / bound - 1 if bound > 0 else None


def _targets(
    plan: Plan, layer: CarveLayer, accounts: pl.DataFrame, market: Market, solution: Solution
) -> list[tuple[float | None, ...]]:
    """For each seat and measure of the plan what it should carry, with what oversized accounts take set aside."""
    share = np.array([seat.share for seat in market.seats])
    balanced = solution.limits.balanced
    share = np.where(balanced, share, 0.0) / max(float(share[balanced].sum()), 1e-12)
    seat_of_row = solution.owners[market.unit_of_row]
    counted = (seat_of_row >= 0) & balanced[np.maximum(seat_of_row, 0)]
    wanted = layer.balance or tuple(m.name for m in plan.measures)
    totals = [
        float(accounts[f"measure_{m.name}"].to_numpy()[counted].sum()) if m.name in wanted else None
        for m in plan.measures
    ]
    return [
        tuple(float(share[place]) * total if total is not None and balanced[place] else None for total in totals)
        for place in range(len(market.seats))
    ]


def _in_pieces(solution: Solution) -> set[int]:
    from patchbook.carving.constraints.contiguous import Contiguous

    if solution.problem.areas is None:
        return set()
    breaches = Contiguous().breaches(solution.problem, solution.limits, solution.owners)
    return {breach.seat for breach in breaches if breach.seat is not None}


def _previous_owners(prepared: Prepared) -> list[str | None]:
    """Today's owner of each account: the id of a known person, or what the file says of someone unknown."""
    if "owner" not in prepared.accounts.columns:
        return [None] * prepared.accounts.height
    known: dict[str, str] = {}
    for person in prepared.people:
        for name in (person.person_id, person.name, person.email):
            if name:
                known.setdefault(name.casefold(), person.person_id)
    owners = prepared.accounts["owner"].cast(pl.String).to_list()
    return [known.get(owner.casefold(), owner) if owner else None for owner in owners]
