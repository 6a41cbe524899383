"""Whom to call next: much to win, long not touched, a deal under way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from patchbook.words import counted

STALE_DAYS = 30
"""After so many days without a touch an account counts twice, after twice as many three times, and no more."""
MOST_STALE = 3.0
DEAL_WEIGHT = 1.5
"""An account with an open deal counts so many times."""
TOP_SHARE = 0.1
"""What is among so much of a book is told as being at its top."""


@dataclass(frozen=True, kw_only=True)
class Callable:
    """An account of somebody's book, and what is known of it."""

    account_id: str
    name: str | None
    potential: float
    touched_at: datetime | None
    since: datetime
    """Since when it is in the book: who never touched it has had so long to."""
    open_deals: int = 0
    open_usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Call:
    """An account to call, how pressing it is beside the others of the book, and why."""

    account_id: str
    name: str | None
    score: float
    says: str


def call_list(book: Iterable[Callable], *, at: datetime, most: int = 20) -> tuple[Call, ...]:
    """
    The accounts to call first: potential × how long untouched × whether a deal is open; the reason in words.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> now = datetime(2027, 3, 1, tzinfo=UTC)
    >>> one = Callable(account_id="A", name=None, potential=9.0, touched_at=now - timedelta(days=61), since=now)
    >>> call_list([one], at=now)[0].says
    'The most potential of this book; last touched 61 days ago.'
    """
    accounts = sorted(book, key=lambda one: (-one.potential, one.account_id))
    top = max(1, round(TOP_SHARE * len(accounts)))
    found = [
        Call(account_id=one.account_id, name=one.name, score=_score(one, at), says=_says(one, at, place, top))
        for place, one in enumerate(accounts)
    ]
    return tuple(sorted(found, key=lambda call: (-call.score, call.account_id))[:most])


def _score(one: Callable, at: datetime) -> float:
    untouched = (at - (one.touched_at or one.since)).days
    stale = min(1 + max(untouched, 0) / STALE_DAYS, MOST_STALE)
    return max(one.potential, 0.0) * stale * (DEAL_WEIGHT if one.open_deals else 1.0)


def _says(one: Callable, at: datetime, place: int, top: int) -> str:
    parts: Sequence[str] = (
        _potential(place, top),
        f"last touched {_ago((at - one.touched_at).days)}" if one.touched_at else "not touched yet",
        f"{counted(one.open_deals, 'open deal')}, ${one.open_usd:,.0f}" if one.open_deals else "",
    )
    told = "; ".join(part for part in parts if part)
    return f"{told[0].upper()}{told[1:]}."


def _potential(place: int, top: int) -> str:
    if place == 0:
        return "the most potential of this book"
    return "among the tenth with most potential" if place < top else ""


def _ago(days: int) -> str:
    return "today" if days <= 0 else f"{counted(days, 'day')} ago"
