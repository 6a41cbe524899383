"""Records no rule takes, as boxes that read easily and are as large as can be: those with most accounts first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from patchbook.rules.condition import to_sql
from patchbook.rules.prove.accounts import IntArray
from patchbook.rules.prove.case import Case, Record
from patchbook.rules.prove.cover import OutOfBudget, free_point, left_over
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.space import Dimension, Sets, flags, members
from patchbook.words import counted

_SEEDS = 8
_COUNTED_ROWS = 50_000
_MADE_UP = 10
_STARTS = 5


def find(case: Case) -> Iterator[Finding]:
    """
    Each gap is one: no rule reaches into its box. With accounts all that no rule takes are in a gap, or counted as left
    out. Without accounts in it a gap is a record made up; where none is found and nothing is given up, none exists.
    """
    if any(case.takes_all(place) for place in range(len(case.rules.rules))):
        case.proved["no gap"] = True
        return
    found: list[Sets] = []
    for sets, accounts in _with_accounts(case):
        finding = _finding(case, sets, accounts)
        if finding is not None:
            found.append(sets)
            yield finding
    yield from _made_up(case, found)


def _with_accounts(case: Case) -> Iterator[tuple[Sets, int]]:
    """Gaps that hold accounts, and how many, the largest first as far as a few tries find it."""
    if case.accounts is None:
        return
    rows = np.flatnonzero(case.accounts.winner < 0)
    dimensions = case.space.dimensions
    codes = {dimension: case.accounts.codes(dimension)[rows] for dimension in dimensions}
    remaining = np.arange(len(rows))
    for _ in range(case.limits.gaps):
        if not len(remaining):
            return
        step = max(1, len(remaining) // _COUNTED_ROWS)
        counted_rows = remaining[::step]
        best: Sets | None = None
        most = -1
        for seed in counted_rows[:: max(1, len(counted_rows) // _SEEDS)][:_SEEDS].tolist():
            point = {dimension: int(codes[dimension][seed]) for dimension in dimensions}
            for order in _orders(case, dimensions):
                sets = largest(case, point, order)
                if sets is None:
                    continue
                size = int(_inside(case, sets, codes, counted_rows).sum())
                if size > most:
                    best, most = sets, size
        if best is None:
            break
        inside = _inside(case, best, codes, remaining)
        yield best, int(inside.sum())
        remaining = remaining[~inside]
    if len(remaining):
        case.left_out[Kind.GAP] = len(remaining)


def _orders(case: Case, dimensions: Sequence[Dimension]) -> Iterator[list[Dimension]]:
    """Which fields are opened first: what stays last is what the gap is told by, so names of records come first."""
    names = [one for one in dimensions if one in case.rules.names]
    others = [one for one in reversed(dimensions) if one not in case.rules.names]
    yield [*names, *others]
    for last in others[:-1]:
        yield [*names, *(one for one in others if one != last), last]


def largest(case: Case, point: dict[Dimension, int], order: Sequence[Dimension]) -> Sets | None:
    """The gap around a point, opened field by field as far as no rule reaches into it; None where a rule takes it."""
    space = case.space
    if any(number >= len(space.masks[dimension]) for dimension, number in point.items()):
        return None
    sets: dict[Dimension, int] = {dimension: 1 << number for dimension, number in point.items()}
    if space.meeting(sets):
        return None
    for dimension in order:
        # Every box that reaches in elsewhere asks this dimension, or the point would not be free.
        taken = 0
        for bit in members(space.meeting({one: chosen for one, chosen in sets.items() if one != dimension})):
            taken |= space.boxes[bit].sets[dimension]
        chosen = space.full(dimension) & ~taken
        if chosen == space.full(dimension):
            del sets[dimension]
        else:
            sets[dimension] = chosen
    return sets


def _inside(case: Case, sets: Sets, codes: dict[Dimension, IntArray], rows: IntArray) -> np.ndarray:
    found = np.ones(len(rows), np.bool_)
    for dimension, chosen in sets.items():
        allowed = flags(chosen, len(case.space.masks[dimension]) + 1)
        found &= allowed[codes[dimension][rows]]
    return found


def _made_up(case: Case, found: list[Sets]) -> Iterator[Finding]:
    """Gaps without accounts: first those that are easily found, and if there are none, whatever is proved."""
    told = 0
    for start in _starts(case):
        if told == _MADE_UP:
            return
        rest = _beside(case, start, found)
        point = None if rest is None else free_point(case.space, rest, case.space.meeting(rest))
        if point is None:
            continue
        finding = _around(case, point, found)
        if finding is not None:
            told += 1
            yield finding
    if found:
        return
    try:
        left = next(left_over(case.space, {}, case.space.everything, case.budget()), None)
    except OutOfBudget:
        yield Finding(
            kind=Kind.NOT_PROVED,
            severity=Severity.NOTE,
            rules=(),
            says="Whether the rules leave a gap was not proved: there are too many of them.",
        )
        return
    if left is None:
        case.proved["no gap"] = True
        return
    dimensions = case.space.dimensions
    point = {one: next(members(left.get(one, case.space.full(one)))) for one in dimensions}
    finding = _around(case, point, found)
    if finding is not None:
        yield finding


def _starts(case: Case) -> Iterator[Sets]:
    """Where to look for a gap: anywhere, then where a field has a value that few rules take."""
    yield {}
    for number in range(_STARTS):
        for dimension in case.space.dimensions:
            lightest = case.space.lightest(dimension)
            if number < len(lightest):
                yield {dimension: 1 << lightest[number]}


def _around(case: Case, point: dict[Dimension, int], found: list[Sets]) -> Finding | None:
    whole = largest(case, point, next(_orders(case, case.space.dimensions)))
    if whole is None:
        return None
    found.append(whole)
    return _finding(case, whole, 0)


def _beside(case: Case, box: Sets, found: Sequence[Sets]) -> Sets | None:
    """A part of a box that lies in none of the gaps that are told already."""
    for gap in found:
        for dimension, chosen in gap.items():
            outside = box.get(dimension, case.space.full(dimension)) & ~chosen
            if outside:
                box = {**box, dimension: outside}
                break
        else:
            return None
    return box


def _finding(case: Case, sets: Sets, accounts: int) -> Finding | None:
    def is_free(record: Record) -> bool:
        return case.first(record) < 0

    witness = case.witness(sets, is_free, only_made_up=not accounts)
    if witness is None:
        return None
    condition = case.condition(sets)
    rest = case.rules.rest
    told = f" ({counted(accounts, 'account')})" if accounts else " (no account today)" if case.accounts else ""
    where = f"No rule takes records where {case.words(sets)}{told}"
    return Finding(
        kind=Kind.GAP,
        severity=Severity.WARNING if accounts and rest is None else Severity.NOTE,
        rules=(),
        says=f"{where}; they go to {rest}." if rest else f"{where}.",
        fix="Add a rule for them, or widen one that is near."
        if rest
        else "Add a rule for them, or end with one that takes the rest.",
        condition=None if condition is None else to_sql(condition),
        witness=witness,
        accounts=None if case.accounts is None else accounts,
    )
