"""Questions about a plan's carve. A new study is a file here and a line in STUDIES."""

from patchbook.plans.studies.matching import WHO
from patchbook.plans.studies.next_seat import NEXT_SEAT
from patchbook.plans.studies.sizing import HOW_MANY
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Study, Table, Unit

STUDIES: tuple[Study, ...] = (HOW_MANY, NEXT_SEAT, WHO)
"""Every study, in the order people see them."""

__all__ = [
    "STUDIES",
    "Asked",
    "Cell",
    "Chart",
    "Choice",
    "Column",
    "Found",
    "Mark",
    "Study",
    "Table",
    "Unit",
]
