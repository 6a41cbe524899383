"""`within_area('metro')`: whether an account lies in a polygon, of the plan's files or written out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from patchbook.geography.areas import Area, BadArea, area_from_text
from patchbook.rules.computed import Call
from patchbook.rules.condition import known
from patchbook.rules.context import Context
from patchbook.rules.functions.function import BadArgument, Derived, Function, named, with_version


class WithinArea(Function):
    """An area the plan names, or a polygon as well-known text in the rule itself."""

    name = "within_area"
    example = "within_area('metro')"
    help = "the account lies in an area of the plan, or in a 'POLYGON((…))' written out, longitude before latitude"
    signatures = (("text",),)
    fixed_inputs = ("latitude", "longitude")

    def refuse(self, call: Call, context: Context | None) -> None:
        if context is not None or _is_written_out(call):
            _area(call, context or Context())

    def pinned(self, call: Call, context: Context) -> Call:
        if _is_written_out(call):
            return call
        return Call(call.function, (with_version(str(call.arguments[0]), _area(call, context).digest),))

    def derive(self, call: Call, context: Context) -> Derived:
        return _Inside(_area(call, context))

    def in_words(self, call: Call) -> tuple[str, str]:
        told = "the polygon written out" if _is_written_out(call) else f"the area {_bare(call)}"
        return f"it lies in {told}", f"it does not lie in {told}"


class _Inside(Derived):
    def __init__(self, area: Area) -> None:
        super().__init__(["latitude", "longitude"])
        self.area = area

    def of_record(self, record: Mapping[str, object]) -> bool | None:
        latitude, longitude = known(record.get("latitude")), known(record.get("longitude"))
        if latitude is None or longitude is None:
            return None
        return self.area.holds(float(latitude), float(longitude))  # type: ignore[arg-type]

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        latitude, longitude = (column.cast(pl.Float64).fill_nan(None) for column in self.columns_of(frame))
        nan = float("nan")
        inside = self.area.holds_all(latitude.fill_null(nan).to_numpy(), longitude.fill_null(nan).to_numpy())
        return pl.Series(inside, dtype=pl.Boolean).set(latitude.is_null() | longitude.is_null(), None)


def _area(call: Call, context: Context) -> Area:
    name = str(call.arguments[0])
    if _is_written_out(call):
        try:
            return _written_out(name)
        except BadArea as error:
            raise BadArgument(0, str(error).rstrip(".")) from None
    digests = {known_name: area.digest for known_name, area in context.areas.items()}
    return named(0, "area", name, context.areas, digests)


@lru_cache(maxsize=256)
def _written_out(text: str) -> Area:
    return area_from_text(text)


def _is_written_out(call: Call) -> bool:
    return "(" in str(call.arguments[0])


def _bare(call: Call) -> str:
    return str(call.arguments[0]).partition("@")[0]
