"""The values of one field, cut where any rule cuts them: points, the stretches between them, and no value.

With k cuts in order there are 2k + 1 pieces, as in `rules/column.py`: 2i + 1 is the i-th cut itself, the even ones
are the open stretches. Text that begins with `p` is all from `p` up to the next text of that length, so prefixes are
cuts as well. Pieces that no value can fall into are left out: between 5 and 6 of whole numbers, between two days,
beside TRUE and FALSE.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any as Anything

from patchbook.rules.condition import All as Every
from patchbook.rules.condition import Any as Either
from patchbook.rules.condition import Between, Comparison, Condition, IsNull, Like, Not, OneOf
from patchbook.rules.normal_form import Literal
from patchbook.rules.spans import Spans, compared, complement

_LAST_CHARACTER = 0x10FFFF
_FEWER = 4
_STEPS = (1, 0.5, 0.25, 0.1, 0.01, 1e-6)


@dataclass(frozen=True)
class Side:
    """One end of a stretch."""

    value: Anything
    included: bool


class Domain:
    """The cuts of one field and what lies between them."""

    def __init__(self, field: str, literals: Iterable[Literal], *, whole: bool = False) -> None:
        self.field = field
        self.whole = whole
        literals = list(literals)
        cuts = {cut for literal in literals for cut in _cuts(literal)}
        self.prefixes = {found for literal in literals if (found := prefix(literal)) is not None}
        if any(isinstance(cut, bool) for cut in cuts):
            cuts = {False, True}
        self.cuts: list[Anything] = sorted(cuts)
        self._place = {cut: 2 * number + 1 for number, cut in enumerate(self.cuts)}
        self.null = 2 * len(self.cuts) + 1
        """The piece without a value; it stands after the others."""

    @cached_property
    def pieces(self) -> list[int]:
        """The pieces that a value can fall into, and that without one."""
        return [*(piece for piece in range(self.null) if self._is_possible(piece)), self.null]

    def piece_of(self, value: Anything) -> int:
        """Where a value falls."""
        if value is None:
            return self.null
        place = self._place.get(value)
        return 2 * bisect.bisect_left(self.cuts, value) if place is None else place

    def spans(self, literal: Literal) -> Spans:
        """The pieces in which a literal is true; patterns other than prefixes are not asked here."""
        last = self.null - 1
        if isinstance(literal.atom, IsNull):
            return [(0, last)] if literal.negated else [(self.null, self.null)]
        true = self._true(literal.atom)
        return complement(true, last) if literal.negated else true

    def value_in(self, piece: int) -> Anything:
        """A value that falls into a piece; None for the piece without one, and where none was found."""
        if piece >= self.null:
            return None
        if piece % 2:
            return self.cuts[piece // 2]
        low = self.cuts[piece // 2 - 1] if piece else None
        high = self.cuts[piece // 2] if piece // 2 < len(self.cuts) else None
        return next((value for value in self._between(low, high) if self.piece_of(value) == piece), None)

    def value_near(self, piece: int, value: Anything) -> Anything:
        """The value of a piece that is nearest to another one; of text any."""
        if piece % 2 or value is None or isinstance(value, str) or self.piece_of(value) < piece:
            return self.value_in(piece)
        high = self.cuts[piece // 2]
        below: list[Anything]
        if isinstance(high, date):
            below = [high - timedelta(days=1)]
        elif self.whole:
            below = [math.ceil(high) - 1]
        else:
            below = [math.ceil(high) - 1, *(high - step for step in _STEPS), math.nextafter(high, -math.inf)]
        return next((found for found in below if self.piece_of(found) == piece), self.value_in(piece))

    def condition(self, pieces: Sequence[int]) -> Condition | None:
        """A condition that is true in these pieces and no others; None where that is any record."""
        chosen = set(pieces)
        possible = self.pieces
        missing = [piece for piece in possible if piece not in chosen]
        if not missing:
            return None
        there = [piece for piece in possible if piece in chosen and piece != self.null]
        absent = [piece for piece in missing if piece != self.null]
        parts: list[Condition] = []
        if not there:
            return IsNull(self.field)
        if not absent:
            return Not(IsNull(self.field))
        if all(piece % 2 for piece in absent) and len(absent) <= len(there) and not isinstance(self.cuts[0], bool):
            named = self._one_of(absent)
            parts.append(replace(named, operator="<>") if isinstance(named, Comparison) else Not(named))
        else:
            inside, outside = self._runs(there), self._runs(absent)
            if _parts(outside) * _FEWER < _parts(inside):
                # Nobody reads what lies between thousands of postal codes; what is left out is said sooner.
                left_out = tuple(Not(part) for part in self._stretches(outside))
                parts.append(left_out[0] if len(left_out) == 1 else Every(left_out))
            else:
                parts.extend(self._stretches(inside))
        if self.null in chosen:
            parts.append(IsNull(self.field))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _true(self, atom: object) -> Spans:
        last = self.null - 1
        if isinstance(atom, OneOf):
            return [(place, place) for place in sorted(self._place[value] for value in set(atom.values))]
        if isinstance(atom, Between):
            low, high = self._place[atom.low], self._place[atom.high]
            return [(low, high)] if low <= high else []
        if isinstance(atom, Like):
            start = prefix(Literal(atom))
            if start is None:
                return [(self._place[atom.pattern],) * 2] if "%" not in atom.pattern else [(0, last)]
            after = following(start)
            return [(self._place[start], last if after is None else self._place[after] - 1)]
        assert isinstance(atom, Comparison)
        return compared(atom.operator, self._place[atom.value], last)

    def _is_possible(self, piece: int) -> bool:
        first = self.cuts[0] if self.cuts else None
        if isinstance(first, bool):
            return piece % 2 == 1
        if piece % 2:
            cut = self.cuts[piece // 2]
            return not (self.whole and isinstance(cut, float) and not cut.is_integer())
        if isinstance(first, str):
            return not (piece == 0 and first == "")
        low = self.cuts[piece // 2 - 1] if piece else None
        high = self.cuts[piece // 2] if piece // 2 < len(self.cuts) else None
        if low is None or high is None:
            return True
        if isinstance(first, date):
            return bool((high - low).days > 1)
        return not self.whole or math.floor(low) + 1 < high

    def _between(self, low: Anything, high: Anything) -> Iterator[Anything]:
        """Values that may lie between two cuts, the plainest first."""
        near = low if low is not None else high
        if near is None:
            yield from ("any", 1, True)
        elif isinstance(near, str):
            yield from (
                (f"{low}{more}" for more in ("0", "a", " ", "~", "\x01")) if low is not None else ("", " ", "\x01")
            )
        elif isinstance(near, date):
            try:
                yield near + timedelta(days=1 if low is not None else -1)
            except OverflowError:
                return
        else:
            yield from self._numbers_between(low, high)

    def _numbers_between(self, low: float | None, high: float | None) -> Iterator[float]:
        if low is None:
            assert high is not None
            yield from (math.ceil(high) - 1, high * 2 - 1)
            return
        yield math.floor(low) + 1
        if self.whole:
            return
        yield from (low + step for step in _STEPS)
        if high is not None:
            yield (low + high) / 2
        yield math.nextafter(low, math.inf)

    def _one_of(self, points: Sequence[int]) -> Comparison | OneOf:
        values = tuple(self.cuts[piece // 2] for piece in points)
        return Comparison(self.field, "=", values[0]) if len(values) == 1 else OneOf(self.field, values)

    def _runs(self, pieces: Sequence[int]) -> list[tuple[int, int]]:
        """Pieces that follow each other, as the first and the last of them."""
        runs: list[tuple[int, int]] = []
        for piece in pieces:
            if runs and self._order[piece] == self._order[runs[-1][1]] + 1:
                runs[-1] = (runs[-1][0], piece)
            else:
                runs.append((piece, piece))
        return runs

    @cached_property
    def _order(self) -> dict[int, int]:
        return {piece: number for number, piece in enumerate(self.pieces)}

    def _stretches(self, runs: Sequence[tuple[int, int]]) -> list[Condition]:
        """Single points as one list, any longer run as a comparison."""
        points = [first for first, last in runs if first == last and first % 2]
        found: list[Condition] = [self._one_of(points)] if points else []
        found += [self._stretch(first, last) for first, last in runs if first != last or not first % 2]
        return found

    def _stretch(self, first: int, last: int) -> Condition:
        low, high = self._low(first), self._high(last)
        if low is not None and low.included and low.value in self.prefixes:
            after = following(low.value)
            if (high is None and after is None) or (high is not None and not high.included and high.value == after):
                return Like(self.field, f"{low.value}%")
        if low is not None and high is not None and low.included and high.included:
            if low.value == high.value:
                return Comparison(self.field, "=", low.value)
            return Between(self.field, low.value, high.value)
        parts: list[Condition] = []
        if low is not None:
            parts.append(Comparison(self.field, ">=" if low.included else ">", low.value))
        if high is not None:
            parts.append(Comparison(self.field, "<=" if high.included else "<", high.value))
        if not parts:
            return Not(IsNull(self.field))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _low(self, piece: int) -> Side | None:
        if piece % 2:
            return Side(self.cuts[piece // 2], True)
        if piece == 0 or piece == self.pieces[0]:
            return None
        cut = self.cuts[piece // 2 - 1]
        return Side(math.floor(cut) + 1, True) if self.whole else Side(cut, False)

    def _high(self, piece: int) -> Side | None:
        if piece % 2:
            return Side(self.cuts[piece // 2], True)
        if piece // 2 >= len(self.cuts):
            return None
        cut = self.cuts[piece // 2]
        return Side(math.ceil(cut) - 1, True) if self.whole and piece else Side(cut, False)


def _parts(runs: Sequence[tuple[int, int]]) -> int:
    """How many comparisons runs come to: all their single points are one."""
    stretches = sum(first != last or not first % 2 for first, last in runs)
    return stretches + (stretches < len(runs))


def prefix(literal: Literal) -> str | None:
    """The text that a pattern wants a value to begin with, where that is all it wants."""
    if not isinstance(literal.atom, Like):
        return None
    pattern = literal.atom.pattern
    start = pattern.rstrip("%")
    return start if start and start != pattern and "%" not in start and "_" not in start else None


def is_opaque(literal: Literal) -> bool:
    """Whether a literal asks what cuts do not tell: a pattern with `_`, or with `%` anywhere but at its end."""
    if not isinstance(literal.atom, Like) or prefix(literal) is not None:
        return False
    pattern = literal.atom.pattern
    return "_" in pattern or ("%" in pattern and pattern.strip("%") != "")


def following(start: str) -> str | None:
    """The first text after all that begin with `start`; None where there is none."""
    for end in range(len(start), 0, -1):
        if ord(start[end - 1]) < _LAST_CHARACTER:
            return start[: end - 1] + chr(ord(start[end - 1]) + 1)
    return None


def _cuts(literal: Literal) -> Iterator[Anything]:
    atom = literal.atom
    if isinstance(atom, OneOf):
        yield from atom.values
    elif isinstance(atom, Between):
        yield from (atom.low, atom.high)
    elif isinstance(atom, Comparison):
        yield atom.value
    elif isinstance(atom, Like):
        start = prefix(literal)
        if start is not None:
            yield start
            after = following(start)
            if after is not None:
                yield after
        elif "%" not in atom.pattern and "_" not in atom.pattern:
            yield atom.pattern
