"""Which of several points nothing beats."""

from __future__ import annotations

from collections.abc import Sequence


def best(points: Sequence[Sequence[float]], *, apart: float = 1e-9) -> list[bool]:
    """
    For each point, whether no other is at least as good in everything and better in something; less is better.

    Of points that are alike the first counts.

    Examples
    --------
    >>> best([(1, 5), (2, 3), (3, 3), (4, 1), (2, 3)])
    [True, True, False, True, False]
    """
    return [
        not any(_beats(other, point, apart) or (_alike(other, point, apart) and before < at)
                for before, other in enumerate(points) if before != at)
        for at, point in enumerate(points)
    ]  # fmt: skip


def _beats(one: Sequence[float], other: Sequence[float], apart: float) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b + apart for a, b in pairs) and any(a < b - apart for a, b in pairs)


def _alike(one: Sequence[float], other: Sequence[float], apart: float) -> bool:
    return all(abs(a - b) <= apart for a, b in zip(one, other, strict=True))
