"""A first plan from what is in the record, by a few choices."""

from __future__ import annotations

from datetime import date

import pytest

from builders.plans import ADA, HIRED, MIA, TUESDAY, a_market, some_accounts, some_people
from patchbook.errors import NotAllowed
from patchbook.imports import actions as imports
from patchbook.imports.imported import NoImport
from patchbook.people.principal import system
from patchbook.plans import actions as plans
from patchbook.plans.documents import parsed
from patchbook.plans.first import NobodySells, NoSuchField, offer, start_first
from patchbook.plans.new import Choices


@pytest.fixture
def market(sqlite_record):
    a_market(sqlite_record, some_accounts(industry="Energy"))
    return sqlite_record


def started(record, name="Mine", **choices):
    settled = {"role": "Rep", "template": "field"} | {
        key: choices.pop(key) for key in ("role", "segment", "template") if key in choices
    }
    with record.writing() as tx:
        return start_first(tx, name, **settled, choices=Choices(**choices), by=ADA, at=TUESDAY)


def test_one_is_offered_the_fields_and_the_people_there_are(market):
    with market.reading() as tx:
        found = offer(tx, by=ADA, at=TUESDAY)
        with pytest.raises(NotAllowed):
            offer(tx, by=MIA, at=TUESDAY)

    assert found.accounts == 24
    assert found.amounts == ("revenue_usd",)
    assert "state" in found.groups
    assert found.mapped_share == 1.0
    assert found.has_owners
    assert found.sellers == (("Rep", "", 3),)


def test_the_draft_carves_as_it_is(market):
    made = started(market, effective=date(2027, 2, 1), tolerance=0.3, keep_owners=True)

    carved = plans.carve_now(market, made.plan_id, seconds=2, by=ADA, clock=lambda: TUESDAY).plan
    with market.reading() as tx:
        state = plans.state(tx, carved.plan_id, by=ADA, at=TUESDAY)

    assert (made.name, made.effective) == ("Mine", date(2027, 2, 1))
    assert set(state.territories["person"].drop_nulls()) == {"ann", "bob", "cy"}
    assert state.unassigned.height == 0


@pytest.mark.parametrize(
    ("choices", "line"),
    [
        ({"tolerance": 0.15}, "tolerance: 15%"),
        ({"potential": "revenue_usd"}, "from: revenue_usd"),
        ({"keep_owners": False}, "owners: ignore"),
        ({"keep_owners": True}, "owners: prefer"),
        ({"template": "inside", "by": "state"}, "by: state"),
        ({"template": "inside"}, "travel: 0"),
        ({"workload": "revenue_usd"}, "workload: {from: revenue_usd"),
        ({"effective": date(2027, 5, 1)}, "effective: 2027-05-01"),
    ],
)
def test_each_choice_stands_in_the_document(market, choices, line):
    made = started(market, **choices)

    assert line in made.document
    assert parsed(made.document).layers[0].people == "role = 'Rep'"


def test_a_role_with_a_quote_in_it_is_text_and_no_condition(sqlite_record):
    with sqlite_record.writing() as tx:
        odd = some_people().replace(b"Rep", b"O'Rep OR 1=1")
        imports.people(tx, odd, name="people.csv", employed_from=HIRED, by=system(), at=HIRED)
        imports.accounts(tx, some_accounts(), name="accounts.csv", by=system(), at=HIRED)

    made = started(sqlite_record, role="O'Rep OR 1=1")

    assert parsed(made.document).layers[0].people == "role = 'O''Rep OR 1=1'"


def test_what_cannot_be_is_refused_with_what_there_is(market):
    with pytest.raises(NobodySells, match="Nobody is Driver"):
        started(market, role="Driver")
    with pytest.raises(NoSuchField, match="'secret'; there are revenue_usd"):
        started(market, potential="secret")


def test_without_accounts_there_is_nothing_to_plan_with(sqlite_record):
    with sqlite_record.reading() as tx, pytest.raises(NoImport):
        offer(tx, by=ADA, at=TUESDAY)
