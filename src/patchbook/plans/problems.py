"""What is wrong with a plan: problems with their lines, and the one error that carries them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from patchbook.plans.plan import BadPlan

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a plan to correct, or, as a warning, to look at."""

    message: str
    """What was found and what would be right."""
    place: str = ""
    """Where in the plan: `layers[2].where`."""
    line: int | None = None
    severity: Severity = "error"
    rank: int = 1
    """Problems of form (0) come before problems of meaning (1): the second often follow from the first."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class BadPlanFile(BadPlan):
    """A plan file has problems; the message is the first and how many follow, `problems` has them all."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(first_of(name, self.problems))


def first_of(name: str, problems: tuple[Problem, ...]) -> str:
    """The first problem of a file, with its line, and how many follow."""
    first, *others = problems
    more = f" (and {len(others)} more)" if others else ""
    joint = " " if first.line else ": "
    return f"{name}{joint}{first}{more}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems with the most important first: errors before warnings, form before meaning, then by line."""
    return tuple(
        sorted(
            dict.fromkeys(problems),
            key=lambda problem: (problem.severity == "warning", problem.rank, problem.line or 0),
        )
    )
