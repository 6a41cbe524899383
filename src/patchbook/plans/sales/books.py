"""Who has which account, as a plan says it or as it is today, in the form expected sales are reckoned from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.geography.distance import great_circle_km
from patchbook.measures import centres
from patchbook.measures.sales import Assumption, Configuration
from patchbook.people.person import Person

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

COST = "cost_usd"
"""The column of the people file that says what a seat costs a year."""
TODAY_BOOKS = "Today"
"""What the books are called that people have now."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A person with their whole book, or a vacant territory."""

    territory: str
    """Its territory, or what the person is called where books are not yet territories."""
    person_id: str | None
    person: str | None
    seats: float
    """What it can carry, in full-time seats."""
    cost: float | None
    """What the seat costs a year; None where that is not known."""


@dataclass(frozen=True, kw_only=True)
class SeatCosts:
    """What the seats of a plan cost a year."""

    people: float
    """Of all people who hold anything; one without a cost counts at the mean."""
    mean: float
    vacant: int
    """Seats that nobody fills."""

    @classmethod
    def of(cls, holders: Sequence[Holder]) -> SeatCosts | None:
        """The costs of these holders; None where nobody's is known."""
        known = [holder.cost for holder in holders if holder.cost is not None]
        if not known:
            return None
        mean = sum(known) / len(known)
        people = [holder for holder in holders if holder.person_id is not None]
        return cls(
            people=sum(mean if holder.cost is None else holder.cost for holder in people),
            mean=mean,
            vacant=len(holders) - len(people),
        )


@dataclass(frozen=True, kw_only=True)
class Books:
    """Every account with its holder."""

    name: str
    holders: tuple[Holder, ...]
    configuration: Configuration
    costs: SeatCosts | None = None
    """None where nobody's cost is known."""

    def cost(self, vacant_cover: FloatArray) -> FloatArray | None:
        """
        (draws,) what the seats cost a year; None where nobody's cost is known.

        A vacant seat costs the part of the mean seat that its interim cover gives; a person without a cost the mean.
        """
        if self.costs is None:
            return None
        return np.asarray(self.costs.people + self.costs.mean * self.costs.vacant * vacant_cover)

    def hours_there_are(self, assumptions: Sequence[Assumption]) -> float:
        """Hours a year of everybody who holds anything, with every assumption at its base."""
        base = {one.name: one.base for one in assumptions}
        cover = np.where(self.configuration.is_vacant, base["vacant_cover"], 1.0)
        return float((self.configuration.seats * cover).sum() * base["hours"])


def planned_books(
    name: str,
    assignments: pl.DataFrame,
    territories: pl.DataFrame,
    accounts: pl.DataFrame,
    staff: Sequence[Person],
    *,
    road_factor: float = 1.0,
    distance_km: FloatArray | None = None,
) -> Books:
    """
    The books as a plan says them.

    Parameters
    ----------
    assignments, territories, accounts
        As in `Result`; accounts are told by their id, and need only what says where they are.
    staff
        Everybody who works here today: an account that leaves one of them loses something by it, one that had nobody
        does not.
    distance_km
        (accounts,) by road, where it was worked out already.
    """
    vacant = set(territories.filter(pl.col("vacant"))["territory"])
    keys = [
        ("person", person) if person is not None else ("vacant", territory) if territory in vacant else None
        for person, territory in assignments.select("person", "territory").iter_rows()
    ]
    called: dict[tuple[str, str], list[str]] = {}
    for key, territory in zip(keys, assignments["territory"], strict=True):
        if key is not None and territory not in called.setdefault(key, []):
            called[key].append(territory)
    # Seats that got nothing cost all the same.
    for territory, person in territories.select("territory", "person").iter_rows():
        if person is not None or territory in vacant:
            key = ("person", person) if person is not None else ("vacant", territory)
            if territory not in called.setdefault(key, []):
                called[key].append(territory)
    working = _working(staff, assignments["previous_owner"].to_list())
    is_new = [
        before in working and before != now
        for before, now in zip(assignments["previous_owner"], assignments["person"], strict=True)
    ]
    return _books(name, keys, called, assignments["account_id"], accounts, staff, is_new, road_factor, distance_km)


