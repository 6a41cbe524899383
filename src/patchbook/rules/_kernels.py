"""The one loop over rows that must be fast. Its slow twin is in `tests/rules/test_kernels.py`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Words = npt.NDArray[np.uint64]


@njit(cache=True, nogil=True)
def first_bits(
    codes: npt.NDArray[np.int32], table: Words, asked: Words, found: npt.NDArray[np.int64], start: int, stop: int
) -> None:
    """
    Write into `found`, for each row from start to stop, the lowest bit that all its masks and `asked` share, or -1.

    Parameters
    ----------
    codes
        (fields, rows): the row of `table` that holds the mask of each field.
    table
        (masks, words): all masks below each other, lowest word first.
    asked
        (words): the bits that count.
    """
    fields = codes.shape[0]
    words = len(asked)
    for row in range(start, stop):
        found[row] = -1
        for word in range(words):
            bits = asked[word]
            for field in range(fields):
                bits &= table[codes[field, row], word]
                if bits == 0:
                    break
            if bits != 0:
                place = 0
                while bits & np.uint64(0xFF) == 0:
                    bits >>= np.uint64(8)
                    place += 8
                while bits & np.uint64(1) == 0:
                    bits >>= np.uint64(1)
                    place += 1
                found[row] = word * 64 + place
                break
