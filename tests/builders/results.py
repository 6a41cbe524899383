"""A carved plan to look at: the 3×3 grid everyone knows by heart, laid over nine counties of Iowa."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from patchbook.measures import centres, compactness, travel_km
from patchbook.plans.plan import CarveLayer, Plan, PlanMeasure
from patchbook.plans.result import Result

COUNTIES = ("19041", "19109", "19067", "19027", "19015", "19127", "19137", "19039", "19135")
"""The counties of the grid, row by row from the north-west."""


def a_result(**changes: Any) -> Result:
    """Nine accounts in three territories, one a column of the grid; Ann had the first two columns before."""
    accounts = pl.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(1, 10)],
            "name": [f"Company {n}" for n in range(1, 10)],
            "county_fips": list(COUNTIES),
            "latitude": [43.0, 43.0, 43.0, 42.0, 42.0, 42.0, 41.0, 41.0, 41.0],
            "longitude": [-95.0, -94.0, -93.0] * 3,
            "owner": ["Ann", "Ann", "Cem", "Ann", "Ann", "Cem", "Ann", "Ann", None],
            "measure_potential": [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    plan = Plan(
        name="Grid",
        accounts=Path("accounts.csv"),
        measures=(PlanMeasure(name="potential", source="potential", tolerance=0.25),),
        layers=(CarveLayer(name="Field", balance=("potential",)),),
    )
    territory = ["West", "Middle", "East"] * 3
    person = {"West": "Ann", "Middle": "Bo", "East": "Cem"}
    return result_of(plan, accounts, territory, person, **changes)


def result_of(
    plan: Plan, accounts: pl.DataFrame, territory: list[str | None], person: dict[str, str | None], **changes: Any
) -> Result:
    """A result with every table worked out from who has which account."""
    names = sorted({name for name in territory if name is not None})
    row = np.array([names.index(name) if name is not None else -1 for name in territory])
    latitude = accounts["latitude"].cast(pl.Float64).to_numpy()
    longitude = accounts["longitude"].cast(pl.Float64).to_numpy()
    north, east = centres(row, latitude, longitude, len(names))
    owners = [person.get(name) if name is not None else None for name in territory]
    assignments = pl.DataFrame(
        {
            "account_id": accounts["account_id"],
            "territory": pl.Series(territory, dtype=pl.String),
            "seat": pl.Series([f"{name} seat" if name else None for name in territory], dtype=pl.String),
            "person": pl.Series(owners, dtype=pl.String),
            "layer": ["Field" if name else None for name in territory],
            "reason": [f"{name} is nearest and has room" if name else "No layer takes it" for name in territory],
            "runner_up": [names[(names.index(name) + 1) % len(names)] if name else None for name in territory],
            "moved": [
                before is not None and before != now for before, now in zip(accounts["owner"], owners, strict=True)
            ],
            "previous_owner": accounts["owner"],
            "runner_up_cost": [0.25 if name else None for name in territory],
            "would_change_if": [
                "It would move if the seat were 20 % fuller" if name else "It would move if a layer took it"
                for name in territory
            ],
        }
    )
    columns: dict[str, Any] = {
        "territory": names,
        "layer": ["Field"] * len(names),
        "seat": [f"{name} seat" for name in names],
        "person": pl.Series([person.get(name) for name in names], dtype=pl.String),
        "vacant": [person.get(name) is None for name in names],
        "accounts": np.bincount(row[row >= 0], minlength=len(names)),
    }
    for measure in plan.measures:
        weight = accounts[f"measure_{measure.name}"].to_numpy()
        load = np.bincount(row[row >= 0], weights=weight[row >= 0], minlength=len(names))
        columns |= {
            f"{measure.name}_target": np.full(len(names), load.mean()),
            f"{measure.name}_actual": load,
            f"{measure.name}_deviation": load / load.mean() - 1,
        }
    columns |= {
        "compactness": compactness(row, latitude, longitude, len(names)),
        "travel_km": travel_km(row, latitude, longitude, len(names)),
        "contiguous": [True] * len(names),
        "latitude": north,
        "longitude": east,
        "oversized": [False] * len(names),
    }
    tables: dict[str, Any] = {
        "plan": plan,
        "accounts": accounts,
        "assignments": assignments,
        "territories": pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None)),
        "before": _before(plan, accounts, latitude, longitude),
        "rejected": pl.DataFrame(
            schema={"line": pl.Int64, "column": pl.String, "found": pl.String, "expected": pl.String}
        ),
        "problems": pl.DataFrame(schema=dict.fromkeys(("kind", "account_id", "territory", "message"), pl.String)),
        "areas": _areas(accounts, assignments),
        "summary": {
            "feasible": True,
            "objective": 12.5,
            "bound": 12.0,
            "gap": 0.04,
            "seed": 1,
            "seconds": 0.25,
            "snapshot": "3f2a9c41d07be655",
            "version": "0.1.0",
        },
    }
    return Result(**{**tables, **changes})


def _before(plan: Plan, accounts: pl.DataFrame, latitude: Any, longitude: Any) -> pl.DataFrame:
    names = sorted(accounts["owner"].drop_nulls().unique())
    row = np.array([names.index(owner) if owner is not None else -1 for owner in accounts["owner"]])
    columns: dict[str, Any] = {"previous_owner": names, "accounts": np.bincount(row[row >= 0], minlength=len(names))}
    for measure in plan.measures:
        weight = accounts[f"measure_{measure.name}"].to_numpy()
        load = np.bincount(row[row >= 0], weights=weight[row >= 0], minlength=len(names))
        columns |= {f"{measure.name}_actual": load, f"{measure.name}_deviation": load / load.mean() - 1}
    return pl.DataFrame({**columns, "travel_km": travel_km(row, latitude, longitude, len(names))})


def _areas(accounts: pl.DataFrame, assignments: pl.DataFrame) -> pl.DataFrame:
    held = accounts.select("account_id", "county_fips").join(
        assignments.select("account_id", "territory").drop_nulls(), on="account_id"
    )
    counted = held.drop_nulls("county_fips").group_by("county_fips", "territory").agg(accounts=pl.len())
    most = counted.sort("county_fips", "accounts", "territory", descending=[False, True, False])
    return most.group_by("county_fips", maintain_order=True).agg(
        pl.col("territory").first(),
        pl.col("accounts").first(),
        share=pl.col("accounts").first() / pl.col("accounts").sum(),
    )
