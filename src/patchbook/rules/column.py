"""What one field decides: for each class of its values, which alternatives of the rules stay possible."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyarrow.compute import dictionary_encode

from patchbook.errors import BadInput
from patchbook.rules.condition import Between, Comparison, IsNull, Like, OneOf, holds, known
from patchbook.rules.normal_form import Literal
from patchbook.rules.spans import Spans, compared, complement, intersection

_CACHED_VALUES = 200_000
MANY_ROWS = 65_536
"""From here on rows are encoded and matched by kernels, and matched in blocks of as many."""
_EXACT_IN_FLOAT = 2**53
_SAMPLE = 4_096
"""Rows looked at to see whether a text stands in many of them."""


class MixedTypes(BadInput):
    """A field is compared with values of two types, or holds values of another type than the rules expect."""


class Column:
    """
    The classes of one field's values and the bits each class leaves standing.

    With k points named by rules in order there are 2k + 1 classes: 2i + 1 is the i-th point, the even ones are the
    open intervals before, between and after. LIKE does not follow that order and is looked up beside it.
    """

    def __init__(self, field: str, kind: type, by_bit: Mapping[int, Sequence[Literal]], everything: int) -> None:
        self.field = field
        self.kind = kind
        asked = sum(1 << bit for bit in by_bit)
        unasked = everything & ~asked
        self._points: list[Any] = sorted({point for found in by_bit.values() for point in _points(found)})
        self._place = {point: 2 * index + 1 for index, point in enumerate(self._points)}
        self._null = unasked
        toggles: dict[int, int] = {}
        self._prefixes: dict[str, int] = {}
        self._patterns: list[tuple[int, Sequence[Literal]]] = []
        for bit, literals in by_bit.items():
            if all(isinstance(literal.atom, IsNull) and not literal.negated for literal in literals):
                self._null |= 1 << bit
                continue
            prefix = _prefix(literals)
            if prefix is not None:
                self._prefixes[prefix] = self._prefixes.get(prefix, 0) | 1 << bit
            elif any(isinstance(literal.atom, Like) for literal in literals):
                self._patterns.append((1 << bit, literals))
            else:
                for first, last in self._classes(literals):
                    toggles[first] = toggles.get(first, 0) ^ 1 << bit
                    toggles[last + 1] = toggles.get(last + 1, 0) ^ 1 << bit
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._masks, self._mask_of_class = _swept(unasked, toggles, 2 * len(self._points) + 1)
        self._has_patterns = bool(self._prefixes or self._patterns)
        self._cache: dict[Any, int] = {}
        self._number_of_mask = {self._null: 0}
        self._number_of_word: dict[str, int] = {}
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: not what was only remembered."""
        return {**vars(self), "_cache": {}, "_number_of_mask": {self._null: 0}, "_number_of_word": {}, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=Lock())

    def mask(self, value: object) -> int:
        """The bits a value leaves standing."""
        try:
            return self._cache[value]
        except (KeyError, TypeError):
            pass
        value = known(value)
        mask = self._null if value is None else self._mask_of(value)
        if len(self._cache) < _CACHED_VALUES and not isinstance(value, float):
            self._cache[value] = mask
        return mask

    def encode(self, series: pl.Series) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
        """For each row the number of a mask, and the masks: what `mask` says, for a whole column."""
        self._check(series)
        if series.dtype in (pl.Categorical, pl.Enum):
            series = series.cast(pl.String)
        if self.kind is object:
            missing = series.is_null() | series.is_nan() if series.dtype.is_float() else series.is_null()
            return missing.to_numpy().astype(np.int64), [self._masks[0], self._null]
        if self.kind is float:
            return self._encode_numbers(series)
        if self.kind is not str or series.dtype != pl.String:
            return self._encode_unique(series)
        is_repetitive = series.head(_SAMPLE).n_unique() < _SAMPLE // 2
        if not self._has_patterns and self._intervals_are_equal() and not is_repetitive:
            return self._encode_points(series)
        return self._encode_words(series)

    def _mask_of(self, value: Any) -> int:
        if not _fits(value, self.kind):
            raise MixedTypes(f"{self.field} holds {value!r}, and the rules compare it with {_TITLES[self.kind]}.")
        mask = self._masks[self._mask_of_class[self._class(value)]]
        for length in self._lengths:
            mask |= self._prefixes.get(value[:length], 0) if len(value) >= length else 0
        for bit, literals in self._patterns:
            if all(_is_true(literal, value) for literal in literals):
                mask |= bit
        return mask

    def _class(self, value: Any) -> int:
        if not self._points:
            return 0
        place = self._place.get(value)
        return 2 * bisect.bisect_left(self._points, value) if place is None else place

    def _classes(self, literals: Sequence[Literal]) -> Spans:
        """The classes in which all literals are true of a value that is there."""
        last = 2 * len(self._points)
        spans: Spans | None = None
        for literal in literals:
            true = self._true_classes(literal.atom)
            true = complement(true, last) if literal.negated else true
            spans = true if spans is None else intersection(spans, true)
        return [(0, last)] if spans is None else spans

    def _true_classes(self, atom: object) -> Spans:
        last = 2 * len(self._points)
        if isinstance(atom, IsNull):
            return []
        if isinstance(atom, OneOf):
            return [(place, place) for place in sorted(self._place[value] for value in set(atom.values))]
        if isinstance(atom, Between):
            low, high = self._place[atom.low], self._place[atom.high]
            return [(low, high)] if low <= high else []
        assert isinstance(atom, Comparison)
        return compared(atom.operator, self._place[atom.value], last)

    def _intervals_are_equal(self) -> bool:
        return len(set(self._mask_of_class[::2])) == 1

    def _encode_numbers(self, series: pl.Series) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
        masks = [*self._masks, self._null]
        largest = max((abs(point) for point in self._points), default=0)
        if series.dtype.is_integer() and max(largest, _largest(series)) > _EXACT_IN_FLOAT:
            return self._encode_unique(series)
        values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        points = np.asarray(self._points, dtype=np.float64)
        if len(values) >= MANY_ROWS:
            from patchbook.rules._kernels import classes  # takes a second to load, which few rows do not

            found = np.empty(len(values), dtype=np.int32)
            classes(values, points, np.asarray([*self._mask_of_class, len(self._masks)], dtype=np.int32), found)
            return found, masks
        below = np.searchsorted(points, values, side="left")
        equal = np.zeros(len(values), dtype=np.bool_)
        if len(points):
            equal = points[np.minimum(below, len(points) - 1)] == values
        number_of_class = np.asarray(self._mask_of_class, dtype=np.int64)
        codes = number_of_class[np.where(np.isnan(values), 0, 2 * below + equal)]
        return np.where(np.isnan(values), len(self._masks), codes), masks

    def _encode_points(self, series: pl.Series) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
        """Only the values that rules name differ, so a hash look-up of those does."""
        masks = [*self._masks, self._null]
        other = self._mask_of_class[0]
        if self._points:
            numbers = [self._mask_of_class[2 * index + 1] for index in range(len(self._points))]
            codes = series.replace_strict(self._points, numbers, default=other, return_dtype=pl.Int64)
        else:
            codes = pl.repeat(other, len(series), dtype=pl.Int64, eager=True)
        return np.where(series.is_null().to_numpy(), len(self._masks), codes.to_numpy()), masks

    def _encode_words(self, series: pl.Series) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
        """Each distinct text once; Arrow numbers them much faster than a join finds them again."""
        encoded = dictionary_encode(series.to_arrow(compat_level=pl.CompatLevel.newest()))
        values = encoded.dictionary.to_pylist()
        with self._lock:
            number_of = self._number_of_word
            if len(number_of) > _CACHED_VALUES:
                number_of.clear()
            for value in values:
                if value not in number_of:
                    number_of[value] = self._number_of_mask.setdefault(self._mask_of(value), len(self._number_of_mask))
            numbers = [number_of[value] for value in values]
            masks = list(self._number_of_mask)
        places = encoded.indices.fill_null(len(numbers)).to_numpy()
        return np.asarray([*numbers, 0], dtype=np.int32)[places], masks

    def _encode_unique(self, series: pl.Series) -> tuple[npt.NDArray[np.integer[Any]], Sequence[int]]:
        """Each distinct value once."""
        unique = series.unique()
        number_of_mask: dict[int, int] = {}
        numbers = [
            number_of_mask.setdefault(self._mask_uncached(value), len(number_of_mask)) for value in unique.to_list()
        ]
        codes = series.to_frame("value").join(
            pl.DataFrame({"value": unique, "code": pl.Series(numbers, dtype=pl.Int64)}),
            on="value",
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        return codes["code"].to_numpy(), list(number_of_mask)

    def _mask_uncached(self, value: object) -> int:
        value = known(value)
        return self._null if value is None else self._mask_of(value)

    def _check(self, series: pl.Series) -> None:
        dtype = series.dtype
        fits: dict[type, Callable[[], bool]] = {
            float: dtype.is_numeric,
            str: lambda: dtype in (pl.String, pl.Categorical, pl.Enum),
            bool: lambda: dtype == pl.Boolean,
            date: lambda: dtype == pl.Date,
            object: lambda: True,
        }
        if dtype != pl.Null and not fits[self.kind]():
            raise MixedTypes(
                f"The rules compare {self.field} with {_TITLES[self.kind]}, and the column holds {dtype} values."
            )


def kind_of(field: str, by_bit: Mapping[int, Sequence[Literal]]) -> type:
    """The one kind of value that rules compare a field with: str, float, bool, date; object when they name none."""
    kinds: set[type] = set()
    for literals in by_bit.values():
        # Values are many and their types few, so that the types are looked at.
        kinds.update(map(_kind_of_type, set(map(type, _points(literals)))))
        kinds.update(str for literal in literals if isinstance(literal.atom, Like))
    if len(kinds) > 1:
        titles = " and with ".join(sorted(_TITLES[kind] for kind in kinds))
        raise MixedTypes(f"The rules compare {field} with {titles}; one field has one type.")
    return kinds.pop() if kinds else object


_TITLES: Mapping[type, str] = {str: "text", float: "numbers", bool: "true or false", date: "dates", object: "nothing"}


def _kind_of_type(found: type) -> type:
    if issubclass(found, bool):
        return bool
    if issubclass(found, int | float):
        return float
    return str if issubclass(found, str) else date


def _fits(value: object, kind: type) -> bool:
    return kind is object or _kind_of_type(type(value)) is kind


def _points(literals: Sequence[Literal]) -> list[Any]:
    points: list[Any] = []
    for literal in literals:
        atom = literal.atom
        if isinstance(atom, OneOf):
            points.extend(atom.values)
        elif isinstance(atom, Between):
            points.extend((atom.low, atom.high))
        elif isinstance(atom, Comparison):
            points.append(atom.value)
    return points


def _prefix(literals: Sequence[Literal]) -> str | None:
    """The text before one closing `%`, when that is all the literals ask: such patterns are looked up, not tried."""
    if len(literals) != 1 or not isinstance(literals[0].atom, Like) or literals[0].negated:
        return None
    pattern = literals[0].atom.pattern
    prefix = pattern[:-1]
    return prefix if pattern.endswith("%") and prefix and "%" not in prefix and "_" not in prefix else None


def _is_true(literal: Literal, value: object) -> bool:
    if isinstance(literal.atom, IsNull):
        return literal.negated
    return holds(literal.atom, value) != literal.negated


def _swept(unasked: int, toggles: Mapping[int, int], classes: int) -> tuple[list[int], list[int]]:
    """The distinct masks, and for each class the number of its mask: a sweep over where alternatives begin and end."""
    number_of_mask: dict[int, int] = {}
    numbers: list[int] = []
    standing = unasked
    for place in range(classes):
        standing ^= toggles.get(place, 0)
        numbers.append(number_of_mask.setdefault(standing, len(number_of_mask)))
    return list(number_of_mask), numbers


def _largest(series: pl.Series) -> int:
    low, high = series.min(), series.max()
    return max((abs(int(end)) for end in (low, high) if isinstance(end, int)), default=0)
