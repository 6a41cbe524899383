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


def listed(names: Sequence[str], most: int | None = None) -> str:
    """
    Names one after the other, with an “and” before the last.

    Parameters
    ----------
    most
        Where there are more, as many are listed as leave the last place for how many more there are.

    Examples
    --------
    >>> listed(["West"]), listed(["West", "East"]), listed(["West", "East", "North"])
    ('West', 'West and East', 'West, East and North')
    >>> listed(["West", "East", "North"], most=3), listed(["West", "East", "North", "South", "Middle"], most=4)
    ('West, East and North', 'West, East, North and 2 more')
    """
    if most is not None and len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1:,} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
