"""A profile: what a file of accounts holds, how good it is and what follows; data for a screen, JSON or a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from patchbook.accounts.accounts import Accounts
from patchbook.accounts.duplicates import Duplicates, Method, find_duplicates
from patchbook.accounts.quality import Quality, assess

BARS = 24
"""Bars a histogram has."""

_HEAVY_TAIL = 50.0
"""Where the largest hundredth is this many times the middle, a linear scale shows one bar and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How the values of a number are spread, or how often each value of a text occurs."""

    field: str
    logarithmic: bool
    low: float
    high: float
    counts: tuple[int, ...]
    labels: tuple[str, ...]
    """What each bar stands for, in words."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Everything `patchbook profile` tells."""

    accounts: Accounts
    quality: Quality
    duplicates: Duplicates | None
    histograms: tuple[Histogram, ...]


def profile(
    accounts: Accounts,
    *,
    uses: Sequence[str] = (),
    as_of: date | None = None,
    duplicates: bool = False,
    method: Method = "rapidfuzz",
) -> Profile:
    """What the accounts hold and how good they are; duplicates are looked for only when asked, as it takes longest."""
    return Profile(
        accounts=accounts,
        quality=assess(accounts, uses=uses, as_of=as_of),
        duplicates=find_duplicates(accounts.frame, method=method) if duplicates else None,
        histograms=tuple(
            spread
            for name in accounts.types
            if name in accounts.frame.columns and (spread := _histogram(accounts.frame[name], accounts.types[name]))
        ),
    )


def as_json(found: Profile) -> dict[str, Any]:
    """The profile as JSON can hold it; every key is explained in the reference."""
    accounts, quality = found.accounts, found.quality
    return {
        "source": accounts.name,
        "snapshot": accounts.snapshot_id,
        "rows_read": accounts.rows_read,
        "accounts": accounts.frame.height,
        "rejected": accounts.rejected.height,
        "mapping": [
            {"column": one.column, "field": one.field, "score": one.score, "reason": one.reason}
            for one in accounts.mapping
        ],
        "fields": [
            {
                "field": one.field,
                "type": one.type,
                "complete": round(one.complete, 4),
                "valid": round(one.valid, 4),
                "unique": None if one.unique is None else round(one.unique, 4),
                "empty": one.empty,
                "invalid": one.invalid,
                "examples": list(one.examples),
            }
            for one in quality.fields
        ],
        "stale": quality.stale,
        "geocoded": _geocoded(accounts.frame),
        "families": {
            "count": accounts.families.sizes.height,
            "largest": accounts.families.sizes.head(10).to_dicts(),
            "loops": [list(loop) for loop in accounts.families.loops],
            "orphans": accounts.families.orphans.height,
        },
        "duplicates": None
        if found.duplicates is None
        else {
            "pairs": found.duplicates.pairs.height,
            "groups": found.duplicates.groups["group"].n_unique(),
            "first": found.duplicates.pairs.head(20).to_dicts(),
        },
        "first_rejected": accounts.rejected.head(20).to_dicts(),
        "sentences": list(quality.sentences),
    }


def _geocoded(frame: pl.DataFrame) -> dict[str, int]:
    if "geocode_method" not in frame.columns:
        return {}
    counted = frame["geocode_method"].fill_null("none").value_counts(sort=True, name="accounts")
    return {str(method): int(count) for method, count in counted.iter_rows()}


def _histogram(values: pl.Series, type_: str) -> Histogram | None:
    """The spread of a measurable field; places and ids have none."""
    if type_ in ("number", "count", "money", "percentage"):
        return _spread(values)
    if type_ in ("text", "country", "state") and not values.name.endswith(("street", "city")):
        return _commonest(values)
    return None


def _spread(values: pl.Series) -> Histogram | None:
    filled = values.drop_nulls().cast(pl.Float64)
    if filled.n_unique() < 3:
        return None
    low, middle, high = (float(filled.quantile(share) or 0.0) for share in (0.0, 0.5, 1.0))
    tail = float(filled.quantile(0.99) or 0.0)
    logarithmic = low >= 0 and middle > 0 and tail / middle > _HEAVY_TAIL
    shown = filled.filter(filled > 0).log10() if logarithmic else filled
    first, last = float(shown.min() or 0.0), float(shown.max() or 0.0)  # type: ignore[arg-type]
    width = (last - first) / BARS or 1.0
    bars = ((shown - first) / width).floor().clip(0, BARS - 1).cast(pl.Int64)
    counted = dict(bars.value_counts().iter_rows())
    edges = [first + width * bar for bar in range(BARS + 1)]
    ends = [10**edge if logarithmic else edge for edge in edges]
    return Histogram(
        field=values.name,
        logarithmic=logarithmic,
        low=low,
        high=high,
        counts=tuple(int(counted.get(bar, 0)) for bar in range(BARS)),
        labels=tuple(f"{short(ends[bar])} to {short(ends[bar + 1])}" for bar in range(BARS)),
    )


def _commonest(values: pl.Series) -> Histogram | None:
    filled = values.drop_nulls().cast(pl.String)
    distinct = filled.n_unique()
    if not 2 <= distinct <= max(12, filled.len() // 20):
        return None
    common = filled.value_counts(name="times").sort(["times", filled.name], descending=[True, False]).head(8)
    counts = [int(times) for times in common["times"]]
    labels = [str(value) for value in common[filled.name]]
    if distinct > len(labels):
        labels.append(f"{distinct - len(labels):,} others")
        counts.append(filled.len() - sum(counts))
    return Histogram(
        field=values.name, logarithmic=False, low=0.0, high=0.0, counts=tuple(counts), labels=tuple(labels)
    )


def short(number: float) -> str:
    """
    A number in three or four signs.

    Examples
    --------
    >>> short(24_900_000_000), short(1234), short(0.25), short(12)
    ('24.9bn', '1.23k', '0.25', '12')
    """
    for size, sign in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{sign}"
    return f"{number:.3g}"
