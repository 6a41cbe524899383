"""The figures of summary.json: what the carve says of itself, completed from its tables."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from patchbook import measures
from patchbook.plans.out.tables import measure_names
from patchbook.plans.result import Result

FIRST = ("plan", "feasible", "objective", "bound", "gap", "measures", "moved_share", "unassigned", "oversized")
LAST = ("seed", "seconds", "snapshot", "version")


def summary(result: Result) -> dict[str, Any]:
    """The figures in a fixed order; what the carve did not state itself is worked out from the tables."""
    stated = dict(result.summary)
    worked_out: dict[str, Any] = {
        "plan": result.plan.name,
        "accounts": result.assignments.height,
        "territories": result.territories.height,
        "measures": {},
        "moved_share": moved_share(result.assignments),
        "unassigned": result.assignments["territory"].null_count(),
        "oversized": _count(result.territories, "oversized"),
        "vacant": _count(result.territories, "vacant"),
        "rejected": result.rejected.height,
        "seed": result.plan.seed,
    }
    figures = {**worked_out, **stated}
    stated_measures = stated.get("measures")
    figures["measures"] = {
        name: {
            **balance(result, name),
            **(stated_measures.get(name, {}) if isinstance(stated_measures, Mapping) else {}),
        }
        for name in measure_names(result.territories)
    }
    between = [key for key in figures if key not in FIRST + LAST]
    return {key: figures[key] for key in (*FIRST, *between, *LAST) if key in figures}


def balance(result: Result, name: str) -> dict[str, float | None]:
    """How evenly one measure is divided, today and before."""
    after = result.territories
    figures: dict[str, float | None] = {
        "total": _number(after[f"{name}_actual"].sum()),
        "tolerance": next((m.tolerance for m in result.plan.measures if m.name == name), None),
        **_spread(after, name),
    }
    if f"{name}_actual" in result.before.columns and result.before.height:
        figures |= {f"{key}_before": value for key, value in _spread(result.before, name).items()}
    return figures


def moved_share(assignments: pl.DataFrame) -> float | None:
    """The share of accounts that had an owner and change owner; nothing when none had one."""
    owned = assignments.filter(pl.col("previous_owner").is_not_null())
    return int(owned["moved"].fill_null(False).sum()) / owned.height if owned.height else None


def to_json(figures: Mapping[str, Any]) -> str:
    """The figures as JSON; a number that is not one becomes null, since JSON knows no NaN."""
    return json.dumps(_plain(figures), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _spread(frame: pl.DataFrame, name: str) -> dict[str, float | None]:
    deviation = frame[f"{name}_deviation"].drop_nulls().drop_nans() if f"{name}_deviation" in frame.columns else None
    fair = frame.filter(pl.col(f"{name}_deviation").is_not_null()) if deviation is not None else frame
    # A load over its target, so that a half-time seat with half a load counts as fair.
    relative = (
        (1.0 + fair[f"{name}_deviation"].to_numpy()) if deviation is not None else fair[f"{name}_actual"].to_numpy()
    )
    load = np.asarray(relative, dtype=np.float64)
    return {
        "max_deviation": _number(deviation.abs().max()) if deviation is not None and len(deviation) else None,
        "variation": _number(measures.variation(load)),
        "gini": _number(measures.gini(load)),
        "range": _number(measures.load_range(load)),
    }


def _count(frame: pl.DataFrame, flag: str) -> int:
    return int(frame[flag].fill_null(False).sum()) if flag in frame.columns else 0


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | np.number) and math.isfinite(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray | pl.Series):
        return [_plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)
