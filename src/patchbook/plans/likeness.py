"""How alike accounts are, as places to be near: each field of `similar` becomes axes, and distance is unlikeness. Pure.

The fields are made comparable as Gower does (1971, A general coefficient of similarity and some of its properties,
doi:10.2307/2528823): two accounts that differ wholly in one field of weight 1 are 1 apart in it, whatever its unit, and
fields are put together by Pythagoras, so that a book has a middle that its accounts are near or far from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.plans.axes import (
    MOST_VALUES,
    Corners,
    FloatArray,
    IntArray,
    Line,
    corners_of,
    held_of,
    labels_of,
    line_of,
)
from patchbook.plans.prepare import Remark
from patchbook.words import counted, listed

UNLIKE_KM = 200.0
"""What a difference of 1 counts: as much as so many kilometres. It is what a misfit of `by` counts, as an account in a
book of another industry is one; leaving today's owner (60 km) is worth it where that makes it alike by 0.3 more."""
OWN = 0.75
"""A field of which so many accounts have a value that nobody else has is a name rather than something they share."""
ENOUGH = 20
"""Accounts with a value from which that is judged."""
ALIKE = 0.5
"""An account less than so far from a book's middle in a field is said to be like it in that."""
HALF, TWO_THIRDS = 0.5, 2 / 3
"""How much of a book one value, or two, must have for its territory to be called by them alone."""


