"""The functions of the rule language: one file each, and one line in FUNCTIONS."""

from __future__ import annotations

from collections.abc import Mapping

from patchbook.rules.functions.function import BadArgument, Derived, Function, MissingField
from patchbook.rules.functions.has import Has
from patchbook.rules.functions.in_list import InList
from patchbook.rules.functions.lookup import Lookup
from patchbook.rules.functions.postal import PostalBetween, PostalPrefix
from patchbook.rules.functions.within_area import WithinArea
from patchbook.rules.functions.within_family import WithinFamily
from patchbook.rules.functions.within_km import WithinKm

__all__ = ["FUNCTIONS", "BadArgument", "Derived", "Function", "MissingField"]

FUNCTIONS: Mapping[str, Function] = {
    function.name: function
    for function in (
        InList(),
        Lookup(),
        Has(),
        PostalBetween(),
        PostalPrefix(),
        WithinKm(),
        WithinArea(),
        WithinFamily(),
    )
}
"""By name."""
