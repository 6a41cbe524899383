"""A carve layer as a problem: units from accounts, seats from people, costs and limits from the plan.

All costs are in kilometres an account: travel counts as it is, leaving today's owner or a misfit in field counts as so
many kilometres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from patchbook.carving.problem import Places, Problem
from patchbook.errors import BadInput
from patchbook.geography.distance import to_sphere_km
from patchbook.plans.eligibility import kinds_of
from patchbook.plans.enough import balanced_measures, shares_of
from patchbook.plans.ground import Ground, ground_of
from patchbook.plans.ground_areas import BadNeighbours, own_areas
from patchbook.plans.likeness import Likeness, NothingShared, likeness_of
from patchbook.plans.plan import BadPlan, CarveLayer, Plan, Touching
from patchbook.plans.prepare import Remark
from patchbook.plans.references import context_of, no_today
from patchbook.plans.seats import Seat
from patchbook.plans.worth import TRAVEL, UNLIKENESS, Worth
from patchbook.rules import BadRule, holds_in, schema_of
from patchbook.rules.source import nearest
from patchbook.rules.today import NoToday
from patchbook.words import counted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PREFER_KM = 60.0
"""With `owners: prefer`, an account leaves its owner only where that saves this many kilometres, or balance asks it."""
REBALANCE_KM = 20_000.0
"""The same with `goal: rebalance`: further than any two places are apart, so travel only breaks ties."""
STARTS = 4
"""By likeness books may form around other values from another beginning, at costs some 2 % apart on real companies; the
best of four is within some 0.3 % of the best of eight."""
FEW_CELLS = 250_000
"""Units × seats up to which a start takes a few seconds at most."""
PROTECTED = "Stays with today's owner, protected because"
"""How the reason of a protected unit begins, in `Market.bound_by`."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """A carve layer ready to be solved, and the way back from units to accounts."""

    problem: Problem
    seats: tuple[Seat, ...]
    unit_of_row: IntArray
    """(accounts of the layer,) the unit each account belongs to."""
    bound_by: tuple[str | None, ...]
    """(units,) why a unit is bound to its seat: a lock or protection, in plain words."""
    ground: Ground | None
    remarks: tuple[Remark, ...]
    likeness: Likeness | None = None
    """With it the problem's places are not on the ground: a site is what an account is like, a way is unlikeness."""

    @property
    def is_on_the_ground(self) -> bool:
        """Whether the problem's places are places."""
        return self.problem.places is not None and self.likeness is None

    @property
    def starts(self) -> int:
        """How often the problem is solved from other beginnings for the best of them."""
        size = self.problem.units * self.problem.seats
        return STARTS if self.likeness is not None and size <= FEW_CELLS else 1

    @property
    def worth(self) -> Worth:
        """What the problem's costs are told in."""
        return TRAVEL if self.likeness is None else UNLIKENESS


