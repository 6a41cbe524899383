"""Two results side by side: balance, travel, and who would change hands between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from patchbook.errors import BadInput
from patchbook.measures import MEASURES, Division
from patchbook.plans.judge import Figure, judged
from patchbook.plans.out import Stored
from patchbook.plans.sales.kept import SalesSides, sales_compared


class NothingInCommon(BadInput):
    """Two results share no account, so there is nothing to compare."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One figure in both results."""

    measure: str
    title: str
    of: str | None
    """The quantity it is computed by; none for measures of places."""
    unit: str
    better: str
    first: float | None
    second: float | None
    is_sure: bool = True
    """Whether the difference is more than what it rests on may be wrong by."""

    @property
    def winner(self) -> int | None:
        """0 where the first is better, 1 where the second is; nothing where they are equal or it is not sure."""
        if not self.is_sure or self.first is None or self.second is None:
            return None
        if np.isclose(self.first, self.second, rtol=1e-6, atol=1e-12):
            return None
        return int((self.second < self.first) == (self.better == "lower"))


@dataclass(frozen=True, kw_only=True)
class TerritorySides:
    """One territory in both results; nothing where a result does not have it."""

    territory: str
    accounts: tuple[int | None, int | None]
    persons: tuple[str | None, str | None]
    travel_km: tuple[float | None, float | None]
    deviations: Mapping[str, tuple[float | None, float | None]]
    accounts_in_common: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two results, figure by figure and territory by territory."""

    names: tuple[str, str]
    sides: tuple[Side, ...]
    accounts_in_common: int
    only_first: int
    only_second: int
    different_person: int
    """Accounts in both that have another person in the second."""
    different_share: Mapping[str, float]
    """The share of accounts, and of each measure, that has another person in the second."""
    territories: tuple[TerritorySides, ...]
    sales: SalesSides | None = None
    """Expected sales; None where the accounts are not the same, or a result does not hold what that needs."""

    def to_dict(self) -> dict[str, Any]:
        """The comparison for JSON."""
        return {**asdict(self), "sides": [{**asdict(side), "winner": side.winner} for side in self.sides]}


def compare(first: Stored, second: Stored) -> Comparison:
    """
    The two results side by side.

    Raises
    ------
    NothingInCommon
        The results are of different accounts.
    """
    both = first.assignments.select("account_id", "territory", "person").join(
        second.assignments.select("account_id", "territory", "person"), on="account_id", how="inner", suffix="_second"
    )
    if not both.height:
        raise NothingInCommon(
            f"{first.folder} and {second.folder} have no account in common; compare results of the same accounts."
        )
    names = _names(first, second)
    sales = sales_compared(first, second, names)
    different = both.with_columns(differs=pl.col("person").ne_missing(pl.col("person_second")))
    return Comparison(
        names=names,
        sides=(*_sides(first, second), *_sales_sides(sales)),
        accounts_in_common=both.height,
        only_first=first.assignments.height - both.height,
        only_second=second.assignments.height - both.height,
        different_person=int(different["differs"].sum()),
        different_share=_different_share(different, first),
        territories=_territories(first, second, both),
        sales=sales,
    )


def division_of(stored: Stored, measure: str | None) -> Division:
    """A stored result as arrays, weighted by one of its measures, or by count."""
    accounts = stored.assignments.select("account_id", "territory", "person", "previous_owner").join(
        stored.accounts.unique("account_id", keep="first"), on="account_id", how="left", maintain_order="left"
    )
    names = stored.territories["territory"].to_list()
    row_of = {name: row for row, name in enumerate(names)}
    people = {
        name: code for code, name in enumerate(pl.concat([accounts["person"], accounts["previous_owner"]]).drop_nulls())
    }
    weight = accounts[f"measure_{measure}"].to_numpy() if measure else np.ones(accounts.height)
    target = (
        stored.territories[f"{measure}_target"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        if measure
        else np.full(len(names), np.nan)
    )
    return Division(
        territory=np.array([row_of.get(name, -1) for name in accounts["territory"]], dtype=np.int64),
        weight=np.asarray(weight, dtype=np.float64),
        target=target,
        latitude=_degrees(accounts, "latitude"),
        longitude=_degrees(accounts, "longitude"),
        owner=np.array([people.get(name, -1) for name in accounts["person"]], dtype=np.int64),
        previous_owner=np.array([people.get(name, -1) for name in accounts["previous_owner"]], dtype=np.int64),
        is_staffed=stored.territories["person"].is_not_null().to_numpy(),
    )


def figures_of(stored: Stored) -> tuple[Figure, ...]:
    """Every measure of a stored result."""
    figures = judged(lambda measure: division_of(stored, measure), stored.measures)
    # What the carve worked out itself, from borders or with its own road factor, goes before what points alone tell.
    told = {"travel": _mean_travel_km(stored), "contiguity": _in_one_piece(stored)}
    return tuple(
        figure if told.get(figure.measure.key) is None else replace(figure, value=told[figure.measure.key])
        for figure in figures
    )


def _sides(first: Stored, second: Stored) -> tuple[Side, ...]:
    left = {(figure.measure.key, figure.of): figure.value for figure in figures_of(first)}
    right = {(figure.measure.key, figure.of): figure.value for figure in figures_of(second)}
    by_key = {measure.key: measure for measure in MEASURES}
    keys = [*left, *(key for key in right if key not in left)]
    order = {measure.key: at for at, measure in enumerate(MEASURES)}
    return tuple(
        Side(
            measure=key,
            title=by_key[key].title,
            of=of,
            unit=by_key[key].unit,
            better=by_key[key].better,
            first=left.get((key, of)),
            second=right.get((key, of)),
        )
        for key, of in sorted(keys, key=lambda pair: order[pair[0]])
        if left.get((key, of)) is not None or right.get((key, of)) is not None
    )


def _sales_sides(sales: SalesSides | None) -> tuple[Side, ...]:
    """Expected sales as one more figure."""
    if sales is None:
        return ()
    return (
        Side(
            measure="expected_sales", title="Expected sales a year", of=None, unit="usd", better="higher",
            first=sales.first, second=sales.second, is_sure=sales.is_sure,
        ),
    )  # fmt: skip


def _different_share(different: pl.DataFrame, first: Stored) -> dict[str, float]:
    weights = [f"measure_{name}" for name in first.measures]
    frame = different.join(first.accounts.select("account_id", *weights), on="account_id", how="left")
    shares = {"accounts": float(frame["differs"].sum()) / frame.height}
    for name in first.measures:
        total = float(frame[f"measure_{name}"].sum())
        if total > 0:
            shares[name] = float(frame.filter("differs")[f"measure_{name}"].sum()) / total
    return shares


def _territories(first: Stored, second: Stored, both: pl.DataFrame) -> tuple[TerritorySides, ...]:
    left = {row["territory"]: row for row in first.territories.iter_rows(named=True)}
    right = {row["territory"]: row for row in second.territories.iter_rows(named=True)}
    same = both.filter(pl.col("territory") == pl.col("territory_second"))
    common = dict(same.group_by("territory").len().iter_rows())
    measures = [*first.measures, *(name for name in second.measures if name not in first.measures)]
    return tuple(
        TerritorySides(
            territory=name,
            accounts=_pair(left, right, name, "accounts"),
            persons=(
                first.names.get(str(left.get(name, {}).get("person")), left.get(name, {}).get("person")),
                second.names.get(str(right.get(name, {}).get("person")), right.get(name, {}).get("person")),
            ),
            travel_km=_pair(left, right, name, "travel_km"),
            deviations={measure: _pair(left, right, name, f"{measure}_deviation") for measure in measures},
            accounts_in_common=common.get(name, 0),
        )
        for name in [*left, *(name for name in right if name not in left)]
    )


def _pair(left: Mapping[str, Any], right: Mapping[str, Any], name: str, column: str) -> tuple[Any, Any]:
    return left.get(name, {}).get(column), right.get(name, {}).get(column)


def _names(first: Stored, second: Stored) -> tuple[str, str]:
    """The plans' names; the folders' where those are the same."""
    names = str(first.summary.get("plan")), str(second.summary.get("plan"))
    return names if names[0] != names[1] else (first.folder.name, second.folder.name)


def _mean_travel_km(stored: Stored) -> float | None:
    told = stored.territories.select("travel_km", "accounts").drop_nulls()
    total = int(told["accounts"].sum())
    return float((told["travel_km"] * told["accounts"]).sum()) / total if total else None


def _in_one_piece(stored: Stored) -> float | None:
    told = stored.territories["contiguous"].drop_nulls()
    return float(told.cast(pl.Float64).sum()) / len(told) if len(told) else None


def _degrees(frame: pl.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() if name in frame.columns else None
