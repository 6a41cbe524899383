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

CONSTRAINTS: tuple[Constraint, ...] = (Balance(), Eligible(), Locked(), Moved(), Contiguous(), Apart())
"""Every constraint."""


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
]