def market_of(plan: Plan, number: int, accounts: pl.DataFrame, seats: list[Seat]) -> Market:
    """
    The problem of the plan's layer of that number.

    Parameters
    ----------
    accounts
        The accounts of the layer only, with `measure_<name>` and `family_id`.
    """
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    unit_of_row = _units(layer, accounts)
    units = int(unit_of_row.max()) + 1
    wanted = layer.balance or tuple(m.name for m in plan.measures)
    names = balanced_measures(plan, number, {name: float(accounts[f"measure_{name}"].sum()) for name in wanted})
    columns = [accounts[f"measure_{name}"].to_numpy() for name in names]
    tolerances = [plan.measure(name).tolerance for name in names]
    if not names:
        names, columns, tolerances = ["accounts"], [np.ones(accounts.height)], [0.05]
    mixed, mixed_names, mixed_tolerances = _mix(layer, accounts, len(seats))
    columns += mixed
    weights = np.stack([np.bincount(unit_of_row, column, units) for column in columns], axis=1).astype(float)
    shares = np.repeat(shares_of(plan, number, seats)[:, None], weights.shape[1], axis=1)
    holders = np.bincount(unit_of_row, minlength=units).astype(float)
    incumbent = _incumbents(accounts, seats, unit_of_row, units)
    fixed, bound_by = _bound(plan, number, layer, accounts, seats, unit_of_row, units, incumbent)
    kind, kind_cost, remarks = kinds_of(plan, number, accounts, seats, unit_of_row, weights)
    stay = staying(layer, accounts, unit_of_row, holders)
    keeps = layer.keep.owners == "prefer" or layer.goal == "rebalance" or layer.keep.moved_at_most is not None
    problem = Problem(
        weights=weights, shares=shares, tolerances=np.array([*tolerances, *mixed_tolerances]),
        kind=kind, kind_cost=kind_cost, value=holders,
        incumbent=incumbent, stay=stay if keeps and layer.keep.owners == "prefer" else np.zeros(units),
        moved_at_most=layer.keep.moved_at_most, fixed=fixed,
        apart=_apart(plan, number, layer, accounts, unit_of_row),
        seat_names=tuple(seat.name if seat.person is None else f"{seat.name} ({seat.person.name})" for seat in seats),
        measure_names=(*names, *mixed_names),
        unit_names=tuple(accounts["account_id"].gather(np.unique(unit_of_row, return_index=True)[1])),
    )  # fmt: skip
    ground, likeness = None, None
    if layer.similar:
        problem, likeness, placed = _by_likeness(plan, number, accounts, unit_of_row, problem)
    else:
        problem, ground, placed = _on_the_ground(plan, number, accounts, seats, unit_of_row, problem)
    return Market(
        problem=problem, seats=tuple(seats), unit_of_row=unit_of_row, bound_by=tuple(bound_by), ground=ground,
        remarks=(*remarks, *_empty_measures(layer, wanted, names), *_missing_pairs(layer, accounts), *placed),
        likeness=likeness,
    )  # fmt: skip


def staying(layer: CarveLayer, accounts: pl.DataFrame, unit_of_row: IntArray, holders: FloatArray) -> FloatArray:
    """(units,) km that leaving today's owner counts: for each account, or in proportion to what is to move least."""
    if layer.goal != "rebalance" or layer.fewest is None:
        return np.asarray(holders * stay_km(layer))
    value = np.bincount(unit_of_row, accounts[f"measure_{layer.fewest}"].to_numpy(), len(holders)).astype(float)
    total = float(value.sum())
    return np.asarray(value * (REBALANCE_KM * float(holders.sum()) / total) if total > 0 else holders * REBALANCE_KM)


def stay_km(layer: CarveLayer) -> float:
    """What leaving its owner costs an account where owners count, in kilometres."""
    return REBALANCE_KM if layer.goal == "rebalance" else PREFER_KM


def _empty_measures(layer: CarveLayer, wanted: tuple[str, ...], found: list[str]) -> list[Remark]:
    """Measures that the layer asks to balance and has nothing of."""
    return [
        Remark(kind="nothing to balance", message=f"{name} is 0 for every account of {layer.name}, so it is left out.")
        for name in wanted
        if name not in found
    ]


def _missing_pairs(layer: CarveLayer, accounts: pl.DataFrame) -> list[Remark]:
    """Accounts to be kept apart that the layer does not have."""
    ids = set(accounts["account_id"].to_list())
    return [
        Remark(
            kind="not found", account_id=name,
            message=f"{name} is to be kept apart in {layer.name}, but is not among its accounts.",
        )
        for name in sorted({name for pair in layer.apart for name in pair} - ids)
    ]  # fmt: skip


