"""`lookup(postal_code, 'zips') = 'East'`: what a table says of a field."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from patchbook.rules.column import MixedTypes
from patchbook.rules.computed import Call, FieldName
from patchbook.rules.condition import known
from patchbook.rules.context import Context, LookupTable, as_number
from patchbook.rules.functions.function import BadArgument, Derived, Function, named, with_version
from patchbook.rules.schema import Family, family_of
from patchbook.rules.source import nearest


class Lookup(Function):
    """The value of a look-up table for a key; unknown where the key is empty or not in the table."""

    name = "lookup"
    example = "lookup(postal_code, 'zips') = 'East'"
    help = "what a look-up table of the plan says of the field; empty where the table does not have it"
    signatures = (("text or number field", "text"), ("text or number field", "text", "text"))

    def gives(self, call: Call, context: Context | None) -> Family | None:
        if context is None:
            return None
        return family_of(_table(call, context).frame.schema[_column(call, context)])

    def refuse(self, call: Call, context: Context | None) -> None:
        if context is not None:
            _column(call, context)

    def pinned(self, call: Call, context: Context) -> Call:
        field, name, *column = call.arguments
        return Call(call.function, (field, with_version(str(name), _table(call, context).digest), *column))

    def derive(self, call: Call, context: Context) -> Derived:
        field = call.arguments[0]
        assert isinstance(field, FieldName)
        return _LookedUp(field.name, _table(call, context).frame, _column(call, context))

    def in_words(self, call: Call) -> tuple[str, str]:
        field, name, *column = call.arguments
        assert isinstance(field, FieldName)
        what = f"the {column[0]}" if column else "what"
        told = f"{what} the table {str(name).partition('@')[0]} gives for {field.name}"
        return told, told


class _LookedUp(Derived):
    def __init__(self, field: str, table: pl.DataFrame, column: str) -> None:
        super().__init__([field])
        self.field = field
        self.keys = table.to_series(0).cast(pl.String)
        self.values = table[column]
        self._by_text: dict[str, object] | None = None
        self._by_number: dict[float, object] | None = None

    def of_record(self, record: Mapping[str, object]) -> object:
        value = known(record.get(self.field))
        if value is None:
            return None
        if isinstance(value, str):
            if self._by_text is None:
                self._by_text = dict(zip(self.keys, self.values, strict=True))
            return self._by_text.get(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._numbers().get(value)
        raise MixedTypes(f"{self.field} holds {value!r}, and lookup takes text or numbers.")

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        (column,) = self.columns_of(frame)
        if column.dtype == pl.Null or column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype.is_numeric():
            column = column.cast(pl.Float64).fill_nan(None)
            numbers = self._numbers()
            keys = pl.Series(list(numbers), dtype=pl.Float64)
            values = pl.Series(list(numbers.values()), dtype=self.values.dtype)
        elif column.dtype == pl.String:
            keys, values = self.keys, self.values
        else:
            raise MixedTypes(f"lookup takes text or numbers, and the column {self.field} holds {column.dtype} values.")
        table = pl.DataFrame([keys.alias("key"), values.alias("value")])
        return column.to_frame("key").join(table, on="key", how="left", maintain_order="left")["value"]

    def _numbers(self) -> dict[float, object]:
        if self._by_number is None:
            pairs = ((as_number(key), value) for key, value in zip(self.keys, self.values, strict=True))
            found: dict[float, object] = {}
            for number, value in pairs:
                if number is not None:
                    found.setdefault(number, value)
            self._by_number = found
        return self._by_number


def _table(call: Call, context: Context) -> LookupTable:
    digests = {name: table.digest for name, table in context.tables.items()} if "@" in str(call.arguments[1]) else {}
    return named(1, "look-up table", str(call.arguments[1]), context.tables, digests)


def _column(call: Call, context: Context) -> str:
    columns = _table(call, context).columns
    name = str(call.arguments[1]).partition("@")[0]
    if len(call.arguments) < 3:
        if len(columns) > 1:
            raise BadArgument(
                1, f"the table {name!r} gives {', '.join(columns)}; say which, as in {_saying(call, columns)}"
            )
        return columns[0]
    column = str(call.arguments[2])
    if column not in columns:
        raise BadArgument(
            2,
            f"the table {name!r} has no column {column!r}; it gives {', '.join(columns)}",
            nearest=nearest(column, columns),
        )
    return column


def _saying(call: Call, columns: tuple[str, ...]) -> str:
    field = call.arguments[0]
    assert isinstance(field, FieldName)
    return f"lookup({field.name}, {call.arguments[1]!r}, {columns[0]!r})"
