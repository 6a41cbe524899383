"""All that a search for findings may look at, and how it comes by records that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

import numpy as np

from patchbook.rules.computed import Computed
from patchbook.rules.condition import All, Condition, Like, Not, holds
from patchbook.rules.explain import in_words
from patchbook.rules.ordered import OrderedRules, Rule
from patchbook.rules.prove.accounts import Accounts
from patchbook.rules.prove.cover import Budget
from patchbook.rules.prove.domain import Domain
from patchbook.rules.prove.finding import Kind, Witness
from patchbook.rules.prove.space import FITS, Sets, Space, members
from patchbook.words import listed

Record = Mapping[str, object]

_TRIED_CLASSES = 20
_NAMED_RULES = 4
_TRIED_VALUES = 2_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is looked for, and how hard."""

    most: int = 100
    """Findings of one kind."""
    gaps: int = 20
    steps: int = 20_000
    """Of box subtraction for one question."""
    empty_share: float = 0.5
    """From which share on a field counts as mostly empty."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Rules, the space they cut and, where there are any, accounts."""

    rules: OrderedRules
    space: Space
    accounts: Accounts | None
    limits: Limits
    known: dict[Any, Any] = field(default_factory=dict)
    """What one search has found and another asks again."""
    left_out: dict[Kind, int] = field(default_factory=dict)
    """How many findings of a kind are not told, or of gaps how many accounts."""
    proved: dict[str, bool] = field(default_factory=dict)

    def rule(self, place: int) -> Rule:
        """A rule by its place, from 0."""
        return self.rules.rules[place]

    def budget(self) -> Budget:
        """The steps that one question may take."""
        return Budget(self.limits.steps)

    def before(self, place: int) -> int:
        """The boxes of the rules before one, as bits."""
        first = self.space.bits_of_rule[place]
        lowest = first & -first
        return lowest - 1 if first else 0

    def lives(self, place: int) -> bool:
        """Whether a rule can be true at all."""
        return self.space.bits_of_rule[place] != 0

    def takes_all(self, place: int) -> bool:
        """Whether a rule is true of every record."""
        bits = self.space.bits_of_rule[place]
        return any(
            all(chosen == self.space.full(dimension) for dimension, chosen in self.space.boxes[bit].sets.items())
            for bit in members(bits)
        )

    def named(self, places: Iterable[int]) -> str:
        """Rules in a sentence: `rule 1 (East), rule 2 (West) and 3 more`."""
        every = [str(self.rule(place)) for place in sorted(set(places))]
        shown = every[:_NAMED_RULES]
        more = len(every) - len(shown)
        return listed([*shown, f"{more:,} more"] if more else shown)

    def condition(self, sets: Sets) -> Condition | None:
        """A box as a condition; None where it is every record."""
        parts: list[Condition] = []
        asked = {dimension.field for dimension in sets if isinstance(dimension, Like)}
        for dimension in sorted(sets, key=str):
            chosen = sets[dimension]
            if chosen == self.space.full(dimension):
                continue
            if isinstance(dimension, Like):
                parts.append(dimension if chosen == FITS else Not(dimension))
                continue
            classes = self.space.classes[dimension]
            missing = self.space.full(dimension) & ~chosen
            if (
                dimension in asked
                and missing == 1 << self.space.class_of[dimension][self.space.domains[dimension].null]
            ):
                continue
            pieces = sorted(piece for number in members(chosen) for piece in classes[number])
            part = self.space.domains[dimension].condition(pieces)
            if part is not None:
                parts.extend(part.conditions if isinstance(part, All) else (part,))
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def words(self, sets: Sets) -> str:
        """A box in plain words: `industry is Retail, and employees is below 50`."""
        condition = self.condition(sets)
        return "anything at all" if condition is None else in_words(condition)

    def witness(self, sets: Sets, is_so: Callable[[Record], bool], *, only_made_up: bool = False) -> Witness | None:
        """A record in a box that really is so: an account where there is one, else one made up."""
        if self.accounts is not None and not only_made_up:
            rows = np.flatnonzero(self.accounts.within(sets))
            for row in rows[:3].tolist():
                record = self.accounts.record(row)
                if is_so(record):
                    return Witness(record=record, account_id=self.accounts.account_id(row))
        return next((Witness(record=record) for record in self.made_up(sets) if is_so(record)), None)

    def made_up(self, sets: Sets) -> Iterator[dict[str, Any]]:
        """Records that lie in a box, the plainest first; not all of them, and none where none was thought of."""
        asked = dict.fromkeys(one.field if isinstance(one, Like) else one for one in sets)
        # What a function computes cannot be made up; whether the record is right is asked in the end, as of all.
        names = [name for name in asked if not isinstance(name, Computed)]
        patterns = {name: [one for one in sets if isinstance(one, Like) and one.field == name] for name in names}
        choices = [list(islice(self._values(name, sets, patterns[name]), 3)) for name in names]
        for values in islice(product(*choices), 27):
            yield dict(zip(names, values, strict=True))

    def holds(self, rule: int, record: Record) -> bool:
        """Whether a record meets a rule, by the plain definition."""
        return self.rules.holds(rule, record)

    def first(self, record: Record) -> int:
        """The place of the rule that takes a record, by the plain definition, or -1."""
        return self.rules.first(record)

    def _values(self, name: str, sets: Sets, patterns: list[Like]) -> Iterator[Any]:
        """Values of one field that lie in its classes and fit its patterns."""
        chosen = sets.get(name, self.space.full(name))
        class_of, domain = self.space.class_of[name], self.space.domains[name]

        def is_right(value: Any) -> bool:
            if not chosen >> class_of.get(domain.piece_of(value), len(class_of)) & 1:
                return False
            for pattern in patterns:
                if sets[pattern] != 3 and (value is None or holds(pattern, value) != (sets[pattern] == FITS)):
                    return False
            return True

        seen: set[Any] = set()
        for value in self._candidates(name, domain, chosen, patterns):
            if value not in seen and is_right(value):
                seen.add(value)
                yield value
        if is_right(None):
            yield None

    def _candidates(self, name: str, domain: Domain, chosen: int, patterns: list[Like]) -> Iterator[Any]:
        numbers = list(islice(members(chosen), _TRIED_CLASSES))
        if self.accounts is not None:
            found = [self.accounts.value(name, number) for number in numbers[:3]]
            yield from (value for value in found if value is not None)
        for number in numbers:
            for piece in self.space.classes[name][number][:3]:
                value = domain.value_in(piece)
                if value is not None:
                    yield value
        if patterns:
            samples = [sample for one in patterns for sample in _samples(one.pattern)]
            yield from samples
            yield from (left + right for left in samples for right in samples)
            if self.accounts is not None:
                yield from self.accounts.values(name, _TRIED_VALUES)


def _samples(pattern: str) -> tuple[str, ...]:
    """Texts that fit a pattern."""
    bare = pattern.replace("%", "")
    return tuple(
        dict.fromkeys((bare.replace("_", "0"), bare.replace("_", "a"), pattern.replace("%", "x").replace("_", "x")))
    )
