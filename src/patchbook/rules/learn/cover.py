"""
Rules one after another, each the best for what those before it leave: separate and conquer (Fürnkranz 1999).

The largest rule that is pure enough goes first. Where no pure one is left, the best of the impure goes, as long as it
places more accounts right than wrong beyond what the default would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from patchbook.rules.learn.coded import Coded, IntArray
from patchbook.rules.learn.grow import Grown, grow

ANOTHER_FIELD = 1.15
"""How much more a condition must tell when no rule yet looks at its field."""
STILL_BEST = 0.98
"""A rule grown anew is taken at once when it is worth this share of the best of the others."""


@dataclass
class Cover:
    """Rules in the making."""

    looks: Sequence[Coded]
    rows: IntArray
    """The rows that are learned from."""
    territory: IntArray
    """(all accounts,) the number of each account's territory."""
    territories: int
    target: float
    """The share of rows to be placed right."""
    most: int
    rest: int | None = None
    """The territory that gets what no rule takes; the commonest of what is left where it is not said."""
    rules: list[Grown] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is covered yet."""
        self.left = self.rows
        self.right = 0
        self.is_stopped = False
        self._weighed = [replace(look, weight=look.weight * ANOTHER_FIELD) for look in self.looks]
        self._known: dict[int, tuple[int, Grown | None]] = {}
        """Territory → the number of rules there were when its best rule was grown, and that rule."""

    def run(self) -> list[Grown]:
        """The rules in order; `is_stopped` says whether there was another when there were as many as may be."""
        while not self.is_enough:
            waiting = {number for number, count in enumerate(self.counts) if count}
            # What goes to the rest anyway needs a rule only where it stands in the way of others.
            chosen = self._pure(waiting - {self.rest}) or self._pure(waiting & {self.rest}) or self._impure()
            if chosen is None:
                break
            if len(self.rules) >= self.most:
                self.is_stopped = True
                break
            inside = chosen.holds(self.looks, self.left)
            self.right += int((self.territory[self.left[inside]] == chosen.territory).sum())
            self.left = self.left[~inside]
            self.rules.append(chosen)
            used = {self.looks[part.look].field for part in chosen.parts}
            self._weighed = [
                look if look.field in used else weighed for look, weighed in zip(self.looks, self._weighed, strict=True)
            ]
        return self.rules

    @property
    def counts(self) -> IntArray:
        """How many rows of each territory no rule takes."""
        return np.bincount(self.territory[self.left], minlength=self.territories)

    @property
    def is_enough(self) -> bool:
        """Whether the target is met when the rest goes to its commonest territory."""
        return self.right + int(self.counts[self.default]) >= self.target * len(self.rows)

    @property
    def default(self) -> int:
        """Where the rest goes as things are."""
        if self.rest is not None:
            return self.rest
        counts = self.counts if len(self.left) else np.bincount(self.territory[self.rows], minlength=self.territories)
        return int(np.argmax(counts))

    def _pure(self, waiting: set[int]) -> Grown | None:
        """The best rule that is pure enough, grown anew only as often as it takes to be sure."""
        for fresh in (False, True):
            for number in sorted(waiting):
                if number not in self._known or (fresh and self._known[number][0] != len(self.rules)):
                    self._grow(number)
            while True:
                order = sorted(
                    (number for number in waiting if self._is_pure(number)),
                    key=lambda number: (-self._score(number), number),
                )
                if not order:
                    break
                best = order[0]
                second = self._score(order[1]) if len(order) > 1 else 0.0
                if self._known[best][0] != len(self.rules):
                    self._grow(best)
                    if not self._is_pure(best) or self._score(best) < STILL_BEST * second:
                        continue
                return self._known[best][1]
        return None

    def _impure(self) -> Grown | None:
        """The best of the rest, after `_pure` has grown all anew: it must gain on the default."""
        counts = self.counts
        rest = self.default
        best: tuple[float, int] | None = None
        for number, (_, grown) in sorted(self._known.items()):
            if grown is None or number == rest or not counts[number]:
                continue
            inside = grown.holds(self.looks, self.left)
            lost = int((self.territory[self.left[inside]] == rest).sum())
            gain = (grown.right - lost) * grown.precision
            if gain > 0 and (best is None or gain > best[0]):
                best = gain, number
        return None if best is None else self._known[best[1]][1]

    def _grow(self, number: int) -> None:
        is_mine = self.territory[self.left] == number
        grown = grow(self._weighed, self.left, is_mine, number, pure=self.target)
        self._known[number] = len(self.rules), grown

    def _is_pure(self, number: int) -> bool:
        grown = self._known[number][1]
        return grown is not None and grown.precision >= self.target

    def _score(self, number: int) -> float:
        grown = self._known[number][1]
        return grown.score if grown is not None else 0.0
