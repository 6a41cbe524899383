"""Rules in the order they are asked, each with what it gives: what `prove` looks at and `explain.why` explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from patchbook.rules.bind import bind
from patchbook.rules.book import RuleBook
from patchbook.rules.condition import Condition, truth
from patchbook.rules.context import NOTHING, Context
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition and what it gives to the records that meet it."""

    condition: Condition
    """With today as a date and every list, table and area in its version."""
    outcome: str
    """The territory, seat or layer."""
    number: int
    """As people count: the first is 1. In a plan it is the place of the layer."""
    line: int | None = None
    """The line of the plan file."""
    groups: tuple[str, ...] = ()
    """The groups it stands under, the innermost first."""
    catches_all_of: str | None = None
    """The group it is the catch-all of."""

    def is_meant_to_leave(self, earlier: Rule) -> bool:
        """Whether it is there to take what an earlier rule leaves: the catch-all of a group that rule stands under."""
        return self.catches_all_of is not None and self.catches_all_of in earlier.groups

    def __str__(self) -> str:
        return f"rule {self.number} ({self.outcome})"


@dataclass(frozen=True, kw_only=True)
class OrderedRules:
    """
    Rules of which the first that holds, wins.

    Examples
    --------
    >>> rules = OrderedRules.of({"East": "state = 'GA'", "Enterprise": "employees >= 500"})
    >>> str(rules.winner({"state": "FL", "employees": 800}))
    'rule 2 (Enterprise)'
    """

    rules: tuple[Rule, ...]
    schema: Schema = field(default_factory=dict)
    context: Context = NOTHING
    """What the rules refer to beside a record."""
    rest: str | None = None
    """Who gets what no rule takes, where somebody does."""
    names: frozenset[str] = frozenset({"account_id", "id", "name", "domain", "website", "phone", "email"})
    """Fields that tell one record from another; a change of them explains nothing."""

    @classmethod
    def of(
        cls,
        rules: Mapping[str, str] | Sequence[tuple[str, str]],
        schema: Schema | None = None,
        *,
        context: Context = NOTHING,
        rest: str | None = None,
    ) -> OrderedRules:
        """Rules from what they give and their conditions as text; two may give the same."""
        pairs = rules.items() if isinstance(rules, Mapping) else rules
        return cls(
            rules=tuple(
                Rule(condition=bind(parse(text, schema, context), context), outcome=outcome, number=number)
                for number, (outcome, text) in enumerate(pairs, start=1)
            ),
            schema=schema or {},
            context=context,
            rest=rest,
        )

    @cached_property
    def book(self) -> RuleBook:
        """The rules compiled to be matched together."""
        return RuleBook([rule.condition for rule in self.rules], context=self.context)

    def holds(self, place: int, record: Mapping[str, object]) -> bool:
        """Whether a record meets a rule, by its place from 0, by the plain definition of truth."""
        return truth(self.rules[place].condition, self.book.told(record)) is True

    def first(self, record: Mapping[str, object]) -> int:
        """The place of the rule that takes a record, by the plain definition of truth, or -1."""
        told = self.book.told(record)
        return next((place for place, rule in enumerate(self.rules) if truth(rule.condition, told) is True), -1)

    def winner(self, record: Mapping[str, object]) -> Rule | None:
        """The rule that takes a record, by the index."""
        match = self.book.match(record)
        return None if match is None else self.rules[match]

    def outcome(self, record: Mapping[str, object]) -> str | None:
        """What a record gets, by the index."""
        winner = self.winner(record)
        return self.rest if winner is None else winner.outcome
