"""Fewer and shorter rules that place as many accounts right: some joined, some left out, lists without idle values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from patchbook.rules.learn.coded import BoolArray, Coded, IntArray
from patchbook.rules.learn.grow import Grown, Part

BoolTable = npt.NDArray[np.bool_]
MOST_CELLS = 400_000_000


@dataclass
class Listed:
    """Rules in order over rows, with what each would take."""

    looks: Sequence[Coded]
    rows: IntArray
    territory: IntArray
    """(rows,)"""
    rules: list[Grown]
    default: int

    def __post_init__(self) -> None:
        """What each rule holds for."""
        self.holds = [rule.holds(self.looks, self.rows) for rule in self.rules]

    def first(self) -> IntArray:
        """For each row the first rule that takes it, or the number of rules."""
        found = np.full(len(self.rows), len(self.rules))
        for number in range(len(self.rules) - 1, -1, -1):
            found[self.holds[number]] = number
        return found

    def right(self) -> int:
        """How many rows are placed right."""
        said = np.array([*(rule.territory for rule in self.rules), self.default])
        return int((said[self.first()] == self.territory).sum())


def simplify(
    looks: Sequence[Coded], rows: IntArray, territory: IntArray, rules: Sequence[Grown], default: int, *, target: float
) -> list[Grown]:
    """The rules simplified, still placing the target's share of rows right where they did."""
    told = Listed(looks=looks, rows=rows, territory=territory, rules=list(rules), default=default)
    if len(rows) * max(len(rules), 1) > MOST_CELLS:
        return told.rules
    enough = min(int(np.ceil(target * len(rows))), told.right())
    _trim(told)
    _join(told, enough)
    _leave_out(told, enough)
    _trim(told)
    return told.rules


def _leave_out(told: Listed, enough: int) -> None:
    """Leave rules out, the least missed first, as long as enough is right."""
    right = told.right()
    losses = {number: _loss(told, number) for number in range(len(told.rules))}
    alive = list(range(len(told.rules)))
    for number in sorted(losses, key=lambda number: (losses[number], -number)):
        at = alive.index(number)
        if losses[number] > right - enough:
            break
        loss = _loss(told, at)
        if right - loss >= enough:
            del told.rules[at], told.holds[at], alive[at]
            right -= loss


def _loss(told: Listed, number: int) -> int:
    """How many fewer rows are right without a rule."""
    mine = told.holds[number].copy()
    for before in told.holds[:number]:
        mine &= ~before
    rows = np.flatnonzero(mine)
    said = np.full(len(rows), told.default)
    waiting = np.ones(len(rows), bool)
    for after in range(number + 1, len(told.rules)):
        taken = waiting & told.holds[after][rows]
        said[taken] = told.rules[after].territory
        waiting &= ~taken
        if not waiting.any():
            break
    wanted = told.territory[rows]
    return int((wanted == told.rules[number].territory).sum() - (wanted == said).sum())


def _join(told: Listed, enough: int) -> None:
    """Make one rule of two of the same territory that differ in one list only."""
    later = 1
    while later < len(told.rules):
        for earlier in range(later):
            joint = _joint(told.looks, told.rules[earlier], told.rules[later])
            if joint is not None and _try(told, earlier, later, joint, enough):
                later -= 1
                break
        later += 1


def _try(told: Listed, earlier: int, later: int, joint: Grown, enough: int) -> bool:
    """Put the joint rule in the place of either, if enough stays right."""
    held = joint.holds(told.looks, told.rows)
    for at, gone in ((later, earlier), (earlier, later)):
        rules, holds = list(told.rules), list(told.holds)
        rules[at], holds[at] = joint, held
        del rules[gone], holds[gone]
        before = told.rules, told.holds
        told.rules, told.holds = rules, holds
        if told.right() >= enough:
            return True
        told.rules, told.holds = before
    return False


def _joint(looks: Sequence[Coded], one: Grown, other: Grown) -> Grown | None:
    """The two as one, where they ask the same fields and differ in one: lists are united, ranges if they touch."""
    if one.territory != other.territory:
        return None
    left = {part.look: part.mask for part in one.parts}
    right = {part.look: part.mask for part in other.parts}
    if left.keys() != right.keys():
        return None
    differing = [look for look in left if not np.array_equal(left[look], right[look])]
    if len(differing) != 1:
        return None
    look = differing[0]
    mask = left[look] | right[look]
    if looks[look].kind == "numbers" and not _is_range(mask):
        return None
    parts = tuple(replace(part, mask=mask) if part.look == look else part for part in one.parts)
    return replace(one, parts=parts)


def _is_range(mask: BoolArray) -> bool:
    codes = np.flatnonzero(mask)
    return bool(codes[0] > 0 and codes[-1] - codes[0] + 1 == len(codes))


def _trim(told: Listed) -> None:
    """Take values out of lists that no account is taken for, and count what each rule takes."""
    first = told.first()
    kept: list[Grown] = []
    for number, rule in enumerate(told.rules):
        mine = first == number
        if not mine.any():
            continue
        rows = told.rows[mine]
        parts = tuple(_trimmed(told.looks[part.look], part, rows) for part in rule.parts)
        right = int((told.territory[mine] == rule.territory).sum())
        kept.append(replace(rule, parts=parts, takes=len(rows), right=right))
    told.rules = kept
    told.holds = [rule.holds(told.looks, told.rows) for rule in kept]


def _trimmed(look: Coded, part: Part, rows: IntArray) -> Part:
    if look.kind == "numbers":
        return part
    used = np.bincount(look.codes[rows], minlength=look.size) > 0
    return replace(part, mask=part.mask & used)
