"""A challenge: what a rep says against their future book before it holds, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from patchbook.errors import BadInput, Conflict, NotAllowed, NotFound
from patchbook.period import told
from patchbook.plans.life import RecordedPlan

LONGEST_NOTE = 2_000


class Ask(StrEnum):
    """What a rep asks for."""

    KEEP = "keep"
    DROP = "drop"
    ADD = "add"


class Reason(StrEnum):
    """Why, in kind."""

    RELATIONSHIP = "relationship"
    OPEN_DEAL = "open_deal"
    WRONG_DATA = "wrong_data"
    GEOGRAPHY = "geography"
    CONFLICT = "conflict"
    OTHER = "other"


class Status(StrEnum):
    """Where a challenge is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class BadChallenge(BadInput):
    """A challenge asks for nothing, or does not fit the book it is about."""


class WindowClosed(Conflict):
    """A plan is not open to challenges, or not any more."""

    def __init__(self, plan: RecordedPlan) -> None:
        until = plan.open_to_challenges_until
        when = f"was open to challenges until {told(until)}" if until else "is not open to challenges yet"
        super().__init__(f"Plan {plan.name!r} {when}; its planner can open it.")


class NoChallenge(NotFound):
    """There is no challenge of that id, or none the one who asks may see."""

    def __init__(self, challenge_id: str) -> None:
        super().__init__(f"There is no challenge {challenge_id!r}.")


class AlreadyFiled(Conflict):
    """The rep has an open challenge about the account."""


class Decided(Conflict):
    """A challenge was decided or withdrawn before."""

    def __init__(self, challenge: Challenge) -> None:
        when = f" on {told(challenge.decided_at)}" if challenge.decided_at else ""
        super().__init__(
            f"The challenge about {challenge.account_id} was {challenge.status}{when}; only an open one can be decided."
        )


class NotYours(NotAllowed):
    """Somebody decides on their own challenge, or takes back another's."""


@dataclass(frozen=True, kw_only=True)
class PlannedAccount:
    """One account of a rep's future book, or of today's that leaves it."""

    account_id: str
    name: str | None
    change: Literal["keeps", "gains", "loses"]
    territory: str | None
    """Where it would be; not told of accounts that leave, which are others' book."""
    reason: str | None
    measures: Mapping[str, float] = field(default_factory=dict)
    challenge_id: str | None = None
    """The rep's open challenge about it."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """What a rep asks about one account of a plan."""

    challenge_id: str
    plan_id: str
    account_id: str
    ask: Ask
    reason_code: Reason
    note: str
    filed_by: str
    filed_at: datetime
    due: datetime
    territory: str | None = None
    """Where the draft had the account when the challenge was filed."""
    planned_person: str | None = None
    wanted_territory: str | None = None
    """Where it would go if accepted; None where who decides has to say."""
    status: Status = Status.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    outcome: str | None = None
    """Why it was decided so, in words the rep sees."""

    def __post_init__(self) -> None:
        """Refuse what nobody could decide on."""
        if len(self.note) > LONGEST_NOTE:
            raise BadChallenge(f"The note has {len(self.note):,} characters; at most {LONGEST_NOTE:,} are kept.")
        if self.reason_code is Reason.OTHER and not self.note.strip():
            raise BadChallenge("A challenge for another reason says which in its note; the note is empty.")

    def decide(self, status: Status, outcome: str | None, *, by: str, at: datetime) -> Challenge:
        """Accepted or rejected; a rejection says why."""
        if self.status is not Status.OPEN:
            raise Decided(self)
        if by == self.filed_by:
            raise NotYours("Who filed a challenge cannot decide on it; their manager or a planner does.")
        if status is Status.REJECTED and not (outcome or "").strip():
            raise BadChallenge("To reject a challenge, say why; the outcome is empty.")
        if len(outcome or "") > LONGEST_NOTE:
            raise BadChallenge(f"The outcome has {len(outcome or ''):,} characters; at most {LONGEST_NOTE:,} are kept.")
        return replace(self, status=status, decided_by=by, decided_at=at, outcome=(outcome or "").strip() or None)

    def withdraw(self, *, by: str, at: datetime) -> Challenge:
        """Taken back by who filed it."""
        if self.status is not Status.OPEN:
            raise Decided(self)
        if by != self.filed_by:
            raise NotYours(f"The challenge was filed by {self.filed_by}; who filed it can withdraw it.")
        return replace(self, status=Status.WITHDRAWN, decided_by=by, decided_at=at)


def refuse_misfit(ask: Ask, account_id: str, *, is_mine_today: bool, is_mine_planned: bool) -> None:
    """
    Raise where what is asked is so already, or is not the rep's to ask.

    Examples
    --------
    >>> refuse_misfit(Ask.KEEP, "A1", is_mine_today=True, is_mine_planned=False)
    """
    if ask is Ask.KEEP and is_mine_planned:
        raise BadChallenge(f"{account_id} stays in your book in this plan; there is nothing to challenge.")
    if ask is Ask.KEEP and not is_mine_today:
        raise BadChallenge(f"{account_id} is not in your book today, so it cannot be kept; ask to add it.")
    if ask is Ask.DROP and not is_mine_planned:
        raise BadChallenge(f"{account_id} is not in your book in this plan, so there is nothing to drop.")
    if ask is Ask.ADD and is_mine_planned:
        raise BadChallenge(f"{account_id} is in your book in this plan already; there is nothing to add.")
    if ask is Ask.ADD and is_mine_today:
        raise BadChallenge(f"{account_id} is in your book today; ask to keep it.")


def by_rule(challenge: Challenge, *, has_open_deal: bool) -> tuple[Status, str] | None:
    """
    What the rule about open deals decides at once: keeping an account for a deal that is, or is not, there.

    None where the rule has nothing to say.
    """
    if challenge.ask is not Ask.KEEP or challenge.reason_code is not Reason.OPEN_DEAL:
        return None
    if has_open_deal:
        return Status.ACCEPTED, "Accepted by rule: you have an open deal with the account."
    return Status.REJECTED, "Rejected by rule: the record has no open deal of yours with the account."
