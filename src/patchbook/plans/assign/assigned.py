"""What an assignment of many accounts gives: a folder of Parquet files, and how many accounts each layer took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from patchbook.errors import BadInput
from patchbook.plans.plan import Plan

OUT_SCHEMA: Mapping[str, pl.DataType] = {
    "account_id": pl.String(),
    "territory": pl.String(),
    "rule": pl.Int32(),
    "reason": pl.String(),
}
"""The columns written. `territory` is null where a carve decides or no layer takes the account; `rule` is the layer's
place in the plan, counted from 1, and null where no layer takes the account."""


class NotEmpty(BadInput):
    """The folder for the answers holds something already, and is left as it is."""

    def __init__(self, folder: Path | str) -> None:
        super().__init__(f"{folder} is there already; name a folder that is not, so that nothing is overwritten.")


@dataclass(frozen=True, kw_only=True)
class LayerTook:
    """How many accounts one layer took."""

    layer: str
    accounts: int


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """Accounts that were assigned."""

    folder: str
    accounts: int
    layers: tuple[LayerTook, ...]
    """In the plan's order."""
    unassigned: int
    """Accounts that no layer takes."""

    @classmethod
    def of(cls, plan: Plan, folder: Path | str, counts: Iterable[tuple[int | None, int]]) -> Assigned:
        """From the number of accounts of each `rule`, in any order."""
        taken: dict[int | None, int] = {}
        for rule, accounts in counts:
            taken[rule] = taken.get(rule, 0) + accounts
        layers = tuple(
            LayerTook(layer=layer.name, accounts=taken.get(number, 0)) for number, layer in enumerate(plan.layers, 1)
        )
        return cls(folder=str(folder), accounts=sum(taken.values()), layers=layers, unassigned=taken.get(None, 0))
