"""What studies ask for, read from what was typed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from patchbook.plans.result import CarvedLayer, Result
from patchbook.plans.studies.study import BadChoice


def amount(choices: Mapping[str, str], name: str, default: float | None, *, above: float = -math.inf) -> float | None:
    """
    A number that was typed, or the default where nothing was.

    Examples
    --------
    >>> amount({"few": "2"}, "few", 3.0), amount({}, "few", 3.0)
    (2.0, 3.0)
    """
    written = choices.get(name, "").strip()
    if not written:
        return default
    try:
        value = float(written.replace(",", "").removesuffix("%")) / (100 if written.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0 and value > above):
        least = "a number of 0 or more" if above < 0 else f"a number above {above:g}"
        raise BadChoice(f"{name} is {written!r}; it must be {least}.")
    return value


def whole(choices: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    """A whole number that was typed, at most so many."""
    written = choices.get(name, "").strip()
    if not written:
        return default
    if not written.isascii() or not written.isdigit() or int(written) > most:
        raise BadChoice(f"{name} is {written!r}; it must be a whole number from 0 to {most}.")
    return int(written)


def yes(choices: Mapping[str, str], name: str) -> bool:
    """Whether yes was typed."""
    written = choices.get(name, "").strip().casefold()
    if written not in ("yes", "no", ""):
        raise BadChoice(f"{name} is {written!r}; it must be yes or no.")
    return written == "yes"


def layer_of(result: Result, choices: Mapping[str, str]) -> CarvedLayer:
    """The carve that was named, or the one with most accounts."""
    layers = result.carved_layers
    if not layers:
        raise BadChoice("The plan has no carve, so there are no seats to ask about; add a carve layer to it.")
    wanted = choices.get("layer", "").strip()
    if not wanted:
        return max(layers, key=lambda layer: layer.accounts.height)
    for layer in layers:
        if layer.layer.name.casefold() == wanted.casefold():
            return layer
    raise BadChoice(f"No carve is called {wanted!r}; there are {', '.join(layer.layer.name for layer in layers)}.")


def measures_in(
    choices: Mapping[str, str], name: str, known: Mapping[str, float], measures: list[str]
) -> dict[str, float]:
    """
    What was typed for some measures, as in `visits=500; potential=2000`; else what is known already.

    Examples
    --------
    >>> measures_in({"capacity": "visits=500"}, "capacity", {}, ["visits", "potential"])
    {'visits': 500.0}
    """
    written = choices.get(name, "").strip()
    if not written:
        return dict(known)
    found: dict[str, float] = {}
    for part in written.split(";"):
        measure, _, value = (piece.strip() for piece in part.partition("="))
        if measure not in measures:
            raise BadChoice(f"{name} names {measure!r}, which is no measure; there are {', '.join(measures)}.")
        asked = amount({measure: value}, measure, None, above=0)
        if asked is None:
            raise BadChoice(f"{name} gives {measure} no number; write it as {measure}=500.")
        found[measure] = asked
    return found