def _units(layer: CarveLayer, accounts: pl.DataFrame) -> IntArray:
    """The unit of each account: its family, its group, or itself; numbered by first appearance."""
    rows = accounts.height
    links: list[tuple[IntArray, IntArray]] = []
    for column in (["family_id"] if layer.keep.families else []) + ([layer.together] if layer.together else []):
        if column not in accounts.columns:
            raise BadPlan(f"together: the accounts have no field {column!r}; it must be a field they have.")
        links.append((np.arange(rows), _first_of(accounts, column)))
    if not links:
        return np.arange(rows)
    start = np.concatenate([a for a, _ in links])
    end = np.concatenate([b for _, b in links])
    graph = csr_array((np.ones(len(start), np.int8), (start, end)), shape=(rows, rows))
    _, label = connected_components(graph, directed=False)
    _, first_row = np.unique(label, return_index=True)
    rank = np.empty(len(first_row), np.int64)
    rank[np.argsort(first_row, kind="stable")] = np.arange(len(first_row))
    return np.asarray(rank[label], np.int64)


def _first_of(accounts: pl.DataFrame, column: str) -> IntArray:
    """The first row with the same value; the row itself where the value is empty."""
    frame = accounts.select(pl.col(column).alias("value")).with_row_index("row")
    first = frame.with_columns(pl.col("row").min().over("value").alias("first"))
    return (
        first.select(pl.when(pl.col("value").is_null()).then(pl.col("row")).otherwise(pl.col("first")))
        .to_series().cast(pl.Int64).to_numpy()
    )  # fmt: skip


def _mix(layer: CarveLayer, accounts: pl.DataFrame, seats: int) -> tuple[list[FloatArray], list[str], list[float]]:
    """A count for each value of the mixed field, which every seat should have its share of, to the whole account."""
    if layer.mix is None:
        return [], [], []
    if layer.mix.field not in accounts.columns:
        raise BadPlan(f"mix: the accounts have no field {layer.mix.field!r}; it must be a field they have.")
    column = accounts[layer.mix.field].cast(pl.String)
    counts, names, tolerances = [], [], []
    for value in sorted(column.drop_nulls().unique().to_list()):
        has = (column == value).fill_null(False).to_numpy().astype(float)
        counts.append(has)
        names.append(f"{layer.mix.field} = {value}")
        tolerances.append(max(layer.mix.tolerance, 1.0 / max(has.sum() / seats, 1e-9)))
    return counts, names, tolerances


def _incumbents(accounts: pl.DataFrame, seats: list[Seat], unit_of_row: IntArray, units: int) -> IntArray:
    """The seat that has most accounts of each unit today, or -1 where nobody of the layer has any."""
    if "owner" not in accounts.columns:
        return np.full(units, -1)
    seat_of: dict[str, int] = {}
    for number, seat in enumerate(seats):
        if seat.person is not None:
            for name in (seat.person.person_id, seat.person.name, seat.person.email):
                if name:
                    seat_of.setdefault(name.casefold(), number)
    owners = [seat_of.get((owner or "").casefold(), -1) for owner in accounts["owner"].cast(pl.String).to_list()]
    held = np.zeros((units, len(seats)))
    owned = np.array(owners, np.int64)
    np.add.at(held, (unit_of_row[owned >= 0], owned[owned >= 0]), 1.0)
    return np.where(held.any(axis=1), held.argmax(axis=1), -1).astype(np.int64)


