"""Carve public capacitated p-median instances and compare with the best known values.

    python -m benchmarks.league FILE… [--best-known CSV] [--seconds 10] [--seeds 1 2 3] [--json]

FILE is an instance, a folder of them or a pattern. Without --best-known, a best_known.csv beside the instances is used.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.league.instances import Instance, best_known_beside, find_instances, read_best_known, read_instance
from benchmarks.league.peers import PEERS, Answer
from benchmarks.league.referee import judge
from benchmarks.league.scores import HEADING, Score, line, summary
from patchbook.carving.medians import carve_medians
from patchbook.carving.stop import MaxIterations, MaxSeconds, StoppingCriterion
from patchbook.errors import Infeasible, PatchbookError

Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "process": time.process_time}


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
        print(json.dumps({"instances": [score.as_json() for score in ours]}, indent=1))
    else:
        print(summary(ours))
    return 0 if all(score.feasible for score in ours) else 1


def play(
    instance: Instance,
    best_known: float | None,
    stop: StoppingCriterion,
    seed: int,
    clock: Clock,
    answers: Path | None = None,
) -> Score:
    """Carve one instance and have it judged; its answer is written into the folder `answers` where one is given."""
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
    seconds = clock() - started
    if answers is not None and answer is not None:
        answers.mkdir(parents=True, exist_ok=True)
        np.savetxt(answers / f"{instance.name}_seed{seed}.txt", answer[1], fmt="%d")
    return _judged(instance, "patchbook", seed, answer, best_known, seconds)


def warm_up() -> None:
    """Have every kernel compiled, or loaded from its cache, before anything is timed."""
    square = np.array([[x, y] for x in range(6) for y in range(6)], dtype=float)
    apart = np.abs(square[:, None, :] - square[None, :, :]).sum(axis=2)
    carve_medians(np.ones(36), 12, 4, distances=apart, seed=0, stop=MaxIterations(12))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.league", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="instance, folder or pattern")
    parser.add_argument("--best-known", type=Path, metavar="CSV", help="table with the columns instance and best_known")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each instance (10)")
    parser.add_argument("--iterations", type=int, help="rounds for each instance instead of seconds: repeats exactly")
    parser.add_argument(
        "--seeds", "--seed", type=int, nargs="+", default=[1], metavar="SEED", help="each instance once with each (1)"
    )
    parser.add_argument("--answers", type=Path, metavar="FOLDER", help="write each answer there: a median a unit")
    parser.add_argument(
        "--clock", choices=sorted(CLOCKS), default="wall", help="process: time of the processor, for a busy machine"
    )
    parser.add_argument("--peer", action="append", choices=sorted(PEERS), default=[], help="measure another solver too")
    parser.add_argument("--json", action="store_true", help="figures of ours for a program")
    return parser


def _run(paths: Sequence[Path], best_known: dict[str, float], options: argparse.Namespace) -> list[Score]:
    clock = CLOCKS[options.clock]
    warm_up()
    scores: list[Score] = []
    if not options.json:
        print(HEADING)
    for path in paths:
        instance = read_instance(path)
        known = best_known.get(instance.name)
        played = [play(instance, known, _stop(options, clock), seed, clock, options.answers) for seed in options.seeds]
        for peer in options.peer:
            started = clock()
            answer = PEERS[peer](instance, options.seconds)
            played.append(_judged(instance, peer, 0, answer, known, clock() - started))
        scores += played
        if not options.json:
            print("\n".join(line(score) for score in played), flush=True)
    return scores


def _stop(options: argparse.Namespace, clock: Clock) -> StoppingCriterion:
    if options.iterations is not None:
        return MaxIterations(options.iterations)
    return MaxSeconds(options.seconds, clock=clock)


def _judged(
    instance: Instance, solver: str, seed: int, answer: Answer | None, best_known: float | None, seconds: float
) -> Score:
    verdict = judge(instance, *(each.tolist() for each in answer)) if answer else None
    return Score(
        instance=instance.name,
        solver=solver,
        seed=seed,
        objective=verdict.objective if verdict else None,
        best_known=best_known,
        feasible=verdict is not None and verdict.is_feasible,
        seconds=seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
