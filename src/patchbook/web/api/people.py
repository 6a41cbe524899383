"""People: who they are, when they are employed, and what is in their book."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.people import actions as people
from patchbook.people.profile import Profile
from patchbook.web.models import (
    AsKnownOn,
    End,
    Id,
    In,
    InPath,
    Listed,
    Name,
    On,
    Out,
    Paged,
    PeriodIn,
    PeriodOut,
    Revision,
    RoleName,
    Search,
    When,
    Why,
)
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["people"])

Words = Annotated[frozenset[Name], Field(max_length=200)]
Hours = dict[Name, list[tuple[Name, Name]]]


class ProfileIn(In):
    """What may be told of a person; what is left out stays as it is."""

    name: Name = ""
    email: Annotated[str, Field(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")] | None = None
    role: Name | None = None
    segment: Name | None = None
    manager_id: Id | None = None
    skills: Words = frozenset()
    languages: Words = frozenset()
    products: Words = frozenset()
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    time_zone: Name | None = Field(default=None, description="A name such as Europe/Berlin.")
    working_hours: Hours = Field(default={}, max_length=7, description="Day of the week → stretches of local time.")
    capacity: float = Field(default=1.0, ge=0, le=100)
    ramp: float = Field(default=1.0, ge=0, le=1)


class NewPersonIn(ProfileIn):
    """A person, and when they are employed."""

    person_id: Id
    name: Name
    employed: PeriodIn


class ChangedPersonIn(ProfileIn):
    """What is to be changed of a person."""

    revision: Revision


class EmploymentIn(PeriodIn):
    """When somebody is employed."""

    reason: Why = "employed"


class PersonOut(Out):
    """A person, as known now."""

    person_id: str
    revision: int
    name: str
    email: str | None
    role: str | None
    segment: str | None
    manager_id: str | None
    skills: list[str]
    languages: list[str]
    products: list[str]
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    working_hours: dict[str, list[tuple[str, str]]]
    capacity: float
    ramp: float
    employed: list[PeriodOut]


class BookOut(Out):
    """One account in somebody's book."""

    account_id: str
    territory_id: str | None
    territory: str | None
    because: str
    acting_for: str | None
    acting_id: str | None
    since: datetime
    until: End


@router.get("/people")
def list_people(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    search: Search = "",
    employed_on: Annotated[When | None, Query(description="Only those employed then.")] = None,
) -> Listed[PersonOut]:
    """The people one may see, by name."""
    found = people.people(
        tx, search=search or None, on=employed_on, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(PersonOut, found)


@router.post("/people", status_code=201)
def add_person(what: NewPersonIn, tx: Transaction, person: SignedIn, at: Now) -> PersonOut:
    """Add a person who is employed for a period."""
    told = what.model_dump(exclude={"employed"}, exclude_unset=True)
    made = people.add(tx, Profile(**told), employed=what.employed.period(), by=person, at=at)
    return PersonOut.of(made)


@router.get("/people/{person_id}")
def get_person(person_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PersonOut:
    """One person."""
    return PersonOut.of(people.get(tx, person_id, by=person, at=at))


@router.patch("/people/{person_id}")
def change_person(person_id: InPath, what: ChangedPersonIn, tx: Transaction, person: SignedIn, at: Now) -> PersonOut:
    """Change what is known of a person."""
    told = what.model_dump(exclude={"revision"}, exclude_unset=True)
    return PersonOut.of(people.change(tx, person_id, what.revision, by=person, at=at, **told))


@router.post("/people/{person_id}/employments", status_code=201)
def employ_person(person_id: InPath, what: EmploymentIn, tx: Transaction, person: SignedIn, at: Now) -> PersonOut:
    """Say when somebody is employed: shorten, extend or begin anew."""
    return PersonOut.of(people.employ(tx, person_id, what.period(), reason=what.reason, by=person, at=at))


@router.get("/people/{person_id}/book")
def list_book(
    person_id: InPath,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> Listed[BookOut]:
    """The accounts somebody owned on a date, and those they acted on for somebody on leave."""
    found = ledger.book(
        tx,
        person_id,
        role=role,
        on=on or at,
        as_known_on=as_known_on,
        after=paging.after,
        limit=paging.limit,
        by=person,
        at=at,
    )
    return paging.listed(BookOut, found)
