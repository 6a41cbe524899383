"""Any assignment judged by a plan, ours or not: every measure, and every demand of the plan it breaks."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts.csv_out import FORMULA_STARTS
from patchbook.carving.constraints import CONSTRAINTS, Breach
from patchbook.carving.limits import limits
from patchbook.errors import BadInput
from patchbook.measures import Division
from patchbook.plans.judge import Figure, judged
from patchbook.plans.layers import Taken, divide
from patchbook.plans.market import Market, market_of
from patchbook.plans.plan import CarveLayer, Plan
from patchbook.plans.prepare import Prepared, prepare
from patchbook.plans.seats import Seat, needs_of, seats_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LABELS = ("seat", "person", "territory")
"""Columns that say who has an account, the most exact first; the first that is filled counts."""
MOST_NAMED = 5


class BadAssignments(BadInput):
    """A file of assignments cannot be judged; the message says which column or line is at fault."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """An assignment, judged."""

    plan: str
    accounts: int
    """Accounts of the plan."""
    assigned: int
    figures: tuple[Figure, ...]
    broken: tuple[str, ...]
    """Demands of the plan that are not met, in plain words."""
    missing: tuple[str, ...]
    """Accounts of the plan that the assignment leaves out."""
    unknown: tuple[str, ...]
    """Accounts of the assignment that the plan does not have."""

    @property
    def feasible(self) -> bool:
        """Whether every demand of the plan is met."""
        return not self.broken

    def to_dict(self) -> dict[str, Any]:
        """The score for JSON."""
        return {
            "plan": self.plan,
            "feasible": self.feasible,
            "accounts": self.accounts,
            "assigned": self.assigned,
            "measures": [
                {
                    "measure": figure.measure.key,
                    "of": figure.of,
                    "value": figure.value,
                    "unit": figure.measure.unit,
                    "better": figure.measure.better,
                }
                for figure in self.figures
            ],
            "broken": list(self.broken),
            "missing": list(self.missing),
            "unknown": list(self.unknown),
        }


def score(plan: Plan, assignments: pl.DataFrame, *, prepared: Prepared | None = None) -> Score:
    """
    Every measure of an assignment, and every demand of the plan that it breaks.

    Parameters
    ----------
    assignments
        `account_id` and one or more of `seat`, `person` and `territory`. A seat may be called by its name, or by the
        id, name or e-mail of its person; a territory the plan does not know takes a seat that nobody else took.
    prepared
        The plan's accounts and people, where they were read already.

    Raises
    ------
    BadAssignments
        A column is missing, or an account stands in two lines.
    """
    ready = prepared or prepare(plan)
    labels = _labels(assignments)
    ids = ready.accounts["account_id"].to_list()
    known = set(ids)
    book = _Book(ready=ready, label=[labels.get(account) for account in ids])
    used: set[str] = set()
    for part in divide(plan, ready.accounts)[0]:
        if isinstance(part.layer, CarveLayer) and len(part.rows):
            book.judge(part, used)
    book.others()
    figures = judged(book.division, [measure.name for measure in plan.measures])
    return Score(
        plan=plan.name,
        accounts=len(ids),
        assigned=sum(label is not None for label in book.label),
        figures=figures,
        broken=tuple(book.broken),
        missing=tuple(account for account, label in zip(ids, book.label, strict=True) if label is None),
        unknown=tuple(account for account in labels if account not in known),
    )


def read_assignments(path: Path | str) -> pl.DataFrame:
    """A CSV or Parquet file of assignments as text; the apostrophe before an escaped formula is taken off."""
    path = Path(path)
    if not path.is_file():
        raise BadAssignments(f"There is no file {path}; name a CSV with account_id and territory, seat or person.")
    try:
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except pl.exceptions.PolarsError as error:
        raise BadAssignments(f"{path} cannot be read as a table ({str(error).splitlines()[0]}).") from error
    escaped = "^'[" + "".join(f"\\x{ord(start):02x}" for start in FORMULA_STARTS) + "]"
    wanted = [name for name in ("account_id", *LABELS) if name in frame.columns]
    return frame.select(
        pl.when(pl.col(name).cast(pl.String).str.contains(escaped))
        .then(pl.col(name).cast(pl.String).str.slice(1))
        .otherwise(pl.col(name).cast(pl.String))
        .alias(name)
        for name in wanted
    )


def _labels(assignments: pl.DataFrame) -> dict[str, str | None]:
    """Who has each account, by the most exact column that is filled."""
    columns = [name for name in LABELS if name in assignments.columns]
    if "account_id" not in assignments.columns or not columns:
        raise BadAssignments(
            f"The assignments have the columns {', '.join(assignments.columns) or '(none)'}; they need account_id and "
            "one of seat, person or territory."
        )
    twice = [account for account, lines in Counter(assignments["account_id"]).items() if lines > 1]
    if twice:
        raise BadAssignments(f"Account {twice[0]} is assigned in more than one line; each account may have one.")
    filled = [
        pl.when(pl.col(name).cast(pl.String).str.strip_chars() == "").then(None).otherwise(pl.col(name).cast(pl.String))
        for name in columns
    ]
    label = assignments.select("account_id", label=pl.coalesce(filled))
    return dict(label.filter(pl.col("account_id").is_not_null()).iter_rows())


@dataclass
class _Book:
    """What is known of each account while the layers are judged."""

    ready: Prepared
    label: list[str | None]
    broken: list[str] = field(default_factory=list)
    targets: list[dict[str, float]] = field(default_factory=list)
    """For each territory found, its target of each measure that has one."""
    people: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nobody has anything yet."""
        self.territory = np.full(self.ready.accounts.height, -1)

    def judge(self, part: Taken, used: set[str]) -> None:
        """One carve layer: its seats' targets, and what is broken."""
        layer, plan = part.layer, self.ready.plan
        assert isinstance(layer, CarveLayer)
        accounts = self.ready.accounts[part.rows]
        seats = seats_of(plan, part.number, self.ready.people, used, needs_of(layer, accounts))
        used |= {seat.person.person_id for seat in seats if seat.person is not None}
        market = market_of(plan, part.number, accounts, seats)
        seat_of_row = self._seats(layer, [self.label[row] for row in part.rows], seats)
        owners = self._owners(layer, accounts, market, seat_of_row)
        # An oversized unit fills the seat it is in, whichever that is.
        lim = limits(market.problem, lambda unit: np.where(np.arange(len(seats)) == owners[unit], 0.0, 1.0))
        for constraint in CONSTRAINTS:
            if constraint.supports(market.problem):
                found = constraint.breaches(market.problem, lim, owners)
                self.broken += [f"{layer.name}: {_told(breach, accounts, market)}" for breach in found]
        first = len(self.targets)
        self.territory[part.rows] = np.where(seat_of_row >= 0, seat_of_row + first, -1)
        counted = (seat_of_row >= 0) & lim.balanced[np.maximum(seat_of_row, 0)]
        share = np.where(lim.balanced, [seat.share for seat in seats], 0.0)
        share = share / max(float(share.sum()), 1e-12)
        for place, seat in enumerate(seats):
            self.targets.append(
                {
                    name: float(share[place] * accounts[f"measure_{name}"].to_numpy()[counted].sum())
                    for name in (layer.balance or tuple(m.name for m in plan.measures))
                    if lim.balanced[place]
                }
            )
            self.people.append(None if seat.person is None else seat.person.person_id)

    def others(self) -> None:
        """Accounts of other layers: each label is a territory without a target."""
        known = _called(self.ready)
        place: dict[str, int] = {}
        for row, label in enumerate(self.label):
            if label is None or self.territory[row] >= 0:
                continue
            if label not in place:
                place[label] = len(self.targets)
                self.targets.append({})
                self.people.append(known.get(label.casefold()))
            self.territory[row] = place[label]

    def division(self, measure: str | None) -> Division:
        """The assignment as arrays, weighted by one of the plan's measures, or by count."""
        accounts = self.ready.accounts
        numbers = {name: code for code, name in enumerate(dict.fromkeys(p for p in self.people if p))}
        known = _called(self.ready)
        before = (
            accounts["owner"].cast(pl.String).to_list() if "owner" in accounts.columns else [None] * accounts.height
        )
        previous = [
            -1 if not name else numbers.setdefault(known.get(name.casefold(), name), len(numbers)) for name in before
        ]
        owner_of = np.array([*(numbers[p] if p else -1 for p in self.people), -1], dtype=np.int64)
        return Division(
            territory=self.territory,
            weight=accounts[f"measure_{measure}"].to_numpy() if measure else np.ones(accounts.height),
            target=np.array([targets.get(measure or "", math.nan) for targets in self.targets]),
            latitude=_degrees(accounts, "latitude"),
            longitude=_degrees(accounts, "longitude"),
            road_factor=self.ready.plan.road_factor,
            owner=owner_of[self.territory],
            previous_owner=np.array(previous, dtype=np.int64),
            is_staffed=np.array([person is not None for person in self.people], dtype=np.bool_),
        )

    def _seats(self, layer: CarveLayer, labels: Sequence[str | None], seats: Sequence[Seat]) -> IntArray:
        """The seat of each account, -1 for none; labels that call no seat take those left, the most accounts first."""
        counted = Counter(label for label in labels if label is not None)
        place = {label: _called_seat(label, seats) for label in counted}
        free = [at for at in range(len(seats)) if at not in set(place.values())]
        # A seat that can carry more is likelier to be the one with more accounts.
        free.sort(key=lambda at: (-seats[at].share, at))
        strange = sorted(
            (label for label in counted if place[label] is None), key=lambda label: (-counted[label], label)
        )
        place.update(zip(strange, free, strict=False))
        beyond = strange[len(free) :]
        if beyond:
            named = ", ".join(beyond[:MOST_NAMED]) + (" and more" if len(beyond) > MOST_NAMED else "")
            self.broken.append(
                f"{layer.name}: {len(beyond)} of the territories are more than its {len(seats)} seats: {named}"
            )
        found = [place.get(label) if label is not None else None for label in labels]
        nobody = sum(label is None for label in labels)
        if nobody:
            self.broken.append(
                f"{layer.name}: {nobody} {'account is' if nobody == 1 else 'accounts are'} assigned to nobody"
            )
        return np.array([-1 if at is None else at for at in found], dtype=np.int64)

    def _owners(self, layer: CarveLayer, accounts: pl.DataFrame, market: Market, seat_of_row: IntArray) -> IntArray:
        """The seat of each unit; a family in several is broken, and counts where most of it is."""
        units = market.problem.units
        held = np.zeros((units, len(market.seats)))
        placed = seat_of_row >= 0
        np.add.at(held, (market.unit_of_row[placed], seat_of_row[placed]), 1.0)
        torn = np.flatnonzero((held > 0).sum(axis=1) > 1)
        for unit in torn[:MOST_NAMED]:
            ids = accounts["account_id"].to_numpy()[market.unit_of_row == unit]
            self.broken.append(
                f"{layer.name}: the family of {ids[0]} is divided between {(held[unit] > 0).sum()} seats"
            )
        if len(torn) > MOST_NAMED:
            self.broken.append(f"{layer.name}: {len(torn) - MOST_NAMED} more families are divided")
        return np.where(held.any(axis=1), held.argmax(axis=1), -1).astype(np.int64)


def _told(breach: Breach, accounts: pl.DataFrame, market: Market) -> str:
    """The breach with the account's own id in the place of the engine's number of its unit."""
    if breach.unit is None:
        return breach.message
    row = int(np.flatnonzero(market.unit_of_row == breach.unit)[0])
    return re.sub(rf"\bunit {breach.unit}\b", str(accounts["account_id"][row]), breach.message, flags=re.IGNORECASE)


def _called_seat(label: str, seats: Sequence[Seat]) -> int | None:
    return next((at for at, seat in enumerate(seats) if seat.is_called(label)), None)


def _called(ready: Prepared) -> dict[str, str]:
    """Every way to call a person → their id."""
    called: dict[str, str] = {}
    for person in ready.people:
        for name in (person.person_id, person.name, person.email):
            if name:
                called.setdefault(name.casefold(), person.person_id)
    return called


def _degrees(frame: pl.DataFrame, name: str) -> FloatArray | None:
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() if name in frame.columns else None