class NothingShared(Exception):
    """Nearly every account has a value of a field to itself; the message says of how many."""


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One field as axes."""

    field: str
    weight: float
    scale: Line | Corners
    axes: FloatArray
    """(accounts, axes) where each account is, before weighting; two that differ wholly are 1 apart."""
    labels: tuple[str | None, ...]
    """(accounts,) the value as people read it; None where it is missing."""
    level: IntArray | None = None
    """(accounts,) of a number whether it is among the lowest third of the accounts (-1), the middle (0) or the
    highest (1); None for values that have no order."""


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """The accounts of a layer by what should be alike in a book."""

    traits: tuple[Trait, ...]

    @property
    def sites(self) -> FloatArray:
        """(accounts, axes) in km, so that the distance between two is what their unlikeness counts."""
        return np.hstack([UNLIKE_KM * trait.weight * trait.axes for trait in self.traits])

    def sites_of(self, accounts: pl.DataFrame) -> FloatArray:
        """The same of other accounts; a field they do not have is missing for all."""
        nothing = pl.Series([None] * accounts.height, dtype=pl.String)
        columns = [accounts[one.field] if one.field in accounts.columns else nothing for one in self.traits]
        return np.hstack(
            [UNLIKE_KM * one.weight * one.scale.of(column) for one, column in zip(self.traits, columns, strict=True)]
        )

    def alike(self, seat_of_row: IntArray, centres: FloatArray) -> list[str]:
        """
        In what each account is like its book, by its own values: `industry Software, employees 250`; empty in nothing.

        Parameters
        ----------
        seat_of_row
            (accounts,) seat, or -1.
        centres
            (seats, axes) in km, the middles of the books.
        """
        known = np.flatnonzero(seat_of_row >= 0)
        found: list[list[str]] = [[] for _ in range(len(seat_of_row))]
        last = np.cumsum([0, *(trait.axes.shape[1] for trait in self.traits)])
        for number in np.argsort([-trait.weight for trait in self.traits], kind="stable").tolist():
            trait = self.traits[number]
            middle = centres[:, last[number] : last[number + 1]] / (UNLIKE_KM * trait.weight)
            distance = np.linalg.norm(trait.axes[known] - middle[seat_of_row[known]], axis=1)
            for row in known[distance <= ALIKE].tolist():
                if trait.labels[row] is not None:
                    found[row].append(f"{_said(trait.field)} {trait.labels[row]}")
        return [", ".join(told) for told in found]

    def values(self, row: int) -> str:
        """What one account is like, field by field: `industry Software, employees 250`."""
        return ", ".join(f"{_said(one.field)} {one.labels[row]}" for one in self.traits if one.labels[row] is not None)

    @property
    def kinds(self) -> tuple[str | None, ...] | None:
        """(accounts,) the value of the field without an order that counts most; None where all are numbers."""
        without = [trait for trait in self.traits if trait.level is None]
        return max(without, key=lambda trait: trait.weight).labels if without else None

    def name_of(self, rows: IntArray) -> str:
        """What tells the accounts of a book from others: `Software`, `Software (large)`; empty where nothing does."""
        held = rows.tolist()
        traits = sorted(self.traits, key=lambda trait: -trait.weight)
        numbers = sum(trait.level is not None for trait in traits)
        kind, more, size = "", [], ""
        for trait in traits:
            known = [row for row in held if trait.labels[row] is not None]
            if trait.level is not None:
                if not size and known:
                    word = _SIZES.get(round(float(np.median(trait.level[known]))), "")
                    size = f"{word} {_said(trait.field)}" if word and numbers > 1 else word
                continue
            commonest = _commonest([str(trait.labels[row]) for row in known])
            if not kind:
                kind = commonest
            elif commonest and not commonest.endswith(OTHERS):
                more.append(commonest)
        more += [size] if size else []
        told = ", ".join(more)
        return f"{kind} ({told})" if kind and told else kind or told


OTHERS = " and others"
"""How it ends where no value, and no two, have most of a book."""
_SIZES = {-1: "small", 1: "large"}


def likeness_of(
    similar: Mapping[str, float], accounts: pl.DataFrame, layer: str
) -> tuple[Likeness | None, tuple[Remark, ...]]:
    """
    The accounts by what should be alike, and what to remark; None where no field tells any two of them apart.

    Parameters
    ----------
    similar
        Field → weight; every field is a column of the accounts.

    Raises
    ------
    NothingShared
        Nearly every account has a value of its own.
    """
    traits: list[Trait] = []
    remarks: list[Remark] = []
    for field, weight in similar.items():
        column = accounts[field]
        is_number = column.dtype.is_numeric() or column.dtype.is_temporal()
        trait = _number(field, weight, column) if is_number else _kind(field, weight, column, layer, remarks)
        if trait is None:
            message = f"No two accounts of {layer} differ in {field}, so it makes none of them alike."
            remarks.append(Remark(kind="nothing to tell apart", message=message))
            continue
        traits.append(trait)
        missing = sum(label is None for label in trait.labels)
        if missing:
            without = f"{counted(missing, 'account')} of {layer} without {field}"
            message = f"{without}; in that {'it is' if missing == 1 else 'they are'} like all others alike."
            remarks.append(Remark(kind="no value", message=message))
    return Likeness(traits=tuple(traits)) if traits else None, tuple(remarks)


def _number(field: str, weight: float, column: pl.Series) -> Trait | None:
    """A number or a day: where it stands between a low and a high one, in logarithms where most of it is at one end."""
    line = line_of(column)
    if line is None:
        return None
    is_day = column.dtype.is_temporal()
    labels = tuple(
        None if value is None or value != value else str(value) if is_day else f"{float(value):,.10g}"
        for value in column.to_list()
    )
    return Trait(
        field=field, weight=weight, scale=line, axes=line.of(column), labels=labels, level=line.levels(column)
    )  # fmt: skip


def _kind(field: str, weight: float, column: pl.Series, layer: str, remarks: list[Remark]) -> Trait | None:
    """Values without an order, one or several an account: an axis each, of which two that share nothing are 1 apart."""
    held, rows = held_of(column), len(column)
    by_row = held.with_columns(pl.len().over("key").alias("shared")).group_by("row").agg(
        pl.col("shared").max(), pl.col("key").sort().str.join("\0")
    )  # fmt: skip
    known, own = by_row.height, int((by_row["shared"] == 1).sum())
    if known >= ENOUGH and own >= OWN * known:
        raise NothingShared(f"{own:,} of {known:,} accounts of {layer} have a value of {field} that no other has")
    if by_row["key"].n_unique() < 2:
        return None
    corners = corners_of(held, rows)
    rare = known - held.filter(pl.col("key").is_in(list(corners.axis)))["row"].n_unique()
    if rare:
        values, those = held["key"].n_unique(), "it is" if rare == 1 else "they are"
        message = (
            f"{field} has {values:,} values in {layer}, of which the {MOST_VALUES} commonest make accounts alike; "
            f"{counted(rare, 'account')} with another; in that {those} like all others alike."
        )
        remarks.append(Remark(kind="rare values", message=message))
    return Trait(field=field, weight=weight, scale=corners, axes=corners.of(column), labels=labels_of(held, rows))


def _said(field: str) -> str:
    return field.replace("_", " ")


def _commonest(labels: Sequence[str]) -> str:
    """The value most have, the two that nearly all have, or one `and others`."""
    count = Counter(labels)
    order = sorted(count, key=lambda label: (-count[label], label))
    if not order:
        return ""
    if count[order[0]] >= HALF * len(labels):
        return order[0]
    if count[order[0]] + count[order[1]] >= TWO_THIRDS * len(labels):
        return listed(order[:2])
    return f"{order[0]}{OTHERS}"
