"""A customer that was won, on the way from who sold to who looks after them. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from patchbook.errors import BadInput, Conflict, NotAllowed, NotFound
from patchbook.words import counted, listed

LONGEST = 10_000


class Status(StrEnum):
    """Where a handoff is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    """Sent back to sales, who put right what is missing and offer it again."""


class NoHandoff(NotFound):
    """There is no handoff of that id, or none the one who asks may see."""

    def __init__(self, handoff_id: str) -> None:
        super().__init__(f"There is no handoff {handoff_id!r}.")


class NotReady(Conflict):
    """A handoff is not where this step begins, or something of its checklist is open."""


class BadHandoff(BadInput):
    """A handoff names an item it does not have, or says too much."""


class NotYoursToHand(NotAllowed):
    """Somebody else sold this, or is to accept it."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to do before a customer is accepted."""

    item: str
    is_done: bool = False


@dataclass(frozen=True, kw_only=True)
class Handoff:
    """What is handed over, by whom to whom, and what is still to do."""

    handoff_id: str
    opportunity_id: str
    account_id: str
    from_person: str | None
    to_person: str | None
    because: str
    """Why it goes to them, or why to nobody."""
    checklist: tuple[Item, ...]
    note: str = ""
    status: Status = Status.OPEN
    made_at: datetime
    due_at: datetime
    decided_at: datetime | None = None

    def prepare(self, done: tuple[str, ...], note: str | None) -> Handoff:
        """With items done and a note; a handoff that was sent back is offered again."""
        if self.status is Status.ACCEPTED:
            raise NotReady(f"The handoff of {self.account_id} is accepted; nothing of it is open.")
        there = [one.item for one in self.checklist]
        if unknown := [item for item in done if item not in there]:
            raise BadHandoff(f"{unknown[0]!r} is not on the checklist; it has {listed(there)}.")
        if note is not None and len(note) > LONGEST:
            raise BadHandoff(f"A note has at most {LONGEST:,} characters; this has {len(note):,}.")
        items = tuple(replace(one, is_done=one.is_done or one.item in done) for one in self.checklist)
        words = self.note if note is None else note.strip()
        return replace(self, checklist=items, note=words, status=Status.OPEN, decided_at=None)

    def accept(self, *, by: str, at: datetime) -> Handoff:
        """Theirs from now on."""
        self._must_be_for(by)
        if left := [one.item for one in self.checklist if not one.is_done]:
            open_ = counted(len(left), "thing is", "things are")
            raise NotReady(f"{open_} still to do before {self.account_id} is accepted: {listed(left)}.")
        return replace(self, status=Status.ACCEPTED, decided_at=at)

    def send_back(self, why: str, *, by: str, at: datetime) -> Handoff:
        """Back to sales, with what is missing."""
        self._must_be_for(by)
        if not why.strip() or len(why) > 2_000:
            raise BadHandoff("To send a handoff back, say what is missing in 1 to 2,000 characters.")
        words = f"{self.note}\n{why.strip()}".strip()
        return replace(self, status=Status.RETURNED, note=words, decided_at=at)

    def _must_be_for(self, by: str) -> None:
        if self.status is not Status.OPEN:
            raise NotReady(f"The handoff of {self.account_id} is {self.status}; only an open one can be answered.")
        if by != self.to_person:
            raise NotYoursToHand(f"The handoff of {self.account_id} is for {self.to_person or 'nobody yet'} to answer.")
