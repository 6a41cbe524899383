"""The real companies of the demo: balance, travel and disruption, today's books beside the carve.

python -m benchmarks.demo [--seed 1] [--seconds 60]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from patchbook.cli.outcome import mean_travel_km, share
from patchbook.demo.generate import write_demo
from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.out.summary import summary

PLANS = ("field", "segments")


def main() -> None:
    """Print one row a plan and measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder), seed=chosen.seed)
        for name in PLANS:
            report(Path(folder) / f"{name}.yaml", seed=chosen.seed, seconds=chosen.seconds)


def report(plan_file: Path, *, seed: int, seconds: float) -> None:
    """Carve one plan and print what came of it."""
    started = time.perf_counter()
    result = carve(load(plan_file), seed=seed, seconds=seconds)
    took = time.perf_counter() - started
    figures = summary(result)
    print(f"{figures['plan']}: {figures['accounts']:,} accounts, {figures['territories']} territories, {took:.1f} s")
    print(f"  {'':24}{'before':>10}{'after':>10}{'allowed':>10}")
    for name, measure in figures["measures"].items():
        worst = (share(measure.get(key)) for key in ("max_deviation_before", "max_deviation", "tolerance"))
        vary = (share(measure.get(key)) for key in ("variation_before", "variation"))
        print(f"  {f'{name}, worst':24}" + "".join(f"{cell:>10}" for cell in worst))
        print(f"  {f'{name}, variation':24}" + "".join(f"{cell:>10}" for cell in vary))
    travel = (mean_travel_km(frame) for frame in (result.before, result.territories))
    print(
        f"  {'travel, km an account':24}" + "".join(f"{km:>10.1f}" if km is not None else f"{'–':>10}" for km in travel)
    )
    print(f"  feasible: {figures['feasible']}; moved: {share(figures['moved_share'])}; gap: {share(figures['gap'])}\n")


if __name__ == "__main__":
    main()
