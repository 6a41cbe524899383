"""Expected sales of who has which account: a concave response to coverage, under assumptions with names and ranges.

Not one of MEASURES: those need a division and nothing else, while expected sales rest on assumptions, and so come with
an interval rather than as one number. It stands among the measures because it judges a plan, and below carving, so that
carving may ask it as well.
"""

from patchbook.measures.sales.assumption import ASSUMPTIONS, Assumed, Assumption, BadAssumption, at, drawn, with_values
from patchbook.measures.sales.curve import CURVES, MOST_COVERAGE, Curve, power, saturating
from patchbook.measures.sales.expected import (
    Configuration,
    Demand,
    Difference,
    Expected,
    Summed,
    best_use,
    difference,
    expected_sales,
    hours_a_visit,
    summed,
)
from patchbook.measures.sales.fit import Fit, TooLittleHistory, fit, level

__all__ = [
    "ASSUMPTIONS",
    "CURVES",
    "MOST_COVERAGE",
    "Assumed",
    "Assumption",
    "BadAssumption",
    "Configuration",
    "Curve",
    "Demand",
    "Difference",
    "Expected",
    "Fit",
    "Summed",
    "TooLittleHistory",
    "at",
    "best_use",
    "difference",
    "drawn",
    "expected_sales",
    "fit",
    "hours_a_visit",
    "level",
    "power",
    "saturating",
    "summed",
    "with_values",
]
