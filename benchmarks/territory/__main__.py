"""Split generated accounts into equal territories, three measures within tolerance at once, beside what else there is.

    python -m benchmarks.territory [--units 5000] [--seats 25] [--tolerance 0.05 0.01] [--seeds 1]
        [--peers kmeans,kmeans-constrained,metis,mip,cp-sat] [--mip-seconds 60] [--our-seconds 3600] [--cores 1]
        [--limit 300] [--places CSV] [--json]

Each method runs in its own process, peers on one core and Patchbook on as many as `--cores` says; imports and
compilation come before the clock starts. A referee that shares no code with the engine works out every figure from the
accounts and the answer alone, the bound too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.territory.instances import MEASURES
from benchmarks.territory.methods import PEERS
from benchmarks.territory.run import Task

NEEDS = {"kmeans": "sklearn", "kmeans-constrained": "k_means_constrained", "metis": "pymetis", "cp-sat": "ortools"}
"""Method → module it needs; `make bench` installs all but the last, which is large."""
USUAL = tuple(name for name in PEERS if name != "cp-sat")
"""Peers that are measured unless others are named."""

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


Figures = dict[str, Any]


def in_its_own_process(task: Task, limit_seconds: float) -> Figures:
    """The figures of one method, whose memory and compiled code are its own; a note where it gave none."""
    command = [sys.executable, "-m", "benchmarks.territory.run", json.dumps(asdict(task))]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_seconds, env={**os.environ, **ONE_CORE}
        )
    except subprocess.TimeoutExpired:
        return {"method": task.method, "note": f"no answer in {limit_seconds:g} s"}
    if done.returncode:
        return {"method": task.method, "note": f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(
    arguments: Sequence[str] | None = None, *, measured: Callable[[Task, float], Figures] = in_its_own_process
) -> int:
    """Measure; 0 when every answer of ours is within tolerance, 1 when one is not, 2 for bad input."""
    options = _options().parse_args(arguments)
    peers = [name for name in options.peers.split(",") if name]
    for name in peers:
        if name not in PEERS:
            return _refused(f"{name!r} is no peer; the peers are {', '.join(PEERS)}.")
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            return _refused(f"The peer {name} needs {NEEDS[name]}, which is not installed; pip installs it.")
    runs: list[Figures] = []
    for tolerance in options.tolerance:
        for seed in options.seeds:
            if not options.json:
                _print_head(options, tolerance, seed)
            methods = []
            for method in ("patchbook", *peers):
                methods.append(measured(_task(options, method, tolerance, seed), options.limit))
                if not options.json:
                    print(_row(methods[-1]), flush=True)
            runs.append({"units": options.units, "seats": options.seats, "tolerance": tolerance, "seed": seed})
            runs[-1]["methods"] = methods
    if options.json:
        print(json.dumps({"runs": runs}, indent=1))
    return 0 if all(run["methods"][0].get("is_feasible") for run in runs) else 1


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
    parser.add_argument("--peers", default=",".join(USUAL), help="with commas between; '' for none (all but cp-sat)")
    parser.add_argument("--mip-seconds", type=float, default=60.0, help="what the MIP and CP-SAT may take (60)")
    parser.add_argument("--our-seconds", type=float, default=3600.0, help="what Patchbook may take (3600)")
    parser.add_argument("--cores", type=int, default=1, help="for Patchbook (1)")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a method is given up (300)")
    parser.add_argument("--places", type=Path, metavar="CSV", help="other towns, with lat, lon and population")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    return parser


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _task(options: argparse.Namespace, method: str, tolerance: float, seed: int) -> Task:
    return Task(
        method=method,
        units=options.units,
        seats=options.seats,
        tolerance=tolerance,
        seed=seed,
        seconds=options.our_seconds if method == "patchbook" else options.mip_seconds,
        cores=options.cores if method == "patchbook" else 1,
        places=str(options.places) if options.places else None,
    )


def _print_head(options: argparse.Namespace, tolerance: float, seed: int) -> None:
    print(
        f"\n{options.units:,} accounts, {options.seats} territories, ±{100 * tolerance:g} %, seed {seed}; "
        f"one core each of {os.cpu_count()}, Patchbook {options.cores}, load {os.getloadavg()[0]:.1f}"
    )
    deviations = f"worst deviation %: {' / '.join(MEASURES)}"
    print(
        f"{'method':<19}{deviations:<50}{'mean km':>8}{'bound':>8}{'gap %':>7}"
        f"{'pieces %':>10}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}",
        flush=True,
    )


def _row(figures: Figures) -> str:
    took = "".join(
        f"{figures[name]:>{width}{form}}" if name in figures else " " * width
        for name, width, form in (("seconds", 8, ".2f"), ("cpu_seconds", 8, ".2f"), ("peak_mb", 9, ",.0f"))
    )
    if "note" in figures:
        return f"{figures['method']:<19}{figures['note']:<83}{took}".rstrip()
    worst = " / ".join(f"{100 * each:.2f}" for each in figures["worst_deviations"])
    within = "within" if figures["is_feasible"] else "outside"
    bound = "" if figures["bound_km"] is None else f"{figures['bound_km']:.2f}"
    gap = "" if figures["gap"] is None else f"{100 * figures['gap']:.2f}"
    return (
        f"{figures['method']:<19}{worst:<40}{within:<10}{figures['mean_km']:>8.2f}{bound:>8}{gap:>7}"
        f"{100 * figures['fragments']:>10.1f}{took}"
    )


if __name__ == "__main__":
    sys.exit(main())
