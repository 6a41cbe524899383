"""Work over many units, spread over the machine's cores in blocks.

The blocks depend on the work alone and are added up in their order, so the answer is the same on any number of cores.
Kernels let go of the interpreter, so threads are enough. Whoever has work takes part in it; the threads that help are
kept, each process its own, since beginning one while another works takes milliseconds.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from patchbook.carving.problem import IntArray

Part = TypeVar("Part")
Got = TypeVar("Got")
Kind = TypeVar("Kind", bound=np.generic)

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
    helpers = min(len(every), cores()) - 1
    if helpers <= 0:
        return [work(part) for part in every]
    found: dict[int, Got] = {}
    waiting = iter(range(len(every)))

    def take_part() -> None:
        for number in waiting:
            found[number] = work(every[number])

    helping = [_threads(os.getpid()).submit(take_part) for _ in range(helpers)]
    try:
        take_part()
    finally:
        # One that has not begun finds nothing left to do, and might wait for a thread that waits for this one.
        begun = [one for one in helping if not one.cancel()]
        failed = [error for one in begun if (error := one.exception()) is not None]
    if failed:
        raise failed[0]
    return [found[number] for number in range(len(every))]


def rows_of(array: npt.NDArray[Kind], rows: IntArray) -> npt.NDArray[Kind]:
    """`array[rows]`, a copy."""
    taken = np.empty((len(rows), *array.shape[1:]), array.dtype)

    def take(part: slice) -> None:
        np.take(array, rows[part], axis=0, out=taken[part], mode="clip")  # any other mode copies twice

    each(take, blocks_of(len(rows), cells_each=max(1, taken[:1].size)))
    return taken


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """The threads that help in a process; those of the process it was forked from are not in it."""
    return ThreadPoolExecutor(max(1, min(BLOCKS, cores()) - 1), thread_name_prefix="carving")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
