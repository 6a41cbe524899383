"""What a function of the rule language is: which arguments it takes, which fields it reads, and what it gives.

A function never runs inside the index. It computes a field, for one record or for a frame in one go, and the index
matches that field like any other; so there is one compiled form, whatever functions there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, TypeVar

import polars as pl

from patchbook.errors import BadInput
from patchbook.rules.computed import Call, FieldName
from patchbook.rules.context import Context
from patchbook.rules.schema import Family
from patchbook.rules.source import nearest

Kind = Literal["text or number field", "list field", "text", "number"]
Named = TypeVar("Named")


class BadArgument(BadInput):
    """An argument of a function cannot be meant."""

    def __init__(self, index: int, problem: str, *, nearest: str | None = None) -> None:
        hint = f"; did you mean {nearest!r}?" if nearest else "."
        super().__init__(f"{problem[0].upper()}{problem[1:]}{hint}")
        self.index = index
        self.problem = problem
        self.nearest = nearest


class MissingField(BadInput):
    """The rules look at a column that a frame does not have."""


class Derived(ABC):
    """A computed field, ready to be computed. A missing value is None in a record and null in a frame."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.inputs = tuple(inputs)

    @abstractmethod
    def of_record(self, record: Mapping[str, object]) -> object:
        """The value for one record."""

    @abstractmethod
    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        """The values for all rows; the same as of each row as a record."""

    def columns_of(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The columns it reads, or an error that names the one that is not there."""
        for name in self.inputs:
            if name not in frame.columns:
                raise MissingField(f"A rule looks at {name!r}, and the table has no such column.")
        return [frame[name] for name in self.inputs]


class OfDistinct(Derived):
    """Computed once for each distinct combination of what it reads."""

    gives: ClassVar[pl.DataType] = pl.Boolean()

    @abstractmethod
    def of_values(self, *values: object) -> object:
        """The value, from the fields in the order of `inputs`; None where one is missing that matters."""

    def of_record(self, record: Mapping[str, object]) -> object:
        return self.of_values(*map(record.get, self.inputs))

    def of_frame(self, frame: pl.DataFrame) -> pl.Series:
        names = [str(place) for place in range(len(self.inputs))]
        table = pl.DataFrame([column.alias(name) for name, column in zip(names, self.columns_of(frame), strict=True)])
        distinct = table.unique()
        values = pl.Series("found", [self.of_values(*row) for row in distinct.iter_rows()], dtype=self.gives)
        joined = table.join(
            distinct.with_columns(values), on=names, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined["found"]


class Function(ABC):
    """A function of the rule language."""

    name: ClassVar[str]
    example: ClassVar[str]
    help: ClassVar[str]
    """Where it is true, or what it gives, in one sentence."""
    signatures: ClassVar[tuple[tuple[Kind, ...], ...]]
    repeats: ClassVar[bool] = False
    """Whether the last argument may stand several times."""
    fixed_inputs: ClassVar[tuple[str, ...]] = ()
    """Standard fields it reads without being told."""

    def inputs(self, call: Call) -> tuple[str, ...]:
        """The fields a call reads."""
        return (*(part.name for part in call.arguments if isinstance(part, FieldName)), *self.fixed_inputs)

    def needs(self, call: Call) -> tuple[str, ...]:
        """Those of them that must be there."""
        return self.inputs(call)

    def gives(self, call: Call, context: Context | None) -> Family | None:
        """How its value compares; None where only the context knows, and there is none."""
        return "boolean"

    def refuse(self, call: Call, context: Context | None) -> None:
        """Raise `BadArgument` where an argument cannot be meant; names of lists and the like only with a context."""
        return

    def pinned(self, call: Call, context: Context) -> Call:
        """The same call, naming the version of what it refers to."""
        return call

    @abstractmethod
    def derive(self, call: Call, context: Context) -> Derived:
        """What computes the field."""

    @abstractmethod
    def in_words(self, call: Call) -> tuple[str, str]:
        """
        For a yes-or-no function the claim and its opposite, as parts of a sentence; for another what it gives, twice.
        """


def named(index: int, what: str, name: str, known: Mapping[str, Named], digest_of: Mapping[str, str]) -> Named:
    """The list, table or area of that name; `name@digest` is it only in that version."""
    bare, at, wanted = name.partition("@")
    if bare not in known:
        near = nearest(bare, known)
        has = f"; there are {', '.join(map(repr, list(known)[:8]))}" if known and not near else ""
        none = f"; the plan names no {what}" if not known else ""
        raise BadArgument(index, f"no {what} is called {bare!r}{has}{none}", nearest=near)
    if at and digest_of[bare] != wanted:
        raise BadArgument(index, f"the {what} {bare!r} is in version {digest_of[bare]}, and the rule asks for {wanted}")
    return known[bare]


def with_version(name: str, digest: str) -> str:
    """`zips@3f9a0c417d2b`."""
    return f"{name.partition('@')[0]}@{digest}"
