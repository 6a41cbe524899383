"""Inviting people to a draft, and letting them go."""

from __future__ import annotations

import pytest

from builders.plans import ADA, TUESDAY, the_plan
from patchbook.web.pages.plan_sharing import WhichPerson, load, person_called


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan(company):
    return the_plan(company)


@pytest.mark.parametrize("text", ["mia", "Mia Lead", "MIA LEAD", "mia@example.com", " lead "])
def test_somebody_is_found_by_name_address_or_id(company, text):
    with company.reading() as tx:
        assert person_called(tx, text, by=ADA, at=TUESDAY).person_id == "mia"


@pytest.mark.parametrize(
    ("text", "said"), [("Plan", r"fits Ada Plan \(ada\) and Pia Plan"), ("Zoe", "Nobody"), ("", "Write")]
)
def test_a_name_that_fits_several_or_nobody_is_not_guessed(company, text, said):
    with company.reading() as tx, pytest.raises(WhichPerson, match=said):
        person_called(tx, text, by=ADA, at=TUESDAY)


def test_who_is_invited_sees_the_draft_until_they_are_removed(visitor, company, plan):
    ada, mia = visitor("ada"), visitor("mia")
    assert "Field 2027" not in mia.get("/plans").text

    ada.post(f"/plans/{plan.plan_id}/sharing", data={"who": "Mia Lead"})

    with company.reading() as tx:
        assert [one.name for one in load(tx, plan.plan_id, by=ADA, at=TUESDAY).invited] == ["Mia Lead"]
    assert "Mia Lead may see it now." in ada.get(f"/plans/{plan.plan_id}/sharing").text
    assert "Field 2027" in mia.get("/plans").text
    ada.post(f"/plans/{plan.plan_id}/sharing/removal", data={"person_id": "mia"})
    assert "Field 2027" not in mia.get("/plans").text
