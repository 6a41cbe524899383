"""One field of the accounts as axes of likeness: two accounts that differ wholly in it are 1 apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

ENDS = (0.1, 0.5, 0.9)
"""Quantiles of a number: the first and the last are 1 apart, the middle is where accounts without it are."""
BEYOND = 0.5
"""How far beyond these ends any value may be, so that no outlier has the axis to itself."""
SKEWED = 2.0
"""Where the upper end is so many times as far from the middle as the lower, a number counts by its logarithm."""
MOST_VALUES = 32
"""Values of a field that have an axis each, the commonest first; more cost time and hardly tell accounts apart."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A number or a day on one axis."""

    ends: tuple[float, float, float]
    """Low, middle and high, as they stand on the axis."""
    least: float | None = None
    """With it the axis is one of logarithms, and less than this counts as this; None for an even axis."""

    def of(self, column: pl.Series) -> FloatArray:
        """(rows, 1) where each value stands; at the middle where there is none."""
        low, middle, high = self.ends
        value = _numbers(column)
        known = np.isfinite(value)
        place = np.where(known, value, middle)
        if self.least is not None:
            place = np.where(known, np.log(np.maximum(np.where(known, value, self.least), self.least)), middle)
        spread = high - low
        return np.asarray(((np.clip(place, low - BEYOND * spread, high + BEYOND * spread) - middle) / spread)[:, None])

    def levels(self, column: pl.Series) -> IntArray:
        """(rows,) whether each value is among the lowest third (-1), the middle (0) or the highest (1)."""
        value = _numbers(column)
        known = np.isfinite(value)
        lower, upper = np.quantile(value[known], (1 / 3, 2 / 3), method="inverted_cdf")
        return np.where(known & (value > upper), 1, np.where(known & (value <= lower), -1, 0)).astype(np.int64)


def line_of(column: pl.Series) -> Line | None:
    """The axis of a number or a day; None where no two rows differ."""
    value = _numbers(column)
    value = np.sort(value[np.isfinite(value)])
    if not len(value) or value[0] == value[-1]:
        return None
    low, middle, high = (float(end) for end in np.quantile(value, ENDS, method="inverted_cdf"))
    least = None
    if not column.dtype.is_temporal() and value[0] >= 0 and middle > 0 and high - middle > SKEWED * (middle - low):
        # Nothing has no logarithm; it counts as half the least there is.
        least = float(value[value > 0][0]) / 2
        value = np.log(np.maximum(value, least))
        low, middle, high = (float(end) for end in np.quantile(value, ENDS, method="inverted_cdf"))
    if high <= low:
        low, high = float(value[0]), float(value[-1])
    return Line(ends=(low, middle, high), least=least)


def _numbers(column: pl.Series) -> FloatArray:
    """(rows,) the values as numbers, days since 1970; not a number where there is none."""
    kind = column.dtype
    if kind in (pl.Date, pl.Datetime):
        column = column.cast(pl.Datetime("ms")).dt.timestamp("ms") / 86_400_000
    if kind == pl.Null or kind.is_nested():
        return np.full(len(column), np.nan)
    return column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().astype(float)


@dataclass(frozen=True, kw_only=True)
class Corners:
    """Values without an order, one or several a row: an axis each."""

    axis: Mapping[str, int]
    """Value, in small letters → its axis."""
    middle: FloatArray
    """(axes,) where rows without a value, or with none that has an axis, are."""

    def of(self, column: pl.Series) -> FloatArray:
        """(rows, axes) of which two that share nothing are 1 apart, and two that share all at one point."""
        found = _corners(held_of(column), len(column), self.axis)
        found[~found.any(axis=1)] = self.middle
        return found


def corners_of(held: pl.DataFrame, rows: int) -> Corners:
    """The axes of values without an order, as `held_of` has them, and the mean of all rows as the middle."""
    count = held.group_by("key").len().sort(["len", "key"], descending=[True, False])
    axis = {key: at for at, key in enumerate(count["key"].head(MOST_VALUES).to_list())}
    # Summed as sorted, so that the order of the accounts changes no digit.
    known = np.sort(_corners(held, rows, axis), axis=0)
    on_axes = held.filter(pl.col("key").is_in(list(axis)))["row"].n_unique()
    return Corners(axis=axis, middle=np.asarray(known.sum(axis=0) / max(on_axes, 1)))


def _corners(held: pl.DataFrame, rows: int, axis: Mapping[str, int]) -> FloatArray:
    found = np.zeros((rows, len(axis)))
    number = np.bincount(held["row"].to_numpy(), minlength=rows)
    there = held.with_columns(pl.col("key").replace_strict(axis, default=None, return_dtype=pl.Int64)).drop_nulls("key")
    row = there["row"].to_numpy()
    found[row, there["key"].to_numpy()] = 1.0 / np.sqrt(2.0 * number[row])
    return found


def held_of(column: pl.Series) -> pl.DataFrame:
    """A line for each row and value of it: row, key (as values are compared: in small letters), text (as written)."""
    texts = column if column.dtype == pl.List else column.cast(pl.String)
    frame = pl.DataFrame({"row": pl.arange(0, len(column), eager=True), "text": texts})
    if texts.dtype == pl.List:
        frame = frame.explode("text")
    frame = frame.with_columns(pl.col("text").cast(pl.String).str.strip_chars()).filter(pl.col("text") != "")
    written = frame["text"].unique().to_list()
    small = {text: text.casefold() for text in written}
    key = pl.col("text").replace_strict(small, return_dtype=pl.String) if small else pl.col("text")
    return frame.with_columns(key.alias("key")).sort("row", "key", "text").unique(
        ["row", "key"], keep="first", maintain_order=True
    )  # fmt: skip


def labels_of(held: pl.DataFrame, rows: int) -> tuple[str | None, ...]:
    """(rows,) the values of each as most rows write them, the first in the alphabet of equals; None where missing."""
    ways = held.group_by("key", "text").len().sort(["key", "len", "text"], descending=[False, True, False])
    shown = ways.unique("key", keep="first", maintain_order=True).select("key", pl.col("text").alias("shown"))
    told = held.join(shown, on="key", maintain_order="left").group_by("row", maintain_order=True).agg("shown")
    found: list[str | None] = [None] * rows
    for row, names in zip(told["row"].to_list(), told["shown"].to_list(), strict=True):
        found[row] = ", ".join(names)
    return tuple(found)
