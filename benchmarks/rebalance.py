"""Rebalance a book of many territories with the fewest moves, beside the proof of how few it could be and two peers.

    python -m benchmarks.rebalance [--units 20000] [--seats 100] [--tolerance 0.05] [--seed 1]
        [--cases gone added drift split] [--worths accounts potential] [--mip-seconds 60] [--json]

The book is a carve of generated accounts with three measures within tolerance. Then one seat goes, or one is added, or
accounts grow and shrink until territories are outside their limits, or one territory is split in two. It fails where
ours is outside the limits, or where a seat's going moves more than 1.1 times the bound. Peers: HiGHS on the same
integer program, of which only each account's eight nearest seats fit into memory; and what a person would do: accounts
without a seat to the nearest seat with room, then the largest that help from seats with too much to the nearest seat
with room. A split has no peers: what has to move is what one part cannot keep.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.territory.instances import MEASURES, generate, shipped_towns
from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import Places, Problem
from patchbook.carving.rebalance.change import from_book, seats_added, seats_gone, split
from patchbook.carving.rebalance.least import bare_costs, moves_at_least
from patchbook.carving.solve import solve

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_RATIO = 1.1
"""What is aimed at: moves after a seat goes, over the lower bound."""
CASES = ("gone", "added", "drift", "split")
"""What becomes of the book."""
NEAREST = 8
"""Seats of an account that the MIP looks at."""


def main() -> int:
    """Measure, print, and fail where ours is outside the limits, or a seat's going costs more than the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--seats", type=int, default=100)
    parser.add_argument("--tolerance", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES)
    parser.add_argument("--worths", nargs="+", default=["accounts", "potential"], choices=["accounts", "potential"])
    parser.add_argument("--mip-seconds", type=float, default=60.0, help="0 leaves the MIP out")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    market, book = a_book(asked.units, asked.seats, asked.tolerance, asked.seed)
    rows: list[dict[str, Any]] = []
    for case in asked.cases:
        for worth in asked.worths:
            found = (
                measured_split(market, book, worth, asked.seed)
                if case == "split"
                else measured(market, book, case, worth, asked.seed, asked.mip_seconds)
            )
            for row in found:
                rows.append(row)
                if not asked.json:
                    show(row)
    if asked.json:
        print(json.dumps(rows, indent=1))
    ours = [row for row in rows if row["method"] == "patchbook"]
    late = [row for row in ours if row["case"] == "gone" and row["ratio"] > MOST_RATIO]
    return 1 if late or any(row["outside"] > 0 for row in ours) else 0


def a_book(units: int, seats: int, tolerance: float, seed: int) -> tuple[Problem, IntArray]:
    """A market whose seats are at home amid what they hold, and who holds what."""
    made = generate(units, seats, tolerance=tolerance, seed=seed, towns=shipped_towns())
    places = Places(
        sites=made.positions, unit_of_site=np.arange(units), weight=made.workload / made.workload.mean(), on_globe=False
    )
    problem = Problem(
        weights=made.weights, shares=np.full((seats, len(MEASURES)), 1 / seats),
        tolerances=np.full(len(MEASURES), tolerance), places=places, measure_names=MEASURES,
    )  # fmt: skip
    solution = solve(problem, seed=seed)
    assert solution.centres is not None
    return replace(problem, places=replace(places, homes=solution.centres)), solution.owners


