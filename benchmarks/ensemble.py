"""How many carves that keep every limit are drawn a second, and how many of them count as independent.

    python -m benchmarks.ensemble [--units 5000] [--seats 25] [--carves 1000] [--like 0.1] [--seed 1] [--threads 2]
        [--json]

The accounts are those of `benchmarks.territory`, three measures within ±5 %. The carve and the compiling come before
the clock starts. It stands alone: a chain of ReCom draws carves in one piece that balance one measure, so a carve of
its is not one of ours.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from benchmarks.territory.instances import MEASURES, Territories, generate, shipped_towns
from patchbook.carving.ensemble import ensemble
from patchbook.carving.problem import Places, Problem
from patchbook.carving.solve import solve

TOLERANCE = 0.05


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=5_000)
    parser.add_argument("--seats", type=int, default=25)
    parser.add_argument("--carves", type=int, default=1_000)
    parser.add_argument("--like", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    instance = generate(options.units, options.seats, tolerance=TOLERANCE, seed=options.seed, towns=shipped_towns())
    ensemble(solve(a_problem(generate(300, 3, tolerance=0.1, seed=1, towns=shipped_towns()))), carves=16)  # compiles
    chosen = solve(a_problem(instance), seed=options.seed)
    wall, processor = time.perf_counter(), time.process_time()
    drawn = ensemble(chosen, carves=options.carves, dearer=options.like, seed=options.seed, threads=options.threads)
    seconds, used = time.perf_counter() - wall, time.process_time() - processor
    told: dict[str, float] = {
        "units": options.units,
        "seats": options.seats,
        "carves": drawn.carves,
        "seconds": seconds,
        "processor seconds": used,
        "carves a processor second": drawn.carves / used,
        "steps a processor second": drawn.steps / used,
        "dearer on the mean": drawn.dearer,
        "changed": drawn.changed,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    figures = [
        {
            "figure": f"{figure.kind} {figure.measure or ''}".strip(), "percentile": figure.percentile,
            "error": figure.error, "r_hat": figure.r_hat, "independent": figure.effective,
            "mixed": figure.has_mixed,
        }
        for figure in drawn.figures
    ]  # fmt: skip
    if options.json:
        print(json.dumps({**told, "figures": figures}))
        return
    for row in figures:
        print(
            f"{row['figure']:22}percentile {row['percentile']:7.1%} ± {row['error']:6.1%}   R-hat {row['r_hat']:6.3f}"
            f"   independent {row['independent']:7.0f}   {'may be read' if row['mixed'] else 'has not mixed'}"
        )
    for name, figure in told.items():
        print(f"  {name:32}{figure:14,.3f}" if isinstance(figure, float) else f"  {name:32}{figure:14,}")


def a_problem(instance: Territories) -> Problem:
    """The instance with free centres."""
    return Problem(
        weights=instance.weights,
        shares=np.full((instance.seats, len(MEASURES)), 1 / instance.seats),
        tolerances=np.full(len(MEASURES), instance.tolerance),
        places=Places(
            sites=instance.positions, unit_of_site=np.arange(instance.units), weight=instance.workload, on_globe=False
        ),
        measure_names=MEASURES,
    )


if __name__ == "__main__":
    main()
