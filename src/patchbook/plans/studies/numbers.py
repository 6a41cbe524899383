"""Choices of a study that are numbers."""

from __future__ import annotations

from patchbook.plans.studies.study import Asked, BadChoice, Choice


def whole(asked: Asked, choice: Choice, *, least: int, most: int) -> int:
    """The whole number that was chosen, from `least` to `most`."""
    told = asked.choices.get(choice.name, "").strip() or choice.default
    try:
        number = int(told.replace(",", ""))
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise BadChoice(f"{choice.name} is {told!r}; it must be a whole number from {least:,} to {most:,}.")
    return number