def changed(market: Problem, book: IntArray, case: str, worth: str, seed: int) -> tuple[Problem, FloatArray]:
    """The problem after the change, and what moving each account counts."""
    rng = np.random.default_rng([seed, 7])
    weights = market.weights.copy()
    if case == "drift":
        weights[:, 0] *= rng.lognormal(0, 0.3, market.units) * rng.lognormal(0, 0.08, market.seats)[book]
        weights[:, 1] *= rng.lognormal(0, 0.15, market.units) * rng.lognormal(0, 0.04, market.seats)[book]
        book = np.where(rng.random(market.units) < 0.03, -1, book)
    value = np.ones(market.units) if worth == "accounts" else weights[:, 0] / weights[:, 0].mean()
    problem = replace(market, weights=weights, incumbent=book, value=value)
    if case == "gone":
        problem, _ = seats_gone(problem, np.array([market.seats // 2]))
    if case == "added":
        problem = seats_added(problem, 1, ("new",))
    assert problem.incumbent is not None
    return from_book(problem, problem.incumbent, value), value


def measured(
    market: Problem, book: IntArray, case: str, worth: str, seed: int, mip_seconds: float
) -> list[dict[str, Any]]:
    """One row of figures for each method."""
    problem, value = changed(market, book, case, worth, seed)
    assert problem.incumbent is not None
    held = problem.incumbent >= 0
    freed = float(value[~held].sum()) if case == "gone" else 0.0
    start = time.process_time()
    needed = moves_at_least(problem, value, centres=problem.places.homes if problem.places else None)
    bound = freed + needed.at_least
    rows = [
        {"case": case, "worth": worth, "method": "lower bound", "moved": bound, "seconds": time.process_time() - start}
    ]
    methods = {
        "patchbook": lambda: solve(problem, seed=seed).owners,
        "nearest with room": lambda: by_hand(problem, needed.limits),
        **({"HiGHS MIP": lambda: by_mip(problem, needed.limits, value, mip_seconds)} if mip_seconds > 0 else {}),
    }
    for name, method in methods.items():
        start = time.process_time()
        owners = method()
        seconds = time.process_time() - start
        row: dict[str, Any] = {"case": case, "worth": worth, "method": name, "seconds": seconds}
        if owners is not None:
            moved = freed + float(value[held & (owners != problem.incumbent)].sum())
            row |= {
                "moved": moved, "ratio": moved / bound if bound > 0 else 1.0 if moved == 0 else float("inf"),
                "outside": needed.limits.excess(needed.limits.loads(owners)),
                "travel_km": float(distances(problem)[np.arange(problem.units), owners].mean()),
            }  # fmt: skip
        rows.append(row)
    return rows


def measured_split(market: Problem, book: IntArray, worth: str, seed: int) -> list[dict[str, Any]]:
    """
    One territory in two: one half stays whose it was, the other moves.

    Who keeps a half keeps no more than its upper limit, so the rest of the territory moves at least.
    """
    value = np.ones(market.units) if worth == "accounts" else market.weights[:, 0] / market.weights[:, 0].mean()
    start = time.process_time()
    units, found = split(market, book, market.seats // 2, 2, seed=seed)
    seconds = time.process_time() - start
    held = value[units]
    halves = np.bincount(found.owners, held, 2)
    # A unit larger than a half has one to itself, whatever its size: then nothing is proved.
    of_share = 0.5 * (1 + float(market.tolerances[0])) if not len(found.limits.oversized) else 1.0
    most = np.floor(of_share * held.sum() + 1e-9) if worth == "accounts" else of_share * held.sum()
    bound, moved = float(held.sum() - most), float(held.sum() - halves.max())
    told: dict[str, Any] = {"case": "split", "worth": worth}
    return [
        {**told, "method": "lower bound", "moved": bound, "seconds": 0.0},
        {
            **told, "method": "patchbook", "moved": moved, "seconds": seconds,
            "ratio": moved / bound if bound > 0 else float("inf"), "outside": found.excess,
            "travel_km": float(found.cost / len(units)),
        },
    ]  # fmt: skip


def distances(problem: Problem) -> FloatArray:
    """(units, seats) weighted kilometres; new seats without a home are amid all."""
    places = problem.places
    assert places is not None
    assert places.homes is not None
    homes = np.where(np.isnan(places.homes), places.sites.mean(axis=0), places.homes)
    located = replace(problem, stay=None, places=replace(places, homes=homes))
    return Costs(located).rows(np.arange(problem.units), homes)


def by_hand(problem: Problem, limits: Limits) -> IntArray:
    """The nearest seat with room for who has none; then the largest that fit from full seats, and to empty ones."""
    assert problem.incumbent is not None
    far, owners, weights = distances(problem), problem.incumbent.copy(), limits.weights
    loads = limits.loads(owners)
    order = np.argsort(far, axis=1)
    for unit in np.flatnonzero(owners < 0)[np.argsort(-weights[owners < 0].max(axis=1), kind="stable")]:
        fits = (loads[order[unit]] + weights[unit] <= limits.high[order[unit]]).all(axis=1)
        owners[unit] = order[unit][fits.argmax()] if fits.any() else order[unit][0]
        loads[owners[unit]] += weights[unit]
    for seat in range(problem.seats):
        for unit in np.flatnonzero(owners == seat)[np.argsort(-weights[owners == seat].max(axis=1), kind="stable")]:
            if (loads[seat] <= limits.high[seat]).all():
                break
            room = (loads + weights[unit] <= limits.high).all(axis=1)
            if not room.any() or (loads[seat] - weights[unit] < limits.low[seat]).any():
                continue
            there = int(np.where(room, far[unit], np.inf).argmin())
            owners[unit] = there
            loads[seat] -= weights[unit]
            loads[there] += weights[unit]
    for seat in range(problem.seats):
        for unit in np.argsort(far[:, seat], kind="stable"):
            if (loads[seat] >= limits.low[seat]).all():
                break
            giver = owners[unit]
            if giver == seat or (loads[giver] - weights[unit] < limits.low[giver]).any():
                continue
            if (loads[seat] + weights[unit] > limits.high[seat]).any():
                continue
            owners[unit] = seat
            loads[giver] -= weights[unit]
            loads[seat] += weights[unit]
    return owners


def by_mip(problem: Problem, limits: Limits, value: FloatArray, seconds: float) -> IntArray | None:
    """HiGHS through SciPy on the same program: moves first, distance to break ties; nothing where it finds nothing."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, vstack

    assert problem.incumbent is not None
    costs, _ = bare_costs(problem, value)
    far = distances(problem)
    near = np.argsort(far, axis=1)[:, :NEAREST]
    unit = np.concatenate([np.repeat(np.arange(problem.units), near.shape[1]), np.flatnonzero(problem.incumbent >= 0)])
    seat = np.concatenate([near.ravel(), problem.incumbent[problem.incumbent >= 0]])
    cells = np.unique(unit * problem.seats + seat)
    unit, seat = cells // problem.seats, cells % problem.seats
    at = np.arange(len(unit))
    once = coo_array((np.ones(len(unit)), (unit, at)), shape=(problem.units, len(unit)))
    loads = [
        coo_array((limits.weights[unit, m], (seat, at)), shape=(problem.seats, len(unit)))
        for m in range(problem.measures)
    ]
    cost = costs.rows(np.arange(problem.units), None)[unit, seat] + 1e-3 * far[unit, seat] / far.max()
    found = milp(
        cost, integrality=np.ones(len(unit), np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            vstack([once, *loads]).tocsr(),
            np.concatenate([np.ones(problem.units), *limits.low.T]),
            np.concatenate([np.ones(problem.units), *limits.high.T]),
        ),
        options={"time_limit": seconds},
    )  # fmt: skip
    if found.x is None:
        return None
    owners = np.full(problem.units, -1)
    chosen = found.x > 0.5
    owners[unit[chosen]] = seat[chosen]
    return owners


def show(row: dict[str, Any]) -> None:
    """One line a method."""
    told = f"{row['case']:<6} {row['worth']:<10} {row['method']:<18}"
    if "moved" not in row:
        print(f"{told} no answer{row['seconds']:>60.1f} s CPU", flush=True)
        return
    told += f"{row['moved']:>12,.1f} moved"
    if "ratio" in row:
        outside = "within" if row["outside"] == 0 else f"{row['outside']:.1%} outside"
        told += f"{row['ratio']:>8.3f} x bound  {outside:<14}{row['travel_km']:>8.1f} km mean"
    print(f"{told}{row['seconds']:>10.1f} s CPU", flush=True)


if __name__ == "__main__":
    sys.exit(main())
