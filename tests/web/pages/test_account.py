"""An account's page: who has it on any day, as known on any other, why, and what would change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from builders.counting import statements
from builders.web_company import BEGAN, NOW, canary, principal_of
from patchbook import changes
from patchbook.changes import Replace
from patchbook.holdovers.holdover import FOREVER
from patchbook.ledger.answers import UnknownAccount
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override, staffing
from patchbook.people.principal import system
from patchbook.period import Period
from patchbook.web.pages import account

ACCOUNT = "north-1-account-1"
LEAVES = datetime(2027, 4, 1, tzinfo=UTC)
RITA, RON = f"Rita {canary('rita')}", f"Ron {canary('ron')}"


def shown(record, who="pia", **asked):
    with record.reading() as tx:
        return account.load(tx, ACCOUNT, by=principal_of(who), at=NOW, **asked)


@pytest.fixture
def departing(company):
    with company.writing() as tx:
        changes.departure(tx, "ron", on=LEAVES, default=Replace("rita"), by=system(), at=NOW)
    return company


def test_it_says_who_has_it_since_when_and_why(company):
    page = shown(company)

    assert (page.asof.owner, page.asof.since) == (RON, BEGAN)
    assert [step.fact for step in page.asof.answer.chain] == ["assignment", "staffing"]
    assert "The first plan" in page.asof.answer.chain[0].says


def test_what_is_planned_is_told_before_it_happens(departing):
    (ahead,) = shown(departing).ahead

    assert ahead.on == LEAVES
    assert RITA in ahead.says
    assert f"departure of {RON}" in ahead.says


def test_another_day_has_another_owner_and_as_known_before_it_had_not(departing):
    later = LEAVES + timedelta(days=30)

    assert shown(departing, on=later).asof.owner == RITA
    assert shown(departing, on=later, known=NOW - timedelta(days=1)).asof.owner == RON
    assert shown(departing, on=LEAVES - timedelta(days=1)).asof.owner == RON


def test_a_day_before_the_record_is_answered_with_a_sentence(company):
    page = shown(company, on=datetime(2020, 1, 1, tzinfo=UTC))

    assert page.asof.owner is None
    assert "its facts begin on 2026-01-01" in page.asof.says
    assert page.asof.lanes[0].bars[0].who == RON


def test_the_time_line_has_a_bar_for_each_owner_and_a_table_of_the_same(departing):
    asof = shown(departing).asof

    (lane,) = asof.lanes
    assert [bar.who for bar in lane.bars] == [RON, RITA]
    assert [(one.who, one.start) for one in asof.table] == [(RON, BEGAN), (RITA, LEAVES)]
    assert lane.bars[0].x == 0
    assert lane.bars[0].x + lane.bars[0].width == pytest.approx(lane.bars[1].x, abs=0.5)
    assert (asof.before, asof.after) == (BEGAN.date(), LEAVES.date())


def test_roles_beside_the_owner_have_a_lane(company):
    with company.writing() as tx:
        from patchbook.territories import seats

        seats.open_seat(tx, "north-1", "csm", person_id="sam", since=NOW, by=system(), at=NOW)
    page = shown(company)

    (other,) = page.asof.others
    assert (other.role, other.who) == ("csm", f"Sam {canary('sam')}")
    assert [lane.role for lane in page.asof.lanes] == ["owner", "csm"]


def test_who_acts_during_a_leave_is_told(company):
    with company.writing() as tx:
        away = Period(NOW - timedelta(days=1), NOW + timedelta(days=9))
        changes.leave(tx, "ron", "rita", period=away, by=system(), at=NOW)

    assert shown(company).asof.acting == RITA


@pytest.mark.parametrize(("who", "sees"), [("finn", True), ("pia", True), ("ron", False), ("vera", False)])
def test_credit_is_for_those_who_may_see_it(company, who, sees):
    credit = shown(company, who).asof.credit

    assert (credit is not None) == sees
    if credit:
        assert [(one.who, one.percent) for one in credit] == [(RON, 1.0)]


def test_a_deal_held_over_says_with_whom_and_until_when(company):
    until = NOW + timedelta(days=30)
    with company.writing() as tx:
        held = {"account_id": ACCOUNT, "role": "owner", "opportunity_id": "deal-north-1", "person_id": "sam"}
        why = {"kind": "holdover", "cause": "publish", "source": "x", "reason": "stays"}
        lay(tx, override, [{**held, **why, "valid_from": NOW, "valid_to": until}], at=NOW)
    page = shown(company)

    (line,) = page.deals
    assert (line.who, line.deal.held_until) == (f"Sam {canary('sam')}", until)
    assert [(one.kind, one.on) for one in page.ahead] == [("holdover", until)]


@pytest.mark.parametrize("who", ["sam", "sven"])
def test_who_may_not_see_it_is_told_there_is_none(company, visitor, who):
    with pytest.raises(UnknownAccount):
        shown(company, who)
    answer = visitor(who).get(f"/accounts/{ACCOUNT}")

    assert answer.status_code == 404
    assert canary("ron") not in answer.text


def test_an_id_with_a_slash_has_a_page(company, visitor):
    with company.writing() as tx:
        from patchbook.ledger.tables import assignment

        why = {"cause": "publish", "source": "", "reason": ""}
        fact = {"account_id": "EU/17 ü", "territory_id": "north-1", "valid_from": BEGAN, "valid_to": FOREVER, **why}
        lay(tx, assignment, [fact], at=NOW)

    answer = visitor("pia").get(account.account_path("EU/17 ü"))

    assert answer.status_code == 200
    assert "EU/17 ü" in answer.text


def test_the_part_for_a_day_is_the_same_as_in_the_page(departing, visitor):
    address = f"/accounts/{ACCOUNT}?on=2027-06-01&known="
    client = visitor("pia")
    whole, part = client.get(address), client.get(address, headers={"HX-Request": "true"})

    assert part.text.strip() in whole.text
    assert RITA in part.text
    assert "<html" not in part.text


def test_a_date_that_is_none_is_refused_in_words(company, visitor):
    answer = visitor("pia").get(f"/accounts/{ACCOUNT}?on=yesterday")

    assert answer.status_code in (400, 422)
    assert "yesterday" in answer.text


def test_what_is_said_is_shown_as_text(company, visitor):
    client = visitor("ron")
    about = {"kind": "account", "subject_id": ACCOUNT, "back": f"/accounts/{ACCOUNT}"}
    told = "<img src=x onerror=alert(1)> \u202e =cmd()"

    assert client.post("/comments", data={**about, "text": told}).status_code == 303
    page = client.get(f"/accounts/{ACCOUNT}").text

    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_the_number_of_queries_is_the_same_whatever_there_is(departing):
    def queries():
        with departing.reading() as tx, statements(tx) as counted:
            account.load(tx, ACCOUNT, by=principal_of("pia"), at=NOW)
        return counted.number

    before = queries()
    with departing.writing() as tx:
        why = {"cause": "staff", "source": "", "reason": "again"}
        for month in (5, 6, 7):
            start = datetime(2027, month, 1, tzinfo=UTC)
            lay(tx, staffing, [{"seat_id": "seat-north-1", "person_id": "sam", "valid_from": start,
                                "valid_to": start + timedelta(days=9), **why}], at=NOW)  # fmt: skip

    assert queries() == before <= 24
