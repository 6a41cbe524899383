"""Carved territories go to the people they suit best, by home, accounts of today, skills and what they may have."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving.costs import Costs, medians
from patchbook.carving.match import NoMatching
from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.matching import Suited, suited
from patchbook.plans.plan import Match
from patchbook.plans.studies.matching import WHO
from patchbook.plans.studies.study import Asked, BadChoice
from tests.plans.conftest import some_accounts, some_people

DEFAULT = Match()


def suits_of(result, weights=DEFAULT, **how) -> Suited:
    layer = result.carved_layers[0]
    return suited(
        result.plan, layer.number, layer.accounts, layer.market, layer.solution.owners,
        names=layer.names, weights=weights, **how,
    )  # fmt: skip


def field(**settings: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    return f"  - carve: {{name: Field, balance: [potential], compact: true{more}}}\n"


def test_a_carve_with_match_draws_free_and_gives_each_territory_to_whom_it_suits(carved):
    result = carved(layers=field(match="{}", keep="{owners: ignore}"))

    km = suits_of(result).km
    ways = [sum(km[person, place] for person, place in enumerate(order)) for order in itertools.permutations(range(3))]
    people = [seat.person.person_id for seat in result.carved_layers[0].market.seats]
    assert people == ["ann", "bob", "cy"]
    assert sum(km[at, at] for at in range(3)) == pytest.approx(min(ways))
    assert result.territories["person"].to_list() == people
    assert result.summary["feasible"]
    assert result.summary["bound"] <= result.summary["objective"]
    assert result.carved_layers[0].market.problem.places.homes is None


def test_a_territory_takes_its_centre_and_its_limits_along_to_another_seat(carved):
    result = carved(people=some_people(capacity=[1, 0.5, 1]), layers=field(match="{}", keep="{owners: ignore}"))

    (layer,) = result.carved_layers
    solution, problem = layer.solution, layer.solution.problem
    assert solution.limits.excess(solution.limits.loads(solution.owners)) == pytest.approx(solution.excess)
    assert solution.limits.targets[:, 0] == pytest.approx(problem.shares[:, 0] * 3)
    settled = medians(problem.places, solution.owners, solution.centres, np.arange(3), rounds=50)
    assert np.linalg.norm(settled - solution.centres, axis=1).max() < 60
    assert Costs(problem).total(solution.owners, solution.centres) == pytest.approx(solution.cost)


def test_the_study_agrees_with_a_carve_that_was_matched_and_names_runner_ups(a_plan):
    asked = Asked(plan=load(a_plan(layers=field(match="{}"))))
    found = WHO.run(asked)

    (table,) = found.tables
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    assert found.says[0].startswith("Field: all 3 people are where they suit best")
    assert [row["is_other"] for row in rows] == [False] * 3
    costs = [row["runner_up_cost_km_an_account"] for row in rows]
    assert costs == sorted(costs)
    assert min(costs) >= 0
    assert all(row["runner_up"] not in (row["person"], None) for row in rows)
    assert all("km from home" in row["reason"] for row in rows)
    assert len(found.charts[0].marks) == 3


def test_accounts_of_today_keep_people_where_they_are_once_they_weigh_enough(carved):
    result = carved(accounts=some_accounts(owner=lambda i: ("cy", "ann", "bob")[i % 3]), layers=field())
    near = suits_of(result, Match(incumbency=0, relationships=0)).matched()
    kept = suits_of(result, Match(home=0)).matched()

    suits = suits_of(result, Match(home=0))
    assert near.person_of.tolist() == [0, 1, 2]
    held = {term.name: term for term in suits.terms}["incumbency"].count
    ways = [[held[person, place] for person, place in enumerate(order)] for order in itertools.permutations(range(3))]
    assert sum(held[person, place] for place, person in enumerate(kept.person_of)) >= max(map(sum, ways)) - 1


def test_a_territory_goes_only_to_who_speaks_its_languages_and_carries_what_it_was_drawn_for(carved):
    accounts = some_accounts(language=lambda i: "fr" if i % 12 < 2 else "en")
    people = some_people(languages=["en;fr", "en", "en"], ramp=[1, 1, 0.5])
    result = carved(accounts=accounts, people=people, layers=field(require="{language: languages}", match="{}"))

    suits = suits_of(result)
    french = [seat.person.person_id for seat in result.carved_layers[0].market.seats].index("ann")
    assert not suits.may[1:, french].any()
    assert suits.may[2].sum() == 1
    assert suits_of(result, as_drawn=False).may[2].sum() == 2
    assert result.summary["feasible"]


def test_what_nobody_has_is_named_with_the_territory(carved):
    suits = suits_of(carved())
    without = replace(suits, may=suits.may & [True, True, False], why_not=(None, None, "it needs fr, which nobody has"))

    with pytest.raises(NoMatching, match=r"^Field 3 \w+ can go to nobody: it needs fr, which nobody has\.$"):
        without.matched()


def test_a_locked_account_keeps_its_territory_with_its_person(carved):
    result = carved(more="locks: [{account: A1, seat: cy}]\n")

    place = result.territories["person"].to_list().index("cy")
    assert suits_of(result).may[:, place].tolist() == [False, False, True]


def test_contacts_and_open_deals_are_counted_once_for_whom_they_are_with(carved):
    accounts = some_accounts(
        open_opportunities=lambda i: int(i < 6), met_by=lambda i: "Bob Best" if i in {0, 1, 9} else ""
    )
    suits = suits_of(carved(accounts=accounts), Match(contacts="met_by"))

    known = {term.name: term for term in suits.terms}["relationships"]
    # A1 is Ann's and Bob met it; A2 is Bob's; A3 Cy's; A4 nobody's; A5 Ann's; A6 Bob's; Bob met A10.
    assert known.count.sum(axis=1).tolist() == [2.0, 4.0, 1.0]


@pytest.mark.parametrize("written", ["-1", "much", "inf"])
def test_a_weight_that_is_none_is_refused(a_plan, written):
    with pytest.raises(BadChoice, match=r"home is .*it must be a number of 0 or more"):
        WHO.run(Asked(plan=load(a_plan()), result=None, choices={"home": written}))


def test_a_vacant_seat_is_matched_too_and_somebody_could_have_it(a_plan):
    result = carve(load(a_plan(layers=field(vacant="1", match="{}"))))

    assert result.territories["person"].null_count() == 1
    found = WHO.run(Asked(plan=result.plan, result=result))
    vacant = [row for row in found.tables[0].rows if row[2] == "stays vacant"]
    assert len(vacant) == 1
    assert vacant[0][6] in {"Ann Able", "Bob Best", "Cy Core"}
