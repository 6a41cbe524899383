"""Rules in the order they are asked, each with what it gives: what `prove` proves things of and `explain.why` explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from patchbook.rules.condition import Condition, fields, truth
from patchbook.rules.index import RuleIndex
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition and what it gives to the records that meet it."""

    condition: Condition
    outcome: str
    """The territory, seat or layer."""
    number: int
    """As people count: the first is 1. In a plan it is the place of the layer."""
    line: int | None = None
    """The line of the plan file."""

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
    rest: str | None = None
    """Who gets what no rule takes, where somebody does."""
    names: frozenset[str] = frozenset({"account_id", "id", "name", "domain", "website", "phone", "email"})
    """Fields that tell one record from another; a change of them explains nothing."""

    @classmethod
    def of(
        cls, rules: Mapping[str, str] | Sequence[tuple[str, str]], schema: Schema | None = None, rest: str | None = None
    ) -> OrderedRules:
        """Rules from what they give and their conditions as text; two may give the same."""
        pairs = rules.items() if isinstance(rules, Mapping) else rules
        return cls(
            rules=tuple(
                Rule(condition=parse(text, schema), outcome=outcome, number=number)
                for number, (outcome, text) in enumerate(pairs, start=1)
            ),
            schema=schema or {},
            rest=rest,
        )

    @cached_property
    def index(self) -> RuleIndex:
        """The rules compiled to be matched together."""
        return RuleIndex([rule.condition for rule in self.rules])

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields any rule looks at, in the order they first appear."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in fields(rule.condition)))

    def winner(self, record: Mapping[str, object]) -> Rule | None:
        """The rule that takes a record, by the plain definition of truth."""
        return next((rule for rule in self.rules if truth(rule.condition, record) is True), None)

    def outcome(self, record: Mapping[str, object]) -> str | None:
        """What a record gets, by the index."""
        match = self.index.match(record)
        return self.rest if match is None else self.rules[match].outcome
