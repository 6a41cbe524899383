"""What each field adds, and how few would nearly do."""

from __future__ import annotations

import polars as pl

from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.advisor import advise

ACCOUNTS = pl.DataFrame(
    {
        "state": ["GA", "GA", "FL", "FL", "TX", "TX", "TX", "TX"],
        "employees": [1, 9, 1, 9, 1, 9, 1, 9],
        "tier": ["A"] * 7 + [None],
    }
)
RULES = OrderedRules.of(
    [
        ("Big South", "state IN ('GA', 'FL') AND employees > 5 AND tier = 'A'"),
        ("South", "state IN ('GA', 'FL')"),
        ("Texas", "state = 'TX'"),
    ]
)


def test_a_field_counts_by_the_accounts_that_would_land_elsewhere_without_it():
    advice = advise(RULES, ACCOUNTS)

    assert [(one.field, one.rules, one.moved) for one in advice.fields] == [
        ("state", 3, 6),
        ("employees", 1, 2),
        ("tier", 1, 0),
    ]
    assert advice.droppable == ("tier",)
    assert advice.fields[2].empty_share == 1 / 8


def test_a_simpler_start_is_advised_where_few_fields_nearly_do():
    advice = advise(RULES, ACCOUNTS)

    assert [(set(fields), share) for fields, share in advice.steps] == [
        ({"state", "employees", "tier"}, 1.0),
        ({"state", "employees"}, 1.0),
        ({"state"}, 0.75),
    ]
    assert (
        advice.says[-1] == "Start simple: with state and employees alone 100% of the accounts land where they do now."
    )
    assert advice.says[0] == "Without state, which 3 rules ask, 6 accounts (75.0%) would land elsewhere."
