"""How alike accounts are, as places to be near: each field of `similar` becomes axes, and distance is unlikeness. Pure.

The fields are made comparable as Gower does (1971, A general coefficient of similarity and some of its properties,
doi:10.2307/2528823): two accounts that differ wholly in one field of weight 1 are 1 apart in it, whatever its unit, and
fields are put together by Pythagoras, so that a book has a middle that its accounts are near or far from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.plans.prepare import Remark
from patchbook.words import counted, listed

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

UNLIKE_KM = 200.0
"""What a difference of 1 counts: as much as so many kilometres. It is what a misfit of `by` counts, as an account in a
book of another industry is one; leaving today's owner (60 km) is worth it where that makes it alike by 0.3 more."""
MOST_VALUES = 32
"""Values of a field that have an axis each, the commonest first; more cost time and hardly tell accounts apart."""
OWN = 0.75
"""A field of which so many accounts have a value that nobody else has is a name rather than something they share."""
ENOUGH = 20
"""Accounts with a value from which that is judged."""
ENDS = (0.1, 0.5, 0.9)
"""Quantiles of a number: the first and the last are 1 apart, the middle is where accounts without it are."""
BEYOND = 0.5
"""How far beyond these ends any value may be, so that no outlier has the axis to itself."""
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
        numbers = [trait for trait in traits if trait.level is not None]
        kind, size = "", ""
        for trait in traits:
            if trait.level is None:
                kind = kind or _commonest([label for row in held if (label := trait.labels[row]) is not None])
            elif not size:
                known = [int(trait.level[row]) for row in held if trait.labels[row] is not None]
                word = _SIZES.get(round(float(np.median(known))) if known else 0, "")
                size = f"{word} {_said(trait.field)}" if word and len(numbers) > 1 else word
        return f"{kind} ({size})" if kind and size else kind or size


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
    is_day = column.dtype.is_temporal()
    days = column.cast(pl.Datetime("ms")).dt.timestamp("ms") if is_day and column.dtype != pl.Time else column
    value = days.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().astype(float)
    known = np.isfinite(value)
    if not known.any():
        return None
    scale = value
    low, middle, high = np.quantile(value[known], ENDS, method="inverted_cdf")
    if not is_day and value[known].min() >= 0 and middle > 0 and high - middle > 2 * (middle - low):
        # Nothing has no logarithm; it counts as half the least there is.
        least = float(value[known & (value > 0)].min())
        scale = np.log(np.where(known, np.maximum(value, least / 2), 1.0))
        low, middle, high = np.quantile(scale[known], ENDS, method="inverted_cdf")
    if high <= low:
        low, high = float(scale[known].min()), float(scale[known].max())
    if high <= low:
        return None
    spread = high - low
    inside = np.clip(np.where(known, scale, middle), low - BEYOND * spread, high + BEYOND * spread)
    thirds = np.quantile(value[known], (1 / 3, 2 / 3), method="inverted_cdf")
    level = np.where(known & (value > thirds[1]), 1, np.where(known & (value <= thirds[0]), -1, 0))
    texts = column.cast(pl.String).to_list() if is_day else [f"{one:,.10g}" for one in value.tolist()]
    return Trait(
        field=field, weight=weight, axes=((inside - middle) / spread)[:, None], level=level,
        labels=tuple(text if is_known else None for text, is_known in zip(texts, known.tolist(), strict=True)),
    )  # fmt: skip


def _kind(field: str, weight: float, column: pl.Series, layer: str, remarks: list[Remark]) -> Trait | None:
    """Values without an order, one or several an account: an axis each, of which two that share nothing are 1 apart."""
    if column.dtype.is_nested():
        written = [[str(part) for part in parts or () if part is not None] for parts in column.to_list()]
    else:
        written = [[] if value is None else [value] for value in column.cast(pl.String).to_list()]
    spelt: dict[str, Counter[str]] = {}
    held: list[list[str]] = []
    for values in written:
        told = {text.casefold(): text for value in values if (text := value.strip())}
        held.append(sorted(told))
        for key, text in told.items():
            spelt.setdefault(key, Counter())[text] += 1
    count = {key: sum(spellings.values()) for key, spellings in spelt.items()}
    known = sum(bool(keys) for keys in held)
    own = sum(bool(keys) and all(count[key] == 1 for key in keys) for keys in held)
    if known >= ENOUGH and own >= OWN * known:
        raise NothingShared(f"{own:,} of {known:,} accounts of {layer} have a value of {field} that no other has")
    if len({tuple(keys) for keys in held if keys}) < 2:
        return None
    order = sorted(count, key=lambda key: (-count[key], key))
    place = {key: axis for axis, key in enumerate(order[:MOST_VALUES])}
    axes = np.zeros((len(held), len(place)))
    for row, keys in enumerate(held):
        mine = [place[key] for key in keys if key in place]
        axes[row, mine] = 1.0 / np.sqrt(2.0 * max(len(keys), 1))
    on_axes = np.array([any(key in place for key in keys) for keys in held], bool)
    # Summed as sorted, so that the order of the accounts changes no digit.
    middle = np.sort(axes[on_axes], axis=0).mean(axis=0)
    axes[~on_axes] = middle
    rare = known - int(on_axes.sum())
    if rare:
        message = (
            f"{field} has {len(order):,} values in {layer}: the {MOST_VALUES} commonest make accounts alike, and in it "
            f"the {counted(rare, 'account')} with another {'is' if rare == 1 else 'are'} like all others alike."
        )
        remarks.append(Remark(kind="rare values", message=message))
    shown = {key: min(spellings, key=lambda text: (-spellings[text], text)) for key, spellings in spelt.items()}
    labels = tuple(", ".join(shown[key] for key in keys) if keys else None for keys in held)
    return Trait(field=field, weight=weight, axes=axes, labels=labels)


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
    return f"{order[0]} and others"
