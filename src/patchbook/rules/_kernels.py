"""The loops over rows that must be fast. Their slow twins are in `index.py`, `column.py` and the test."""

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
        (masks, words): all masks below each other, lowest word first; the number of words is a multiple of four.
    asked
        (words): the bits that count.
    """
    fields = codes.shape[0]
    words = len(asked)
    for row in range(start, stop):
        found[row] = -1
        # Four words at once and no question asked of each: processors take them as one.
        for word in range(0, words, 4):
            first, second, third, fourth = asked[word], asked[word + 1], asked[word + 2], asked[word + 3]
            for field in range(fields):
                mask = codes[field, row]
                first &= table[mask, word]
                second &= table[mask, word + 1]
                third &= table[mask, word + 2]
                fourth &= table[mask, word + 3]
            if first | second | third | fourth == 0:
                continue
            place = word * 64
            bits = first
            if bits == 0:
                place, bits = place + 64, second
            if bits == 0:
                place, bits = place + 64, third
            if bits == 0:
                place, bits = place + 64, fourth
            while bits & np.uint64(0xFF) == 0:
                bits >>= np.uint64(8)
                place += 8
            while bits & np.uint64(1) == 0:
                bits >>= np.uint64(1)
                place += 1
            found[row] = place
            break


@njit(cache=True, nogil=True)
def classes(
    values: npt.NDArray[np.float64],
    points: npt.NDArray[np.float64],
    number_of_class: npt.NDArray[np.int32],
    found: npt.NDArray[np.int32],
) -> None:
    """
    Write into `found`, for each value, the number of its class; a value that is not a number has the last.

    Parameters
    ----------
    points
        In order. Class 2i + 1 is the i-th point, the even ones are the intervals before, between and after.
    """
    count = len(points)
    for row in range(len(values)):
        value = values[row]
        if value != value:
            found[row] = number_of_class[2 * count + 1]
            continue
        low, high = 0, count
        while low < high:
            middle = (low + high) >> 1
            if points[middle] < value:
                low = middle + 1
            else:
                high = middle
        is_point = low < count and points[low] == value
        found[row] = number_of_class[2 * low + is_point]
