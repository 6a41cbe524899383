"""What an assignment must keep. A new constraint is a file here and a line in CONSTRAINTS.

Moves keep eligibility, locks, pairs apart and contiguity on their way; these check the end, independently. A constraint
that can say itself in those terms (`Translated`) is kept on the way too.
"""

from patchbook.carving.constraints.apart import Apart
from patchbook.carving.constraints.balance import Balance
from patchbook.carving.constraints.constraint import Breach, Constraint, Translated
from patchbook.carving.constraints.contiguous import Contiguous
from patchbook.carving.constraints.eligible import Eligible
from patchbook.carving.constraints.locked import Locked
from patchbook.carving.constraints.moved import Moved
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem

CONSTRAINTS: tuple[Constraint, ...] = (Balance(), Eligible(), Locked(), Moved(), Contiguous(), Apart())
"""Every constraint."""


def translated(problem: Problem) -> Problem:
    """The problem with every constraint that can be said so in terms the search knows."""
    for constraint in CONSTRAINTS:
        if isinstance(constraint, Translated) and constraint.supports(problem):
            problem = constraint.translated(problem)
    return problem


def broken(problem: Problem, limits: Limits, owners: IntArray) -> tuple[str, ...]:
    """What an assignment breaks, in plain words; the constraints in the order of the list, each at its worst first."""
    return tuple(
        breach.message
        for constraint in CONSTRAINTS
        if constraint.supports(problem)
        for breach in constraint.breaches(problem, limits, owners)
    )


__all__ = [
    "CONSTRAINTS",
    "Apart",
    "Balance",
    "Breach",
    "Constraint",
    "Contiguous",
    "Eligible",
    "Locked",
    "Moved",
    "Translated",
    "broken",
    "translated",
]
