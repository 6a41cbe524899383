"""The inbox: what waits is counted, narrowed, decided where it stands; several of a kind at once."""

from __future__ import annotations

import pytest

from builders.counting import statements
from builders.desk import PLAN, a_desk
from builders.together import ADA, ANN, HAL, MAX, MIA, MONDAY, PIA, ROOT, TUESDAY
from patchbook.audit.actions import trail
from patchbook.audit.verify import verify
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.exceptions import actions as exceptions
from patchbook.period import instant
from patchbook.plans import actions as plans
from patchbook.plans import state as plan_state
from patchbook.proposals import actions as proposals
from patchbook.proposals import inbox as room
from patchbook.proposals.proposal import Status
from patchbook.web.pages.inbox import load


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    a_desk(record)
    return record


def proposed(record, account: str = "A4", to: str = "East", *, by=MAX, why: str = "Closer.") -> str:
    with record.writing() as tx:
        return proposals.propose(tx, PLAN, {account: to}, why, by=by, at=MONDAY).proposal_id


def where(record, account: str) -> str:
    with record.reading() as tx:
        rows = plan_state.state(tx, PLAN).assignments.select("account_id", "territory").iter_rows()
        return dict(rows)[account]


def status(record, proposal_id: str) -> Status:
    with record.reading() as tx:
        return proposals.get(tx, proposal_id, by=PIA, at=TUESDAY).status


def test_what_waits_says_who_asks_by_name_and_what_it_does_to_the_balance(company):
    proposed(company)
    with company.reading() as tx:
        page = load(tx, by=MIA, at=TUESDAY)

    (one,) = page.items
    assert one.says == "Max proposes to move 1 account."
    assert one.effect.startswith("Moves 1 account, 1 to another owner.")
    assert (page.total, [(count.kind.many, count.number) for count in page.counts]) == (1, [("proposals", 1)])


def test_one_kind_is_shown_alone_while_all_are_counted(company):
    proposed(company)
    with company.writing() as tx:
        exceptions.request(
            tx, "A1", "cem", kind="other", reason="Once.", starts=instant("2027-02-01"),
            expires=instant("2027-03-01"), by=ADA, at=MONDAY,
        )  # fmt: skip
    with company.reading() as tx:
        page = load(tx, only="exceptions", by=MIA, at=TUESDAY)

    assert [one.says for one in page.items] == ["Ada asks for A1 to go to Cem until 2027-03-01."]
    assert page.total == 2
    assert not page.is_bulk


def test_the_number_of_queries_does_not_grow_with_what_waits(company):
    counts = []
    for account in ("A4", "A5", "A8"):
        proposed(company, account)
        with company.reading() as tx, statements(tx) as counted:
            load(tx, by=PIA, at=TUESDAY)
        counts.append(counted.number)

    assert counts == [18, 18, 18]


def test_the_count_in_the_frame_is_that_of_the_inbox(company):
    proposed(company)
    with company.reading() as tx:
        for who in (ADA, PIA, HAL, MIA, MAX, ANN):
            assert room.total(tx, by=who, at=TUESDAY) == room.inbox(tx, by=who, at=TUESDAY).total


