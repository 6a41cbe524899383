"""The past through a plan and its routing: the same answer each time, beside what happened, and nothing written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from builders.leads import ANN, NOW, PAT, a_lead, approved, receive
from patchbook.db.record import Record
from patchbook.errors import NotAllowed
from patchbook.imports import actions as imports
from patchbook.leads.lane import deciding
from patchbook.leads.tables import decision, lead, turn
from patchbook.replay import actions as replaying
from patchbook.replay.file import NoTimes, read_past
from patchbook.replay.past import NothingHappened, Past
from patchbook.routing.lead import Kind, Lead

MONDAY = datetime(2027, 3, 1, 15, tzinfo=UTC)
ONE_EACH_DAY = (
    "caps:\n  - {name: one a day, per: day, at_most: 1}\nroutes:\n  - name: all\n    stages: [match, territory]\n"
)


@pytest.fixture
def company(sqlite_sellers: Record) -> Record:
    return sqlite_sellers


def past(number, *, minutes=0, person=None, account=None, kind=Kind.LEAD, **fields):
    at = MONDAY + timedelta(minutes=minutes)
    one = Lead(lead_id=f"L{number}", source="test", source_id=f"L{number}", kind=kind, received_at=at, fields=fields)
    return Past(lead=one, person_id=person, account_id=account)


def replay(record, *pasts, plan=None, **options):
    with record.reading() as tx:
        return replaying.replay(tx, plan, past=pasts or None, by=PAT, at=NOW, **options)


def people(found):
    return dict(found.decisions.select("source_id", "person_id").iter_rows())


def test_leads_go_where_the_plan_says_and_are_set_beside_who_had_them(company):
    found = replay(
        company,
        past(1, name="Acme", domain="acme.com", country="US", person="ann"),
        past(2, minutes=1, country="US", employees=10, name="Small", person="ann"),
        past(3, minutes=2, country="FR", name="Loin"),
    )

    assert people(found) == {"L1": "ann", "L2": "bob", "L3": None}
    assert (found.moves, found.known, found.unrouted) == (1, 2, 1)
    assert [(one.person_id, one.gets, one.had) for one in found.people] == [("ann", 1, 2), ("bob", 1, 0)]
    assert found.says.startswith("3 leads: 2 find an owner, 1 waits in the queue.")


def test_a_pool_shares_in_turn_as_it_would_have_done(company):
    found = replay(
        company, *(past(number, minutes=number, country="DE", name=f"Firma {number}") for number in range(6))
    )

    assert [one.gets for one in found.people] == [2, 2, 2]


def test_a_plan_that_is_not_published_can_be_asked_about_the_past(company):
    with company.writing() as tx:
        plan_id = approved(tx, "Other", {"West": "bob", "East": "ann", "Abroad": "cyd"}, at=NOW, least=20)
    found = replay(
        company, past(1, country="US", employees=30, name="New"), past(2, country="DE", name="Neu"), plan=plan_id
    )

    assert people(found) == {"L1": "bob", "L2": "cyd"}


def test_a_deal_goes_to_the_owner_of_its_account(company):
    with company.writing() as tx:
        imports.opportunities(
            tx,
            b"opportunity_id,account_id,owner,opened_on,amount_usd\nO1,A3,ann,2027-03-01,900\nO2,A1,ann,2027-03-02,100\n",
            name="deals.csv",
            by=PAT,
            at=NOW,
        )
    found = replay(company, since=datetime(2027, 3, 1, tzinfo=UTC))

    assert people(found) == {"O1": "bob", "O2": "ann"}
    assert {one.person_id: (one.value_usd, one.had_value_usd) for one in found.people} == {
        "bob": (900.0, 0.0),
        "ann": (100.0, 1000.0),
    }


def test_caps_hold_in_the_replay_as_they_would_have_done(company):
    found = replay(
        company,
        *(past(number, minutes=number, country="US", employees=10, name=f"Small {number}") for number in range(3)),
        past(9, minutes=60 * 24, country="US", employees=10, name="Next day"),
        routing=ONE_EACH_DAY,
    )

    assert people(found) == {"L0": "bob", "L1": None, "L2": None, "L9": "bob"}
    assert [one.most_in_a_day for one in found.people] == [1]


def test_stages_of_engagement_are_asked_in_a_replay_as_of_any_lead(company):
    document = """\
