"""Publishing by its pages: looked through, ticked, done beside the page, once; and taken back after a look."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert

from builders.counting import statements
from builders.publishing import APRIL, FEBRUARY, HIRED, NOW, PAT, ROOT, a_plan, people
from patchbook.access.store import role_held
from patchbook.audit.verify import verify
from patchbook.db import settings
from patchbook.holdovers.holdover import Treatment
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity
from patchbook.plans.life import Status
from patchbook.publishing import actions as publishing
from patchbook.publishing import store
from patchbook.web.pages.publications import load as load_receipt
from patchbook.web.pages.publications import load_list, load_rollback
from patchbook.web.pages.publish import Choice, Narrowed, load, narrow

ON = "2027-02-01"
FROM_FEBRUARY, ALL = Choice(on=ON), Narrowed()


@pytest.fixture
def company(record, clock):
    clock.at = NOW
    with record.writing() as tx:
        people(tx, "pat", "pia", "ann", "bob")
        held = {"role": "planner", "territory_id": None, "source": "", "by": "system", "at": HIRED}
        tx.execute(insert(role_held), [{"held_id": f"role-{who}", "person_id": who, **held} for who in ("pat", "pia")])
    return record


def made(record, *, status: Status = Status.APPROVED, name: str = "Field 2027", **changes) -> str:
    told = {"staffed": {"West": "ann", "East": "bob"}, "placed": {"A1": "West", "A2": "East", "A3": "East"}, **changes}
    with record.writing() as tx:
        return a_plan(tx, name, told["staffed"], told["placed"], status=status).plan_id


def finished(client, location: str) -> str:
    """Where one is sent once the job is done."""
    for _ in range(200):
        answer = client.get(location)
        if answer.status_code == 303:
            return str(answer.headers["location"])
        time.sleep(0.02)
    raise AssertionError(answer.text)


def published(client, plan_id: str, **data) -> str:
    answer = client.post(f"/plans/{plan_id}/publish", data={"on": ON, **data})
    assert answer.status_code == 303, answer.text
    return finished(client, answer.headers["location"])


def owners(record, on=FEBRUARY) -> dict[str, str]:
    with record.reading() as tx:
        return dict(store.book(tx, on).select("account_id", "person").iter_rows())


def looked(record, plan_id: str, choice: Choice = FROM_FEBRUARY, narrowed: Narrowed = ALL):
    with record.reading() as tx:
        return load(tx, plan_id, choice, narrowed, by=PAT, at=NOW)


def test_who_gets_what_is_told_with_new_territories_and_seats(company):
    page = looked(company, made(company))

    assert {row["account_id"]: (row["cause"], row["to_person"]) for row in page.rows} == {
        "A1": ("new", "ann"), "A2": ("new", "bob"), "A3": ("new", "bob"),
    }  # fmt: skip
    assert dict(page.counts) == {"changes": 3, "people": 2, "territories": 2, "deals": 0}
    territories = looked(company, page.plan.plan_id, narrowed=Narrowed(view="territories")).rows
    assert [(row["territory"], row["change"], row["to_person"]) for row in territories] == [
        ("East", "new", "bob"), ("West", "new", "ann"),
    ]  # fmt: skip
    assert page.why_not is None


def test_a_territory_that_closes_and_a_seat_that_changes_hands_are_told(company):
    with company.writing() as tx:
        first = a_plan(tx, "2026", {"West": "ann", "East": "bob"}, {"A1": "West", "A2": "East"})
        publishing.publish(tx, first.plan_id, on=NOW, by=PAT, at=NOW)
    page = looked(company, made(company, staffed={"West": "bob"}, placed={"A1": "West", "A2": "West"}))

    rows = looked(company, page.plan.plan_id, narrowed=Narrowed(view="territories")).rows

    assert [(row["territory"], row["change"], row["from_person"], row["to_person"]) for row in rows] == [
        ("East", "closes", "bob", None), ("West", "other person", "ann", "bob"),
    ]  # fmt: skip


def test_the_table_is_narrowed_by_cause_person_and_text(company):
    run = looked(company, made(company)).run

    assert narrow(run, Narrowed(person_id="bob"))["account_id"].to_list() == ["A2", "A3"]
    assert narrow(run, Narrowed(q="a1"))["account_id"].to_list() == ["A1"]
    assert narrow(run, Narrowed(cause="moved")).is_empty()
    assert narrow(run, Narrowed(view="people", person_id="ann")).height == 1


def test_a_page_of_the_table_begins_where_the_last_ended(company):
    placed = {f"A{number:03}": "West" for number in range(250)}
    plan_id = made(company, placed=placed)
    seen, after = [], 0
    while True:
        page = looked(company, plan_id, narrowed=Narrowed(after=after))
        seen += [row["account_id"] for row in page.rows]
        if page.next is None:
            break
        after = int(page.next)

    assert sorted(seen) == sorted(placed)


def test_a_look_at_the_next_page_works_nothing_out_again(company):
    plan_id = made(company)
    looked(company, plan_id)
    with company.reading() as tx, statements(tx) as counted:
        load(tx, plan_id, Choice(on=ON), Narrowed(q="A1"), by=PAT, at=NOW)

    assert counted.number == 12


def test_a_dry_run_kept_is_not_shown_once_the_ledger_has_changed(company):
    plan_id = made(company)
    assert looked(company, plan_id).run.by_cause == {"new": 3}
    with company.writing() as tx:
        other = a_plan(tx, "2026", {"West": "ann", "East": "bob"}, {"A1": "West", "A2": "East", "A3": "East"})
        publishing.publish(tx, other.plan_id, on=NOW, by=PAT, at=NOW)

    assert looked(company, plan_id).run.by_cause == {}


def test_it_is_published_beside_the_page_and_ends_in_a_receipt(company, visitor):
    client = visitor("pat")

    receipt = published(client, made(company))

    assert owners(company) == {"A1": "ann", "A2": "bob", "A3": "bob"}
    text = client.get(receipt).text
    assert "Assignments" in text
    with company.reading() as tx:
        page = load_receipt(tx, receipt.rsplit("/", 1)[1], by=PAT, at=NOW)
        assert [one.publication_id for one in load_list(tx, by=PAT, at=NOW).rows] == [page.publication.publication_id]
        assert verify(tx, company.folder).is_whole
    (trace,) = page.traces
    assert trace.event.deed == "publish"
    assert trace.digest is not None
    assert trace.digest in text


def test_the_same_form_sent_again_publishes_nothing_twice_and_says_so(company, visitor):
    client, plan_id = visitor("pat"), made(company)
    receipt = published(client, plan_id)

    again = client.post(f"/plans/{plan_id}/publish", data={"on": ON})
    now = client.post(f"/plans/{plan_id}/publish", data={"on": "now"})
    other = client.post(f"/plans/{plan_id}/publish", data={"on": "2027-04-01"})

    assert [again.headers["location"], now.headers["location"]] == [receipt, receipt]
    assert "is published from 2027-02-01 already; nothing was changed" in client.get(receipt).text
    assert other.status_code == 409
    assert "roll that back before publishing it from 2027-04-01" in other.text
    with company.reading() as tx:
        assert len(store.standing(tx)) == 1


def test_what_is_not_ticked_stops_it_and_nothing_is_written(company, visitor):
    client = visitor("pat")
    plan_id = made(company, staffed={"West": "ann", "East": None})
    kinds = [one.kind for one in looked(company, plan_id).warnings]
    assert kinds == ["vacant seat"]

    begun = client.post(f"/plans/{plan_id}/publish", data={"on": ON})
    for _ in range(200):
        told = client.get(begun.headers["location"], headers={"Accept": "application/json"}).json()
        if told["is_over"]:
            break
        time.sleep(0.02)

    assert "1 warning is not ticked" in told["progress"]
    assert told["location"] is None
    assert "Back to what it would change" in client.get(begun.headers["location"]).text
    assert owners(company) == {}
    published(client, plan_id, seen="vacant seat")
    assert owners(company)["A1"] == "ann"


def test_a_draft_is_looked_at_and_not_published(company, visitor):
    client, plan_id = visitor("pat"), made(company, status=Status.DRAFT)

    assert "only an approved plan can be published" in client.get(f"/plans/{plan_id}/publish").text
    assert client.post(f"/plans/{plan_id}/publish", data={"on": ON}).status_code == 409


def test_a_job_that_nobody_remembers_leads_to_the_receipt_or_says_that_nothing_was_written(company, visitor):
    client, plan_id = visitor("pat"), made(company)
    gone = client.get(f"/plans/{plan_id}/publish/job-forgotten")
    assert "nothing was written" in gone.text

    receipt = published(client, plan_id)

    assert client.get(f"/plans/{plan_id}/publish/job-forgotten").headers["location"] == receipt


def test_open_deals_stay_where_it_is_chosen(company, visitor):
    with company.writing() as tx:
        first = a_plan(tx, "2026", {"West": "ann", "East": "bob"}, {"A1": "West", "A2": "East"})
        publishing.publish(tx, first.plan_id, on=NOW, by=PAT, at=NOW)
        deal = {"opportunity_id": "D1", "account_id": "A1", "stage": "Proposal", "amount_usd": 9000.0}
        tx.execute(insert(opportunity).values(**deal))
    plan_id = made(company, placed={"A1": "East", "A2": "East"})
    stay = Choice(on=ON, deals=Treatment.EXEMPT)

    moves = looked(company, plan_id, narrowed=Narrowed(view="deals")).rows
    stays = looked(company, plan_id, stay, Narrowed(view="deals")).rows

    assert [(row["treatment"], row["person_id"]) for row in (*moves, *stays)] == [("move", "ann"), ("exempt", "ann")]
    client = visitor("pat")
    receipt = published(client, plan_id, deals="exempt", seen=["open opportunities"])
    assert "Holdovers" in client.get(receipt).text


def test_taking_back_is_looked_at_first_and_needs_a_reason(company, visitor):
    client = visitor("pat")
    with company.writing() as tx:
        first = a_plan(tx, "2026", {"West": "ann", "East": "bob"}, {"A1": "West", "A2": "East", "A3": "West"})
        publishing.publish(tx, first.plan_id, on=NOW, by=PAT, at=NOW)
    receipt = published(client, made(company))
    publication_id = receipt.rsplit("/", 1)[1]
    with company.writing() as tx:  # somebody moves A3 after it
        (east,) = {row["territory_id"] for row in store.places(tx) if row["name"] == "West"}
        fact = {"account_id": "A3", "territory_id": east, "valid_from": FEBRUARY, "cause": "move", "source": "by hand"}
        lay(tx, assignment, [{**fact, "reason": "She knows them."}], at=NOW)
        page = load_rollback(tx, publication_id, by=PAT, at=NOW)

    assert (page.run.takes_back["assignment"], page.reinstated) == (0, "2026")
    assert [(one.key, one.cause) for one in page.run.changed_since] == [("A3", "move")]
    assert "She" not in client.get(f"{receipt}/rollback").text
    assert client.post(f"{receipt}/rollback", data={"why": "  "}).status_code == 422

    begun = client.post(f"{receipt}/rollback", data={"why": "Wrong date."})
    undone = finished(client, begun.headers["location"])

    assert owners(company, APRIL) == {"A1": "ann", "A2": "bob", "A3": "ann"}
    assert "“Wrong date.”" in client.get(undone).text
    again = client.post(f"{receipt}/rollback", data={"why": "Wrong date."})
    assert again.headers["location"] == undone
    assert client.get(f"{receipt}/rollback").status_code == 409


def test_who_approved_alone_is_told_who_may_publish_what_moves_many(company):
    with company.writing() as tx:
        settings.change(tx, "two_person_above", 3)
        plan_id = a_plan(tx, "Many", {"West": "ann"}, dict.fromkeys("ABCDE", "West"), moved=True).plan_id
        page = load(tx, plan_id, Choice(on=ON), Narrowed(), by=ROOT, at=NOW)

    assert page.why_not is not None
    assert "somebody else has to publish it" in page.why_not


def test_the_table_goes_to_a_spreadsheet_without_a_formula(company, visitor):
    plan_id = made(company, placed={"=cmd()": "West", "A2": "East"})

    answer = visitor("pat").get(f"/plans/{plan_id}/publish/table.csv?on={ON}")

    assert answer.headers["content-type"].startswith("text/csv")
    assert "'=cmd()" in answer.text
    assert answer.text.splitlines()[0].startswith("account_id,from_territory")
