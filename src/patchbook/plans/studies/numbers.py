"""Choices of a study that are numbers."""

from __future__ import annotations

from patchbook.errors import BadInput
from patchbook.plans.studies.study import Asked, Choice


class BadNumber(BadInput):
    """A choice of a study is no number, or one it cannot be."""


def whole(asked: Asked, choice: Choice, *, least: int, most: int) -> int:
    """The whole number that was chosen, from `least` to `most`."""
    told = asked.choices.get(choice.name, "").strip() or choice.default
    try:
        number = int(told.replace(",", ""))
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise BadNumber(f"{choice.name} is {told!r}; it must be a whole number from {least:,} to {most:,}.")
    return number
