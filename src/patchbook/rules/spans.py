"""Stretches of whole numbers: first and last, in order and apart from each other; and what is done with them."""

from __future__ import annotations

from typing import TypeAlias

from patchbook.rules.condition import Operator

Spans: TypeAlias = list[tuple[int, int]]


def compared(operator: Operator, place: int, last: int) -> Spans:
    """
    The pieces 0 to last for which a comparison with the one at a place is true.

    Examples
    --------
    >>> compared("<>", 1, 3)
    [(0, 0), (2, 3)]
    """
    spans: dict[Operator, Spans] = {
        "=": [(place, place)],
        "<>": [(0, place - 1), (place + 1, last)],
        "<": [(0, place - 1)],
        "<=": [(0, place)],
        ">": [(place + 1, last)],
        ">=": [(place, last)],
    }
    return spans[operator]


def complement(spans: Spans, last: int) -> Spans:
    """What the spans leave of the pieces 0 to last."""
    found: Spans = []
    start = 0
    for first, end in spans:
        if start < first:
            found.append((start, first - 1))
        start = end + 1
    if start <= last:
        found.append((start, last))
    return found


def intersection(left: Spans, right: Spans) -> Spans:
    """What two lists of spans have in common."""
    found: Spans = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            found.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found
