"""Work over many units, spread over the machine's cores in blocks.

The blocks depend on the work alone and are added up in their order, so the answer is the same on any number of cores.
Kernels let go of the interpreter, so threads are enough. They are begun anew for each piece of work: that takes a tenth
of a millisecond, and nothing is left behind in a process that forks.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Got = TypeVar("Got")

BLOCKS = 8
"""So many blocks of a pass over all units; more cores than this help no further."""
WORTH_IT = 20_000
"""Units below which one block is quicker."""


def blocks_of(units: int, *, cells_each: int = 24) -> list[slice]:
    """
    The blocks of a pass over so many units.

    Parameters
    ----------
    cells_each
        How much there is to do for each, in looks at a seat.
    """
    if units * cells_each < WORTH_IT * 24:
        return [slice(0, units)]
    edges = [units * number // BLOCKS for number in range(BLOCKS + 1)]
    return [slice(first, last) for first, last in itertools.pairwise(edges)]


def each(work: Callable[[Part], Got], parts: Iterable[Part]) -> list[Got]:
    """What the work makes of each part, in their order; on as many cores as the process may use."""
    every = list(parts)
    workers = min(len(every), cores())
    if workers <= 1:
        return [work(part) for part in every]
    with ThreadPoolExecutor(workers, thread_name_prefix="carving") as pool:
        found: Iterator[Got] = pool.map(work, every)
        return list(found)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
