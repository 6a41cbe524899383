"""
One rule for one territory, grown condition by condition.

Each step takes the set of values of one field that tells the territory best from all others there: by FOIL's gain
(Quinlan 1990), for which the best set of values of a field is a beginning of them in order of purity, and the best
range of numbers is found among all ranges. Readability is part of the choice: a gain counts less the longer its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.rules.condition import All, Condition, Constant
from patchbook.rules.learn.coded import BoolArray, Coded, FloatArray, IntArray

MOST_PARTS = 4
STARTS = 4
"""From so many first conditions a rule is grown; the best result is taken."""
LONG_LIST = 0.1
"""How much less a gain counts for each doubling of a list."""
ANOTHER_PART = 0.05
"""How much more accounts a rule must place to be worth another condition."""


@dataclass(frozen=True)
class Part:
    """One condition of a rule: a set of codes of one coded field."""

    look: int
    """Which of the coded fields."""
    mask: BoolArray

    def holds(self, looks: Sequence[Coded], rows: IntArray) -> BoolArray:
        """For each of these rows whether the condition holds."""
        return self.mask[looks[self.look].codes[rows]]


@dataclass(frozen=True)
class Grown:
    """A rule and what it does to the rows it was grown on."""

    territory: int
    parts: tuple[Part, ...]
    takes: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what it takes that is right."""
        return self.right / max(self.takes, 1)

    @property
    def score(self) -> float:
        """What it is worth: accounts placed right less those placed wrong, and less for every further condition."""
        return (2 * self.right - self.takes) * (1 - ANOTHER_PART * (len(self.parts) - 1))

    def holds(self, looks: Sequence[Coded], rows: IntArray) -> BoolArray:
        """For each of these rows whether the rule takes it."""
        found = np.ones(len(rows), bool)
        for part in self.parts:
            found &= part.holds(looks, rows)
        return found

    def condition(self, looks: Sequence[Coded]) -> Condition:
        """The rule written down."""
        parts = [looks[part.look].condition(part.mask) for part in self.parts]
        flat = [one for part in parts for one in (part.conditions if isinstance(part, All) else (part,))]
        return Constant(True) if not flat else flat[0] if len(flat) == 1 else All(tuple(flat))


def grow(
    looks: Sequence[Coded], rows: IntArray, is_mine: npt.NDArray[np.bool_], territory: int, *, pure: float
) -> Grown | None:
    """
    The best rule for a territory among these rows, or None where nothing tells it from the rest.

    Parameters
    ----------
    is_mine
        For each of the rows whether it is the territory's.
    pure
        The precision from which a rule needs no further condition.
    """
    total = int(is_mine.sum())
    if not total:
        return None
    if total >= pure * len(rows):
        return Grown(territory, (), len(rows), total)
    found = []
    for _, first in _best(looks, rows, is_mine, ())[:STARTS]:
        grown = _grown(looks, rows, is_mine, first, territory, pure)
        found.append(_pruned(looks, rows, is_mine, grown, pure))
    return max(found, key=lambda one: (one.precision >= pure, one.score, -len(one.parts)), default=None)


def _grown(
    looks: Sequence[Coded], rows: IntArray, is_mine: BoolArray, first: Part, territory: int, pure: float
) -> Grown:
    parts: tuple[Part, ...] = (first,)
    inside = first.holds(looks, rows)
    rows, is_mine = rows[inside], is_mine[inside]
    while is_mine.sum() < pure * len(rows) and len(parts) < MOST_PARTS:
        best = _best(looks, rows, is_mine, parts)
        if not best:
            break
        part = best[0][1]
        inside = part.holds(looks, rows)
        if inside.all():
            break
        rows, is_mine = rows[inside], is_mine[inside]
        same = next((index for index, one in enumerate(parts) if one.look == part.look), None)
        if same is None:
            parts = (*parts, part)
        else:
            joint = Part(part.look, parts[same].mask & part.mask)
            parts = (*parts[:same], joint, *parts[same + 1 :])
    return Grown(territory, parts, len(rows), int(is_mine.sum()))


