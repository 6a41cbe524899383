"""Which territory a record falls into, by the rules of the published plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from patchbook.routing.lead import Value
from patchbook.routing.question import Question


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A territory by its id and its name."""

    territory_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where the plan puts a record. Two or more territories: the plan cannot tell, and they take turns."""

    territories: tuple[Territory, ...] = ()
    says: str = ""
    """Why, in one sentence: the layer and the rule."""


@dataclass(frozen=True, eq=False)
class Placing(Question[Placed]):
    """The territory of a record with these fields."""

    name: ClassVar[str] = "placing"
    answered_by: ClassVar[Any] = Placed
    is_settled: ClassVar[bool] = True

    fields: Mapping[str, Value | None]
    account_id: str | None = None
    """The account it belongs to, where that is known: named accounts are placed by it."""
