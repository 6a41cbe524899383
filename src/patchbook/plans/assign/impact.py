"""How many accounts would move between territories if one plan's lists and rules replaced another's."""

from __future__ import annotations

import polars as pl

from patchbook.plans.assign.layered import Layered, as_fields
from patchbook.plans.plan import Plan
from patchbook.rules import NOTHING, Context
from patchbook.rules.impact import SAMPLES, Impact
from patchbook.rules.impact import impact as impact_of_rules


def impact(
    before: Plan, after: Plan, accounts: pl.DataFrame, *, context: Context = NOTHING, samples: int = SAMPLES
) -> Impact:
    """
    What would move. Accounts that a carve divides count as one place, since a carve of today's plan is not known.

    Parameters
    ----------
    accounts
        With the fields both plans look at; `accounts.read` gives them.
    """
    accounts = as_fields(accounts, {})
    was, will = Layered.of(before, accounts, context), Layered.of(after, accounts, context)
    return impact_of_rules(
        was.book,
        [rule.condition for rule in will.rules],
        accounts,
        territories=([rule.says_where for rule in was.rules], [rule.says_where for rule in will.rules]),
        samples=samples,
    )
