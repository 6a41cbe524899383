"""Where one more seat is worth most: how quick the estimates are, and how near to what is solved.

    python -m benchmarks.next_seat [--units 5000] [--seats 25] [--tolerance 0.05] [--few 3] [--seed 1] [--json]

The instance is that of `benchmarks.territory`, with homes drawn at random among its accounts. Seconds are of the
processor, compilation apart. The carve itself is timed too: the estimates are to take a fraction of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from benchmarks.territory.instances import MEASURES, generate, shipped_towns
from patchbook.carving.peel import peeled
from patchbook.carving.problem import Places, Problem
from patchbook.carving.sizing import grown, missed, places, repriced, shrunk, spread_out
from patchbook.carving.solve import solve

Result = TypeVar("Result")

SHARE = 0.5
"""Ranking every place is to take at most this part of the carve."""


def main() -> int:
    """Measure, print, and fail where ranking takes too long or an estimate hides a saving."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5_000)
    parser.add_argument("--seats", type=int, default=25)
    parser.add_argument("--tolerance", type=float, default=0.05)
    parser.add_argument("--few", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    row = measured(asked.units, asked.seats, asked.tolerance, asked.few, asked.seed)
    if asked.json:
        print(json.dumps(row))
    else:
        for name, value in row.items():
            print(f"{name:>34} {value:,.4g}" if isinstance(value, float) else f"{name:>34} {value}")
    return 0 if row["ranking_seconds"] <= SHARE * row["carve_seconds"] and row["is_never_hidden"] else 1


def measured(units: int, seats: int, tolerance: float, few: int, seed: int) -> dict[str, Any]:
    """The figures of one instance."""
    solve(problem_of(300, 5, tolerance, seed))  # compiles
    carve_seconds, solution = timed(lambda: solve(problem_of(units, seats, tolerance, seed)))
    ranking_seconds, found = timed(lambda: spread_out(solution, places(solution)))
    sharper_seconds, sharper = timed(lambda: [repriced(solution, place) for place in found[: 3 * few]])
    best = sorted(sharper, key=lambda place: -place.saving)[:few]
    solving_seconds, solved = timed(lambda: [grown(solution, place) for place in best])
    peel_seconds, peel = timed(lambda: peeled(solution, best[0]))
    missed_seconds, loss = timed(lambda: missed(solution))
    least = shrunk(solution, int(loss.argmin()))
    errors = [abs(one.saving - place.saving) / solution.cost for one, place in zip(solved, best, strict=True)]
    return {
        "units": units, "seats": seats, "tolerance": tolerance, "gap": float(solution.gap),
        "carve_seconds": carve_seconds, "ranking_seconds": ranking_seconds,
        "sharper_seconds_a_place": sharper_seconds / max(len(sharper), 1),
        "solving_seconds_a_place": solving_seconds / max(len(solved), 1),
        "best_saving_share": max(one.saving for one in solved) / solution.cost,
        "worst_error_share": max(errors), "peel_seconds": peel_seconds, "peel_moved_share": peel.moved_share,
        "anew_moved_share": solved[0].moved_share, "missed_seconds": missed_seconds,
        "missed_least_estimate_share": float(loss.min()) / solution.cost,
        "missed_least_share": -least.saving / solution.cost,
        "is_never_hidden": bool(-least.saving >= loss.min() - (solution.cost - solution.bound) - 1e-6 * solution.cost),
    }  # fmt: skip


def problem_of(units: int, seats: int, tolerance: float, seed: int) -> Problem:
    """The territory instance, with a home for every seat where accounts are."""
    made = generate(units, seats, tolerance=tolerance, seed=seed, towns=shipped_towns())
    homes = made.positions[np.random.default_rng(seed).choice(units, seats, replace=False)]
    return Problem(
        weights=made.weights,
        shares=np.full((seats, len(MEASURES)), 1 / seats),
        tolerances=np.full(len(MEASURES), tolerance),
        places=Places(
            sites=made.positions, unit_of_site=np.arange(units), weight=made.workload, homes=homes, on_globe=False
        ),
    )


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the processor, and what the work gave."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


if __name__ == "__main__":
    sys.exit(main())
