"""Stretches of whole numbers: first and last, in order and apart from each other; and what is done with them."""

from __future__ import annotations

from typing import TypeAlias

Spans: TypeAlias = list[tuple[int, int]]


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
