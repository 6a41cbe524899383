"""The accounts as the space sees them: for each field the class each of them falls into."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.rules.condition import Like, holds, known
from patchbook.rules.functions.function import MissingField
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.space import FAILS, FITS, Dimension, Sets, Space, flags, members

BoolArray: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]

_EXACT_IN_FLOAT = 2**53
ID = "account_id"


class Accounts:
    """A table of accounts beside the space of the rules."""

    def __init__(self, frame: pl.DataFrame, rules: OrderedRules, space: Space) -> None:
        for name in rules.book.fields:
            if name not in frame.columns:
                raise MissingField(f"A rule looks at {name!r}, and the accounts have no such field.")
        self.frame = rules.book.told_frame(frame)
        self._fields = [name for name in dict.fromkeys((ID, "name", *rules.book.fields)) if name in frame.columns]
        self._rules = rules
        self._space = space
        self._codes: dict[Dimension, IntArray] = {}
        self._pieces: dict[str, IntArray] = {}

    @property
    def number(self) -> int:
        """How many there are."""
        return self.frame.height

    @cached_property
    def winner(self) -> IntArray:
        """For each account the place of the rule that takes it, or -1."""
        return self._rules.book.index.match_frame(self.frame)

    def every(self, step: int) -> Accounts:
        """Each so-manieth account, where counts need not be exact."""
        return self if step == 1 else Accounts(self.frame.gather_every(step), self._rules, self._space)

    def fits(self, pattern: Like) -> BoolArray:
        """Which accounts fit a pattern."""
        found: BoolArray = self._pattern(pattern) == FITS.bit_length() - 1
        return found

    def within(self, sets: Sets) -> BoolArray:
        """Which accounts lie in a box."""
        found = np.ones(self.number, np.bool_)
        for dimension, chosen in sets.items():
            allowed = flags(chosen, len(self._space.masks[dimension]) + 1)
            found &= allowed[self.codes(dimension)]
        return found

    def meets(self, rule: int) -> BoolArray:
        """Which accounts meet a rule, whether or not an earlier one takes them."""
        found = np.zeros(self.number, np.bool_)
        for bit in members(self._space.bits_of_rule[rule]):
            found |= self.within(self._space.boxes[bit].sets)
        return found

    def codes(self, dimension: Dimension) -> IntArray:
        """For each account its class; the last number is that of a value no class has."""
        if dimension not in self._codes:
            self._codes[dimension] = self._pattern(dimension) if isinstance(dimension, Like) else self._field(dimension)
        return self._codes[dimension]

    def value(self, dimension: str, number: int) -> Any:
        """A value that some account has in a class, or None."""
        rows = np.flatnonzero(self.codes(dimension) == number)
        return known(self.frame[dimension][int(rows[0])]) if len(rows) else None

    def values(self, name: str, most: int) -> Iterator[Any]:
        """Values the accounts have in a field."""
        yield from self.frame[name].drop_nulls().unique(maintain_order=True).head(most).to_list()

    def record(self, row: int) -> dict[str, Any]:
        """One account, with the fields that rules look at."""
        return self.frame.select(self._fields).row(row, named=True)

    def account_id(self, row: int) -> str:
        """What one account is called; its line where accounts have no id."""
        return str(self.frame[ID][row]) if ID in self.frame.columns else f"row {row + 1}"

    def pieces(self, name: str) -> IntArray:
        """For each account the piece of a field's domain that its value falls into."""
        if name not in self._pieces:
            self._pieces[name] = self._pieces_of(name)
        return self._pieces[name]

    def _field(self, name: str) -> IntArray:
        table = np.full(self._space.domains[name].null + 1, len(self._space.masks[name]), np.int64)
        for piece, number in self._space.class_of[name].items():
            table[piece] = number
        return table[self.pieces(name)]

    def _pieces_of(self, name: str) -> IntArray:
        domain = self._space.domains[name]
        series = self.frame[name]
        cuts = domain.cuts
        are_numbers = bool(cuts) and not isinstance(cuts[0], bool | str) and isinstance(cuts[0], int | float)
        if are_numbers and series.dtype.is_numeric() and all(abs(cut) < _EXACT_IN_FLOAT for cut in cuts):
            values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
            points = np.asarray(cuts, np.float64)
            below = np.searchsorted(points, values, side="left")
            equal = points[np.minimum(below, len(points) - 1)] == values
            return np.where(np.isnan(values), domain.null, 2 * below + equal)
        if not cuts:
            missing = series.is_null() | series.is_nan() if series.dtype.is_float() else series.is_null()
            return np.where(missing.to_numpy(), domain.null, 0)
        return self._each(series, domain.piece_of)

    def _pattern(self, pattern: Like) -> IntArray:
        fits, fails = (FITS.bit_length() - 1, FAILS.bit_length() - 1)
        return self._each(
            self.frame[pattern.field], lambda value: fits if value is not None and holds(pattern, value) else fails
        )

    def _each(self, series: pl.Series, number_of: Any) -> IntArray:
        """A number for each account, worked out once for each distinct value."""
        if series.dtype in (pl.Categorical, pl.Enum):
            series = series.cast(pl.String)
        unique = series.unique()
        numbers = [number_of(known(value)) for value in unique.to_list()]
        joined = series.to_frame("value").join(
            pl.DataFrame({"value": unique, "number": pl.Series(numbers, dtype=pl.Int64)}),
            on="value",
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        return joined["number"].to_numpy()
