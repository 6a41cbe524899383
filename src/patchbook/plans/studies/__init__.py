"""Questions about a plan's carve. A new study is a file here and a line in STUDIES."""

from difflib import get_close_matches

from patchbook.errors import NotFound
from patchbook.plans.studies.balance import BALANCE
from patchbook.plans.studies.borders import BORDERS
from patchbook.plans.studies.money import MONEY
from patchbook.plans.studies.prices import PRICES
from patchbook.plans.studies.study import (
    Asked,
    BadChoice,
    Cell,
    Chart,
    Choice,
    Column,
    Found,
    Mark,
    Study,
    Table,
    Unit,
    settled,
)

STUDIES: tuple[Study, ...] = (BALANCE, PRICES, BORDERS, MONEY)
"""Every study, in the order people see them."""


class NoStudy(NotFound):
    """There is no study of that name."""

    def __init__(self, name: str) -> None:
        names = [study.name for study in STUDIES]
        near = get_close_matches(name, names, 1)
        meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}."
        super().__init__(f"There is no study {name!r}; {meant}")


def study_named(name: str) -> Study:
    """The study of that name."""
    for study in STUDIES:
        if study.name == name:
            return study
    raise NoStudy(name)


__all__ = [
    "STUDIES",
    "Asked",
    "BadChoice",
    "Cell",
    "Chart",
    "Choice",
    "Column",
    "Found",
    "Mark",
    "NoStudy",
    "Study",
    "Table",
    "Unit",
    "settled",
    "study_named",
]
