"""`has(products, 'CRM')`: whether a list field holds a value."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from patchbook.rules.column import MixedTypes
from patchbook.rules.computed import Call, FieldName
from patchbook.rules.context import Context
from patchbook.rules.functions.function import Derived, Function


class Has(Function):
    """Membership in a field that is a list itself."""

    name = "has"
    example = "has(products, 'CRM')"
    help = "the list field holds the value, or at least one of several values"
    signatures = (("list field", "text"),)
    repeats = True

    def derive(self, call: Call, context: Context) -> Derived:
        field, *values = call.arguments
        assert isinstance(field, FieldName)
        return _Held(field.name, [str(value) for value in values])

    def in_words(self, call: Call) -> tuple[str, str]:
        field, *values = call.arguments
        assert isinstance(field, FieldName)
        shown = " or ".join(map(str, values))
        return f"{field.name} has {shown}", f"{field.name} does not have {shown}"


class _Held(Derived):
    def __init__(self, field: str, values: list[str]) -> None:
        super().__init__([field])
        self.field = field
        self.values = frozenset(values)

    def of_record(self, record: Mapping[str, object]) -> bool | None:
        held = record.get(self.field)
        if held is None:
            return None
        if not isinstance(held, list | tuple | set | frozenset):
            raise MixedTypes(f"{self.field} holds {held!r}, and has() looks into lists.")
        return not self.values.isdisjoint(held)

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        (column,) = self.columns_of(frame)
        if column.dtype == pl.Null:
            return pl.repeat(None, len(column), dtype=pl.Boolean, eager=True)
        if not isinstance(column.dtype, pl.List):
            raise MixedTypes(f"has() looks into lists, and the column {self.field} holds {column.dtype} values.")
        wanted = pl.Series([sorted(self.values)], dtype=pl.List(pl.String))
        held = column.cast(pl.List(pl.String)).list.set_intersection(wanted).list.len() > 0
        return held.set(column.is_null(), None)
