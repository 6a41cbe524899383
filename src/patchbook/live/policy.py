"""What is done when a field of an account changes, and how much change it takes. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class Answer(StrEnum):
    """What is done about a change."""

    ACT = "act"
    PROPOSE = "propose"
    IGNORE = "ignore"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """
    The section `live_changes` of the routing document.

    Examples
    --------
    >>> Policy(fields={"employees": Answer.ACT}).answer(["employees"], rule="West")
    <Answer.ACT: 'act'>
    """

    default: Answer = Answer.PROPOSE
    fields: Mapping[str, Answer] = field(default_factory=dict)
    """Field → what is done when it changes."""
    rules: Mapping[str, Answer] = field(default_factory=dict)
    """Layer of the plan → what is done when an account would go there, whatever field changed."""
    new_accounts: Answer = Answer.PROPOSE
    """What is done with an account that has no territory yet."""
    hold_days: int = 7
    """So long a change must have held before an account moves."""
    margin_percent: float = 50.0
    """A number that changed by at least so much need not hold that long."""
    rest_days: int = 90
    """An account that moved so does not move again for so long."""

    def answer(self, changed: Iterable[str], *, rule: str | None) -> Answer:
        """What is done: what the rule says, else the most careful word of the fields that are not ignored."""
        if rule is not None and rule in self.rules:
            return self.rules[rule]
        words = {self.fields.get(name, self.default) for name in changed} - {Answer.IGNORE}
        if not words:
            return Answer.IGNORE
        return Answer.PROPOSE if Answer.PROPOSE in words else Answer.ACT

    def holds_until(self, first_seen: datetime, changed: Mapping[str, tuple[object, object]]) -> datetime:
        """When a change first seen then has held long enough."""
        if any(self._is_far(before, now) for before, now in changed.values()):
            return first_seen
        return first_seen + timedelta(days=self.hold_days)

    def rests_until(self, moved: datetime) -> datetime:
        """When an account that moved then may move again."""
        return moved + timedelta(days=self.rest_days)

    def _is_far(self, before: object, now: object) -> bool:
        if isinstance(before, bool) or isinstance(now, bool):
            return False
        if not isinstance(before, int | float) or not isinstance(now, int | float):
            return False
        return abs(now - before) * 100 >= self.margin_percent * max(abs(before), 1e-9)


def told(value: object) -> object:
    """A value as it is kept and shown."""
    return value.isoformat() if isinstance(value, date) else value