def _bound(
    plan: Plan, number: int, layer: CarveLayer, accounts: pl.DataFrame, seats: list[Seat], unit_of_row: IntArray,
    units: int, incumbent: IntArray,
) -> tuple[IntArray, list[str | None]]:  # fmt: skip
    """The seat each unit is bound to by a lock or by protection, or -1, and why."""
    fixed = np.full(units, -1)
    why: list[str | None] = [None] * units
    by: dict[int, str] = {}
    row_of = {account: row for row, account in enumerate(accounts["account_id"].to_list())}
    for lock in plan.locks:
        row = row_of.get(lock.account_id)
        if row is None:
            continue
        called = [place for place, seat in enumerate(seats) if seat.is_called(lock.seat)]
        if len(called) > 1:
            raise NoSuchSeat(
                f"The lock of {lock.account_id}{_line(lock.line)} names {lock.seat!r}, which may be any of "
                f"{', '.join(seats[place].name for place in called)}; name the seat or the person_id."
            )
        if not called:
            raise NoSuchSeat(
                f"The lock of {lock.account_id}{_line(lock.line)} names {lock.seat!r}, but {layer.name} has no such "
                f"seat; its seats are {', '.join(s.name if s.person is None else s.person.name for s in seats[:6])}"
                f"{', …' if len(seats) > 6 else ''}."
            )
        seat = called[0]
        unit = int(unit_of_row[row])
        if fixed[unit] >= 0 and fixed[unit] != seat:
            raise TornFamily(
                f"{by[unit]} and {lock.account_id} are one family but are locked to {seats[int(fixed[unit])].name} and "
                f"{seats[seat].name}; lock them to one seat, or set keep.families to false in "
                f"{plan.at(f'layers[{number}].keep.families')}."
            )
        fixed[unit] = seat
        by[unit] = lock.account_id
        why[unit] = f"Locked to {lock.seat} by the plan{_line(lock.line)}"
    if layer.keep.protect is not None:
        try:
            protected = holds_in(layer.keep.protect, accounts, schema_of(accounts), context_of(plan, accounts))
        except NoToday as error:
            raise no_today(plan, f"layers[{number}].keep.protect") from error
        except BadRule as error:
            raise BadPlan(f"{plan.at(f'layers[{number}].keep.protect')}: {error}") from error
        for unit in np.unique(unit_of_row[protected]):
            if fixed[unit] < 0 and incumbent[unit] >= 0:
                fixed[unit] = incumbent[unit]
                why[unit] = f"{PROTECTED} {layer.keep.protect}"
    return fixed, why


class NoSuchSeat(BadPlan):
    """A lock names a seat that the layer does not have, or a name that several seats go by."""


class TornFamily(BadPlan):
    """Two accounts of one family are locked to two seats."""


def _line(line: int | None) -> str:
    return f" (line {line})" if line else ""


def _apart(
    plan: Plan, number: int, layer: CarveLayer, accounts: pl.DataFrame, unit_of_row: IntArray
) -> IntArray | None:
    row_of = {account: row for row, account in enumerate(accounts["account_id"].to_list())}
    pairs = []
    for a, b in layer.apart:
        if a in row_of and b in row_of:
            left, right = int(unit_of_row[row_of[a]]), int(unit_of_row[row_of[b]])
            if left == right:
                raise TornFamily(
                    f"{a} and {b} must be apart but are kept together as one family or group; drop the pair from "
                    f"{plan.at(f'layers[{number}].apart')}, or set keep.families to false."
                )
            pairs.append((left, right))
    return np.array(pairs, np.int64) if pairs else None


def _by_likeness(
    plan: Plan, number: int, accounts: pl.DataFrame, unit_of_row: IntArray, problem: Problem
) -> tuple[Problem, Likeness | None, tuple[Remark, ...]]:
    """The problem with accounts near those they are like; a family is as many sites as it has accounts."""
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    at = plan.at(f"layers[{number}].similar")
    for field in layer.similar:
        if field not in accounts.columns:
            known = [name for name in accounts.columns if not name.endswith("_original")]
            near = nearest(field, known)
            hint = f"did you mean {near!r}?" if near else f"they have {', '.join(known[:12])}, …"
            raise BadPlan(f"{at}: the accounts have no field {field!r}; {hint}")
    try:
        likeness, remarks = likeness_of(layer.similar, accounts, layer.name)
    except NothingShared as error:
        raise BadPlan(f"{at}: {error}; choose a field that accounts share, such as industry.") from error
    if likeness is None:
        return problem, None, remarks
    places = Places(
        sites=likeness.sites, unit_of_site=unit_of_row, weight=np.ones(accounts.height), on_globe=False
    )  # fmt: skip
    return replace(problem, places=places), likeness, remarks


