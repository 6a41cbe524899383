"""What differs between two plans in meaning: settings, layers, territories, who has which account, and people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl
import yaml
from sqlalchemy import Connection

from patchbook.people.principal import Principal
from patchbook.plans import actions, store
from patchbook.plans.documents import parsed
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.state import PlanState
from patchbook.plans.writing import dump
from patchbook.words import counted

SAME = 0.5
"""Territories of different names are one renamed when more than this share of the accounts of each is in the other."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of the documents that differs; None where a plan does not have it."""

    place: str
    """As `measures.potential.tolerance` or `layers.Field.keep.owners`."""
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A territory that is called something else."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Accounts that are in one territory in the first plan and in another in the second."""

    before: str | None
    after: str | None
    """As the second plan calls it; None for no territory."""
    accounts: int
    measures: Mapping[str, float]
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Restaffed:
    """A territory with somebody else on its seat; None for a vacant one."""

    territory: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two plans, part by part."""

    first: str
    second: str
    settings: tuple[Setting, ...] = ()
    files: tuple[str, ...] = ()
    """Files the documents name whose content differs."""
    territories_added: tuple[str, ...] = ()
    territories_removed: tuple[str, ...] = ()
    territories_renamed: tuple[Renamed, ...] = ()
    moved: tuple[Moved, ...] = ()
    """Most accounts first."""
    staffing: tuple[Restaffed, ...] = ()
    only_first: int = 0
    only_second: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the two mean the same."""
        return not self.says

    @property
    def accounts_moved(self) -> int:
        """How many accounts are in another territory."""
        return sum(pair.accounts for pair in self.moved)

    @property
    def says(self) -> tuple[str, ...]:
        """All of it in plain words, one line a difference."""
        return (
            *(_setting_says(one) for one in self.settings),
            *(f"The file {name} differs." for name in self.files),
            *(f"{self.second} has a new territory {name}." for name in self.territories_added),
            *(f"{self.second} has no territory {name}." for name in self.territories_removed),
            *(f"The territory {one.before} is called {one.after}." for one in self.territories_renamed),
            *(
                f"{counted(one.accounts, 'account')} from {one.before or 'no territory'} to "
                f"{one.after or 'no territory'}."
                for one in self.moved
            ),
            *(f"{one.territory} is {_held(one.after)} instead of {_held(one.before)}." for one in self.staffing),
            *(
                [f"{counted(self.only_first, 'account is', 'accounts are')} only in {self.first}."]
                if self.only_first
                else []
            ),
            *(
                [f"{counted(self.only_second, 'account is', 'accounts are')} only in {self.second}."]
                if self.only_second
                else []
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """The difference for JSON."""
        return {**asdict(self), "accounts_moved": self.accounts_moved, "says": list(self.says)}


def difference(
    tx: Connection,
    first_id: str,
    second_id: str,
    *,
    state: Callable[..., PlanState] = actions.state,
    by: Principal,
    at: datetime,
) -> Difference:
    """
    What the second plan has otherwise than the first.

    Plans that are not carved yet are compared by their documents alone.

    Parameters
    ----------
    state
        Gives a plan as it stands, for who has that at hand.
    """
    first, second = (actions.get(tx, plan_id, by=by, at=at) for plan_id in (first_id, second_id))
    states: list[PlanState | None] = []
    for plan in (first, second):
        try:
            states.append(state(tx, plan.plan_id, by=by, at=at))
        except NotCarved:
            states.append(None)
    files = [store.files(tx, plan.plan_id) for plan in (first, second)]
    names = sorted(set(files[0]) | set(files[1]))
    return difference_of(
        first, second, *states, files=tuple(name for name in names if files[0].get(name) != files[1].get(name))
    )


def difference_of(
    first: RecordedPlan,
    second: RecordedPlan,
    before: PlanState | None,
    after: PlanState | None,
    *,
    files: tuple[str, ...] = (),
) -> Difference:
    """The difference of two plans and their states. Pure."""
    names = (first.name, second.name) if first.name != second.name else (first.plan_id, second.plan_id)
    told: dict[str, Any] = {"settings": _settings(first, second), "files": files}
    if before is not None and after is not None:
        told |= _states(before, after)
    return Difference(first=names[0], second=names[1], **told)


def _settings(first: RecordedPlan, second: RecordedPlan) -> tuple[Setting, ...]:
    old, new = _flat(first), _flat(second)
    places = [*old, *(place for place in new if place not in old)]
    return tuple(
        Setting(place=place, before=old.get(place), after=new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    )


def _flat(plan: RecordedPlan) -> dict[str, Any]:
    """Every setting by its place, layers and measures by their names."""
    told = yaml.safe_load(dump(parsed(plan.document)))
    told.pop("plan", None)
    layers: dict[str, Any] = {}
    for item in told.pop("layers", []):
        ((kind, settings),) = item.items()
        settings = settings if isinstance(settings, dict) else {"file" if kind == "named" else "takes": settings}
        name = str(settings.get("name") or settings.get("territory") or settings.get("file") or kind)
        layers[name] = {"kind": kind, **settings}
    locks = {str(lock["account"]): lock["seat"] for lock in told.pop("locks", []) if "account" in lock}
    told |= {"effective": plan.effective, "seed": plan.seed, "seconds": plan.seconds, "locks": locks, "layers": layers}
    flat = dict(_leaves(told))
    flat["layers in order"] = list(layers)
    return {place: value for place, value in flat.items() if value is not None}


def _leaves(told: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in told.items():
        place = f"{before}{name}"
        found += _leaves(value, f"{place}.") if isinstance(value, dict) else [(place, value)]
    return found


def _states(before: PlanState, after: PlanState) -> dict[str, Any]:
    both = before.assignments.select("account_id", pl.col("territory").alias("before")).join(
        after.assignments.select("account_id", pl.col("territory").alias("after"), "^measure_.*$"), on="account_id"
    )
    old, new = before.territories["territory"].to_list(), after.territories["territory"].to_list()
    called = _same_territories(before, after, both)
    renamed = tuple(Renamed(before=name, after=now) for name, now in called.items() if name != now)
    both = both.with_columns(pl.col("before").replace(called).alias("as_called_now"))
    moved = both.filter(pl.col("as_called_now").ne_missing(pl.col("after")))
    measures = [name for name in after.measures if f"measure_{name}" in moved.columns]
    pairs = (
        moved.group_by("before", "after")
        .agg(
            pl.len().alias("_accounts"),
            pl.col("account_id").sort().head(3).alias("_examples"),
            *(pl.col(f"measure_{name}").sum().alias(name) for name in measures),
        )
        .sort("_accounts", "before", "after", descending=[True, False, False], nulls_last=True)
    )
    held = dict(before.territories.select("territory", "person").iter_rows())
    holds = dict(after.territories.select("territory", "person").iter_rows())
    return {
        "territories_added": tuple(name for name in new if name not in called.values()),
        "territories_removed": tuple(name for name in old if name not in called),
        "territories_renamed": renamed,
        "moved": tuple(
            Moved(
                before=row["before"], after=row["after"], accounts=row["_accounts"], examples=tuple(row["_examples"]),
                measures={name: row[name] for name in measures},
            )
            for row in pairs.iter_rows(named=True)
        ),
        "staffing": tuple(
            Restaffed(territory=now, before=held[name], after=holds[now])
            for name, now in called.items()
            if held[name] != holds[now]
        ),
        "only_first": before.assignments.height - both.height,
        "only_second": after.assignments.height - both.height,
    }  # fmt: skip


def _same_territories(before: PlanState, after: PlanState, both: pl.DataFrame) -> dict[str, str]:
    """Territory of the first plan → the same one in the second: by name, by seat, or by most of their accounts."""
    old, new = before.territories["territory"].to_list(), after.territories["territory"].to_list()
    called = {name: name for name in old if name in set(new)}
    seats = {
        (row["layer"], row["seat"]): row["territory"]
        for row in after.territories.iter_rows(named=True)
        if row["seat"] is not None and row["territory"] not in called
    }
    for row in before.territories.iter_rows(named=True):
        if row["territory"] not in called and (row["layer"], row["seat"]) in seats:
            called[row["territory"]] = seats.pop((row["layer"], row["seat"]))
    left, right = (dict(both[side].drop_nulls().value_counts().iter_rows()) for side in ("before", "after"))
    shared = both.drop_nulls(["before", "after"]).group_by("before", "after").len().sort("len", descending=True)
    for name, now, count in shared.iter_rows():
        taken = name in called or now in called.values()
        if not taken and count > SAME * left[name] and count > SAME * right[now]:
            called[name] = now
    return {name: called[name] for name in old if name in called}


def _setting_says(one: Setting) -> str:
    if one.before is None:
        return f"{one.place} is {_shown(one.after)}, and was not set."
    if one.after is None:
        return f"{one.place} is not set, and was {_shown(one.before)}."
    return f"{one.place} is {_shown(one.after)} instead of {_shown(one.before)}."


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _held(person: str | None) -> str:
    return "vacant" if person is None else f"held by {person}"
