"""`in_list(domain, 'targets')`: whether a field is among the values of a list."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from patchbook.rules.column import MixedTypes
from patchbook.rules.computed import Call, FieldName
from patchbook.rules.condition import known
from patchbook.rules.context import Context, ValueList
from patchbook.rules.functions.function import Derived, Function, named, with_version


class InList(Function):
    """Membership of a list that the plan names; a hash look-up, so that a million values cost no more than ten."""

    name = "in_list"
    example = "in_list(domain, 'targets')"
    help = "the field is one of the values of a list of the plan"
    signatures = (("text or number field", "text"),)

    def refuse(self, call: Call, context: Context | None) -> None:
        if context is not None:
            _list(call, context)

    def pinned(self, call: Call, context: Context) -> Call:
        field, name = call.arguments
        return Call(call.function, (field, with_version(str(name), _list(call, context).digest)))

    def derive(self, call: Call, context: Context) -> Derived:
        field = call.arguments[0]
        assert isinstance(field, FieldName)
        return _Listed(field.name, _list(call, context))

    def in_words(self, call: Call) -> tuple[str, str]:
        field, name = call.arguments
        assert isinstance(field, FieldName)
        bare = str(name).partition("@")[0]
        return f"{field.name} is in the list {bare}", f"{field.name} is not in the list {bare}"


class _Listed(Derived):
    def __init__(self, field: str, values: ValueList) -> None:
        super().__init__([field])
        self.field = field
        self.list = values

    def of_record(self, record: Mapping[str, object]) -> bool | None:
        value = known(record.get(self.field))
        if value is None:
            return None
        if isinstance(value, str):
            return value in self.list.values
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value in self.list.numbers
        raise MixedTypes(f"{self.field} holds {value!r}, and in_list compares text or numbers.")

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        (column,) = self.columns_of(frame)
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype == pl.Null:
            return pl.repeat(None, len(column), dtype=pl.Boolean, eager=True)
        if column.dtype.is_numeric():
            column = column.cast(pl.Float64).fill_nan(None)
            return column.is_in(pl.Series(list(self.list.numbers), dtype=pl.Float64).implode())
        if column.dtype != pl.String:
            raise MixedTypes(
                f"in_list compares text or numbers, and the column {self.field} holds {column.dtype} values."
            )
        return column.is_in(pl.Series(list(self.list.values), dtype=pl.String).implode())


def _list(call: Call, context: Context) -> ValueList:
    digests = {name: values.digest for name, values in context.lists.items()} if "@" in str(call.arguments[1]) else {}
    return named(1, "list", str(call.arguments[1]), context.lists, digests)
