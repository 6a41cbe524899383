"""Compiling kernels that allocate nothing, so that arrays need not be counted in and out of every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def lean(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """
    Compile a kernel without Numba's counting of references; it must create no array.

    A call that takes two tuples of twenty arrays else counts each of them up and down, atomically: in the p-median
    search, whose kernels are a few dozen steps long, that was two fifths of the time. What would allocate fails to
    compile. The option is Numba's own but not documented; without it, everything gives the same answers, slower.
    """
    compiled: Callable[..., Any] = njit(cache=True, nogil=True, _nrt=False, no_cfunc_wrapper=True)(kernel)  # type: ignore[call-overload]
    return compiled
