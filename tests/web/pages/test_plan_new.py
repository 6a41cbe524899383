"""Starting a plan by a few choices, or from a file."""

from __future__ import annotations

from datetime import date

import pytest

from builders.plans import ADA, DOCUMENT, STRATEGIC, TUESDAY, the_plan
from patchbook.plans import actions as plans
from patchbook.plans import exchange
from patchbook.plans.documents import parsed
from patchbook.web.pages.plan_new import load


@pytest.fixture
def company(market):
    return market


def test_one_can_choose_from_what_there_is(company):
    with company.reading() as tx:
        page = load(tx, by=ADA, at=TUESDAY)

    assert page.sellers == (("Rep\n", "Rep (3 people)"), ("\n", "Everybody who may have a book (3 people)"))
    assert page.amounts == (("revenue_usd", "Revenue (US dollars)"),)
    assert page.works[0] == ("", "None")
    assert page.effective == date(2027, 4, 1)
    assert page.is_about_places


def test_without_accounts_the_page_leads_to_where_they_are_imported(sqlite_record):
    with sqlite_record.reading() as tx:
        assert load(tx, by=ADA, at=TUESDAY).offer is None


def test_a_plan_begins_with_the_choices_made(visitor, company):
    client = visitor("ada")
    assert client.get("/plans/new").status_code == 200
    data = {
        "name": "Simple", "effective": "2027-05-01", "sellers": "Rep\r\n", "potential": "revenue_usd", "workload": "",
        "tolerance": "15", "ground": "segment", "by": "state",
    }  # fmt: skip

    answer = client.post("/plans/new", data=data)

    made = the_plan(company, "Simple")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/plans/{made.plan_id}/carve")
    layer = parsed(made.document).layers[0]
    assert (layer.people, layer.by, layer.travel, layer.keep.owners) == ("role = 'Rep'", "state", 0.0, "ignore")
    assert parsed(made.document).measures[0].tolerance == 0.15
    assert made.effective == date(2027, 5, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"effective": "first of May"}, "is no day; write it as 2027-02-01"),
        ({"sellers": "Driver\n"}, "Nobody is Driver"),
        ({"potential": "secret"}, "cannot be shared by &#39;secret&#39;"),
        ({"name": " "}, "A plan&#39;s name is 1 to"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_a_sentence(visitor, company, wrong, said):
    answer = visitor("ada").post("/plans/new", data={"name": "Simple", "sellers": "Rep\n", "workload": ""} | wrong)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_plan_begins_from_a_file_with_the_lists_it_names(visitor, company):
    document = DOCUMENT.replace("plan: Field 2027", "plan: Written").replace("\n", "\r\n")
    data = {"document": document, "file_name": ["", "strategic.csv"], "file_text": ["", STRATEGIC]}

    answer = visitor("ada").post("/plans/new/file", data=data)

    made = the_plan(company, "Written")
    assert answer.headers["location"] == f"/plans/{made.plan_id}/carve"
    with company.reading() as tx:
        assert plans.files(tx, made.plan_id, by=ADA, at=TUESDAY) == {"strategic.csv": STRATEGIC}


def test_a_file_that_cannot_be_meant_is_refused_with_its_line(visitor, company):
    client = visitor("ada")

    mistyped = client.post("/plans/new/file", data={"document": DOCUMENT.replace("tolerance", "tolerence")})
    missing = client.post("/plans/new/file", data={"document": DOCUMENT})

    assert mistyped.status_code == missing.status_code == 422
    assert "plan.yaml line 6" in mistyped.text
    assert "plan.yaml line 8" in missing.text
    assert "did not come with the plan" in missing.text


def test_an_exported_plan_is_taken_in(visitor, company):
    with company.reading() as tx:
        text = exchange.export(tx, the_plan(company).plan_id, by=ADA, at=TUESDAY)

    visitor("ada").post("/plans/new/file", data={"document": text.replace("name: Field 2027", "name: Taken", 1)})

    assert the_plan(company, "Taken").is_draft


def test_the_address_is_that_of_new_plans_and_not_of_a_plan_called_new(visitor, company):
    assert "The simple way" in visitor("ada").get("/plans/new").text
    assert visitor("mia").get("/plans/new").status_code == 403
