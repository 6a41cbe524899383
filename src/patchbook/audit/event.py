"""One thing that was done. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Who did what to what, when, and why. Everything about people is their ids."""

    number: int
    at: datetime
    by: str
    deed: str
    kind: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What verifying the trail found: how many events hold together, and the first thing that does not."""

    events: int
    anchored: int
    """The last event an anchor speaks of; tampering with it or any before it shows."""

    first_bad: int | None = None
    what: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, left out, put in another order or cut off."""
        return self.what is None
