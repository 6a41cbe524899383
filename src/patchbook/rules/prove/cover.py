"""What some boxes leave of another: box subtraction, piece by piece, until something is left or nothing is.

The question is as hard as satisfiability, so the work is counted and given up where it grows too much; what was given
up is told as not proved, never as proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from patchbook.rules.prove.space import Dimension, Sets, Space, members

_TRIED_CLASSES = 64


class OutOfBudget(Exception):
    """More steps than were given; nothing is known."""


@dataclass
class Budget:
    """How many steps may still be taken."""

    steps: int
    taken: int = field(default=0)

    def spend(self, steps: int = 1) -> None:
        """Take steps, or give up."""
        self.taken += steps
        if self.taken > self.steps:
            raise OutOfBudget


def left_over(space: Space, start: Sets, covers: int, budget: Budget, used: set[int] | None = None) -> Iterator[Sets]:
    """
    Boxes that lie within `start` and in none of the covering boxes; together they are all that is left.

    Parameters
    ----------
    covers
        Boxes of the space, as bits.
    used
        Filled with the covering boxes that took something away.

    Raises
    ------
    OutOfBudget
        Before everything was looked at.
    """
    live = [bit for bit in members(covers) if _meets(start, space.boxes[bit].sets)]
    yield from _left_over(space, start, live, budget, used)


def is_covered(space: Space, start: Sets, covers: int, budget: Budget, used: set[int] | None = None) -> bool:
    """Whether the covering boxes leave nothing."""
    if free_point(space, start, covers) is not None:
        return False
    return next(left_over(space, start, covers, budget, used), None) is None


def free_point(space: Space, start: Sets, covers: int) -> dict[Dimension, int] | None:
    """
    A point of a box in none of the covering boxes, dimension → class, where it is easily found.

    Field by field the class into which the fewest of the boxes reach that are left. Most boxes have such a point, and
    it is found without subtracting anything.
    """
    for order in _orders(space, start):
        point: dict[Dimension, int] = {}
        left = covers
        for dimension in order:
            masks = space.masks[dimension]
            chosen = start.get(dimension)
            numbers = space.lightest(dimension) if chosen is None else islice(members(chosen), _TRIED_CLASSES)
            best, fewest, after = -1, -1, left
            for number in numbers:
                here = left & masks[number]
                count = here.bit_count()
                if best < 0 or count < fewest:
                    best, fewest, after = number, count, here
                if not count:
                    break
            point[dimension], left = best, after
        if not left:
            return point
    return None


def _orders(space: Space, start: Sets) -> Iterator[list[Dimension]]:
    narrow = [dimension for dimension in space.dimensions if dimension in start]
    wide = [dimension for dimension in space.dimensions if dimension not in start]
    yield [*wide, *narrow]
    yield [*narrow, *wide]
    yield [*reversed(narrow), *reversed(wide)]


def _left_over(space: Space, start: Sets, live: list[int], budget: Budget, used: set[int] | None) -> Iterator[Sets]:
    budget.spend(1 + len(live) // 8)
    if not live:
        yield start
        return
    best, least = -1, 1_000
    for cover in live:
        sticking = 0
        for dimension, chosen in space.boxes[cover].sets.items():
            here = start.get(dimension)
            if (space.full(dimension) if here is None else here) & ~chosen:
                sticking += 1
                if sticking >= least:
                    break
        if not sticking:
            if used is not None:
                used.add(cover)
            return
        if sticking < least:
            best, least = cover, sticking
    if used is not None:
        used.add(best)
    rest = [cover for cover in live if cover != best]
    inside: dict[Dimension, int] = dict(start)
    for dimension, chosen in space.boxes[best].sets.items():
        here = inside[dimension] if dimension in inside else space.full(dimension)
        outside = here & ~chosen
        if outside:
            # What meets the parent meets this part unless the one narrowed dimension, or an earlier one, keeps it out.
            part = {**inside, dimension: outside}
            yield from _left_over(
                space, part, [cover for cover in rest if _meets(part, space.boxes[cover].sets)], budget, used
            )
            inside[dimension] = here & chosen


def _meets(left: Sets, right: Sets) -> bool:
    for dimension, chosen in right.items():
        here = left.get(dimension)
        if here is not None and not here & chosen:
            return False
    return True
