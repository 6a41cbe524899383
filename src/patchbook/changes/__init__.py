"""Dated changes of people: join, be away, leave, change seats, reorganise; each one deed that leaves no account alone.

Every deed takes the transaction, who does it (`by`) and when (`at`), and gives a `Change` that says in figures and
words what it did. With `preview=True` it says what it would do, and writes nothing.
"""

from __future__ import annotations

from patchbook.changes.change import Change, Giving, Handover, LeaveVacant, Replace, SeatChange, SplitOverTeam
from patchbook.changes.coverage import Gap, uncovered
from patchbook.changes.departure import departure
from patchbook.changes.hire import hire, peel
from patchbook.changes.leave import come_back, leave
from patchbook.changes.promotion import promotion
from patchbook.changes.reorganisation import reorganisation
from patchbook.changes.transfer import transfer

__all__ = [
    "Change",
    "Gap",
    "Giving",
    "Handover",
    "LeaveVacant",
    "Replace",
    "SeatChange",
    "SplitOverTeam",
    "come_back",
    "departure",
    "hire",
    "leave",
    "peel",
    "promotion",
    "reorganisation",
    "transfer",
    "uncovered",
]
