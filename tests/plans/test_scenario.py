"""Scenarios beside each other."""

from __future__ import annotations

import polars as pl
import pytest

from builders.plans import ADA, DOCUMENT, HIRED, MONDAY, TUESDAY, a_carved_plan, a_market, some_people
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.plans import actions as plans
from patchbook.plans.edits import Add, Staff, Vacate
from patchbook.plans.scenario import TooFewPlans, compare, moved_accounts


@pytest.fixture
def market(record):
    a_market(record)
    return record


def compared(record, *ids):
    with record.reading() as tx:
        return compare(tx, ids, by=ADA, at=TUESDAY)


def test_two_scenarios_are_told_by_the_same_figures(market):
    first = a_carved_plan(market)
    second = a_carved_plan(market, DOCUMENT.replace("compact: true", "keep: {owners: ignore}"), name="Anew")

    found = compared(market, first.plan_id, second.plan_id)
    left, right = found.scenarios

    assert (left.name, right.name) == ("Field 2027", "Anew")
    assert (left.accounts, left.territories, left.unassigned, left.accounts_without_owner) == (24, 4, 0, 0)
    (spread,) = left.spreads
    assert spread.total == sum(100 + 3 * n for n in range(24))
    assert spread.least <= spread.mean <= spread.most
    assert spread.mean == pytest.approx(spread.total / 4)
    assert 0 <= spread.largest_deviation <= 0.3
    assert set(left.figures) == set(right.figures) >= {"gini of potential", "disruption of accounts", "compactness"}
    assert left.figures["disruption of accounts"] == pytest.approx(left.moved_share)
    assert left.moved <= right.moved
    assert found.territories.height == 8
    assert found.to_dict()["scenarios"][0]["plan_id"] == first.plan_id


def test_the_disruption_of_each_rep_has_its_list_of_accounts(market):
    plan = a_carved_plan(market)

    (scenario, _) = compared(market, plan.plan_id, a_carved_plan(market, name="Other").plan_id).scenarios
    with market.reading() as tx:
        listed = moved_accounts(tx, plan.plan_id, by=ADA, at=TUESDAY)
        for rep in scenario.disruption:
            mine = moved_accounts(tx, plan.plan_id, person=rep.person, by=ADA, at=TUESDAY)
            lost = mine.filter(pl.col("previous_owner") == rep.person)
            assert (lost.height, mine.height) == (rep.loses, rep.loses + rep.gains)
            assert lost["measure_potential"].sum() == rep.lost["potential"]

    assert listed.height == scenario.moved == sum(rep.loses for rep in scenario.disruption)
    assert scenario.disruption[0].loses == max(rep.loses for rep in scenario.disruption)
    assert sum(rep.keeps for rep in scenario.disruption) + scenario.moved == 18


def test_vacant_seats_count_against_coverage_until_somebody_stands_in(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        alone = plans.clone(tx, plan.plan_id, "Alone", by=ADA, at=TUESDAY)
        stood_in = plans.clone(tx, plan.plan_id, "Stood in", by=ADA, at=TUESDAY)
        plans.edit(tx, alone.plan_id, Vacate(territory="Strategic"), revision=None, by=ADA, at=TUESDAY)
        plans.edit(
            tx, stood_in.plan_id, Vacate(territory="Strategic", interim="ann"), revision=None, by=ADA, at=TUESDAY
        )

    left, right = compared(market, alone.plan_id, stood_in.plan_id).scenarios

    assert (left.vacant_seats, left.vacant_share, left.accounts_without_owner) == (1, 0.25, 2)
    assert (right.vacant_seats, right.vacant_share, right.accounts_without_owner) == (1, 0.25, 0)


def test_a_scenario_costs_what_its_people_cost_and_vacant_seats_the_mean(market):
    plan = a_carved_plan(market)
    assert compared(market, plan.plan_id, a_carved_plan(market, name="B").plan_id).scenarios[0].cost_usd is None

    costs = {"ann": "100000", "bob": "120000", "cy": "140000", "mia": "160000", "ada": "1", "pia": "1"}
    lines = some_people().decode().splitlines()
    lines = [f"{lines[0]},cost_usd", *(f"{line},{costs[line.split(',')[2]]}" for line in lines[1:])]
    with market.writing() as tx:
        imports.people(tx, "\n".join(lines).encode(), name="people.csv", employed_from=HIRED, by=system(), at=MONDAY)
        scenario = plans.clone(tx, plan.plan_id, "One more", by=ADA, at=TUESDAY)
        plans.edit(tx, scenario.plan_id, Add(territory="Reserve"), revision=None, by=ADA, at=TUESDAY)
        plans.edit(tx, scenario.plan_id, Staff(territory="Strategic", person="ann"), revision=None, by=ADA, at=TUESDAY)

    left, right = compared(market, plan.plan_id, scenario.plan_id).scenarios

    assert (left.seats, left.cost_usd) == (4, 520_000)
    assert (right.seats, right.cost_usd) == (5, 460_000 + 115_000)


@pytest.mark.parametrize("number", [0, 1, 11])
def test_two_to_ten_plans_can_be_compared(sqlite_record, number):
    with sqlite_record.reading() as tx, pytest.raises(TooFewPlans, match="name 2 to 10"):
        compare(tx, [f"plan-{n}" for n in range(number)], by=ADA, at=TUESDAY)
