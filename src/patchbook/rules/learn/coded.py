"""
Fields as small numbers: every value, prefix or range that a condition could name has a code, and conditions are sets of
codes until they are written down.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.rules import condition as rule
from patchbook.rules.condition import Condition

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

MOST_VALUES = 4_000
"""As many values of a text field may stand in rules; the commonest ones."""
MOST_BINS = 160
MOST_EXACT = 256
"""Numbers with no more distinct values than this are told apart exactly."""
PREFIXES = (1, 2, 3)
"""How many characters of a postal code a rule may look at."""
LONG_NUMBER = 0.01
"""How much less a gain counts for each further digit of a number."""
SHORTEST_RUN = 3
"""So many neighbouring prefixes are written as a range."""
EPOCH = date(1970, 1, 1)

Kind = Literal["values", "prefixes", "numbers"]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """One way to look at one field."""

    field: str
    kind: Kind
    codes: npt.NDArray[np.int32]
    """(rows,) the code of each row. Code 0 is no value; values too rare to be named have the last code."""
    names: tuple[Any, ...]
    """Code 1, 2, …: the value, the prefix, or the lowest number of a range."""
    weight: float
    """How much less readable a condition on it is than on a plain field, 1 and above."""
    write: Callable[[float], Any] = float
    """For numbers: how one is written."""

    @cached_property
    def ends(self) -> FloatArray:
        """For numbers, how readable a range is that begins or ends at each edge: 1, and less the longer the number."""
        digits = [len(f"{abs(name):.12g}".replace(".", "").strip("0")) for name in self.names]
        return np.array([1.0, *(1 - LONG_NUMBER * min(max(each - 1, 0), 4) for each in digits[1:]), 1.0])

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.names) + 2

    def condition(self, mask: BoolArray) -> Condition:
        """The set of codes as a condition."""
        if self.kind == "numbers":
            return self._range(mask)
        values = [name for name, is_in in zip(self.names, mask[1:-1], strict=True) if is_in]
        parts: list[Condition] = []
        if self.kind == "prefixes":
            parts = self._runs(np.flatnonzero(mask[1:-1]))
        elif len(values) == 1:
            parts = [rule.Comparison(self.field, "=", values[0])]
        elif values:
            parts = [rule.OneOf(self.field, tuple(values))]
        if mask[0]:
            parts.append(rule.IsNull(self.field))
        return parts[0] if len(parts) == 1 else rule.Any(tuple(parts))

    def _runs(self, places: IntArray) -> list[Condition]:
        """Prefixes that follow each other among those there are as one range, the others by themselves."""
        found: list[Condition] = []
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            first, last = self.names[run[0]], self.names[run[-1]]
            after = str(int(last) + 1).zfill(len(last)) if last.isdigit() else None
            if len(run) >= SHORTEST_RUN and after is not None and len(after) == len(last) and first.isdigit():
                low, high = rule.Comparison(self.field, ">=", first), rule.Comparison(self.field, "<", after)
                found.append(rule.All((low, high)))
            else:
                found += [rule.Like(self.field, f"{self.names[place]}%") for place in run]
        return found

    def _range(self, mask: BoolArray) -> Condition:
        if mask[0]:
            return rule.IsNull(self.field)
        codes = np.flatnonzero(mask[1:-1])
        first, last = int(codes[0]), int(codes[-1])
        low = self.write(self.names[first])
        high = self.write(self.names[last + 1]) if last + 1 < len(self.names) else None
        if high is None:
            if first == 0:
                return rule.Not(rule.IsNull(self.field))
            return rule.Comparison(self.field, ">=", low)
        below = rule.Comparison(self.field, "<", high)
        return below if first == 0 else rule.All((rule.Comparison(self.field, ">=", low), below))


def coded(frame: pl.DataFrame, fields: Sequence[str] | None) -> tuple[Coded, ...]:
    """
    The ways to look at these fields, or at all that can be of use.

    Ids, names and the like, which tell nearly every account from every other, are of none; nor are fields with a single
    value, copies of another field, and lists.
    """
    wanted = [name for name in (fields or frame.columns) if fields or name not in USELESS]
    found: list[Coded] = []
    seen: set[int] = set()
    for name in wanted:
        series = frame[name]
        if series.null_count() == len(series) or series.dtype.is_nested():
            continue
        key = hash(series.hash(1).to_numpy().tobytes())
        if key in seen:
            continue
        seen.add(key)
        if series.dtype.is_numeric():
            found.append(_numbers(name, series, _written))
        elif series.dtype == pl.Date:
            found.append(_numbers(name, series.to_physical(), lambda day: EPOCH + timedelta(days=int(day))))
        else:
            if name == "postal_code":
                found += [made for size in PREFIXES if (made := _prefixes(name, series, size)) is not None]
            text = _values(name, series, force=fields is not None)
            if text is not None:
                found.append(text)
    return tuple(one for one in found if len(np.unique(one.codes)) > 1)


USELESS = frozenset(
    {
        "account_id", "name", "domain", "phone", "street", "parent_id", "family_id", "owner", "geocode_method",
        "geocode_precision_km", "email", "density",
    }
)  # fmt: skip
"""Fields that are only looked at when they are asked for."""

_WEIGHT = {"latitude": 3.0, "longitude": 3.0, "county_fips": 1.3, "city": 1.6, "postal_code": 1.8}


def _values(name: str, series: pl.Series, *, force: bool) -> Coded | None:
    values = series if series.dtype == pl.Boolean else series.cast(pl.String)
    counts = values.drop_nulls().value_counts(sort=True).sort(["count", values.name], descending=[True, False])
    if counts.height > MOST_VALUES and (not force) and counts["count"].head(MOST_VALUES).sum() < len(series) / 2:
        return None
    kept = counts[values.name].head(MOST_VALUES).sort().to_list()
    return _lookup(name, "values", values, kept)


def _prefixes(name: str, series: pl.Series, size: int) -> Coded | None:
    prefix = series.cast(pl.String).str.slice(0, size)
    usable = prefix.str.contains(r"^[0-9A-Za-z]+$") & (prefix.str.len_chars() == size)
    plain = pl.select(pl.when(usable).then(prefix).otherwise(pl.lit(""))).to_series().set(series.is_null(), None)
    values = plain.filter(plain != "").drop_nulls().unique().sort().to_list()
    if len(values) < 2:
        return None
    return _lookup(name, "prefixes", plain, values)


def _lookup(name: str, kind: Kind, values: pl.Series, kept: list[Any]) -> Coded:
    rare = len(kept) + 1
    numbers = pl.Series(range(1, rare), dtype=pl.Int32)
    codes = values.replace_strict(pl.Series(kept, dtype=values.dtype), numbers, default=rare, return_dtype=pl.Int32)
    codes = codes.set(values.is_null(), 0)
    weight = _WEIGHT.get(name, 1.0) if kind == "values" else 1.2
    return Coded(field=name, kind=kind, codes=codes.to_numpy(), names=tuple(kept), weight=weight)


def _numbers(name: str, series: pl.Series, write: Callable[[float], Any]) -> Coded:
    values = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    whole = series.dtype.is_integer()
    if len(distinct) <= MOST_EXACT:
        edges = [distinct[0]] if len(distinct) else [0.0]
        edges += [_roundest(low, high, whole=whole) for low, high in pairwise(distinct)]
    else:
        cuts = np.quantile(known, np.linspace(0, 1, MOST_BINS // 2 + 1)[1:-1])
        cuts = np.unique([*cuts, *_round_numbers(float(distinct[0]), float(distinct[-1]))])
        edges = [float(distinct[0])]
        for cut in cuts:
            at = int(np.searchsorted(distinct, cut))
            if 0 < at < len(distinct):
                edges.append(_roundest(float(distinct[at - 1]), float(distinct[at]), whole=whole))
        edges = sorted(set(edges))
    codes = np.searchsorted(np.array(edges), values, side="right").astype(np.int32)
    codes = np.where(np.isnan(values), 0, np.clip(codes, 1, len(edges))).astype(np.int32)
    return Coded(
        field=name, kind="numbers", codes=codes, names=tuple(float(edge) for edge in edges),
        weight=_WEIGHT.get(name, 1.0), write=write,
    )  # fmt: skip


def _written(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _roundest(below: float, above: float, *, whole: bool) -> float:
    """
    The number that is shortest to write of those above the one and at most the other.

    Examples
    --------
    >>> _roundest(98.0, 103.0, whole=True), _roundest(0.12, 0.34, whole=False)
    (100.0, 0.3)
    """
    gap = above - below
    for power in range(math.floor(math.log10(gap)) + 1 if gap > 0 else 0, -12, -1):
        for step in (10.0**power, 5 * 10.0 ** (power - 1)):
            number = float(f"{math.floor(above / step) * step:.12g}")
            if below < number <= above and (not whole or number.is_integer()):
                return number
    return above


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 1.5, 2, 2.5, … 9 times every power of ten between two numbers."""
    found = [0.0]
    for power in range(-2, 15):
        found += [step * 10.0**power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 9)]
    found += [-number for number in found]
    return [number for number in found if low < number <= high]
