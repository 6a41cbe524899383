"""A person who can fill a seat. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Person:
    """A rep, manager or planner, as the people file tells it."""

    person_id: str
    name: str
    email: str | None = None
    role: str | None = None
    segment: str | None = None
    manager_id: str | None = None
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    latitude: float | None = None
    longitude: float | None = None
    capacity: float = 1.0
    """Share of a full-time seat, 0 to 1 and above."""
    ramp: float = 1.0
    """How much of their capacity a person new to the job can carry, 0 to 1."""
    other: Mapping[str, str] = field(default_factory=dict)
    """Columns of the people file that are not standard fields, for conditions and `require`."""

    @property
    def share(self) -> float:
        """The load this person can carry, in full-time seats."""
        return self.capacity * self.ramp