class NoPlaces(BadInput):
    """Territories are to be contiguous, but no account has a place that can be judged by."""


def _on_the_ground(
    plan: Plan, number: int, accounts: pl.DataFrame, seats: list[Seat], unit_of_row: IntArray, problem: Problem
) -> tuple[Problem, Ground | None, tuple[Remark, ...]]:
    """The problem with places, travel and areas, where the layer is about places."""
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    known = np.zeros(accounts.height, bool)
    if {"latitude", "longitude"} <= set(accounts.columns):
        latitude = accounts["latitude"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        longitude = accounts["longitude"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        known = np.isfinite(latitude) & np.isfinite(longitude)
    if not layer.is_on_the_ground:
        return problem, None, ()
    if not known.any():
        lost = f"No account of {layer.name} has a place"
        if isinstance(layer.contiguous, Touching):
            return _in_own_areas(plan, number, accounts, unit_of_row, problem, lost)
        if layer.contiguous is not None:
            raise NoPlaces(
                f"{lost}, so its territories cannot be contiguous; add coordinates, a postal code or a city and "
                f"country to the accounts, or drop {plan.at(f'layers[{number}].contiguous')}."
            )
        return problem, None, (Remark(kind="no place", message=f"{lost}; distance counts for nothing."),)
    weight = np.ones(accounts.height)
    if layer.travel_by is not None:
        weight = accounts[f"measure_{layer.travel_by}"].to_numpy()
        weight = weight / max(float(weight.mean()), 1e-12)
    homes = np.full((len(seats), 3), np.nan)
    for place, seat in enumerate(seats):
        if seat.person is not None and seat.person.latitude is not None and seat.person.longitude is not None:
            homes[place] = to_sphere_km([seat.person.latitude], [seat.person.longitude])[0]
    places = Places(
        sites=to_sphere_km(latitude[known], longitude[known]), unit_of_site=unit_of_row[known], weight=weight[known],
        homes=None if np.isnan(homes).all() else homes,
    )  # fmt: skip
    remarks = []
    if not known.all():
        remarks.append(
            Remark(
                kind="no place",
                message=f"{counted(int((~known).sum()), 'account')} of {layer.name} without a place;"
                f" distance counts for none.",
            )
        )
    ground = None
    if layer.contiguous is not None:
        ground = _ground(plan, number, accounts, unit_of_row, weight, known)
        remarks += [Remark(kind="bridged", message=message) for message in ground.bridges]
    problem = replace(
        problem, places=places, travel=layer.travel * plan.road_factor, areas=None if ground is None else ground.areas
    )
    return problem, ground, tuple(remarks)


def _in_own_areas(
    plan: Plan, number: int, accounts: pl.DataFrame, unit_of_row: IntArray, problem: Problem, lost: str
) -> tuple[Problem, Ground, tuple[Remark, ...]]:
    """Without any place: in one piece over areas of one's own, which need none."""
    nowhere = np.zeros(accounts.height, bool)
    ground = _ground(plan, number, accounts, unit_of_row, np.ones(accounts.height), nowhere)
    remark = Remark(kind="no place", message=f"{lost}; distance counts for nothing.")
    return replace(problem, areas=ground.areas), ground, (remark,)


def _ground(
    plan: Plan, number: int, accounts: pl.DataFrame, unit_of_row: IntArray, weight: FloatArray, known: BoolArray
) -> Ground:
    """What contiguity is judged on; what cannot be is told with its line of the plan."""
    layer = plan.layers[number]
    assert isinstance(layer, CarveLayer)
    assert layer.contiguous is not None
    by = layer.contiguous
    try:
        if isinstance(by, Touching):
            named = own_areas(by.area, by.file, plan.beside(by.file), accounts, known)
            return ground_of(named, accounts, unit_of_row, weight, known)
        return ground_of(by, accounts, unit_of_row, weight, known)
    except BadNeighbours as error:
        raise BadPlan(f"{plan.at(f'layers[{number}].contiguous')}: {error}.") from error
