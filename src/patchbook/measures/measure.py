"""What every measure has in common: a name, a unit, which way is better, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from patchbook.measures.division import Division


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number that judges a plan."""

    key: str
    """The name in files and on the command line."""
    title: str
    """The name on a page."""
    unit: Literal["share", "ratio", "km"]
    better: Literal["lower", "higher"]
    by_quantity: bool
    """Computed once for each quantity the plan balances (potential, workload), rather than once for the plan."""
    compute: Callable[[Division], float]
    """The number, or NaN where the division does not tell (no place, no owner, no target)."""
    help: str
    """What the number says, in one sentence."""
