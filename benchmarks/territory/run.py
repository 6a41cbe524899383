"""One method on one instance, in a process of its own, so that its memory and its compiled code are its own."""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.territory.instances import Territories, Towns, generate, shipped_towns, towns_in
from benchmarks.territory.methods import METHODS
from benchmarks.territory.referee import judge


@dataclass(frozen=True, kw_only=True)
class Task:
    """What to measure."""

    method: str
    units: int
    seats: int
    tolerance: float
    seed: int
    seconds: float
    """What a solver, or we, may take."""
    cores: int
    places: str | None

    def instance(self, towns: Towns) -> Territories:
        """The instance to split."""
        return generate(self.units, self.seats, tolerance=self.tolerance, seed=self.seed, towns=towns)


def measure(task: Task) -> dict[str, object]:
    """What the referee says of the answer, and what it took: seconds, processor seconds, peak megabytes."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: task.cores])
    towns = towns_in(Path(task.places)) if task.places else shipped_towns()
    method = METHODS[task.method]
    # Compile or load kernels, and import libraries, before the clock starts: both are done once in a program's life.
    method(generate(120, 3, tolerance=0.5, seed=0, towns=towns), 0, 10.0)
    instance = task.instance(towns)
    wall, busy = time.perf_counter(), time.process_time()
    answer = method(instance, task.seed, task.seconds)
    took = {
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - busy, 2),
        "peak_mb": round(peak_mb()),
    }
    if answer is None:
        return {"method": task.method, "note": f"no answer in {task.seconds:g} s", **took}
    return {"method": task.method, **asdict(judge(instance, answer.owners, answer.proof)), **took}


def peak_mb() -> float:
    """The most memory this process has held; Linux tells it of this program alone, getrusage also of its parent."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
        return int(found.group(1)) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    print(json.dumps(measure(Task(**json.loads(sys.argv[1])))))
