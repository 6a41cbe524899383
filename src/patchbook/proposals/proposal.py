"""A proposal: moves of accounts somebody would make in a draft, and what came of it. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import told
from patchbook.plans.effect import Effect

LONGEST_REASON = 2_000
MOST_MOVES = 10_000


class Status(StrEnum):
    """Where a proposal is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class BadProposal(BadInput):
    """A proposal moves nothing, moves too much at once, or does not say why."""


class NoProposal(NotFound):
    """There is no proposal of that id, or none the one who asks may see."""

    def __init__(self, proposal_id: str) -> None:
        super().__init__(f"There is no proposal {proposal_id!r}.")


class Decided(Conflict):
    """A proposal was decided or withdrawn before."""

    def __init__(self, proposal: Proposal) -> None:
        when = f" on {told(proposal.decided_at)}" if proposal.decided_at else ""
        super().__init__(
            f"Proposal {proposal.proposal_id!r} was {proposal.status}{when}; only an open one can be decided."
        )
        self.proposal = proposal


class Stale(Conflict):
    """Accounts of a proposal were moved by somebody else since it was made."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """One account from one territory of the draft to another, with who would give it and who would get it."""

    account_id: str
    from_territory: str | None
    to_territory: str
    from_person: str | None = None
    to_person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Moves somebody asks for, with their effect on every measure as it was when they were sent."""

    proposal_id: str
    plan_id: str
    why: str
    moves: tuple[Move, ...]
    effect: Effect
    warnings: tuple[str, ...] = ()
    """Guardrails it would break, in words; who accepts it overrules them with a reason."""
    agreed: tuple[str, ...] = ()
    """The territories touched that are the proposer's own: their side has agreed by proposing."""
    revision: int
    """Of the plan when it was proposed."""
    made_by: str
    made_at: datetime
    status: Status = Status.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be decided."""
        if not self.moves:
            raise BadProposal("A proposal moves at least one account; this one moves none.")
        if len(self.moves) > MOST_MOVES:
            raise BadProposal(
                f"The proposal moves {len(self.moves):,} accounts; at most {MOST_MOVES:,} can be proposed at once."
            )
        if not self.why.strip() or len(self.why) > LONGEST_REASON:
            raise BadProposal(f"A proposal says why in 1 to {LONGEST_REASON:,} characters; this has {len(self.why):,}.")

    def accept(self, *, by: str, at: datetime, comment: str | None = None) -> Proposal:
        """Accepted: its moves become edits of the plan."""
        return self._decided(Status.ACCEPTED, by, at, comment)

    def reject(self, *, by: str, at: datetime, comment: str | None) -> Proposal:
        """Rejected, which takes a word of why."""
        if not (comment or "").strip():
            raise BadProposal("To reject a proposal, say why; the comment is empty.")
        return self._decided(Status.REJECTED, by, at, comment)

    def withdraw(self, *, by: str, at: datetime) -> Proposal:
        """Taken back by who made it."""
        return self._decided(Status.WITHDRAWN, by, at, None)

    @property
    def territories(self) -> frozenset[str]:
        """Every territory that would give or get an account."""
        ends = {name for move in self.moves for name in (move.from_territory, move.to_territory)}
        return frozenset(name for name in ends if name is not None)

    @property
    def goes_to(self) -> dict[str, str]:
        """account_id → the territory it would go to."""
        return {move.account_id: move.to_territory for move in self.moves}

    def refuse_stale(self, territory_now: Mapping[str, str | None]) -> None:
        """Raise where an account is no longer where it was when the move was proposed."""
        moved = [
            (move, territory_now.get(move.account_id))
            for move in self.moves
            if territory_now.get(move.account_id) != move.from_territory
        ]
        if moved:
            named = "; ".join(
                f"{move.account_id} was in {move.from_territory or 'no territory'}"
                f" and is now in {now or 'no territory'}"
                for move, now in moved[:3]
            )
            more = f"; and {len(moved) - 3:,} more" if len(moved) > 3 else ""
            raise Stale(f"The plan changed since this was proposed: {named}{more}. Withdraw it and propose anew.")

    def _decided(self, status: Status, by: str, at: datetime, comment: str | None) -> Proposal:
        if self.status is not Status.OPEN:
            raise Decided(self)
        return replace(self, status=status, decided_by=by, decided_at=at, comment=comment)
