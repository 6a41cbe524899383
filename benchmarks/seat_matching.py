"""Matching people to territories with every runner-up, beside solving anew without each pair.

    python -m benchmarks.seat_matching [--sizes 200 1000] [--seed 1] [--again 20] [--json]

People and territories lie at random on a plane, a tenth of the pairs is forbidden, and a pair costs its distance times
a random factor. Solving anew is measured on `--again` territories and multiplied; on those both must say the same cost.
Seconds are of the processor, compilation apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from patchbook.carving.match import match

SECONDS = 10.0
"""The largest size is to be matched, runner-ups and all, within this."""


def main() -> int:
    """Measure, print, and fail where a runner-up costs another sum than solving anew, or it took too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    match(np.eye(2))  # compiles
    rows = [measured(size, asked.seed, asked.again) for size in asked.sizes]
    if asked.json:
        print(json.dumps(rows))
    else:
        print(f"{'people':>8} {'match alone':>12} {'with runner-ups':>16} {'solving anew':>13} {'as much':>8}")
        for row in rows:
            print(
                f"{row['people']:>8,} {row['alone_seconds']:>11.3f}s {row['seconds']:>15.3f}s "
                f"{row['anew_seconds']:>12.1f}s {row['times']:>7.0f}x"
            )
    return 0 if all(row["is_same"] and row["seconds"] <= SECONDS for row in rows) else 1


def measured(size: int, seed: int, again: int) -> dict[str, Any]:
    """The figures of one size."""
    cost = instance(size, seed)
    begun = time.process_time()
    found = match(cost)
    seconds = time.process_time() - begun
    begun = time.process_time()
    linear_sum_assignment(cost)
    alone = time.process_time() - begun
    places = np.random.default_rng(seed).choice(size, min(again, size), replace=False)
    begun = time.process_time()
    anew = np.array([_without(cost, int(found.person_of[place]), int(place)) for place in places]) - found.cost
    each = (time.process_time() - begun) / len(places)
    return {
        "people": size,
        "seconds": seconds,
        "alone_seconds": alone,
        "anew_seconds": each * size,
        "times": each * size / max(seconds, 1e-9),
        "is_same": bool(np.allclose(anew, found.runner_up_cost[places])),
    }


def instance(size: int, seed: int) -> np.typing.NDArray[np.float64]:
    """(people, territories) costs; a pair for everybody is left allowed, so that a matching exists."""
    rng = np.random.default_rng(seed)
    homes, centres = rng.uniform(0, 1_000, (2, size, 2))
    cost = np.linalg.norm(homes[:, None] - centres, axis=2) * rng.lognormal(0, 0.3, (size, size))
    cost[(rng.random((size, size)) < 0.1) & ~np.eye(size, dtype=bool)] = np.inf
    return np.asarray(cost)


def _without(cost: np.typing.NDArray[np.float64], person: int, place: int) -> float:
    """What the best matching costs that forbids one pair."""
    kept, cost[person, place] = cost[person, place], np.inf
    rows, columns = linear_sum_assignment(cost)
    total = float(cost[rows, columns].sum())
    cost[person, place] = kept
    return total


if __name__ == "__main__":
    sys.exit(main())
