"""The seats of a carve layer: who fills them, where they are at home, what share each carries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from patchbook.people.person import Person
from patchbook.plans.plan import BadPlan, CarveLayer, Plan, Sizing
from patchbook.plans.references import context_of, no_today
from patchbook.rules import BadRule, holds_in, schema_of
from patchbook.rules.today import NoToday
from patchbook.words import counted

MANAGING = ("manager", "planner", "director", "vice president", "vp")
"""Words in a role that say its holder leads and has no book."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A seat of a carve layer, filled or vacant."""

    name: str
    person: Person | None
    share: float
    """What it can carry, in full-time seats."""

    def is_called(self, name: str) -> bool:
        """Whether a planner may mean this seat by that name: its own, its person's id, name or e-mail."""
        person = self.person
        names = [self.name] if person is None else [self.name, person.person_id, person.name, person.email or ""]
        return name.strip().casefold() in {n.casefold() for n in names if n}


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one measure of a layer asks for."""

    sizing: Sizing
    total: float
    """The sum of the measure over the layer's accounts."""

    @property
    def full_time(self) -> float:
        """How many full-time seats carry it; not rounded."""
        return self.total / self.sizing.capacity

    @property
    def says(self) -> str:
        """It as a planner would reckon it."""
        return f"{self.total:,.0f} of {self.sizing.measure} at {self.sizing.capacity:,.0f} a seat"


def needs_of(layer: CarveLayer, accounts: pl.DataFrame) -> tuple[Need, ...]:
    """What each measure the layer is sized by asks for, the one that asks for most first; of equals the first named."""
    found = [Need(sizing=sizing, total=float(accounts[f"measure_{sizing.measure}"].sum())) for sizing in layer.sizings]
    return tuple(sorted(found, key=lambda need: -need.full_time))


def seats_of(
    plan: Plan, number: int, people: Sequence[Person], used: set[str], needs: Sequence[Need] = ()
) -> list[Seat]:
    """
    The seats of the plan's layer of that number.

    A layer sized by measures has as many as carry the measure that asks for most: people count as what they carry, so
    that somebody at half their ramp leaves half a seat to be filled.

    Parameters
    ----------
    used
        Ids of people who hold a seat of an earlier carve layer; they take no second one.
    needs
        What the measures ask for that the layer is sized by, as `needs_of` has them.
    """
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    able = [p for p in _partakers(plan, number, layer, people) if p.person_id not in used]
    if layer.seats == "from people":
        wanted = len(able)
        if not able:
            why = _why_nobody(layer, used)
            raise BadPlan(f"{plan.at(f'layers[{number}]')}: no person takes part in {layer.name!r}: {why}.")
    elif isinstance(layer.seats, int):
        wanted = layer.seats
    else:
        wanted = _enough(needs[0].full_time if needs else 0.0, [person.share for person in able])
    able = able[:wanted]  # vacant seats stay vacant, however many people there are
    wanted += layer.vacant
    digits = len(str(wanted))
    return [
        Seat(
            name=f"{layer.name} {place + 1:0{digits}d}",
            person=able[place] if place < len(able) else None,
            share=able[place].share if place < len(able) else 1.0,
        )
        for place in range(wanted)
    ]


def covered(names: Sequence[str], vacant: int, cover: int, who: Person, *, alike: bool = False) -> str:
    """Who looks after a vacant territory in the meantime, and why."""
    return (
        f"{names[vacant]} is vacant; {who.name} ({names[cover]}) covers it in the meantime, having most room of those "
        f"{'whose books are alike' if alike else 'near'} who may."
    )


def _enough(full_time: float, shares: Sequence[float]) -> int:
    """How many seats carry so many full-time ones: these people first, then vacant ones at a full seat each."""
    left = full_time - 1e-9
    for place, share in enumerate(shares):
        if left <= 0:
            return max(1, place)
        left -= share
    return max(1, len(shares) + max(0, math.ceil(left)))


def sized(layer: CarveLayer, seats: Sequence[Seat], needs: Sequence[Need]) -> str:
    """How many seats a layer has, by which measure, what the others ask for, and what those who ramp leave over."""
    mine = seats[: len(seats) - layer.vacant]
    told = f"{layer.name} needs {counted(len(mine), 'seat')}: {needs[0].says}"
    if others := [f"{need.says} is {math.ceil(need.full_time - 1e-9):,}" for need in needs[1:]]:
        told += f"; {' and '.join(others)}, so {needs[0].sizing.measure} decides"
    carried = sum(seat.share for seat in mine)
    if abs(carried - len(mine)) > 1e-9:
        told += f"; who fills them carries as much as {carried:,.1f} full-time seats"
    return f"{told}."


def _why_nobody(layer: CarveLayer, used: set[str]) -> str:
    """What keeps everyone from a layer, and what would help."""
    if layer.people is not None:
        return f"nobody who is free meets {layer.people!r}; correct the condition, or give the layer a number of seats"
    if used:
        return (
            "all who could hold a seat of an earlier layer; say who takes part in each with people or a segment "
            f"{layer.name!r}, or give the layer a number of seats"
        )
    return (
        f"everyone in the people file leads others; add people with segment {layer.name!r} to the people file, or "
        "give the layer a number of seats"
    )


def _partakers(plan: Plan, number: int, layer: CarveLayer, people: Sequence[Person]) -> list[Person]:
    """Who takes part: those who meet the condition; else those of the layer's segment; else everyone with a book."""
    if layer.people is not None:
        table = people_frame(people)
        try:
            taking_part = holds_in(layer.people, table, schema_of(table), context_of(plan))
            return [person for person, yes in zip(people, taking_part, strict=True) if yes]
        except NoToday as error:
            raise no_today(plan, f"layers[{number}].people") from error
        except BadRule as error:
            raise BadPlan(f"{plan.at(f'layers[{number}].people')}: {error}") from error
    leaders = {p.manager_id for p in people if p.manager_id}
    book_holders = [
        p
        for p in people
        if p.person_id not in leaders and not any(word in (p.role or "").casefold() for word in MANAGING)
    ]
    of_segment = [p for p in book_holders if (p.segment or "").casefold() == layer.name.casefold()]
    return of_segment or book_holders


def people_frame(people: Sequence[Person]) -> pl.DataFrame:
    """People as a table that conditions are asked over; lists are joined by `;`."""
    other = sorted({name for p in people for name in p.other})
    columns: dict[str, list[object]] = {
        "person_id": [p.person_id for p in people],
        "name": [p.name for p in people],
        "email": [p.email for p in people],
        "role": [p.role for p in people],
        "segment": [p.segment for p in people],
        "manager_id": [p.manager_id for p in people],
        "skills": [";".join(sorted(p.skills)) for p in people],
        "languages": [";".join(sorted(p.languages)) for p in people],
        "products": [";".join(sorted(p.products)) for p in people],
        "capacity": [p.capacity for p in people],
        "ramp": [p.ramp for p in people],
        **{name: [p.other.get(name) for p in people] for name in other},
    }
    text = {name: pl.String for name in columns if name not in ("capacity", "ramp")}
    return pl.DataFrame(columns, schema_overrides=text)
