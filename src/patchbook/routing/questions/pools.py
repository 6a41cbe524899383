"""Who is in a pool, whose turn it is, and who had the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from patchbook.routing.question import Question


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody in a pool, and how much of what comes in is theirs beside the others."""

    person_id: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Members:
    """A pool as it is now."""

    pool_id: str
    name: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class MembersOf(Question[Members | None]):
    """The pool of an id or, failing that, of a name; None when there is none."""

    name: ClassVar[str] = "members"
    answered_by: ClassVar[Any] = Members | None

    pool: str


@dataclass(frozen=True)
class TurnsOf(Question[Mapping[str, Any] | None]):
    """The counters of a pool's turns, as `turn.Turns.packed` made them; None before the first."""

    name: ClassVar[str] = "turns"
    answered_by: ClassVar[Any] = dict[str, Any] | None

    pool_id: str


@dataclass(frozen=True)
class LastHad(Question[str | None]):
    """The person who had the last lead of an account or, failing that, of a contact's e-mail address."""

    name: ClassVar[str] = "last had"
    answered_by: ClassVar[Any] = str | None

    account_id: str | None = None
    email: str | None = None
    days: int = 0
    """How long ago at most; 0 for however long."""
