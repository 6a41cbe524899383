"""What carved territories are called: the seat, and what most of its accounts share."""

from __future__ import annotations

import numpy as np
import polars as pl

from patchbook.carving.solution import Solution
from patchbook.plans.market import Market
from patchbook.plans.plan import CarveLayer


def called(layer: CarveLayer, accounts: pl.DataFrame, market: Market, solution: Solution) -> list[str]:
    """Each seat's name with the city of most of its accounts, what they have in common, or a value of `by`."""
    seat_of_row = solution.owners[market.unit_of_row]
    if market.likeness is not None:
        shared = [market.likeness.name_of(np.flatnonzero(seat_of_row == seat)) for seat in range(len(market.seats))]
        return [f"{seat.name} {name}" if name else seat.name for seat, name in zip(market.seats, shared, strict=True)]
    column = "city" if market.is_on_the_ground else layer.by
    if column is None or column not in accounts.columns:
        return [seat.name for seat in market.seats]
    common = (
        pl.DataFrame({"seat": seat_of_row, "value": accounts[column].cast(pl.String)})
        .drop_nulls().group_by("seat", "value").len().sort(["seat", "len", "value"], descending=[False, True, False])
        .unique("seat", keep="first", maintain_order=True)
    )  # fmt: skip
    value = dict(zip(common["seat"], common["value"], strict=True))
    return [f"{seat.name} {value[place]}" if value.get(place) else seat.name for place, seat in enumerate(market.seats)]