def books_today(
    assignments: pl.DataFrame, accounts: pl.DataFrame, staff: Sequence[Person], *, road_factor: float
) -> Books:
    """The same accounts with the owners they have; one who does not work here any more looks after nothing."""
    owners = assignments["previous_owner"].to_list()
    working = _working(staff, owners)
    names = {person.person_id: person.name for person in staff}
    keys = [("person", owner) if owner in working else None for owner in owners]
    called = {key: [names.get(key[1], key[1])] for key in keys if key is not None}
    is_new = [False] * len(owners)
    return _books(TODAY_BOOKS, keys, called, assignments["account_id"], accounts, staff, is_new, road_factor)


def _working(staff: Sequence[Person], owners: Sequence[str | None]) -> set[str]:
    """Who works here; everybody who owns anything where no people are known."""
    return {person.person_id for person in staff} or {owner for owner in owners if owner}


def _books(
    name: str, keys: Sequence[tuple[str, str] | None], called: Mapping[tuple[str, str], Sequence[str]], ids: pl.Series,
    accounts: pl.DataFrame, staff: Sequence[Person], is_new: Sequence[bool], road_factor: float,
    distance_km: FloatArray | None = None,
) -> Books:  # fmt: skip
    people = {person.person_id: person for person in staff}
    place = {key: number for number, key in enumerate(called)}
    holder = np.array([-1 if key is None else place[key] for key in keys], np.int64)
    holders = tuple(
        _holder(key, territories, people.get(key[1]) if key[0] == "person" else None)
        for key, territories in called.items()
    )
    if distance_km is None:
        distance_km = _distance_km(holder, [people.get(key[1]) for key in called], ids, accounts) * road_factor
    return Books(
        name=name,
        holders=holders,
        costs=SeatCosts.of(holders),
        configuration=Configuration(
            holder=holder,
            seats=np.array([one.seats for one in holders], float),
            is_vacant=np.array([one.person_id is None for one in holders], bool),
            distance_km=distance_km,
            is_new=np.array(is_new, bool),
        ),
    )


def _holder(key: tuple[str, str], territories: Sequence[str], person: Person | None) -> Holder:
    is_person = key[0] == "person"
    return Holder(
        territory=" + ".join(territories),
        person_id=key[1] if is_person else None,
        person=(person.name if person is not None else key[1]) if is_person else None,
        seats=person.share if person is not None else 1.0,
        cost=_cost(person),
    )


def _cost(person: Person | None) -> float | None:
    try:
        return float(person.other[COST].replace(",", "").lstrip("$")) if person is not None else None
    except (KeyError, ValueError):
        return None


def _distance_km(
    holder: IntArray, people: Sequence[Person | None], ids: pl.Series, accounts: pl.DataFrame
) -> FloatArray:
    """(accounts,) as the crow flies from the holder's home, or from the middle of its accounts; 0 where not known."""
    if not {"latitude", "longitude"} <= set(accounts.columns):
        return np.zeros(len(holder))
    placed = pl.DataFrame({"account_id": ids}).join(
        accounts.select("account_id", "latitude", "longitude").unique("account_id", keep="first"),
        on="account_id",
        how="left",
        maintain_order="left",
    )
    latitude, longitude = (
        placed[axis].cast(pl.Float64).fill_null(np.nan).to_numpy() for axis in ("latitude", "longitude")
    )
    north, east = centres(holder, latitude, longitude, len(people))
    for number, person in enumerate(people):
        if person is not None and person.latitude is not None and person.longitude is not None:
            north[number], east[number] = person.latitude, person.longitude
    if not len(people):
        return np.zeros(len(holder))
    found = great_circle_km(latitude, longitude, north[holder], east[holder])
    return np.asarray(np.where((holder >= 0) & np.isfinite(found), found, 0.0))
