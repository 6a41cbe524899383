"""Who gets credit: the owner or a split in their place, and who has another role. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from patchbook.ledger.answers import OWNER, Credit
from patchbook.ledger.fact import Fact, Holding, holding
from patchbook.ledger.words import chain

WHOLE = Decimal(100)


def credits_at(facts: Sequence[Fact], at: datetime, *, opportunity_id: str = "") -> tuple[Credit, ...]:
    """
    Everybody's share at an instant; the shares of the owner's role sum to 100 %.

    A holdover of the opportunity goes before a split agreed for the account, that before an override of the account,
    that before the split of the territory, and that before the owner. Each other role at the territory gets 100 % in
    that role. Who covers for somebody on leave gets none: the owner stays the owner.
    """
    held = [fact for fact in facts if fact.valid.contains(at)]
    roles = dict.fromkeys([OWNER, *sorted(fact.role for fact in held if fact.role)])
    return tuple(credit for role in roles for credit in _of_role(held, role, at, opportunity_id))


def _of_role(held: Sequence[Fact], role: str, at: datetime, opportunity_id: str) -> Iterator[Credit]:
    found = holding(held, at, role, opportunity_id=opportunity_id)
    override = found.override
    splits = [fact for fact in held if fact.table == "split" and fact.role == role]
    of_account = next((fact for fact in splits if fact.account_id), None)
    of_territory = next((fact for fact in splits if not fact.account_id), None)
    if override and override.opportunity_id:
        yield _whole(found, role)
    elif of_account:
        yield from _shared(of_account, role, "the account")
    elif override:
        yield _whole(found, role)
    elif of_territory:
        yield from _shared(of_territory, role, f"the territory {of_territory.territory or of_territory.territory_id}")
    else:
        if role == OWNER or found.staffing:
            yield _whole(found, role)
        if role != OWNER:
            yield from _further_seats(held, found, role)


def _whole(found: Holding, role: str) -> Credit:
    because = " ".join(step.says for step in chain(found, role) if step.fact != "cover")
    return Credit(
        person_id=found.person[0],
        pool_id=found.pool[0],
        percent=WHOLE,
        role=role,
        because=because or "No fact gives it to anybody.",
    )


def _shared(split: Fact, role: str, of: str) -> Iterator[Credit]:
    for share in split.shares or ():
        yield Credit(
            person_id=share["person_id"],
            percent=Decimal(str(share["percent"])),
            role=role,
            because=f"The split of {of} in the role {role}: {split.reason.rstrip('. ')}.",
        )


def _further_seats(held: Sequence[Fact], found: Holding, role: str) -> Iterator[Credit]:
    """A territory may have several seats of one other role; each earns in full."""
    here = found.territory[0]
    for fact in held:
        if fact.table == "staffing" and fact.role == role and fact.territory_id == here and fact.number != 1:
            also = Holding(assignment=found.assignment, staffing=fact, override=None, cover=None)
            yield _whole(also, role)
