"""Carve public capacitated p-median instances and compare with the best known values.

    python -m benchmarks.league FILE… [--best-known CSV] [--seconds 10] [--seed 1] [--json]

FILE is an instance, a folder of them or a pattern. Without --best-known, a best_known.csv beside the instances is used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.league.instances import Instance, best_known_beside, find_instances, read_best_known, read_instance
from benchmarks.league.peers import PEERS, Answer
from benchmarks.league.referee import judge
from patchbook.carving.medians import carve_medians
from patchbook.carving.stop import MaxIterations, MaxSeconds, StoppingCriterion
from patchbook.errors import Infeasible, PatchbookError

Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "process": time.process_time}


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one instance went, as the referee sees it."""

    instance: str
    solver: str
    objective: float | None
    best_known: float | None
    feasible: bool
    seconds: float

    @property
    def gap(self) -> float | None:
        """How far the objective is above the best known value, as a fraction; negative for a better one."""
        if self.objective is None or not self.best_known:
            return None
        return self.objective / self.best_known - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the league; 0 when every answer of ours is feasible, 1 when one is not, 2 for bad input."""
    options = _options().parse_args(arguments)
    try:
        paths = find_instances(options.files)
        table = options.best_known or best_known_beside(paths)
        best_known = read_best_known(table) if table else {}
        scores = _run(paths, best_known, options)
    except (PatchbookError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    ours = [score for score in scores if score.solver == "patchbook"]
    if options.json:
        print(json.dumps({"instances": [_as_json(score) for score in ours]}, indent=1))
    else:
        _print_summary(ours)
    return 0 if all(score.feasible for score in ours) else 1


def play(instance: Instance, best_known: float | None, stop: StoppingCriterion, seed: int, clock: Clock) -> Score:
    """Carve one instance and have it judged."""
    started = clock()
    try:
        carved = carve_medians(
            instance.demands,
            instance.capacities,
            instance.medians,
            distances=instance.distances() if instance.is_floored else None,
            positions=None if instance.is_floored else instance.positions,
            seed=seed,
            stop=stop,
        )
        answer: Answer | None = (carved.medians, carved.medians[carved.owners])
    except Infeasible:
        answer = None
    return _judged(instance, "patchbook", answer, best_known, clock() - started)


def warm_up() -> None:
    """Have every kernel compiled, or loaded from its cache, before anything is timed."""
    square = np.array([[x, y] for x in range(6) for y in range(6)], dtype=float)
    apart = np.abs(square[:, None, :] - square[None, :, :]).sum(axis=2)
    carve_medians(np.ones(36), 12, 4, distances=apart, seed=0, stop=MaxIterations(2))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.league", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="instance, folder or pattern")
    parser.add_argument("--best-known", type=Path, metavar="CSV", help="table with the columns instance and best_known")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each instance (10)")
    parser.add_argument("--iterations", type=int, help="rounds for each instance instead of seconds: repeats exactly")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--clock", choices=sorted(CLOCKS), default="wall", help="process: time of the processor, for a busy machine"
    )
    parser.add_argument("--peer", action="append", choices=sorted(PEERS), default=[], help="measure another solver too")
    parser.add_argument("--json", action="store_true", help="figures of ours for a program")
    return parser


def _run(paths: Sequence[Path], best_known: dict[str, float], options: argparse.Namespace) -> list[Score]:
    clock = CLOCKS[options.clock]
    warm_up()
    scores = []
    if not options.json:
        print(f"{'instance':<16}{'objective':>14}{'best known':>14}{'gap %':>9}  {'feasible':<9}{'seconds':>8}")
    for path in paths:
        instance = read_instance(path)
        known = best_known.get(instance.name)
        stop = (
            MaxSeconds(options.seconds, clock=clock)
            if options.iterations is None
            else MaxIterations(options.iterations)
        )
        played = [play(instance, known, stop, options.seed, clock)]
        for peer in options.peer:
            started = clock()
            answer = PEERS[peer](instance, options.seconds)
            played.append(_judged(instance, peer, answer, known, clock() - started))
        for score in played:
            if not options.json:
                _print_score(score)
        scores += played
    return scores


def _judged(instance: Instance, solver: str, answer: Answer | None, best_known: float | None, seconds: float) -> Score:
    verdict = judge(instance, *(each.tolist() for each in answer)) if answer else None
    return Score(
        instance=instance.name,
        solver=solver,
        objective=verdict.objective if verdict else None,
        best_known=best_known,
        feasible=verdict is not None and verdict.is_feasible,
        seconds=seconds,
    )


def _as_json(score: Score) -> dict[str, object]:
    return {
        "instance": score.instance,
        "objective": score.objective,
        "best_known": score.best_known,
        "gap": score.gap,
        "feasible": score.feasible,
        "seconds": round(score.seconds, 3),
    }


def _print_score(score: Score) -> None:
    name = score.instance if score.solver == "patchbook" else f"  {score.solver}"
    objective = "none" if score.objective is None else f"{score.objective:.2f}"
    known = "" if score.best_known is None else f"{score.best_known:.2f}"
    gap = "" if score.gap is None else f"{100 * score.gap:.3f}"
    print(
        f"{name:<16}{objective:>14}{known:>14}{gap:>9}  {'yes' if score.feasible else 'NO':<9}{score.seconds:>8.2f}",
        flush=True,
    )


def _print_summary(scores: Sequence[Score]) -> None:
    gaps = [score.gap for score in scores if score.gap is not None]
    feasible = sum(score.feasible for score in scores)
    line = f"{len(scores)} instances, {feasible} feasible"
    if gaps:
        line += f", mean gap {100 * sum(gaps) / len(gaps):.3f} %, largest {100 * max(gaps):.3f} %"
    print(line + f"; {os.cpu_count()} cores, one used")


if __name__ == "__main__":
    sys.exit(main())
