"""Expected sales of plans of the record, compared. What the record knows of accounts and people is handed in: pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from patchbook.errors import BadInput
from patchbook.measures.sales import ASSUMPTIONS
from patchbook.people.person import Person
from patchbook.plans.plan import Plan
from patchbook.plans.sales.books import planned_books
from patchbook.plans.sales.kept import SEED
from patchbook.plans.sales.outlook import Outlook, outlook_of
from patchbook.plans.sales.worth import worth_of
from patchbook.plans.state import PlanState


def outlook_between(
    first: PlanState, second: PlanState, plan: Plan, accounts: pl.DataFrame, staff: Sequence[Person]
) -> Outlook | None:
    """
    Two plans as they stand, edits included; None where they are of different accounts, or have no worth to tell.

    Parameters
    ----------
    plan
        What the document of the first says: its measures tell what accounts are worth.
    accounts
        Every column of the accounts that the first was carved from.
    """
    ids = first.assignments.select("account_id")
    others = ids.join(second.assignments, on="account_id", how="inner", maintain_order="left")
    if not others.height == ids.height == second.assignments.height:
        return None
    rows = ids.join(accounts.unique("account_id", keep="first"), on="account_id", how="left", maintain_order="left")
    try:
        worth = worth_of(plan, rows)
    except BadInput:
        return None
    books = [
        planned_books(state.plan.name, assignments, state.territories, assignments, staff, road_factor=plan.road_factor)
        for state, assignments in ((first, first.assignments), (second, others))
    ]
    demand = worth.demand(hours_there_are=books[0].hours_there_are(ASSUMPTIONS))
    return outlook_of(books[0], books[1], demand, ASSUMPTIONS, seed=SEED)
