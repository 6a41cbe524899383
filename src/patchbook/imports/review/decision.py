"""A decision about two accounts, or about an account and its parent, which every import honours until it is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from patchbook.accounts.decided import Merge, Split
from patchbook.errors import BadInput, Conflict, NotFound


class Verdict(StrEnum):
    """What was decided."""

    MERGE = "merge"
    """The two are one company; the first stays."""
    APART = "keep apart"
    """They are two companies, however alike."""
    SPLIT = "split off"
    """The account does not belong under the parent its source names."""


class NoDecision(NotFound):
    """There is no decision of that id."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"There is no decision {decision_id!r} about accounts.")


class CannotDecide(BadInput):
    """What was asked to be decided makes no sense: an account with itself, or one without a parent."""


class DecidedAlready(Conflict):
    """Another decision stands in the way; it can be undone."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decided what about which accounts, and why."""

    decision_id: str
    verdict: Verdict
    account_id: str
    """Of a merge the account that stays, of a pair kept apart the first by name, else the account split off."""
    other_id: str
    """The other account of the pair, or the parent an account was split off from."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Of a merge: part of the account → whose it is, where it is not that of who stays."""
    why: str | None = None
    by: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None

    @property
    def is_undone(self) -> bool:
        """Whether it counts no more."""
        return self.undone_at is not None

    @property
    def changes_accounts(self) -> bool:
        """Whether an import that honours it is another; a pair kept apart is as it was."""
        return self.verdict is not Verdict.APART

    def undo(self, *, by: str, at: datetime) -> Decision:
        """It counts no more, from the next import on."""
        if self.is_undone:
            raise DecidedAlready(f"The decision about {self.account_id} and {self.other_id} is undone already.")
        return replace(self, undone_by=by, undone_at=at)


def merges(decisions: Iterable[Decision]) -> tuple[Merge, ...]:
    """The merges among decisions, in their order."""
    return tuple(
        Merge(account_id=one.account_id, other_id=one.other_id, parts=one.parts)
        for one in decisions
        if one.verdict is Verdict.MERGE
    )


def splits(decisions: Iterable[Decision]) -> tuple[Split, ...]:
    """The accounts to be split off, in their order."""
    return tuple(
        Split(account_id=one.account_id, parent_id=one.other_id) for one in decisions if one.verdict is Verdict.SPLIT
    )


def survivor(account_id: str, decisions: Iterable[Decision]) -> str:
    """The account that stands for one, by every merge there is."""
    further = {one.other_id: one.account_id for one in merges(decisions)}
    while account_id in further:
        account_id = further.pop(account_id)
    return account_id


def pair(one: str, other: str) -> tuple[str, str]:
    """
    The two in their order, so that a pair has one name.

    Examples
    --------
    >>> pair("B", "A")
    ('A', 'B')
    """
    return (one, other) if one <= other else (other, one)
