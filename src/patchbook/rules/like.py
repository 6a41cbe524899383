"""LIKE as SQL means it, in time that grows with the text alone, however the pattern is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache


def fits(pattern: str, text: str) -> bool:
    """
    Whether a text fits a pattern: `%` is any text, `_` one character, case counts, and nothing escapes.

    Examples
    --------
    >>> fits("303%", "30301"), fits("_ab%", "abc"), fits("%a%a%a%b", "a" * 10_000)
    (True, False, False)
    """
    return _matcher(pattern)(text)


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], bool]:
    """
    The parts between the `%` are found from left to right, each as early as it stands: if the pattern fits at all, it
    fits so, and nothing is ever tried twice. A regular expression with a `.*` for each `%` would.
    """
    first, *others = pattern.split("%")
    starts = _start(first)
    if not others:
        return lambda text: len(text) == len(first) and starts(text, 0)
    *middle, last = others
    finds = [(_finder(part), len(part)) for part in middle if part]
    ends = _start(last)

    def matches(text: str) -> bool:
        place, end = len(first), len(text) - len(last)
        if place > end or not starts(text, 0) or not ends(text, end):
            return False
        for find, length in finds:
            found = find(text, place, end)
            if found < 0:
                return False
            place = found + length
        return True

    return matches


def _start(part: str) -> Callable[[str, int], bool]:
    if "_" not in part:
        return lambda text, place: text.startswith(part, place)
    compiled = _compiled(part)
    return lambda text, place: compiled.match(text, place) is not None


def _finder(part: str) -> Callable[[str, int, int], int]:
    if "_" not in part:
        return lambda text, start, end: text.find(part, start, end)
    compiled = _compiled(part)

    def find(text: str, start: int, end: int) -> int:
        found = compiled.search(text, start, end)
        return -1 if found is None else found.start()

    return find


def _compiled(part: str) -> re.Pattern[str]:
    """A part of fixed length, so that there is one way at most to fit it in a place."""
    return re.compile("".join("." if sign == "_" else re.escape(sign) for sign in part), re.DOTALL)
