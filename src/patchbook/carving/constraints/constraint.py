"""What a constraint has to offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One way in which an assignment breaks a constraint."""

    constraint: str
    message: str
    """In plain words, with the figure found and the figure allowed."""
    seat: int | None = None
    unit: int | None = None
    by: float = 0.0
    """How far, in the constraint's own measure; larger is worse."""


class Constraint(Protocol):
    """One thing an assignment must keep."""

    name: str

    def supports(self, problem: Problem) -> bool:
        """Whether the problem asks for it."""

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Every breach, worst first; empty when it is kept."""

    def without(self, problem: Problem) -> Problem:
        """The problem with this constraint lifted, to see what it costs and whether it is to blame."""


@runtime_checkable
class Translated(Protocol):
    """A constraint that the search keeps in terms it knows: pairs apart, locks, closed kinds, a measure more."""

    def translated(self, problem: Problem) -> Problem:
        """The problem with the constraint in those terms; the same problem where it is not asked for."""


def name_of_seat(problem: Problem, seat: int) -> str:
    """What people call a seat."""
    return problem.seat_names[seat] if problem.seat_names else f"Seat {seat + 1}"


def name_of_unit(problem: Problem, unit: int) -> str:
    """What people call a unit."""
    return problem.unit_names[unit] if problem.unit_names else f"unit {unit + 1}"


def name_of_measure(problem: Problem, measure: int) -> str:
    """What people call a measure."""
    return problem.measure_names[measure] if problem.measure_names else f"measure {measure + 1}"
