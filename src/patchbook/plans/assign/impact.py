"""How many accounts would move between territories if one plan's lists and rules replaced another's."""

from __future__ import annotations

from datetime import date

import polars as pl

from patchbook.plans.assign.layered import Layered, as_fields
from patchbook.plans.plan import Plan
from patchbook.plans.references import context_of
from patchbook.rules.impact import SAMPLES, Impact
from patchbook.rules.impact import impact as impact_of_rules


def impact(
    before: Plan, after: Plan, accounts: pl.DataFrame, *, today: date | None = None, samples: int = SAMPLES
) -> Impact:
    """
    What would move. Accounts that a carve divides count as one place, since a carve of today's plan is not known.

    Parameters
    ----------
    accounts
        With the fields both plans look at; `accounts.read` gives them.
    today
        The day both are asked on; without it, for each the day it takes effect.
    """
    accounts = as_fields(accounts, {})
    was, will = (Layered.of(plan, accounts, context_of(plan, accounts, today=today)) for plan in (before, after))
    return impact_of_rules(
        was.book,
        [rule.condition for rule in will.rules],
        accounts,
        territories=([rule.says_where for rule in was.rules], [rule.says_where for rule in will.rules]),
        context=will.book.context,
        samples=samples,
    )
