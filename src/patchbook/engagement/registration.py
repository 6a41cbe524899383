"""A deal that a partner registers on an account, so that it is theirs for a while. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from patchbook.errors import BadInput, Conflict, NotAllowed, NotFound
from patchbook.period import told
from patchbook.words import listed

LONGEST = 2_000


class Status(StrEnum):
    """Where a registration is. Whether an approved one is in force depends on the date alone."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class NoRegistration(NotFound):
    """There is no registration of that id, or none the one who asks may see."""

    def __init__(self, registration_id: str) -> None:
        super().__init__(f"There is no registration {registration_id!r}.")


class BadRegistration(BadInput):
    """A registration names no partner or deal, or says too much."""


class ChannelConflict(Conflict):
    """Somebody else works on the account: a deal of our own is open there, or another partner registered one."""


class RegistrationStep(Conflict):
    """A registration is not where this step begins."""


class OwnRegistration(NotAllowed):
    """Who registered a deal does not approve it."""


@dataclass(frozen=True, kw_only=True)
class Rival:
    """What stands against a registration: an open deal of our own, or another partner's registration."""

    kind: str
    """`opportunity` or `registration`."""
    subject_id: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A partner's deal on an account, theirs for a window once somebody agrees."""

    registration_id: str
    account_id: str
    partner: str
    """The partner company."""
    person_id: str
    """Who looks after the partner here: partner-sourced and inbound leads of the account go to them meanwhile."""
    deal: str
    reason: str
    status: Status = Status.REQUESTED
    registered_by: str
    registered_at: datetime
    starts: datetime | None = None
    ends: datetime | None = None
    extended_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be told to anybody."""
        for what, words in (("the partner", self.partner), ("the deal", self.deal), ("why", self.reason)):
            if not words.strip() or len(words) > LONGEST:
                raise BadRegistration(
                    f"A registration names {what} in 1 to {LONGEST:,} characters; this has {len(words):,}."
                )

    def is_in_force(self, at: datetime) -> bool:
        """Whether the account is the partner's at this instant."""
        if self.starts is None or self.ends is None or self.status is not Status.APPROVED:
            return False
        return self.starts <= at < self.ends

    def is_over(self, at: datetime) -> bool:
        """Whether it was approved and its window has passed."""
        return self.status is Status.APPROVED and self.ends is not None and self.ends <= at

    def approve(self, *, by: str, at: datetime, days: int, comment: str | None) -> Registration:
        """Theirs from now on, for so many days."""
        self._must_be_waiting()
        if by == self.registered_by:
            raise OwnRegistration("Who registered a deal does not approve it; somebody else decides.")
        after = replace(self, status=Status.APPROVED, starts=at, ends=at + timedelta(days=days))
        return replace(after, decided_by=by, decided_at=at, comment=comment)

    def reject(self, *, by: str, at: datetime, comment: str) -> Registration:
        """Not theirs, and why."""
        self._must_be_waiting()
        if not comment.strip() or len(comment) > LONGEST:
            raise BadRegistration(f"To reject a registration, say why in 1 to {LONGEST:,} characters.")
        return replace(self, status=Status.REJECTED, decided_by=by, decided_at=at, comment=comment.strip())

    def withdraw(self) -> Registration:
        """Taken back before it was decided."""
        self._must_be_waiting()
        return replace(self, status=Status.WITHDRAWN)

    def extend(self, *, days: int, at: datetime) -> Registration:
        """Theirs for longer, once."""
        self._must_be_in_force(at, "extended")
        if self.extended_at is not None:
            raise RegistrationStep(
                f"The registration of {self.partner} for {self.account_id} was extended on {told(self.extended_at)};"
                " a registration is extended once."
            )
        assert self.ends is not None
        return replace(self, ends=self.ends + timedelta(days=days), extended_at=at)

    def end(self, *, at: datetime, why: str) -> Registration:
        """Over before its window is."""
        self._must_be_in_force(at, "ended")
        if not why.strip() or len(why) > LONGEST:
            raise BadRegistration(f"To end a registration, say why in 1 to {LONGEST:,} characters.")
        return replace(self, status=Status.ENDED, ends=at, comment=why.strip())

    def _must_be_waiting(self) -> None:
        if self.status is not Status.REQUESTED:
            raise RegistrationStep(
                f"The registration of {self.partner} for {self.account_id} is {self.status};"
                " only one that was requested can be decided or withdrawn."
            )

    def _must_be_in_force(self, at: datetime, what: str) -> None:
        if not self.is_in_force(at):
            ended = f"ended on {told(self.ends)}" if self.is_over(at) and self.ends else f"is {self.status}"
            raise RegistrationStep(
                f"The registration of {self.partner} for {self.account_id} {ended}; only one in force can be {what}."
            )


def refuse_conflict(account_id: str, partner: str, rivals: Sequence[Rival]) -> None:
    """
    Raise where somebody else works on the account, and say who.

    Examples
    --------
    >>> refuse_conflict("A1", "Acme Partners", [])
    """
    if rivals:
        raise ChannelConflict(
            f"{partner} cannot register a deal on {account_id}: {listed([one.says for one in rivals])}."
        )
