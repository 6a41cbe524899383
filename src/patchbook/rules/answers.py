"""Answers kept up to date: of changed accounts only they are asked again, of changed rules only what can differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.rules.bind import bind
from patchbook.rules.book import RuleBook
from patchbook.rules.condition import Condition
from patchbook.rules.context import Context
from patchbook.rules.index import NO_RULE, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """
    Which rule takes each account, as a rule book once said.

    Examples
    --------
    >>> book = RuleBook(["state = 'GA'", "TRUE"])
    >>> answers = Answers.of(book, pl.DataFrame({"account_id": ["A1", "A2"], "state": ["GA", "FL"]}))
    >>> answers.again(book, pl.DataFrame({"account_id": ["A2", "A3"], "state": ["GA", "TX"]}), gone=["A1"]).frame.rows()
    [('A2', 0), ('A3', 1)]
    """

    frame: pl.DataFrame
    """account_id and rule, the number of the rule from 0, or -1."""

    @classmethod
    def of(cls, book: RuleBook, accounts: pl.DataFrame) -> Answers:
        """What the book says of every account."""
        return cls(frame=accounts.select("account_id", pl.Series("rule", book.match_frame(accounts))))

    def again(self, book: RuleBook, changed: pl.DataFrame, gone: Sequence[str] = ()) -> Answers:
        """
        The answers after some accounts changed; only these are asked.

        Parameters
        ----------
        book
            The book that gave the answers.
        changed
            Accounts as they are now, new ones too.
        gone
            Ids of accounts that are no more.
        """
        new = Answers.of(book, changed).frame
        old = self.frame.filter(~pl.col("account_id").is_in(pl.Series(gone, dtype=self.frame["account_id"].dtype)))
        kept = old.join(new, on="account_id", how="left", maintain_order="left", suffix="_new")
        kept = kept.select("account_id", pl.coalesce("rule_new", "rule").alias("rule"))
        return Answers(frame=pl.concat([kept, new.join(old, on="account_id", how="anti", maintain_order="left")]))


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """Which rules two lists have in common, in their order, and which only one has. A moved rule is in both."""

    kept: tuple[tuple[int, int], ...]
    """Number before, number after."""
    removed: tuple[int, ...]
    added: tuple[int, ...]


def rule_change(before: Sequence[Condition], after: Sequence[Condition]) -> RuleChange:
    """
    What turns one list of rules into another.

    Examples
    --------
    >>> from patchbook.rules.parse import parse
    >>> a, b, c = map(parse, ("x = 1", "x = 2", "x = 3"))
    >>> rule_change([a, b, c], [c, a])
    RuleChange(kept=((0, 1),), removed=(1, 2), added=(0,))
    """
    ends = min(len(before), len(after))
    head = next((place for place in range(ends) if before[place] != after[place]), ends)
    ends -= head
    tail = next((place for place in range(ends) if before[-1 - place] != after[-1 - place]), ends)
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    kept = [(place, place) for place in range(head)]
    for block in SequenceMatcher(None, *middle, autojunk=False).get_matching_blocks():
        kept += [(head + block.a + step, head + block.b + step) for step in range(block.size)]
    kept += [(len(before) - place, len(after) - place) for place in range(tail, 0, -1)]
    had, has = {number for number, _ in kept}, {number for _, number in kept}
    return RuleChange(
        kept=tuple(kept),
        removed=tuple(number for number in range(len(before)) if number not in had),
        added=tuple(number for number in range(len(after)) if number not in has),
    )


def answers_after(
    before: RuleBook,
    answers: IntArray,
    after: Sequence[Condition],
    frame: pl.DataFrame,
    *,
    context: Context | None = None,
) -> tuple[IntArray, BoolArray]:
    """
    What a changed list of rules says of each row, and which rows were looked at again.

    Where a rule that is kept took a row, no other kept rule stands before it, so only added rules are asked. Only
    rows of removed rules are asked everything once more; the compiled book answers, without the removed rules.

    Parameters
    ----------
    before
        The book as it was, compiled.
    answers
        What it says of each row.
    after
        The rules as they would be.
    context
        What they refer to, where that changes too.
    """
    context = context or before.context
    bound = [bind(rule, context) for rule in after]
    change = rule_change(before.compiled, bound)
    place = np.full(len(before.rules) + 1, len(bound), dtype=np.int64)
    place[[number for number, _ in change.kept]] = [number for _, number in change.kept]
    first_kept = answers
    asked = np.isin(answers, change.removed)
    if asked.any():
        told = before.told_frame(frame.filter(pl.Series(asked)))
        first_kept = answers.copy()
        first_kept[asked] = before.index.match_frame(told, without=frozenset(change.removed))
    new = place[first_kept]  # NO_RULE is the last place
    if change.added:
        book = RuleBook([bound[number] for number in change.added], context=context)
        found = book.match_frame(frame)
        numbers = np.asarray([*change.added, len(bound)], dtype=np.int64)[found]
        asked = asked | (numbers < new)
        new = np.minimum(new, numbers)
    return np.where(new == len(bound), NO_RULE, new), asked
