"""How long a frontier of nine carves takes, beside one carve and beside nine from nothing with the same settings.

    python -m benchmarks.frontier [--units 50000] [--seats 100] [--points 9] [--seed 1] [--threads 2] [--nothing 9]

The accounts are those of `benchmarks.territory`; a tenth of them, spread over the country, belongs to whoever happens
to, the others to the nearest of as many places as there are seats, drawn by chance: a book that is neither balanced nor
compact. The carves from nothing are given the settings of the points that nothing beats; their figures stand beside
them, because time alone says little. `--nothing 1` makes only one of them, for when time is short.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.territory.instances import MEASURES, generate, shipped_towns
from patchbook.carving.frontier import Frontier, figures_of, frontier
from patchbook.carving.problem import Places, Problem
from patchbook.carving.solve import solve
from patchbook.carving.unbeaten import best

STAY_KM = 60.0
ROAD_FACTOR = 1.2


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=50_000)
    parser.add_argument("--seats", type=int, default=100)
    parser.add_argument("--points", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--nothing", type=int, default=9, help="how many of the points to carve from nothing as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    frontier([a_book(400, 4, options.seed)], points=2)  # compiles
    problem = a_book(options.units, options.seats, options.seed)
    walked = _timed(
        lambda: frontier([problem], seed=options.seed, points=options.points, threads=options.threads)
    )  # before anything else, so that the peak is its own
    found: Frontier = walked["answer"]
    rows = [_row("frontier", point.figures.all, point.solutions[0].gap) for point in found.points]
    alone = _timed(lambda: solve(problem, seed=options.seed))
    nothing: list[dict[str, Any]] = []
    for point in found.points[: options.nothing]:
        assert point.emphasis is not None
        emphasised = point.emphasis.of(problem)
        nothing.append(_timed(lambda emphasised=emphasised: solve(emphasised, seed=options.seed)))
    again = [figures_of([one["answer"]]).all for one in nothing]
    rows += [_row("from nothing", figures, one["answer"].gap) for figures, one in zip(again, nothing, strict=True)]
    wins = best([*[point.figures.all for point in found.points], *again])
    told = {
        "units": options.units,
        "seats": options.seats,
        "threads": options.threads,
        "points that nothing beats": len(found.points),
        "tried": len(found.points) + len(found.beaten) + len(found.unmet),
        "seconds": walked["seconds"],
        "processor seconds": walked["processor"],
        "peak MB": walked["peak"],
        "one carve, processor seconds": alone["processor"],
        "from nothing": len(nothing),
        "from nothing, seconds": sum(one["seconds"] for one in nothing),
        "from nothing, processor seconds": sum(one["processor"] for one in nothing),
        "points left when both are put together": sum(wins[: len(found.points)]),
        "of those from nothing left": sum(wins[len(found.points) :]),
    }
    if options.json:
        print(json.dumps({**told, "rows": rows}))
        return
    print(f"{'':14}{'deviation':>10}{'moved':>9}{'km':>9}{'gap':>9}")
    for row in rows:
        print(f"{row['how']:14}{row['deviation']:10.2%}{row['moved']:9.2%}{row['km']:9.2f}{row['gap']:9.2%}")
    for name, figure in told.items():
        print(f"  {name:42}{figure:14,.1f}" if isinstance(figure, float) else f"  {name:42}{figure:14,}")


def a_book(units: int, seats: int, seed: int) -> Problem:
    """A market with a book of today: a carve with free centres, three measures at ±5 %, and owners that count."""
    instance = generate(units, seats, tolerance=0.05, seed=seed, towns=shipped_towns())
    rng = np.random.default_rng(seed + 4)
    places = instance.positions[rng.choice(units, seats, replace=False)]
    owner = np.asarray(cKDTree(places).query(instance.positions)[1], np.int64)
    stray = rng.random(units) < 0.1
    owner[stray] = rng.integers(0, seats, int(stray.sum()))
    return Problem(
        weights=instance.weights,
        shares=np.full((seats, len(MEASURES)), 1 / seats),
        tolerances=np.full(len(MEASURES), instance.tolerance),
        places=Places(sites=instance.positions, unit_of_site=np.arange(units), weight=np.ones(units), on_globe=False),
        travel=ROAD_FACTOR,
        value=np.ones(units),
        incumbent=owner,
        stay=np.full(units, STAY_KM),
        measure_names=MEASURES,
    )


def _timed(work: Any) -> dict[str, Any]:
    """What it answers, how long it took, and the most memory the process has had until then."""
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    return {
        "answer": answer,
        "seconds": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _row(how: str, figures: tuple[float, float, float], gap: float) -> dict[str, Any]:
    return {"how": how, "deviation": figures[0], "moved": figures[1], "km": figures[2], "gap": gap}


if __name__ == "__main__":
    main()
