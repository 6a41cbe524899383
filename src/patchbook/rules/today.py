"""The day a rule is asked on, written `today - 90` in a rule and given as an argument: nothing here reads a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from patchbook.errors import BadInput

MAX_DAYS = 36_525
"""A hundred years, before and after."""


class NoToday(BadInput):
    """A rule compares with today, and nobody said which day that is."""

    def __init__(self) -> None:
        super().__init__("A rule compares with today; give the date it is asked on, as in Context(today=…).")


@dataclass(frozen=True)
class Today:
    """A number of days after today (before it, where negative); it compares with dates only once it is bound."""

    days: int = 0

    def on(self, today: date | None) -> date:
        """The date that is meant when today is `today`."""
        if today is None:
            raise NoToday
        return date.fromordinal(min(max(today.toordinal() + self.days, 1), date.max.toordinal()))

    def __str__(self) -> str:
        if self.days == 0:
            return "today"
        return f"today {'+' if self.days > 0 else '-'} {abs(self.days)}"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Today):
            return self.days == other.days
        if isinstance(other, date):
            raise NoToday
        return NotImplemented

    def __hash__(self) -> int:
        return hash((Today, self.days))

    def _unbound(self, _: object) -> NoReturn:
        raise NoToday

    __lt__ = __le__ = __gt__ = __ge__ = _unbound
