"""A plan as a file: read, changed while it is a draft, exported."""

from __future__ import annotations

import pytest
import yaml

from builders.plans import ADA, TUESDAY, the_plan
from patchbook.plans import actions as plans
from patchbook.web.pages.plan_document import load


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan(company):
    return the_plan(company)


def test_the_file_is_shown_with_those_it_names(company, plan):
    with company.reading() as tx:
        page = load(tx, plan.plan_id, by=ADA, at=TUESDAY)

    assert page.document == plan.document
    assert [(file.name, file.lines) for file in page.files] == [("strategic.csv", 3)]
    assert page.may_edit


def test_a_draft_gets_another_document_and_keeps_the_files_it_still_names(visitor, company, plan):
    document = plan.document.replace("tolerance: 30%", "tolerance: 20%")

    answer = visitor("ada").post(
        f"/plans/{plan.plan_id}/document", data={"document": document.replace("\n", "\r\n"), "revision": plan.revision}
    )

    assert answer.status_code == 303
    changed = the_plan(company)
    assert (changed.document, changed.revision, changed.result_id) == (document, plan.revision + 1, plan.result_id)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("plan: [", "plan.yaml line 1"),
        ("plan: Field\naccounts: a.csv\nlayers:\n  - named: other.csv\n  - house: rest\n", "plan.yaml line 4"),
        ("plan: Field\naccounts: a.csv\nlayers:\n  - hous: rest\n", "plan.yaml line 4"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line_and_nothing_changes(visitor, company, plan, document, said):
    data = {"document": document, "revision": plan.revision}

    answer = visitor("ada").post(f"/plans/{plan.plan_id}/document", data=data)

    assert answer.status_code == 422
    assert said in answer.text
    assert the_plan(company) == plan


def test_who_comes_with_an_older_revision_is_told_who_changed_it(visitor, company, plan):
    data = {"document": plan.document, "revision": plan.revision}
    client = visitor("ada")
    client.post(f"/plans/{plan.plan_id}/document", data=data)

    again = client.post(f"/plans/{plan.plan_id}/document", data=data)

    assert again.status_code == 409
    assert "ada changed the document" in again.text


def test_a_plan_in_review_is_read_and_no_longer_changed(visitor, company, plan):
    with company.writing() as tx:
        plans.submit(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)

    shown = visitor("ada").get(f"/plans/{plan.plan_id}/document").text

    assert "<textarea" not in shown
    assert "no longer changed" in shown


def test_the_export_holds_document_files_and_pins(visitor, plan):
    answer = visitor("ada").get(f"/plans/{plan.plan_id}/document/export.yaml")

    assert "attachment" in answer.headers["content-disposition"]
    assert yaml.safe_load(answer.text)["carved"]["result"] == plan.result_id
