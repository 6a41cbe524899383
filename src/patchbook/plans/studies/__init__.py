"""Questions about a plan's carve. A new study is a file here and a line in STUDIES."""

from patchbook.plans.studies.ensemble import EnsembleStudy
from patchbook.plans.studies.frontier import FrontierStudy
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Study, Table, Unit

STUDIES: tuple[Study, ...] = (FrontierStudy(), EnsembleStudy())
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