routes:
  - name: all
    stages: [match, partner of record, global owner, by motion, territory]
"""
    told = (past(1, name="Acme", domain="acme.com", country="US"), past(2, minutes=1, name="Neu", country="DE"))
    found = replay(company, *told, routing=document)

    assert people(found)["L1"] == "ann"
    assert people(found)["L2"] in ("cyd", "dan", "eve")


def test_the_leads_of_the_record_come_out_as_they_were_decided(sellers):
    record = sellers
    for number, fields in enumerate(({}, {"country": "DE", "company": "X"}, {"country": "US", "company": "Y"})):
        receive(record, a_lead(number, **fields), at=NOW + timedelta(minutes=number))
    found = replay(record)

    assert (found.moves, found.known) == (0, 3)


def test_the_same_past_gives_the_same_answer_whatever_order_it_is_told_in(company):
    told = [past(number, minutes=number % 4, country="DE", name=f"Firma {number}") for number in range(12)]

    assert replay(company, *told).decisions.equals(replay(company, *reversed(told)).decisions)


def test_nothing_is_written(company):
    receive(company, a_lead())
    before = rows(company)
    replay(company, *(past(number, country="DE", name="Firma") for number in range(3)))

    assert rows(company) == before


def test_how_long_they_wait_is_until_whoever_gets_it_works(company):
    sunday = Past(
        lead=Lead(
            lead_id="L1", source="test", source_id="L1", received_at=datetime(2027, 2, 28, 12, tzinfo=UTC),
            fields={"name": "Acme", "domain": "acme.com"},
        ),
        touched_at=datetime(2027, 3, 1, 12, tzinfo=UTC),
    )  # fmt: skip
    found = replay(company, sunday)

    assert found.waited_minutes == 24 * 60
    assert found.waits_minutes == 21 * 60  # nine o'clock on Monday


def test_nothing_to_replay_is_told_so(company):
    with pytest.raises(NothingHappened, match="No lead came in"):
        replay(company, since=datetime(2027, 3, 1, tzinfo=UTC))


def test_a_record_without_a_plan_says_so(record):
    with pytest.raises(NothingHappened, match="No plan is published"):
        replay(record, past(1))


def test_only_planners_replay(company):
    with company.reading() as tx, pytest.raises(NotAllowed):
        replaying.replay(tx, past=[past(1)], by=ANN, at=NOW)


def test_a_file_of_past_leads_keeps_its_good_rows_and_lists_the_others(tmp_path):
    file = tmp_path / "q3.csv"
    file.write_text(
        "Lead ID,Created,Company,Employees,Owner,First touch,Kind\n"
        "7,2027-03-01T09:00:00Z,Acme,40,Ann Archer,2027-03-01T10:00:00Z,\n"
        "8,yesterday,Bolt,50,,,\n"
        "9,2027-03-02,Cog,60,bob,,whim\n"
        "10,2027-03-03,Dot,,,,case\n"
    )
    read = read_past(file)

    assert [(one.lead.source_id, one.lead.kind.value, one.person_id) for one in read.past] == [
        ("7", "lead", "Ann Archer"),
        ("10", "case", None),
    ]
    assert dict(read.past[0].lead.fields) == {"name": "Acme", "employees": 40}
    assert [row.line for row in read.refused] == [3, 4]
    assert "'yesterday'" in read.refused[0].problem
    assert "'whim' is none of lead" in read.refused[1].problem


def test_owners_of_a_file_are_known_by_name(company, tmp_path):
    file = tmp_path / "q3.csv"
    file.write_text("created,company,owner\n2027-03-01T09:00:00Z,Acme,Ann Archer\n2027-03-01T10:00:00Z,Cog,somebody\n")
    with company.reading() as tx:
        found = replaying.with_people(tx, read_past(file).past)

    assert [one.person_id for one in found] == ["ann", "somebody"]


def test_a_file_without_times_says_what_it_has(tmp_path):
    file = tmp_path / "leads.csv"
    file.write_text("id,company\n1,Acme\n")

    with pytest.raises(NoTimes, match="only id, company"):
        read_past(file)


def rows(record):
    with deciding(record) as lane:
        return [lane.tx.execute(select(func.count()).select_from(table)).scalar() for table in (lead, decision, turn)]
