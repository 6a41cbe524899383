"""What each field adds to rules: which of them could go, and how few would nearly do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.rules.condition import All, Any, Condition, Constant, Not
from patchbook.rules.index import IntArray, RuleIndex
from patchbook.rules.normal_form import alternatives
from patchbook.rules.ordered import OrderedRules

MOST_ACCOUNTS = 100_000
"""Of more accounts every so-manieth is looked at."""
ENOUGH = 0.95
"""The share of accounts that should stay where they are in the simpler rules that are advised."""


@dataclass(frozen=True, kw_only=True)
class FieldAdvice:
    """One field that rules look at."""

    field: str
    rules: int
    """How many rules ask it."""
    moved: int
    """Accounts that would land elsewhere if the rules did not ask it."""
    moved_share: float
    empty_share: float
    """The share of accounts that leave it empty."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the fields add, the one that changes most first, and how few of them nearly do."""

    fields: tuple[FieldAdvice, ...]
    steps: tuple[tuple[tuple[str, ...], float], ...]
    """Fields and the share of accounts that land where they do now with these alone: from all down to one."""
    droppable: tuple[str, ...]
    """Fields whose absence moves fewer accounts than `below`."""
    accounts: int
    says: tuple[str, ...]
    """The advice in sentences."""


def advise(rules: OrderedRules, accounts: pl.DataFrame, *, below: float = 0.01) -> Advice:
    """
    What each field adds. A rule that asks nothing but fields that are ignored is left out with them.

    Parameters
    ----------
    below
        The share of accounts a field must move to be worth asking.
    """
    frame = rules.book.told_frame(accounts.gather_every(max(1, accounts.height // MOST_ACCOUNTS)))
    asked = _asked(rules)
    now = _outcomes(rules, frame, ())
    told = [_advice(rules, frame, now, field, number) for field, number in asked.items()]
    told.sort(key=lambda one: (-one.moved, one.field))
    steps = _steps(rules, frame, now, [one.field for one in told])
    droppable = tuple(one.field for one in told if one.moved_share < below)
    return Advice(
        fields=tuple(told),
        steps=steps,
        droppable=droppable if len(droppable) < len(told) else droppable[1:],
        accounts=frame.height,
        says=tuple(_sentences(told, steps, droppable, below)),
    )


def without(condition: Condition, ignored: Collection[str]) -> Condition:
    """
    A condition that does not ask some fields; FALSE where nothing else is asked.

    Examples
    --------
    >>> from patchbook.rules.condition import to_sql
    >>> from patchbook.rules.parse import parse
    >>> to_sql(without(parse("state = 'GA' AND employees > 5 OR employees > 500"), {"employees"}))
    "state = 'GA'"
    """
    parts: list[Condition] = []
    for conjunct in alternatives(condition):
        kept = [literal for literal in sorted(conjunct, key=repr) if literal.atom.field not in ignored]
        literals: list[Condition] = [Not(literal.atom) if literal.negated else literal.atom for literal in kept]
        if literals:
            parts.append(literals[0] if len(literals) == 1 else All(tuple(literals)))
        elif not conjunct:
            parts.append(Constant(True))
    if not parts:
        return Constant(False)
    return parts[0] if len(parts) == 1 else Any(tuple(dict.fromkeys(parts)))


def _asked(rules: OrderedRules) -> dict[str, int]:
    """Field → how many rules ask it."""
    asked: dict[str, int] = {}
    for rule in rules.rules:
        here = {literal.atom.field for conjunct in alternatives(rule.condition) for literal in conjunct}
        for field in sorted(here):
            asked[field] = asked.get(field, 0) + 1
    return asked


def _outcomes(rules: OrderedRules, frame: pl.DataFrame, ignored: Collection[str]) -> IntArray:
    """For each account a number for what it gets; rules of one outcome have one number."""
    conditions = [without(rule.condition, ignored) if ignored else rule.condition for rule in rules.rules]
    number_of: dict[str, int] = {}
    numbers = [number_of.setdefault(rule.outcome, len(number_of)) for rule in rules.rules]
    found = RuleIndex(conditions).match_frame(frame)
    return np.asarray([*numbers, -1], np.int64)[found]


def _advice(rules: OrderedRules, frame: pl.DataFrame, now: IntArray, field: str, number: int) -> FieldAdvice:
    moved = int((_outcomes(rules, frame, {field}) != now).sum())
    return FieldAdvice(
        field=field,
        rules=number,
        moved=moved,
        moved_share=moved / max(frame.height, 1),
        empty_share=frame[field].null_count() / max(frame.height, 1),
    )


def _steps(
    rules: OrderedRules, frame: pl.DataFrame, now: IntArray, fields: list[str]
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Leaving out one field after the other, each time the one that moves fewest."""
    steps: list[tuple[tuple[str, ...], float]] = [(tuple(fields), 1.0)]
    kept = list(fields)
    while len(kept) > 1:
        stays = {
            field: float((_outcomes(rules, frame, set(fields) - set(kept) | {field}) == now).mean()) for field in kept
        }
        worst = max(kept, key=lambda field: (stays[field], field))
        kept = [field for field in kept if field != worst]
        steps.append((tuple(kept), stays[worst]))
    return tuple(steps)


def _sentences(
    told: list[FieldAdvice], steps: tuple[tuple[tuple[str, ...], float], ...], droppable: tuple[str, ...], below: float
) -> list[str]:
    from patchbook.words import counted, listed

    says = [
        f"Without {one.field}, which {counted(one.rules, 'rule asks', 'rules ask')},"
        f" {counted(one.moved, 'account', 'accounts')} ({one.moved_share:.1%}) would land elsewhere."
        for one in told
    ]
    if droppable and len(droppable) < len(told):
        each = "each alone" if len(droppable) > 1 else "it"
        says.append(f"{listed(droppable)} could go: {each} moves fewer than {below:.0%} of the accounts.")
    few = [(fields, stays) for fields, stays in steps if stays >= ENOUGH]
    if few and len(few[-1][0]) < len(told):
        fields, stays = few[-1]
        says.append(f"Start simple: with {listed(fields)} alone {stays:.0%} of the accounts land where they do now.")
    return says