def test_a_proposal_is_accepted_where_it_stands(company, visitor):
    proposal_id = proposed(company)

    answer = visitor("mia").post("/inbox/decisions", data={"item": f"proposal:{proposal_id}", "decision": "yes"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    assert where(company, "A4") == "East"
    assert status(company, proposal_id) is Status.ACCEPTED


def test_a_rejection_without_a_word_is_refused_and_the_item_stays(company, visitor):
    proposal_id = proposed(company)
    client = visitor("mia")

    answer = client.post("/inbox/decisions", data={"item": f"proposal:{proposal_id}", "decision": "no"})

    assert answer.status_code == 422
    assert "To reject a proposal, say why" in answer.text
    assert status(company, proposal_id) is Status.OPEN
    assert proposal_id in client.get("/inbox").text


def test_of_several_those_that_are_refused_stay_and_say_why(company, visitor):
    fits, stale = proposed(company, "A4"), proposed(company, "A5")
    with company.writing() as tx:
        proposals.commit(tx, PLAN, {"A5": "West"}, "Meanwhile.", overrule="Fine.", by=ADA, at=MONDAY)
    client = visitor("mia")
    data = {"item": [f"proposal:{fits}", f"proposal:{stale}"], "decision": "yes", "back": "/inbox?only=proposals"}

    answer = client.post("/inbox/decisions", data=data)

    assert answer.headers["location"] == "/inbox?only=proposals"
    assert "1 proposal accepted. 1 not: The plan changed since this was proposed" in client.get("/inbox").text
    assert (where(company, "A4"), where(company, "A5")) == ("East", "West")
    assert (status(company, fits), status(company, stale)) == (Status.ACCEPTED, Status.OPEN)


def test_what_a_refused_one_told_the_audit_trail_goes_with_it(company, visitor):
    with company.writing() as tx:
        asked = [
            exceptions.request(
                tx, "A1", who, kind="other", reason="Once.", starts=instant("2027-02-01"),
                expires=instant("2027-03-01"), by=ADA, at=MONDAY,
            ).exception_id
            for who in ("cem", "bo")
        ]  # fmt: skip
        exceptions.approve(tx, asked[0], by=MAX, at=MONDAY)
    client = visitor("mia")

    client.post("/inbox/decisions", data={"item": [f"exception:{one}" for one in asked], "decision": "yes"})

    assert "1 exception agreed to. 1 not: A1 goes to cem by exception" in client.get("/inbox").text
    with company.reading() as tx:
        found = verify(tx, company.folder)
        last = trail(tx, limit=1, by=ROOT, at=TUESDAY).rows[0]
    assert found.is_whole
    assert (last.deed, last.subject) == ("approve exception", asked[0])


def test_things_of_two_kinds_are_not_decided_at_once(company, visitor):
    data = {"item": ["proposal:one", "exception:two"], "decision": "yes"}

    answer = visitor("pia").post("/inbox/decisions", data=data)

    assert answer.status_code == 422
    assert "where they are of one kind" in answer.text


def test_a_plan_and_an_exception_are_agreed_to_where_they_stand(company, visitor):
    with company.writing() as tx:
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)
        asked = exceptions.request(
            tx, "A1", "cem", kind="other", reason="Once.", starts=instant("2027-02-01"),
            expires=instant("2027-03-01"), by=ADA, at=MONDAY,
        )  # fmt: skip
        keys = {one.kind.name: one.key for one in load(tx, by=MIA, at=TUESDAY).items}
    client = visitor("mia")

    for kind in ("approval", "exception"):
        assert client.post("/inbox/decisions", data={"item": keys[kind], "decision": "yes"}).status_code == 303

    assert client.get("/inbox").text.count('class="waits"') == 0
    with company.reading() as tx:
        assert exceptions.get(tx, asked.exception_id, by=PIA, at=TUESDAY).approvers == ("mia",)


def test_who_is_addressed_in_a_comment_sees_it_until_they_answer(company):
    proposal_id = proposed(company)
    with company.writing() as tx:
        comments.comment(tx, "proposal", proposal_id, "What do you say, @mia? Not you, @zoe.", by=MAX, at=MONDAY)
        page = load(tx, only="mentions", by=MIA, at=TUESDAY)

        (one,) = page.items
        assert one.says == "Max wrote to you: What do you say, Mia? Not you, Zoe."
        assert one.href == f"/proposals/{proposal_id}"
        comments.comment(tx, "proposal", proposal_id, "Fine.", by=MIA, at=TUESDAY)
        assert load(tx, only="mentions", by=MIA, at=TUESDAY).items == ()


def test_a_challenge_tells_what_accepting_it_would_do(company):
    with company.writing() as tx:
        challenges.open_window(tx, PLAN, by=ADA, at=MONDAY)
        for account in ("A2", "A5"):
            challenges.challenge(tx, PLAN, account, "keep", "relationship", by=ANN, at=MONDAY)
        with statements(tx) as counted:
            page = load(tx, only="challenges", by=MIA, at=TUESDAY)

    said = [f"Ann asks to keep {account} (relationship)." for account in ("A2", "A5")]
    assert sorted(one.says for one in page.items) == said
    assert all(one.effect.startswith("Moves 1 account, 1 to another owner.") for one in page.items)
    assert counted.number == 19


def test_who_may_not_see_the_thing_is_not_told_of_what_is_said_of_it(company):
    proposal_id = proposed(company)
    with company.writing() as tx:
        comments.comment(tx, "proposal", proposal_id, "@ann knows.", by=MAX, at=MONDAY)

        assert room.inbox(tx, by=ANN, at=TUESDAY).counts["mentions"] == 0


def test_hostile_words_stand_in_the_inbox_as_text(company, visitor):
    with company.writing() as tx:
        challenges.open_window(tx, PLAN, by=ADA, at=MONDAY)
        filed = challenges.challenge(
            tx, PLAN, "A2", "keep", "other", "<img src=x onerror=alert(1)>", by=ANN, at=MONDAY
        )  # fmt: skip
        comments.comment(tx, "challenge", filed.challenge_id, "<script>alert(1)</script>@mia", by=ANN, at=MONDAY)
    client = visitor("mia")

    for path in ("/inbox", f"/challenges/{filed.challenge_id}"):
        text = client.get(path).text
        assert "<img src=x" not in text
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(f"/challenges/{filed.challenge_id}").text
