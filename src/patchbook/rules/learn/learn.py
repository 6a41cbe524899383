"""
Learn few readable rules from an assignment.

Rules are found on a sample (`cover.py`, `grow.py`), made fewer and shorter (`simplify.py`), completed with the values
only the whole shows, and counted on the whole with the index that will run them: the fidelity is measured, not
estimated. The same accounts give the same rules.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from patchbook.rules.condition import Condition, fields, to_sql
from patchbook.rules.index import RuleIndex
from patchbook.rules.learn.coded import Coded, IntArray, coded
from patchbook.rules.learn.cover import Cover
from patchbook.rules.learn.grow import Grown, Part
from patchbook.rules.learn.learned import Learned, LearnedRule, NothingToLearn
from patchbook.rules.learn.simplify import simplify
from patchbook.rules.schema import schema_of

SAMPLE = 100_000
"""As many accounts rules are found on; more where there are many territories."""
PER_TERRITORY = 150
MARGIN = 0.1
"""The sample is to leave this much less wrong than is allowed, since the whole holds more surprises."""


def learn(
    accounts: pl.DataFrame,
    territory: pl.Series,
    *,
    fields: Sequence[str] | None = None,
    fidelity: float = 0.98,
    most_rules: int | None = None,
    seed: int = 1,
    sample: int | None = None,
) -> Learned:
    """
    Rules that place accounts as they are placed today.

    Parameters
    ----------
    territory
        (accounts,) where each belongs, null where it belongs nowhere.
    fields
        What rules may look at; otherwise every field that could tell.
    fidelity
        The share of accounts to be placed right, above 0 and at most 1.
    most_rules
        Stop at so many rules, whatever the fidelity.
    seed
        Draws the sample, where the accounts are more than it.
    sample
        As many accounts are learned from; all are counted in any case.

    Raises
    ------
    NothingToLearn
        No account has a territory, the fidelity is no share, or a field is unknown.

    Examples
    --------
    >>> accounts = pl.DataFrame({"state": ["GA", "GA", "FL", "FL", "FL", "TX"]})
    >>> book = learn(accounts, pl.Series(["East", "East", "South", "South", "South", "South"]), fidelity=1.0)
    >>> [(rule.territory, rule.where) for rule in book.rules], book.default, book.fidelity
    ([('South', "state IN ('FL', 'TX')")], 'East', 1.0)
    """
    _refuse(accounts, territory, fields, fidelity, most_rules)
    names: list[str | None] = sorted(set(territory.drop_nulls().cast(pl.String).to_list()))
    if territory.null_count():
        names.append(None)
    number = {name: place for place, name in enumerate(names)}
    wanted = np.array([number[name] for name in territory.cast(pl.String).to_list()], np.int64)
    looks = coded(accounts, fields)
    size = max(sample or SAMPLE, PER_TERRITORY * len(names))
    most = most_rules if most_rules is not None else max(4 * len(names), 50)
    while True:
        rows = _sampled(accounts.height, size, seed)
        is_whole = len(rows) == accounts.height
        target = fidelity if is_whole else 1 - (1 - fidelity) * (1 - MARGIN)
        cover = Cover(
            looks=looks, rows=rows, territory=wanted, territories=len(names), target=target, most=most,
            rest=len(names) - 1 if names[-1] is None else None,
        )  # fmt: skip
        found = cover.run()
        default = cover.default
        found = simplify(looks, rows, wanted[rows], found, default, target=target)
        if not is_whole:
            found = _completed(looks, wanted, found, default, fidelity)
        told = replace(
            _counted(accounts, territory, looks, found, names, default, fidelity),
            stopped_at=most if cover.is_stopped else None,
        )
        if told.is_reached or is_whole or len(found) >= most:
            return told
        size *= 2


def _refuse(
    accounts: pl.DataFrame, territory: pl.Series, fields: Sequence[str] | None, fidelity: float, most: int | None
) -> None:
    if territory.null_count() == len(territory):
        raise NothingToLearn(
            f"None of the {len(territory):,} accounts has a territory, so there are no rules to learn."
        )
    if not 0 < fidelity <= 1:
        raise NothingToLearn(f"The fidelity is {fidelity:g}; it is a share above 0 and at most 1, as in 0.98.")
    if most is not None and most < 0:
        raise NothingToLearn(f"At most {most} rules cannot be; give 0 or more.")
    for name in fields or ():
        if name not in accounts.columns:
            near = difflib.get_close_matches(name, accounts.columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"they have {', '.join(accounts.columns[:12])}."
            raise NothingToLearn(f"The accounts have no field {name!r}; {hint}")


def _sampled(rows: int, size: int, seed: int) -> IntArray:
    if rows <= size:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def _completed(
    looks: Sequence[Coded], wanted: IntArray, rules: Sequence[Grown], default: int, fidelity: float
) -> list[Grown]:
    """The rules with the values that the sample lacked, where these lead accounts right that no rule takes."""
    left = np.arange(len(wanted))
    for rule in rules:
        left = left[~rule.holds(looks, left)]
    left = left[wanted[left] != default]
    made: list[Grown] = []
    for rule in rules:
        for place, part in enumerate(rule.parts):
            look = looks[part.look]
            if look.kind == "numbers" or not len(left):
                continue
            others = replace(rule, parts=tuple(one for one in rule.parts if one is not part))
            near = left[others.holds(looks, left)]
            codes = look.codes[near]
            all_of = np.bincount(codes, minlength=look.size)
            mine = np.bincount(codes[wanted[near] == rule.territory], minlength=look.size)
            more = (mine > 0) & (mine >= fidelity * all_of) & ~part.mask
            more[-1] = False
            if more.any():
                parts = (*rule.parts[:place], Part(part.look, part.mask | more), *rule.parts[place + 1 :])
                rule = replace(rule, parts=parts)
                left = left[~rule.holds(looks, left)]
        made.append(rule)
    return made


def _counted(
    accounts: pl.DataFrame, territory: pl.Series, looks: Sequence[Coded], found: Sequence[Grown],
    names: Sequence[str | None], default: int, asked: float,
) -> Learned:  # fmt: skip
    """The rules as they will be read and run, counted on every account."""
    conditions: list[Condition] = [rule.condition(looks) for rule in found]
    said: list[str | None] = [*(names[rule.territory] for rule in found), names[default]]
    schema = schema_of(accounts)
    first = RuleIndex([to_sql(condition) for condition in conditions], schema).match_frame(accounts)
    first = np.where(first < 0, len(found), first)
    learned = pl.Series(said, dtype=pl.String)[first]
    is_right = learned.eq_missing(territory.cast(pl.String)).to_numpy()
    takes = np.bincount(first, minlength=len(said))
    right = np.bincount(first[is_right], minlength=len(said))
    rules = tuple(
        LearnedRule(territory=said[i], condition=conditions[i], takes=int(takes[i]), right=int(right[i]))
        for i in range(len(found))
    )
    wrong = np.flatnonzero(~is_right)
    used = Counter(name for condition in conditions for name in fields(condition))
    return Learned(
        rules=rules,
        default=said[-1],
        default_takes=int(takes[-1]),
        default_right=int(right[-1]),
        fidelity=float(is_right.mean()),
        asked=asked,
        exceptions=pl.DataFrame(
            {"row": wrong, "territory": territory.cast(pl.String)[wrong], "learned": learned[wrong]},
            schema={"row": pl.Int64, "territory": pl.String, "learned": pl.String},
        ),
        fields=tuple(name for name, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))),
    )
