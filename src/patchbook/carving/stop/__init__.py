"""When a search ends: small callables asked once a round, in one list.

A new criterion is one file here, one line in `CRITERIA` and one test of its name. `FirstOf` combines them.
"""

from patchbook.carving.stop.criterion import Budget, StoppingCriterion, share_spent
from patchbook.carving.stop.first_of import FirstOf
from patchbook.carving.stop.gap import Gap
from patchbook.carving.stop.max_iterations import MaxIterations
from patchbook.carving.stop.max_seconds import MaxSeconds
from patchbook.carving.stop.no_improvement import NoImprovement

CRITERIA: tuple[type[StoppingCriterion], ...] = (MaxSeconds, MaxIterations, NoImprovement, Gap, FirstOf)

__all__ = [
    "CRITERIA",
    "Budget",
    "FirstOf",
    "Gap",
    "MaxIterations",
    "MaxSeconds",
    "NoImprovement",
    "StoppingCriterion",
    "share_spent",
]
