"""Which seats may take which accounts, and which fit them: required languages and skills, and the layer's field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.people.person import Person
from patchbook.plans.plan import BadPlan, CarveLayer, Plan
from patchbook.plans.prepare import Remark
from patchbook.plans.seats import Seat

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MISFIT_KM = 200.0
"""What it counts to leave an account with a seat whose field is another: as much as so many kilometres."""


@dataclass(frozen=True)
class Kind:
    """What accounts have in common as far as seats care."""

    needs: tuple[frozenset[str], ...]
    """For each required field the values needed."""
    field: str | None
    """The value of the layer's field."""


def kinds_of(
    plan: Plan, number: int, accounts: pl.DataFrame, seats: list[Seat], unit_of_row: IntArray, weights: FloatArray
) -> tuple[IntArray | None, FloatArray | None, tuple[Remark, ...]]:
    """
    The kind of each unit, what each kind costs at each seat (infinite where it may not go), and what to remark.

    A unit of several accounts needs all that any of them needs; its field is that of most of them.
    """
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    if not layer.require and layer.by is None:
        return None, None, ()
    _known_of_people(plan, number, layer, seats)
    units = len(weights)
    needs = [needed_values(plan, number, field, accounts, unit_of_row, units) for field in layer.require]
    fields: list[str | None] = [None] * units
    if layer.by:
        fields = _usual(plan, number, layer.by, accounts, unit_of_row, units)
    keys = [Kind(needs=tuple(need[unit] for need in needs), field=fields[unit]) for unit in range(units)]
    index: dict[Kind, int] = {}
    kind = np.array([index.setdefault(key, len(index)) for key in keys], np.int64)
    cost = np.zeros((len(index), len(seats)))
    if layer.by is not None:
        size = (weights / np.maximum(weights.sum(axis=0), 1e-300)).mean(axis=1)
        names = [*_distinct(fields), None]
        cost += MISFIT_KM * _misfit(fields, size, seats)[[names.index(key.field) for key in index]]
    for key, row in index.items():
        for (_, person_field), needed in zip(layer.require.items(), key.needs, strict=True):
            for place, seat in enumerate(seats):
                if seat.person is not None and not needed <= has(seat.person, person_field):
                    cost[row, place] = np.inf
    return kind, cost, tuple(_remarks(layer, cost, kind, seats))


def _known_of_people(plan: Plan, number: int, layer: CarveLayer, seats: list[Seat]) -> None:
    """Stop when a requirement names what the people file does not have."""
    people = [seat.person for seat in seats if seat.person is not None]
    for field, person_field in layer.require.items():
        if people and not any(hasattr(person, person_field) or person_field in person.other for person in people):
            known = sorted({name for person in people for name in person.other} | {"skills", "languages", "products"})
            raise BadPlan(
                f"{plan.at(f'layers[{number}].require.{field}')}: the people have no field {person_field!r}; they have "
                f"{', '.join(known[:12])}."
            )


def has(person: Person, field: str) -> frozenset[str]:
    """What a person's list holds, in lower case."""
    values = getattr(person, field, None)
    if values is None:
        text = person.other.get(field) or ""
        values = [part.strip() for part in text.replace("|", ";").split(";") if part.strip()]
    elif isinstance(values, str):
        values = [values]
    return frozenset(str(value).casefold() for value in values)


def needed_values(
    plan: Plan, number: int, field: str, accounts: pl.DataFrame, unit_of_row: IntArray, units: int
) -> list[frozenset[str]]:
    """For each unit the values of the field among its accounts."""
    values = _column(plan, number, field, accounts, "require")
    needed: list[set[str]] = [set() for _ in range(units)]
    for row, value in enumerate(values):
        if value:
            needed[unit_of_row[row]] |= {part.strip().casefold() for part in value.split(";") if part.strip()}
    return [frozenset(each) for each in needed]


def _usual(
    plan: Plan, number: int, field: str, accounts: pl.DataFrame, unit_of_row: IntArray, units: int
) -> list[str | None]:
    """For each unit the commonest value of the field, the first in the alphabet of equals."""
    values = _column(plan, number, field, accounts, "by")
    usual = (
        pl.DataFrame({"unit": unit_of_row, "value": values}, schema_overrides={"value": pl.String})
        .drop_nulls().group_by("unit", "value").len().sort(["unit", "len", "value"], descending=[False, True, False])
        .unique("unit", keep="first", maintain_order=True)
    )  # fmt: skip
    found: list[str | None] = [None] * units
    for unit, value in zip(usual["unit"], usual["value"], strict=True):
        found[unit] = value
    return found


def _column(plan: Plan, number: int, field: str, accounts: pl.DataFrame, setting: str) -> list[str | None]:
    if field not in accounts.columns:
        raise BadPlan(
            f"{plan.at(f'layers[{number}].{setting}')}: the accounts have no field {field!r}; they have "
            f"{', '.join(c for c in accounts.columns[:12] if not c.endswith('_original'))}, …"
        )
    column = accounts[field]
    if column.dtype.is_nested():
        column = column.list.join(";")
    texts: list[str | None] = column.cast(pl.String).to_list()
    return texts


def _distinct(fields: list[str | None]) -> list[str]:
    return sorted({field for field in fields if field is not None})


def _misfit(fields: list[str | None], size: FloatArray, seats: list[Seat]) -> FloatArray:
    """
    (fields + 1, seats) 0 where a seat's field is this, 1 where not; the last row, of accounts without one, is 0.

    People with the field among their skills have it. The rest of each field's need is laid over the other seats, the
    largest first, so that most seats have one field and few have two.
    """
    names = _distinct(fields)
    need = dict.fromkeys(names, 0.0)
    for field, part in zip(fields, size, strict=True):
        if field is not None:
            need[field] += float(part)
    total = sum(seat.share for seat in seats)
    grand = max(sum(need.values()), 1e-12)
    need = {name: part / grand * total for name, part in need.items()}
    fit = np.ones((len(names) + 1, len(seats)))
    fit[-1] = 0.0
    free = []
    for place, seat in enumerate(seats):
        skilled = [name for name in names if seat.person is not None and name.casefold() in has(seat.person, "skills")]
        for name in skilled:
            fit[names.index(name), place] = 0.0
            need[name] -= seat.share / len(skilled)
        if not skilled:
            free.append(place)
    for place in free:
        room = seats[place].share
        while room > 1e-9 and names:
            name = max(names, key=lambda n: (need[n], n))
            fit[names.index(name), place] = 0.0
            if need[name] <= 1e-9:
                break
            used = min(room, need[name])
            need[name] -= used
            room -= used
    return fit


def _remarks(layer: CarveLayer, cost: FloatArray, kind: IntArray, seats: list[Seat]) -> list[Remark]:
    """People nobody may be given to."""
    counts = np.bincount(kind, minlength=len(cost))
    remarks = []
    for place, seat in enumerate(seats):
        if seat.person is not None and not (np.isfinite(cost[:, place]) & (counts > 0)).any():
            remarks.append(
                Remark(
                    kind="no eligible account",
                    territory=seat.name,
                    message=(
                        f"{seat.person.name} may take no account of {layer.name}: none needs only what their "
                        f"{', '.join(layer.require.values())} hold; widen these, or leave the person out of the layer."
                    ),
                )
            )
    return remarks
