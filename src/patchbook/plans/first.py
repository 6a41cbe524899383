"""A first plan from what is in the record: what one can choose from, and the draft that comes of the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, true

from patchbook.errors import BadInput
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind, NoImport
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.period import midnight
from patchbook.plans import actions
from patchbook.plans.life import LONGEST_NAME, RecordedPlan
from patchbook.plans.new import Choices, Market, Template, grouping_fields, mapped_share, new_plan, usable_fields
from patchbook.plans.seats import MANAGING

MOST_PEOPLE = 1_000_000
ACCOUNTS_FILE, PEOPLE_FILE = "accounts.csv", "people.csv"
"""What the document calls the record's own accounts and people."""


class NobodySells(BadInput):
    """Nobody, or one person alone, would share the accounts of a new plan."""


class NoSuchField(BadInput):
    """A new plan is to go by a field that the accounts do not have, or that holds nothing to go by."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a first plan can be made of."""

    accounts: int
    snapshot_id: str
    amounts: tuple[str, ...]
    """Fields that can be shared fairly, the likeliest first."""
    groups: tuple[str, ...]
    """Fields whose equal values can stay together."""
    mapped_share: float
    has_owners: bool
    sellers: tuple[tuple[str, str, int], ...]
    """(role, segment, how many people) of those who may have a book, most people first; empty texts where not told."""


def offer(tx: Connection, *, on: date | None = None, by: Principal, at: datetime) -> Offer:
    """
    What there is to plan with.

    Raises
    ------
    NoImport
        There are no accounts yet.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    snapshot_id, frame = _accounts(tx)
    counts = Counter((person.role or "", person.segment or "") for person in _book_holders(_people(tx, on, at)))
    return Offer(
        accounts=frame.height,
        snapshot_id=snapshot_id,
        amounts=tuple(usable_fields(frame)),
        groups=tuple(grouping_fields(frame)),
        mapped_share=mapped_share(frame),
        has_owners=imports.has_assignments(tx) or ("owner" in frame.columns and bool(frame["owner"].count())),
        sellers=tuple((*who, count) for who, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def start_first(
    tx: Connection,
    name: str,
    *,
    role: str = "",
    segment: str = "",
    template: Template,
    choices: Choices,
    by: Principal,
    at: datetime,
) -> RecordedPlan:
    """
    A draft for the record's accounts, by a few choices and sensible settings for everything else.

    Parameters
    ----------
    role, segment
        Who sells; an empty text leaves it open.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    snapshot_id, frame = _accounts(tx)
    people = _people(tx, choices.effective, at)
    for field, known in ((choices.potential, usable_fields(frame)), (choices.workload, usable_fields(frame)),
                         (choices.by, grouping_fields(frame))):  # fmt: skip
        if field and field not in known:
            raise NoSuchField(f"Accounts cannot be shared by {field!r}; there are {', '.join(known) or 'none'}.")
    sellers = [
        person
        for person in _book_holders(people)
        if (not role or person.role == role) and (not segment or person.segment == segment)
    ]
    if len(sellers) < 2:
        who = " of ".join(part for part in (role, segment) if part) or "with a book"
        raise NobodySells(
            f"{len(sellers) or 'Nobody'} {'person is' if len(sellers) == 1 else 'is'} {who}; accounts are shared by two"
            " or more. Choose others, or import people first."
        )
    asked = [f"{field} = '{_quoted(value)}'" for field, value in (("role", role), ("segment", segment)) if value]
    chosen = replace(choices, people=" AND ".join(asked) or None)
    market = Market(accounts_file=ACCOUNTS_FILE, accounts=frame, people_file=PEOPLE_FILE, people=sellers)
    written = name.strip()[:LONGEST_NAME] or "Plan"  # what is wrong with a name is said of the name, not of a line
    document = new_plan(market, name=written, template=template, choices=chosen)
    return actions.start(tx, name, document, snapshot_id=snapshot_id, effective=choices.effective, by=by, at=at)


def _accounts(tx: Connection) -> tuple[str, pl.DataFrame]:
    found = imports.latest(tx, Kind.ACCOUNTS)
    if found is None or found.snapshot_id is None:
        raise NoImport("No accounts have been imported yet; import them, then there is something to plan with.")
    return found.snapshot_id, snapshots.taken(tx, found.snapshot_id).frame


def _people(tx: Connection, on: date | None, at: datetime) -> Sequence[Person]:
    then = max(midnight(on), at) if on is not None else at
    return people_store.listed(tx, seen=true(), search=None, on=then, after=None, limit=MOST_PEOPLE)


def _book_holders(people: Sequence[Person]) -> list[Person]:
    """Those who may have a book: nobody reports to them, and their role does not say that they lead."""
    leaders = {person.manager_id for person in people if person.manager_id}
    return [
        person
        for person in people
        if person.person_id not in leaders and not any(word in (person.role or "").casefold() for word in MANAGING)
    ]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
