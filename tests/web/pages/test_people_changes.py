"""Leave, hire, move and departure in steps: looked at first, done once, with a receipt; nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders.web_company import NOW, canary, principal_of
from patchbook import changes
from patchbook.changes import LeaveVacant
from patchbook.ledger import actions as ledger
from patchbook.people import store as people
from patchbook.people.principal import system
from patchbook.web.pages.people_changes import depart, receipt

ON = "2027-04-01"
AFTER = datetime(2027, 4, 2, tzinfo=UTC)
RITA, NORA = f"Rita {canary('rita')}", f"Nora {canary('nora')}"


def owner(record, account="north-1-account-1", on=AFTER):
    with record.reading() as tx:
        return ledger.owner(tx, account, on=on, by=principal_of("pia"), at=NOW).person_id


def departure(**more):
    return {"on": ON, "step": "check", **more}


def test_first_the_day_then_each_seat_then_what_it_does(company):
    with company.reading() as tx:
        steps = [
            depart.load(tx, "ron", sent, by=principal_of("pia"), at=NOW)
            for sent in ({}, {"on": ON}, departure(**{"way-seat-north-1": "replace", "who-seat-north-1": "rita"}))
        ]

    assert [next(step.title for step in page.steps if step.is_now) for page in steps] == [
        "When",
        "Each seat",
        "Look at it",
    ]
    assert steps[1].seats == (("seat-north-1", f"North-1 {canary('north-1')}, owner"),)
    told = steps[2].told
    assert told.uncovered == 0
    assert [(one.before, one.after, one.accounts) for one in told.seats] == [(f"Ron {canary('ron')}", RITA, 3)]


def test_looking_at_it_changes_nothing_and_doing_it_leads_to_the_receipt(company, visitor):
    client = visitor("nora")
    sent = departure(**{"way-seat-north-1": "replace", "who-seat-north-1": "rita"})

    looked = client.get("/people/ron/depart", params=sent)
    assert "0 accounts uncovered" in looked.text
    assert owner(company) == "ron"

    done = client.post("/people/ron/depart", data=sent)
    page = client.get(done.headers["location"])

    assert done.status_code == 303
    assert owner(company) == "rita"
    assert "0 accounts uncovered" in page.text
    assert RITA in page.text


def test_everything_told_stands_in_the_form_again(company, visitor):
    sent = departure(**{"way-seat-north-1": "vacant", "interim-seat-north-1": "rita", "reports_to": "rita"})
    page = visitor("pia").get("/people/ron/depart", params=sent).text

    assert f'value="{ON}"' in page
    assert page.count('<option value="rita" selected>') == 2
    for name, value in sent.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_a_seat_may_wait_for_a_hire_or_be_split_over_the_team(company, visitor):
    client = visitor("pia")
    vacant = client.get("/people/ron/depart", params=departure(**{"way-seat-north-1": "vacant"})).text
    assert f"vacant, {NORA} in the interim" in vacant

    client.post("/people/ron/depart", data=departure(**{"way-seat-north-1": "split"}))

    assert {owner(company, f"north-1-account-{number}") for number in (1, 2, 3)} == {"rita"}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"way-seat-north-1": "replace"}, "choose who"),
        ({"way-seat-north-1": "replace", "who-seat-north-1": "nobody"}, "There is no person"),
        ({"way-seat-south-1": "vacant"}, "does not fill the seat"),
        ({"on": "2020-01-01"}, "cannot leave on 2020-01-01"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form_and_refused_when_sent(company, visitor, sent, says):
    client = visitor("pia")
    looked = client.get("/people/ron/depart", params=departure() | sent)
    done = client.post("/people/ron/depart", data=departure() | sent)

    assert looked.status_code == 200
    assert says in looked.text
    assert done.status_code in (400, 404, 409, 422)
    assert says in done.text


def test_a_second_press_after_going_back_is_harmless(company, visitor):
    client = visitor("pia")
    sent = departure(**{"way-seat-north-1": "replace", "who-seat-north-1": "rita"})
    client.post("/people/ron/depart", data=sent)

    again = client.post("/people/ron/depart", data=sent)

    assert again.status_code == 422
    assert "cannot leave on 2027-04-01" in again.text
    assert owner(company) == "rita"


def test_a_manager_changes_only_whom_they_manage(company, visitor):
    for form in ("depart", "leave", "move"):
        assert visitor("nora").get(f"/people/sam/{form}").status_code == 404
    assert visitor("nora").post("/people/sam/depart", data=departure()).status_code == 404


def test_a_leave_says_who_acts_and_ends_by_itself(company, visitor):
    client = visitor("nora")
    sent = {"start": ON, "end": "2027-04-11", "cover_id": "rita"}
    assert f"{RITA} acts for them on 3 accounts" in client.get("/people/ron/leave", params=sent).text

    done = client.post("/people/ron/leave", data=sent)
    page = client.get(done.headers["location"]).text

    assert "Acts meanwhile" in page
    assert RITA in page
    assert owner(company) == "ron"


@pytest.fixture
def with_vacancy(company):
    with company.writing() as tx:
        on = datetime(2027, 3, 2, tzinfo=UTC)
        changes.departure(tx, "ron", on=on, default=LeaveVacant(), by=system(), at=NOW)
    return company


def test_somebody_new_fills_a_vacant_seat(with_vacancy, visitor):
    client = visitor("pia")
    sent = {"seat_id": "seat-north-1", "on": ON, "name": "Kim Park", "email": "kim@example.com", "new_id": "kim"}
    looked = client.get("/people/hire", params=sent).text
    assert "Kim Park becomes owner of" in looked

    done = client.post("/people/hire", data=sent)

    assert done.headers["location"].startswith("/people/kim/changes/")
    assert client.get(done.headers["location"]).status_code == 200
    assert owner(with_vacancy) == "kim"
    with with_vacancy.reading() as tx:
        assert people.find(tx, ["kim"])["kim"].email == "kim@example.com"


def test_somebody_new_gets_a_territory_peeled_off_its_neighbours(company, visitor):
    client = visitor("nora")
    sent = {
        "place": "peel", "territory": "North 9", "parent_id": "north", "on": ON, "name": "Kim Park", "new_id": "kim",
        "share": "100", "manager_id": "nora",
    }  # fmt: skip
    looked = client.get("/people/hire", params=sent).text
    assert "Kim Park starts on" in looked
    assert "in North 9" in looked
    assert '<th scope="row">Kim Park</th><td>North 9</td>' in looked

    done = client.post("/people/hire", data=sent)

    page = client.get(done.headers["location"])
    assert page.status_code == 200
    with company.reading() as tx:
        owned = changes.store.owners(tx, AFTER, person_ids=["kim"])
    assert len(owned) >= 1


def test_a_new_territory_without_a_name_or_place_is_refused(company, visitor):
    sent = {"place": "peel", "on": ON, "name": "Kim Park", "new_id": "kim", "territory": "North 9"}

    assert "needs its name, and the territory it hangs below" in visitor("nora").post("/people/hire", data=sent).text
    page = visitor("nora").get("/people/hire", params={"place": "peel", "on": ON}).text
    assert "They get a new territory, peeled off its neighbours" in page
    assert page.index('value="peel" checked') > 0


def test_who_moves_hands_over_what_they_had(with_vacancy, visitor):
    client = visitor("pia")
    sent = {"on": ON, "to_seat_id": "seat-north-1", "role": "Senior", "way": "replace", "who": "sam"}

    done = client.post("/people/rita/move", data=sent)

    assert done.status_code == 303, done.text
    assert owner(with_vacancy) == "rita"
    assert owner(with_vacancy, "north-2-account-1") == "sam"
    assert "0 accounts uncovered" in client.get(done.headers["location"]).text


def test_a_receipt_is_for_who_sees_the_person(company, visitor):
    sent = departure(**{"way-seat-north-1": "replace", "who-seat-north-1": "rita"})
    address = visitor("pia").post("/people/ron/depart", data=sent).headers["location"]

    assert visitor("sam").get(address).status_code == 404
    assert visitor("pia").get("/people/rita/changes/change-none").status_code == 404
    with company.reading() as tx:
        page = receipt.load(tx, "ron", address.rsplit("/", 1)[1], by=principal_of("nora"), at=NOW)
    assert (page.title, page.by) == (f"Ron {canary('ron')} leaves", f"Pia {canary('pia')}")


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "=cmd()", "\u202egnp", "x" * 300])
def test_whatever_a_newcomer_is_called_is_text(with_vacancy, visitor, text):
    client = visitor("pia")
    sent = {"seat_id": "seat-north-1", "on": ON, "name": text, "new_id": "kim"}

    page = client.get("/people/hire", params=sent)
    client.post("/people/hire", data=sent)

    assert "<img src=x" not in page.text + client.get("/people/kim").text
