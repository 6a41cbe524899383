"""What was learned from a book: rules in order, what is left to a default, and the accounts neither gets right."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from patchbook.errors import BadInput
from patchbook.rules.condition import Condition, to_sql
from patchbook.rules.explain import in_words
from patchbook.words import counted


class NothingToLearn(BadInput):
    """There is no assignment, or no field that could explain one."""


@dataclass(frozen=True, kw_only=True)
class LearnedRule:
    """One rule: the accounts that meet its condition, and that no rule before it took, belong to one territory."""

    territory: str | None
    """None takes accounts out that belong nowhere."""
    condition: Condition
    takes: int
    """Accounts it takes from the rules after it."""
    right: int
    """How many of these are in its territory today."""

    @property
    def where(self) -> str:
        """The condition as a plan writes it."""
        return to_sql(self.condition)

    @property
    def says(self) -> str:
        """The rule in plain words."""
        return f"{self.territory or 'Nobody'}: {in_words(self.condition)}"


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A rule book that says what a book of accounts says, or nearly."""

    rules: tuple[LearnedRule, ...]
    """The first that takes an account wins."""
    default: str | None
    """Where accounts go that no rule takes; None is nowhere, which is a territory like any other here."""
    default_takes: int
    default_right: int
    fidelity: float
    """The share of accounts that rules and default place as they are today; counted, not estimated."""
    asked: float
    """The fidelity that was asked for."""
    exceptions: pl.DataFrame
    """Every account they place elsewhere: row (in the accounts, from 0), territory as it is, learned as they say."""
    fields: tuple[str, ...]
    """The fields that rules look at, the most used first."""
    stopped_at: int | None = None
    """As many rules as were allowed, where another one would have placed more accounts right; None elsewhere."""

    @property
    def is_reached(self) -> bool:
        """Whether the fidelity is what was asked for."""
        return self.fidelity >= self.asked

    @property
    def why_not_reached(self) -> str | None:
        """Why the fidelity is less than was asked for, after a semicolon; None where it is not."""
        if self.is_reached:
            return None
        if self.stopped_at is None:
            return "the fields tell no more"
        return f"it stopped at {counted(self.stopped_at, 'rule')}, the most allowed"