def _pruned(looks: Sequence[Coded], rows: IntArray, is_mine: BoolArray, grown: Grown, pure: float) -> Grown:
    """The rule without the conditions it can do without."""
    for part in grown.parts[:-1]:
        less = tuple(one for one in grown.parts if one is not part)
        inside = np.ones(len(rows), bool)
        for one in less:
            inside &= one.holds(looks, rows)
        shorter = Grown(grown.territory, less, int(inside.sum()), int(is_mine[inside].sum()))
        if shorter.score >= grown.score and shorter.precision >= min(pure, grown.precision):
            grown = shorter
    return grown


def _best(
    looks: Sequence[Coded], rows: IntArray, is_mine: BoolArray, parts: tuple[Part, ...]
) -> list[tuple[float, Part]]:
    """The best condition on each field, the best field first."""
    found = []
    for number, look in enumerate(looks):
        codes = look.codes[rows]
        all_of = np.bincount(codes, minlength=look.size).astype(float)
        mine = np.bincount(codes[is_mine], minlength=look.size).astype(float)
        chosen = _range(look, mine, all_of) if look.kind == "numbers" else _set(mine, all_of)
        if chosen is None:
            continue
        gain, mask = chosen
        names = 1 if look.kind == "numbers" else int(mask.sum())
        worth = gain / look.weight / (1 + LONG_LIST * np.log2(max(names, 1)))
        if worth > 1e-9:
            found.append((float(worth), Part(number, mask)))
    return sorted(found, key=lambda one: -one[0])


def _set(mine: FloatArray, all_of: FloatArray) -> tuple[float, BoolArray] | None:
    """The set of codes with the largest gain; values too rare to be named are in none."""
    usable = np.flatnonzero(mine[:-1] > 0)
    if not len(usable):
        return None
    purity = mine[usable] / all_of[usable]
    order = usable[np.lexsort((usable, -mine[usable], -purity))]
    right, taken = np.cumsum(mine[order]), np.cumsum(all_of[order])
    gains = _gain(right, taken, mine.sum(), all_of.sum())
    # The last of equals: as pure, and more of it.
    best = len(gains) - 1 - int(np.argmax(gains[::-1]))
    mask = np.zeros(len(mine), bool)
    mask[order[: best + 1]] = True
    return float(gains[best]), mask


def _range(look: Coded, mine: FloatArray, all_of: FloatArray) -> tuple[float, BoolArray] | None:
    """The range of codes with the largest gain, or the missing values where these tell more."""
    mask = np.zeros(len(mine), bool)
    bins = len(mine) - 2
    right = np.concatenate([[0.0], np.cumsum(mine[1:-1])])
    taken = np.concatenate([[0.0], np.cumsum(all_of[1:-1])])
    low, high = np.triu_indices(bins + 1, 1)
    inside = right[high] - right[low]
    gains = np.where(inside > 0, _gain(np.maximum(inside, 1e-9), taken[high] - taken[low], mine.sum(), all_of.sum()), 0)
    # A range that is open at one end reads more easily than one that is closed at both.
    gains = gains * np.where((low > 0) & (high < bins), 0.97, 1.0) * look.ends[low] * look.ends[high]
    best = int(np.argmax(gains)) if len(gains) else 0
    gain = float(gains[best]) if len(gains) else 0.0
    missing = float(_gain(mine[:1], all_of[:1], mine.sum(), all_of.sum())[0]) if mine[0] > 0 else 0.0
    if max(gain, missing) <= 0:
        return None
    if missing > gain:
        mask[0] = True
        return missing, mask
    mask[1 + low[best] : 1 + high[best]] = True
    return gain, mask


def _gain(right: FloatArray, taken: FloatArray, all_right: float, all_taken: float) -> FloatArray:
    bits = np.log2(right / np.maximum(taken, 1e-9)) - np.log2(all_right / all_taken)
    return np.asarray(right * bits)
