"""What a plan changes for each rep, and the accounts behind it."""

from __future__ import annotations

import csv
import io

import pytest

from builders.counting import statements
from builders.plans import ADA, TUESDAY, a_draft, as_csv, the_plan
from patchbook.errors import BadInput
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.plans.life import NotCarved
from patchbook.web.pages.disruption import load


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan_id(company):
    return the_plan(company).plan_id


def page(record, plan_id, **asked):
    with record.reading() as tx:
        return load(tx, plan_id, by=ADA, at=TUESDAY, **asked)


def test_what_one_loses_another_gains(company, plan_id):
    shown = page(company, plan_id)

    assert shown.moved == shown.listed == sum(rep.loses for rep in shown.reps) > 0
    assert sum(rep.gains for rep in shown.reps) <= shown.moved
    assert max(max(rep.lost_share, rep.gained_share) for rep in shown.reps) == 1.0
    assert {rep.name for rep in shown.reps} == {"Ann Able", "Bob Best", "Cy Core", "Mia Lead"}
    assert [what for what, _ in shown.whats] == ["accounts", "potential"]


def test_a_measure_is_counted_in_its_own_unit(company, plan_id):
    shown = page(company, plan_id, what="potential")

    assert sum(rep.lost for rep in shown.reps) == pytest.approx(
        sum(100 + 3 * (int(row.account_id[1:]) - 1) for row in shown.rows)
    )


def test_the_open_pipeline_that_moves_is_told_where_there_are_open_deals(company, plan_id):
    moves = page(company, plan_id).rows[0].account_id
    deals = [
        {"opportunity_id": "D1", "account_id": moves, "name": "One", "stage": "Proposal", "amount_usd": 500},
        {"opportunity_id": "D2", "account_id": moves, "name": "Two", "stage": "Proposal", "amount_usd": 250},
    ]
    with company.writing() as tx:
        imports.opportunities(tx, as_csv(deals), name="deals.csv", by=system(), at=TUESDAY)

    shown = page(company, plan_id, what="open pipeline")

    assert sum(rep.lost for rep in shown.reps) == 750.0
    assert "$750" in str(dict(shown.totals)["open pipeline"])


def test_the_list_narrows_to_what_one_rep_loses_or_gains(company, plan_id):
    rep = page(company, plan_id).reps[0]

    mine = page(company, plan_id, person=rep.person_id)

    assert mine.listed == rep.loses + rep.gains
    assert all(rep.name in (row.before, row.after) for row in mine.rows)
    assert page(company, plan_id, person="nobody").rows == ()


def test_what_cannot_be_told_is_refused(company, plan_id):
    with pytest.raises(BadInput, match="not counted in 'secret'; in accounts, potential"):
        page(company, plan_id, what="secret")
    with pytest.raises(NotCarved):
        page(company, a_draft(company, name="Next").plan_id)


def test_the_page_asks_as_much_however_many_accounts_move(company, plan_id):
    page(company, plan_id)

    with company.reading() as tx, statements(tx) as asked:
        load(tx, plan_id, by=ADA, at=TUESDAY)

    assert asked.number == 3


def test_accounts_and_reps_come_as_csv(visitor, company, plan_id):
    client, shown = visitor("ada"), page(company, plan_id)

    accounts = list(csv.DictReader(io.StringIO(client.get(f"/plans/{plan_id}/disruption/accounts.csv").text)))
    reps = list(csv.DictReader(io.StringIO(client.get(f"/plans/{plan_id}/disruption/reps.csv").text)))

    assert len(accounts) == shown.moved
    assert sum(int(rep["loses"]) for rep in reps) == shown.moved
    assert {"potential lost", "potential gained"} <= set(reps[0])
    assert client.get(f"/plans/{plan_id}/disruption?what=potential").status_code == 200
