"""Which territory an opportunity belongs to: by rule, else that of its account; a tie is never silent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from patchbook.errors import Conflict, NotFound
from patchbook.routing.engagement import Deals
from patchbook.words import listed


class Status(StrEnum):
    """How an opportunity came to its territory."""

    ASSIGNED = "assigned"
    """By a rule, or with its account."""
    REVIEW = "review"
    """Several rules take it, and somebody has to choose."""
    CHOSEN = "chosen"
    """Somebody chose."""
    LOCKED = "locked"
    """It is closed, or so far that it stays where it is."""


class NoDeal(NotFound):
    """There is no such opportunity with a territory, or none the one who asks may see."""

    def __init__(self, opportunity_id: str) -> None:
        super().__init__(f"There is no opportunity {opportunity_id!r} with a territory.")


class NotChosen(Conflict):
    """An opportunity is not one somebody chooses a territory for, or not that territory."""


@dataclass(frozen=True, kw_only=True)
class DealTerritory:
    """The territory of an opportunity, and why."""

    opportunity_id: str
    territory_id: str | None
    status: Status
    because: str
    candidates: tuple[str, ...] = ()
    """The territories between which somebody chooses."""
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the rules say of one opportunity."""

    territory_id: str | None
    status: Status
    because: str
    candidates: tuple[str, ...] = ()


def judge(
    rules: Deals, matched: Sequence[int], *, account_id: str, account_territory_id: str | None, ids: Mapping[str, str]
) -> Judged:
    """
    Where an opportunity belongs.

    Parameters
    ----------
    matched
        The numbers of the rules that take it, in order.
    ids
        Name of a territory → its id, for those there are.
    """
    taken = [rules.rules[number] for number in matched if rules.rules[number].territory in ids]
    goals = list(dict.fromkeys(ids[rule.territory] for rule in taken))
    if not goals:
        if account_territory_id is None:
            because = f"No rule takes it, and its account {account_id} is in no territory"
            return Judged(territory_id=None, status=Status.REVIEW, because=because)
        return Judged(
            territory_id=account_territory_id, status=Status.ASSIGNED, because=f"With its account {account_id}"
        )
    names = listed(list(dict.fromkeys(f"{rule.name!r} ({rule.territory})" for rule in taken)))
    if len(goals) == 1:
        return Judged(territory_id=goals[0], status=Status.ASSIGNED, because=f"By {names}")
    if rules.first_rule_wins:
        because = f"By {taken[0].name!r} ({taken[0].territory}), the first of {names}"
        return Judged(territory_id=goals[0], status=Status.ASSIGNED, because=because)
    because = f"Taken by {names}; somebody has to choose"
    return Judged(territory_id=None, status=Status.REVIEW, because=because, candidates=tuple(goals))


def is_locked(rules: Deals, *, stage: str | None, is_closed: bool) -> bool:
    """
    Whether an opportunity stays where it is.

    Examples
    --------
    >>> is_locked(Deals(locked_at=("Contract",)), stage="contract", is_closed=False)
    True
    """
    return is_closed or (stage or "").casefold() in {one.casefold() for one in rules.locked_at}
