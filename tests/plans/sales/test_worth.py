"""What accounts are worth and ask for comes out of the plan's own measures."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from patchbook.plans.plan import CarveLayer, Plan, PlanMeasure
from patchbook.plans.prepare import BadMeasure
from patchbook.plans.sales import worth_of

ACCOUNTS = pl.DataFrame(
    {"account_id": ["A1", "A2"], "revenue_usd": [100.0, 400.0], "visits": [2, 4], "hours_each": [1.0, None]}
)
ROOT = PlanMeasure(name="potential", source="revenue_usd", transform="sqrt", cap=200.0)
WORK = PlanMeasure(name="workload", source="visits * hours_each")


def a_plan(*measures: PlanMeasure, **layer: object) -> Plan:
    return Plan(
        name="Tiny", accounts=Path("a.csv"), measures=measures, layers=(CarveLayer(name="Field", **layer),)  # type: ignore[arg-type]
    )  # fmt: skip


def test_money_is_counted_before_the_root_and_the_cap_that_balance_needs():
    assert worth_of(a_plan(ROOT), ACCOUNTS).frame["sales_potential"].to_list() == [100.0, 400.0]


def test_hours_are_the_workload_and_an_account_without_any_asks_for_none():
    worth = worth_of(a_plan(ROOT, WORK, compact=True), ACCOUNTS)

    assert (worth.hours_from, worth.visits_from) == ("visits * hours_each", "visits")
    assert worth.demand(hours_there_are=99.0).hours.tolist() == [2.0, 0.0]
    assert worth.demand(hours_there_are=99.0).visits.tolist() == [2.0, 4.0]


def test_where_no_hours_are_planned_all_accounts_ask_for_an_equal_part_of_those_there_are():
    assert worth_of(a_plan(ROOT), ACCOUNTS).demand(hours_there_are=99.0).hours.tolist() == [49.5, 49.5]


def test_nobody_travels_in_a_plan_that_is_not_about_places():
    assert not worth_of(a_plan(ROOT, WORK, travel=0.0), ACCOUNTS).demand(hours_there_are=1.0).visits.any()


def test_a_planner_may_say_otherwise_and_is_told_of_a_column_that_is_not_there():
    assert worth_of(a_plan(ROOT), ACCOUNTS, potential="revenue_usd / 2").frame["sales_potential"].to_list() == [50, 200]
    with pytest.raises(BadMeasure, match="revenu_usd"):
        worth_of(a_plan(ROOT), ACCOUNTS, potential="revenu_usd")
