"""What a plan is judged by: one file a measure, listed in MEASURES. Arrays in, numbers out."""

from __future__ import annotations

from patchbook.measures.compactness import COMPACTNESS, compactness
from patchbook.measures.contiguity import CONTIGUITY, contiguity, pieces
from patchbook.measures.coverage import COVERAGE, coverage
from patchbook.measures.deviation import DEVIATION, deviation, deviations
from patchbook.measures.disruption import DISRUPTION, disruption
from patchbook.measures.division import Division
from patchbook.measures.gini import GINI, gini
from patchbook.measures.measure import Measure
from patchbook.measures.range import RANGE, load_range
from patchbook.measures.travel import TRAVEL, centres, travel_km
from patchbook.measures.variation import VARIATION, variation

MEASURES: tuple[Measure, ...] = (
    DEVIATION,
    VARIATION,
    GINI,
    RANGE,
    TRAVEL,
    COMPACTNESS,
    CONTIGUITY,
    DISRUPTION,
    COVERAGE,
)
"""Every measure, in the order reports show them."""

__all__ = [
    "MEASURES",
    "Division",
    "Measure",
    "centres",
    "compactness",
    "contiguity",
    "coverage",
    "deviation",
    "deviations",
    "disruption",
    "gini",
    "load_range",
    "pieces",
    "travel_km",
    "variation",
]
