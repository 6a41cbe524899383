"""What a change of the rules would move, before it is saved: how many accounts, from where to where, and which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.rules.answers import answers_after
from patchbook.rules.book import RuleBook
from patchbook.rules.condition import Condition, to_sql
from patchbook.rules.context import Context
from patchbook.rules.index import IntArray
from patchbook.words import counted

SAMPLES = 5
"""Ids told of each kind of move."""


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Accounts that one rule took and another would take."""

    before: str | None
    """The territory today; None where no rule takes the accounts."""
    after: str | None
    rule_before: int | None
    """The number of the rule today, from 0."""
    rule_after: int | None
    accounts: int
    examples: tuple[str, ...]
    """The first few ids, in the order of the accounts."""


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What would move. Accounts that another rule takes for the same territory stay, and are not counted."""

    accounts: int
    """How many were looked at."""
    moved: int
    moves: tuple[Moves, ...]
    """The largest first."""

    @property
    def says(self) -> str:
        """The answer in one sentence."""
        if not self.moved:
            return f"None of {counted(self.accounts, 'account')} would move."
        return f"{self.moved:,} of {counted(self.accounts, 'account')} would move."


def impact(
    before: RuleBook,
    after: Sequence[Condition],
    accounts: pl.DataFrame,
    *,
    territories: tuple[Sequence[str | None], Sequence[str | None]] | None = None,
    answers: IntArray | None = None,
    context: Context | None = None,
    samples: int = SAMPLES,
) -> Impact:
    """
    What would move if `after` replaced the rules of `before`.

    Parameters
    ----------
    before
        The rules as they are, compiled.
    after
        The rules as they would be: one added, removed, changed or moved, or many.
    accounts
        With account_id and every field a rule looks at.
    territories
        For each rule before and each rule after, where it puts its accounts. Without them each rule is its own.
    answers
        What `before` says of each account, where that is known already; otherwise it is worked out.
    context
        Lists, tables and areas as they would be, where they change too.

    Examples
    --------
    >>> book = RuleBook(["state = 'GA'", "employees >= 500"])
    >>> accounts = pl.DataFrame({"account_id": ["A1", "A2"], "state": ["GA", "FL"], "employees": [900, 900]})
    >>> impact(book, book.rules[1:], accounts, territories=(["South", "Large"], ["Large"])).moves
    (Moves(before='South', after='Large', rule_before=0, rule_after=0, accounts=1, examples=('A1',)),)
    """
    old = before.match_frame(accounts) if answers is None else answers
    new, _ = answers_after(before, old, after, accounts, context=context)
    names_before, names_after = territories or _named(before, after)
    table = pl.DataFrame({"account_id": accounts["account_id"].cast(pl.String), "rule_before": old, "rule_after": new})
    numbers = {name: number for number, name in enumerate(dict.fromkeys([*names_before, *names_after]))}
    where_before = np.asarray([*(numbers[name] for name in names_before), -1])[old]
    where_after = np.asarray([*(numbers[name] for name in names_after), -1])[new]
    found = (
        table.filter(pl.Series(where_before != where_after))
        .group_by("rule_before", "rule_after", maintain_order=True)
        .agg(pl.len().alias("accounts"), pl.col("account_id").head(samples).alias("examples"))
        .sort("accounts", "rule_before", "rule_after", descending=[True, False, False])
    )
    moves = tuple(
        Moves(
            before=None if was < 0 else names_before[was],
            after=None if will < 0 else names_after[will],
            rule_before=None if was < 0 else was,
            rule_after=None if will < 0 else will,
            accounts=count,
            examples=tuple(examples),
        )
        for was, will, count, examples in found.iter_rows()
    )
    return Impact(accounts=accounts.height, moved=sum(one.accounts for one in moves), moves=moves)


def _named(before: RuleBook, after: Sequence[Condition]) -> tuple[list[str | None], list[str | None]]:
    """Each condition as its own territory, so that a rule that only changed its place moves nobody by itself."""
    return [to_sql(rule) for rule in before.rules], [to_sql(rule) for rule in after]
