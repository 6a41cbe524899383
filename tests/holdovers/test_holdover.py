"""What a policy does with open opportunities."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from builders.publishing import APRIL, MARCH
from patchbook.holdovers.holdover import MOVE_ALL, BadPolicy, HoldoverRule, Policy, Treatment, decide
from patchbook.period import FOREVER

WORKS = pl.Datetime("us", "UTC")


def some_deals(*rows):
    names = ("opportunity_id", "account_id", "stage", "amount_usd", "person_id", "works_until")
    types = dict.fromkeys(names, pl.String) | {"amount_usd": pl.Float64, "works_until": WORKS}
    return pl.DataFrame(list(rows), schema=types, orient="row")


def a_deal(number, stage="Proposal", amount=100.0, person="ann", works_until=FOREVER):
    return f"O{number}", f"A{number}", stage, amount, person, works_until


def decided(policy, *rows):
    found = decide(policy, some_deals(*rows), starts=MARCH)
    return {row["opportunity_id"]: (row["treatment"], row["expires"]) for row in found.iter_rows(named=True)}


def test_without_rules_everything_moves_at_once():
    assert decided(MOVE_ALL, a_deal(1)) == {"O1": ("move", MARCH)}


def test_the_first_rule_that_fits_decides_by_stage_and_amount():
    policy = Policy(
        rules=(
            HoldoverRule(treatment=Treatment.MOVE, amount_below=10.0),
            HoldoverRule(treatment=Treatment.EXEMPT, stages=("Negotiation",)),
            HoldoverRule(treatment=Treatment.KEEP, days=30, amount_from=50.0),
        )
    )

    found = decided(
        policy,
        a_deal(1, amount=5.0),
        a_deal(2, "negotiation"),
        a_deal(3),
        a_deal(4, amount=20.0),
        a_deal(5, amount=None),
    )

    thirty = MARCH + timedelta(days=30)
    assert found == {
        "O1": ("move", MARCH),
        "O2": ("exempt", FOREVER),
        "O3": ("keep", thirty),
        "O4": ("move", MARCH),
        "O5": ("move", MARCH),
    }


def test_a_person_keeps_only_the_largest():
    policy = Policy(rules=(HoldoverRule(treatment=Treatment.EXEMPT),), most_per_person=1)

    found = decided(policy, a_deal(1, amount=10.0), a_deal(2, amount=20.0), a_deal(3, amount=5.0, person="bob"))

    assert {name: treatment for name, (treatment, _) in found.items()} == {"O1": "move", "O2": "exempt", "O3": "exempt"}


def test_nobody_keeps_what_they_cannot_work_on():
    policy = Policy(rules=(HoldoverRule(treatment=Treatment.EXEMPT),))

    found = decided(policy, a_deal(1, works_until=None), a_deal(2, works_until=APRIL), a_deal(3, person=None))

    assert found == {"O1": ("move", MARCH), "O2": ("exempt", APRIL), "O3": ("move", MARCH)}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"treatment": Treatment.KEEP}, "keeps for None days; say how many"),
        ({"treatment": Treatment.KEEP, "days": 0}, "keeps for 0 days"),
        ({"treatment": Treatment.MOVE, "days": 3}, "only keep has days"),
        ({"treatment": Treatment.MOVE, "amount_from": 9.0, "amount_below": 9.0}, "the first must be less"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule, says):
    with pytest.raises(BadPolicy, match=says):
        HoldoverRule(**rule)


def test_a_limit_below_nothing_is_refused():
    with pytest.raises(BadPolicy, match="the least is 0"):
        Policy(most_per_person=-1)
