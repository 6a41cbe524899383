"""All records there could be, as boxes: what each alternative of each rule takes of every field.

Values of a field that no rule tells apart form one class; a box is a set of classes for each field it looks at. Sets
are integers with one bit a class, so that meeting, leaving out and holding are `&` and `~`.

Patterns that cuts do not tell (`LIKE '%bank%'`) are dimensions of their own with two classes, as if any text could fit
any of them, and so are the fields that functions compute, as if they went with no other. That is more records than
there are: what is proved of all of them is true, and what is found in some of them has to be shown by a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from patchbook.rules.column import kind_of
from patchbook.rules.condition import All, Any, Condition, Constant, IsNull, Like, Not
from patchbook.rules.normal_form import Conjunct, Literal, alternatives, pushed_down
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.domain import Domain, is_opaque
from patchbook.rules.spans import Spans, intersection

BoolArray: TypeAlias = npt.NDArray[np.bool_]
Dimension: TypeAlias = str | Like
"""A field by its name, or a pattern that is asked of one."""
Sets: TypeAlias = Mapping[Dimension, int]
"""Dimension → its classes as bits; a dimension that is not there is left open."""

FITS, FAILS = 1, 2
"""The two classes of a pattern."""
_LIGHTEST = 64
_LONG = 256
"""Bits of an integer from which on NumPy finds those that are set faster."""


@dataclass(frozen=True)
class Box:
    """One alternative of a rule, or a part of one where it asks for patterns."""

    rule: int
    """Its place among the rules, from 0."""
    conjunct: Conjunct
    sets: Sets


@dataclass(frozen=True)
class _Raw:
    """A box before pieces are classes."""

    spans: Mapping[str, Spans]
    patterns: Sets


class Space:
    """
    The classes of every field and the boxes of every rule.

    Parameters
    ----------
    rules
        In order.
    whole
        Fields that hold whole numbers only.
    """

    def __init__(self, rules: OrderedRules, *, whole: frozenset[str] = frozenset()) -> None:
        conjuncts = [(number, one) for number, rule in enumerate(rules.rules) for one in alternatives(rule.condition)]
        by_field: dict[str, dict[int, list[Literal]]] = {}
        for number, rule in enumerate(rules.rules):
            for literal in dict.fromkeys(literals_of(pushed_down(rule.condition))):
                by_field.setdefault(literal.atom.field, {}).setdefault(number, []).append(literal)
        self.domains: dict[str, Domain] = {}
        for name, by_rule in by_field.items():
            kind_of(name, by_rule)
            self.domains[name] = Domain(
                name, (literal for found in by_rule.values() for literal in found), whole=name in whole
            )
        self.impossible: list[tuple[int, Conjunct]] = []
        """Alternatives that no value can meet."""
        raw: list[tuple[int, Conjunct, _Raw]] = []
        for number, conjunct in conjuncts:
            found = [one for one in self._raw(conjunct) if all(one.spans.values())]
            raw.extend((number, conjunct, one) for one in found)
            if not found:
                self.impossible.append((number, conjunct))
        self.classes: dict[str, list[list[int]]] = {}
        """Field → the pieces of each class."""
        self.class_of: dict[str, dict[int, int]] = {}
        """Field → piece → class."""
        self._sets_of_bit: dict[str, dict[int, int]] = {}
        self.masks: dict[Dimension, list[int]] = {}
        """Dimension → for each class the boxes that reach into it."""
        self.everything = (1 << len(raw)) - 1
        self._compile(raw, by_field)
        self.boxes = tuple(
            Box(
                number,
                conjunct,
                {**{name: self._sets_of_bit[name][bit] for name in one.spans}, **one.patterns},
            )
            for bit, (number, conjunct, one) in enumerate(raw)
        )
        self.bits_of_rule = [0] * len(rules.rules)
        for bit, box in enumerate(self.boxes):
            self.bits_of_rule[box.rule] |= 1 << bit
        self._full = {dimension: (1 << len(masks)) - 1 for dimension, masks in self.masks.items()}
        self._lightest: dict[Dimension, list[int]] = {}
        asked = {dimension: sum(dimension in box.sets for box in self.boxes) for dimension in self.masks}
        self.dimensions: tuple[Dimension, ...] = tuple(sorted(asked, key=lambda one: (-asked[one], str(one))))
        """All fields and patterns, those that most boxes ask first."""
        self._standing: dict[tuple[Dimension, int], int] = {}

    def full(self, dimension: Dimension) -> int:
        """All classes of a dimension."""
        return self._full[dimension]

    def lightest(self, dimension: Dimension) -> list[int]:
        """The classes of a dimension that the fewest boxes reach into."""
        if dimension not in self._lightest:
            masks = self.masks[dimension]
            self._lightest[dimension] = sorted(range(len(masks)), key=lambda one: masks[one].bit_count())[:_LIGHTEST]
        return self._lightest[dimension]

    def meeting(self, sets: Sets) -> int:
        """The boxes, as bits, that have something in common with these classes."""
        bits = self.everything
        for dimension, chosen in sets.items():
            bits &= self.standing(dimension, chosen)
            if not bits:
                break
        return bits

    def standing(self, dimension: Dimension, chosen: int) -> int:
        """The boxes that reach into any of the chosen classes of one dimension."""
        key = (dimension, chosen)
        if key not in self._standing:
            masks = self.masks[dimension]
            found = 0
            for number in members(chosen):
                found |= masks[number]
            self._standing[key] = found
        return self._standing[key]

    def sets_of(self, conjunct: Conjunct) -> list[Sets]:
        """The boxes of literals that stand together in one alternative, or of some of those."""
        found: list[Sets] = []
        for one in self._raw(conjunct):
            sets: dict[Dimension, int] = dict(one.patterns)
            for name, spans in one.spans.items():
                sets[name] = self._classes_in(name, spans)
            if all(sets.values()):
                found.append(sets)
        return found

    def _classes_in(self, name: str, spans: Spans) -> int:
        class_of = self.class_of[name]
        chosen = 0
        for first, last in spans:
            for piece in range(first, last + 1):
                number = class_of.get(piece)
                if number is not None:
                    chosen |= 1 << number
        return chosen

    def _raw(self, conjunct: Conjunct) -> list[_Raw]:
        """A box of an alternative; two where it asks patterns of a field: its named values, and all others."""
        by_field: dict[str, list[Literal]] = {}
        for literal in conjunct:
            by_field.setdefault(literal.atom.field, []).append(literal)
        found = [_Raw({}, {})]
        for name, literals in by_field.items():
            domain = self.domains[name]
            plain = [literal for literal in literals if not is_opaque(literal)]
            patterns = [literal for literal in literals if is_opaque(literal)]
            spans: Spans = [(0, domain.null)]
            for literal in plain:
                spans = intersection(spans, domain.spans(literal))
            if not patterns:
                found = [_Raw({**one.spans, name: self._possible(domain, spans)}, one.patterns) for one in found]
                continue
            points = [
                (piece, piece)
                for piece in range(1, domain.null, 2)
                if _reaches(spans, piece) and all(fits(literal, domain.cuts[piece // 2]) for literal in patterns)
            ]
            between = intersection(spans, [(piece, piece) for piece in range(0, domain.null, 2)])
            signs: Sets = {
                literal.atom: FAILS if literal.negated else FITS
                for literal in patterns
                if isinstance(literal.atom, Like)
            }
            found = [
                _Raw({**one.spans, name: self._possible(domain, part)}, {**one.patterns, **asked})
                for one in found
                for part, asked in ((points, {}), (between, signs))
                if part
            ]
        return found

    def _possible(self, domain: Domain, spans: Spans) -> Spans:
        """The spans, or nothing where no value falls into any of them."""
        possible = self._pieces(domain)
        return spans if any(not possible.isdisjoint(range(first, last + 1)) for first, last in spans) else []

    def _pieces(self, domain: Domain) -> frozenset[int]:
        known: dict[str, frozenset[int]] = self.__dict__.setdefault("_known_pieces", {})
        if domain.field not in known:
            known[domain.field] = frozenset(domain.pieces)
        return known[domain.field]

    def _compile(
        self, raw: Sequence[tuple[int, Conjunct, _Raw]], by_field: Mapping[str, Mapping[int, Sequence[Literal]]]
    ) -> None:
        """Classes by a sweep over the pieces: those in which the same boxes and literals are true are one."""
        patterns: dict[Dimension, list[int]] = {}
        for name, domain in self.domains.items():
            asked = 0
            toggles: dict[int, int] = {}
            for bit, (_, _, one) in enumerate(raw):
                if name in one.spans:
                    asked |= 1 << bit
                    _toggle(toggles, one.spans[name], bit)
            # A part of a rule that may be left out is a box of its own, so its ends are ends of classes too.
            several = [literal for found in by_field[name].values() if len(found) > 1 for literal in found]
            for more, literal in enumerate(dict.fromkeys(several), start=len(raw)):
                if not is_opaque(literal):
                    _toggle(toggles, domain.spans(literal), more)
            unasked = self.everything & ~asked
            number_of_mask: dict[int, int] = {}
            pieces: list[list[int]] = []
            class_of: dict[int, int] = {}
            sets: dict[int, int] = {}
            possible = self._pieces(domain)
            standing = 0
            for piece in range(domain.null + 1):
                standing ^= toggles.get(piece, 0)
                if piece not in possible:
                    continue
                number = number_of_mask.setdefault(standing, len(number_of_mask))
                if number == len(pieces):
                    pieces.append([])
                pieces[number].append(piece)
                class_of[piece] = number
            for mask, number in number_of_mask.items():
                for bit in members(mask & asked):
                    sets[bit] = sets.get(bit, 0) | 1 << number
            self.classes[name], self.class_of[name] = pieces, class_of
            self._sets_of_bit[name] = sets
            self.masks[name] = [mask & self.everything | unasked for mask in number_of_mask]
        for bit, (_, _, one) in enumerate(raw):
            for pattern, sign in one.patterns.items():
                masks = patterns.setdefault(pattern, [self.everything, self.everything])
                masks[0 if sign == FAILS else 1] &= ~(1 << bit)
        self.masks.update(patterns)


def flags(bits: int, size: int) -> BoolArray:
    """The bits as an array of true and false, the lowest first."""
    packed = np.frombuffer(bits.to_bytes((size + 7) // 8, "little"), np.uint8)
    return np.unpackbits(packed, count=size, bitorder="little").astype(np.bool_)


def as_bits(flags: BoolArray) -> int:
    """An array of true and false as bits, the first lowest."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def members(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    if bits.bit_length() > _LONG:
        yield from np.flatnonzero(flags(bits, bits.bit_length())).tolist()
        return
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def fits(literal: Literal, value: object) -> bool:
    """Whether a literal is true of a value that is there."""
    from patchbook.rules.condition import holds

    atom = literal.atom
    return literal.negated if isinstance(atom, IsNull) else holds(atom, value) != literal.negated


def literals_of(condition: Condition) -> Iterator[Literal]:
    """The literals of a condition in negation normal form."""
    if isinstance(condition, All | Any):
        for part in condition.conditions:
            yield from literals_of(part)
    elif isinstance(condition, Not):
        assert not isinstance(condition.condition, Not | All | Any | Constant), "NOT was pushed down to the atoms"
        yield Literal(condition.condition, negated=True)
    elif not isinstance(condition, Constant):
        yield Literal(condition)


def _reaches(spans: Spans, piece: int) -> bool:
    return any(first <= piece <= last for first, last in spans)


def _toggle(toggles: dict[int, int], spans: Spans, bit: int) -> None:
    for first, last in spans:
        toggles[first] = toggles.get(first, 0) ^ 1 << bit
        toggles[last + 1] = toggles.get(last + 1, 0) ^ 1 << bit
