"""`within_family('C0030')`: whether an account is a given one or belongs under it, however deep."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from patchbook.rules.computed import Call
from patchbook.rules.context import Context
from patchbook.rules.functions.function import Derived, Function

_FIELDS = ("account_id", "parent_id", "family_id")


class WithinFamily(Function):
    """Everything of one company: the account, its subsidiaries and theirs."""

    name = "within_family"
    example = "within_family('C0030')"
    help = "the account is the given one or belongs under it, however deep"
    signatures = (("text",),)
    fixed_inputs = _FIELDS

    def needs(self, call: Call) -> tuple[str, ...]:
        return ()

    def derive(self, call: Call, context: Context) -> Derived:
        head = str(call.arguments[0])
        below = frozenset([head]) if context.hierarchy is None else context.hierarchy.below(head)
        return _Below(head, below)

    def in_words(self, call: Call) -> tuple[str, str]:
        told = f"of the family of {call.arguments[0]}"
        return f"it is {told}", f"it is not {told}"


class _Below(Derived):
    """By its own id, its parent's or its ultimate parent's: a new account is known by its parent before anything."""

    def __init__(self, head: str, below: frozenset[str]) -> None:
        super().__init__(_FIELDS)
        self.head = head
        self.below = below

    def of_record(self, record: Mapping[str, object]) -> bool | None:
        account, parent, ultimate = map(record.get, _FIELDS)
        if account is None and parent is None and ultimate is None:
            return None
        return account in self.below or parent in self.below or ultimate == self.head

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        columns = [frame[name].cast(pl.String) for name in _FIELDS if name in frame.columns]
        names = [column.name for column in columns]
        if not columns:
            return pl.repeat(None, frame.height, dtype=pl.Boolean, eager=True)
        below = pl.Series(sorted(self.below), dtype=pl.String).implode()
        tests = [pl.col(name) == self.head if name == "family_id" else pl.col(name).is_in(below) for name in names]
        found = pl.any_horizontal(test.fill_null(False) for test in tests)
        unknown = pl.all_horizontal(pl.col(name).is_null() for name in names)
        return pl.DataFrame(columns).select(pl.when(~unknown).then(found).alias("found"))["found"]
