"""Lists of values for statements: a database takes some thousands of values in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MOST = 1000
"""Values in one statement; SQLite takes some thousands."""


def chunks(values: Iterable[str], size: int = MOST) -> Iterator[Sequence[str]]:
    """
    The values, each once and in their order, a chunk at a time.

    Examples
    --------
    >>> list(chunks(["a", "b", "a", "c"], size=2))
    [['a', 'b'], ['c']]
    """
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]
