"""A rule book: rules in order with all they refer to, compiled to answer for one record or a million from one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.rules.bind import asks_for_today, bind, computed_fields
from patchbook.rules.condition import Condition, fields
from patchbook.rules.context import NOTHING, Context
from patchbook.rules.functions import FUNCTIONS, Derived
from patchbook.rules.index import IntArray, RuleIndex
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema

BoolArray = npt.NDArray[np.bool_]


class RuleBook:
    """
    Rules in order, the most important first. A rule matches where its condition is TRUE.

    Parameters
    ----------
    rules
        Conditions, or their texts.
    schema
        Field → type, for the texts.
    context
        Today, lists, look-up tables, areas and the hierarchy that the rules refer to.

    Examples
    --------
    >>> book = RuleBook(["created_on >= today - 90", "has(products, 'CRM')"], context=Context(today=date(2027, 2, 1)))
    >>> book.match({"created_on": date(2020, 1, 1), "products": ["ERP", "CRM"]})
    1
    >>> book.compiled[0]
    Comparison(field='created_on', operator='>=', value=datetime.date(2026, 11, 3))
    """

    def __init__(
        self, rules: Sequence[str | Condition], schema: Schema | None = None, context: Context = NOTHING
    ) -> None:
        self.rules: tuple[Condition, ...] = tuple(
            parse(rule, schema, context) if isinstance(rule, str) else rule for rule in rules
        )
        """As they were written."""
        self.context = context
        self.compiled: tuple[Condition, ...] = tuple(bind(rule, context) for rule in self.rules)
        """With today as a date and every list, table and area in its version."""
        self.index = RuleIndex(self.compiled)
        self.derived: Mapping[str, Derived] = {
            name: FUNCTIONS[name.call.function].derive(name.call, context)
            for rule in self.compiled
            for name in computed_fields(rule)
        }
        """What computes each computed field."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a record that any rule looks at."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in fields(rule)))

    @property
    def asks_for_today(self) -> bool:
        """Whether the answers change with the day, without any record changing."""
        return any(asks_for_today(rule) for rule in self.rules)

    def on(self, today: date) -> RuleBook:
        """The same rules asked on another day."""
        if today == self.context.today or not self.asks_for_today:
            return self
        return RuleBook(self.rules, context=replace(self.context, today=today))

    def match(self, record: Mapping[str, object]) -> int | None:
        """The number of the first rule that the record meets, counted from 0; None when it meets none."""
        return self.index.match(self.told(record))

    def match_all(self, record: Mapping[str, object]) -> tuple[int, ...]:
        """The numbers of all rules that the record meets, first to last."""
        return self.index.match_all(self.told(record))

    def match_frame(self, frame: pl.DataFrame) -> IntArray:
        """For each row the number of the first rule that it meets, or -1."""
        return self.index.match_frame(self.told_frame(frame))

    def told(self, record: Mapping[str, object]) -> Mapping[str, object]:
        """The record with its computed fields, each computed when it is asked for."""
        return _Told(record, self.derived) if self.derived else record

    def told_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with a column for each computed field."""
        if not self.derived:
            return frame
        return frame.with_columns(derived.of_frame(frame).alias(name) for name, derived in self.derived.items())


def holds_in(
    condition: str | Condition, frame: pl.DataFrame, schema: Schema | None = None, context: Context = NOTHING
) -> BoolArray:
    """For each row of a frame whether one condition is TRUE."""
    return RuleBook([condition], schema, context).match_frame(frame) >= 0


class _Told(Mapping[str, object]):
    """A record beside its computed fields."""

    def __init__(self, record: Mapping[str, object], derived: Mapping[str, Derived]) -> None:
        self._record = record
        self._derived = derived
        self._known: dict[str, object] = {}

    def get(self, name: str, default: object = None) -> object:
        """The field's value, or None where the record has none."""
        if name in self._known:
            return self._known[name]
        derived = self._derived.get(name)
        if derived is None:
            return self._record.get(name, default)
        value = self._known[name] = derived.of_record(self._record)
        return value

    def __getitem__(self, name: str) -> object:
        if name not in self._derived and name not in self._record:
            raise KeyError(name)
        return self.get(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._record
        yield from self._derived

    def __len__(self) -> int:
        return len(self._record) + len(self._derived)
