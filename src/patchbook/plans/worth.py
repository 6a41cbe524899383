"""What a cost of a carve is told in: kilometres of travel, or unlikeness where nothing is about places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from patchbook.plans.likeness import UNLIKE_KM


@dataclass(frozen=True, kw_only=True)
class Worth:
    """A unit of cost as people know it."""

    of: str
    """What it is a cost of: travel, or unlikeness."""
    unit: Literal["km", "number"]
    """How a cell of a table shows it."""
    word: str
    """What it is called in a column's name."""
    each_km: float
    """Kilometres that one counts as; the engine's costs are in these."""
    hardly: float
    """A cost in km below which nothing is said of it."""

    def figure(self, cost_km: float) -> float:
        """A cost of the engine in this unit."""
        return cost_km / self.each_km

    def each(self, cost_km: float, accounts: int, *, sign: str = "", bare: bool = False) -> str:
        """
        What a cost is for each of so many accounts: `4.2 km an account`, `0.021 of unlikeness an account`.

        Parameters
        ----------
        bare
            Whether the sentence says already that it is unlikeness.
        """
        cost = self.figure(cost_km) / max(accounts, 1)
        if self.unit == "km":
            return f"{cost:{sign},.1f} km an account"
        return f"{cost:{sign},.3f}{'' if bare else ' of unlikeness'} an account"

    def short(self, cost_km: float) -> str:
        """The figure and its unit, rounded: `45 km`, `0.23 of unlikeness`."""
        return f"{cost_km:,.0f} km" if self.unit == "km" else f"{self.figure(cost_km):,.2f} of unlikeness"

    def told(self, cost_km: float) -> str:
        """The same with what it is of: `45 km of travel`, `0.23 of unlikeness`."""
        return f"{cost_km:,.0f} km of travel" if self.unit == "km" else self.short(cost_km)


TRAVEL = Worth(of="travel", unit="km", word="km", each_km=1.0, hardly=0.5)
UNLIKENESS = Worth(of="unlikeness", unit="number", word="unlikeness", each_km=UNLIKE_KM, hardly=0.005 * UNLIKE_KM)
