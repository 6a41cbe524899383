"""Numbers and names as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """
    A number and what it counts; `many` where that is not `one` with an s.

    Examples
    --------
    >>> counted(1, "account"), counted(1200, "account"), counted(2, "family", "families")
    ('1 account', '1,200 accounts', '2 families')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """
    Names one after the other, with an “and” before the last.

    Examples
    --------
    >>> listed(["West"]), listed(["West", "East"]), listed(["West", "East", "North"])
    ('West', 'West and East', 'West, East and North')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
