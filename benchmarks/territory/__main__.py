"""Split generated accounts into equal territories, three measures within tolerance at once, beside what else there is.

    python -m benchmarks.territory [--units 5000] [--seats 25] [--tolerance 0.05 0.01] [--seeds 1]
        [--peers kmeans,kmeans-constrained,metis,mip] [--mip-seconds 60] [--limit 300] [--places CSV] [--json]

Each method runs in its own process on one core; imports and compilation come before the clock starts. A referee that
shares no code with the engine works out every figure from the accounts and the answer alone, the bound too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from benchmarks.territory.instances import MEASURES
from benchmarks.territory.methods import PEERS
from benchmarks.territory.run import Task

NEEDS = {"kmeans": "sklearn", "kmeans-constrained": "k_means_constrained", "metis": "pymetis"}
"""Method → module that `make bench` installs for it."""

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 when every answer of ours is within tolerance, 1 when one is not, 2 for bad input."""
    options = _options().parse_args(arguments)
    peers = [name for name in options.peers.split(",") if name]
    for name in peers:
        if name not in PEERS:
            return _refused(f"{name!r} is no peer; the peers are {', '.join(PEERS)}.")
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            return _refused(f"The peer {name} needs {NEEDS[name]}, which is not installed; `make bench` installs it.")
    runs = []
    for tolerance in options.tolerance:
        for seed in options.seeds:
            run = _run(options, tolerance, seed, ["patchbook", *peers])
            runs.append({"units": options.units, "seats": options.seats, "tolerance": tolerance, "seed": seed, **run})
    if options.json:
        print(json.dumps({"runs": runs}, indent=1))
    ours = [found for run in runs for found in run["methods"] if found["method"] == "patchbook"]
    return 0 if all(found.get("is_feasible") for found in ours) else 1


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.territory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--units", type=int, default=5_000, help="accounts (5000)")
    parser.add_argument("--seats", type=int, default=25, help="territories (25)")
    parser.add_argument("--tolerance", type=float, nargs="+", default=[0.05, 0.01], help="of each measure (0.05 0.01)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the instance and of the methods (1)")
    parser.add_argument("--peers", default=",".join(PEERS), help="with commas between; '' for none (all)")
    parser.add_argument("--mip-seconds", type=float, default=60.0, help="what the MIP may take (60)")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a method is given up (300)")
    parser.add_argument("--places", type=Path, metavar="CSV", help="other towns, with lat, lon and population")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    return parser


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _run(options: argparse.Namespace, tolerance: float, seed: int, methods: Sequence[str]) -> dict[str, list]:  # type: ignore[type-arg]
    if not options.json:
        print(
            f"{options.units:,} accounts, {options.seats} territories, ±{100 * tolerance:g} %, seed {seed}; "
            f"one core each of {os.cpu_count()}, load {os.getloadavg()[0]:.1f}"
        )
        deviations = " / ".join(MEASURES)
        print(
            f"{'method':<19}{f'worst deviation %: {deviations}':<50}{'mean km':>8}{'bound':>8}{'gap %':>7}"
            f"{'pieces %':>10}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}"
        )
    found = []
    for figures in _measured(options, tolerance, seed, methods):
        found.append(figures)
        if not options.json:
            print(_row(figures), flush=True)
    if not options.json:
        print(flush=True)
    return {"methods": found}


def _measured(
    options: argparse.Namespace, tolerance: float, seed: int, methods: Sequence[str]
) -> Iterator[dict[str, object]]:
    for method in methods:
        task = Task(
            method=method,
            units=options.units,
            seats=options.seats,
            tolerance=tolerance,
            seed=seed,
            mip_seconds=options.mip_seconds,
            places=str(options.places) if options.places else None,
        )
        command = [sys.executable, "-m", "benchmarks.territory.run", json.dumps(asdict(task))]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=options.limit, env={**os.environ, **ONE_CORE}
            )
        except subprocess.TimeoutExpired:
            yield {"method": method, "note": f"no answer in {options.limit:g} s"}
            continue
        if done.returncode:
            yield {"method": method, "note": f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"}
        else:
            yield json.loads(done.stdout.splitlines()[-1])


def _row(figures: dict[str, object]) -> str:
    took = "".join(
        f"{figures[name]:>{width}{form}}" if name in figures else " " * width
        for name, width, form in (("seconds", 8, ".2f"), ("cpu_seconds", 8, ".2f"), ("peak_mb", 9, ",.0f"))
    )
    if "note" in figures:
        return f"{figures['method']:<19}{figures['note']:<83}{took}"
    worst = " / ".join(f"{100 * each:.2f}" for each in figures["worst_deviations"])  # type: ignore[attr-defined]
    within = "within" if figures["is_feasible"] else "outside"
    bound = "" if figures["bound_km"] is None else f"{figures['bound_km']:.2f}"
    gap = "" if figures["gap"] is None else f"{100 * figures['gap']:.2f}"  # type: ignore[operator]
    return (
        f"{figures['method']:<19}{worst:<40}{within:<10}{figures['mean_km']:>8.2f}{bound:>8}{gap:>7}"
        f"{100 * figures['fragments']:>10.1f}{took}"  # type: ignore[operator]
    )


if __name__ == "__main__":
    sys.exit(main())
