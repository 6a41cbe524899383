"""What the ledger answers: owner, book, history and credit, on both engines, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from builders.ledger import (
    ADMIN,
    ANN,
    APRIL,
    EAST_MANAGER,
    FEBRUARY,
    HIRED,
    MARCH,
    MAY,
    NOW,
    ask,
    assign,
    because,
    change,
    cover_for,
    overrule,
    staff,
)
from patchbook.db.page import BadPage
from patchbook.errors import NotAllowed, NotFound
from patchbook.imports import actions as imports
from patchbook.ledger import actions
from patchbook.ledger.answers import BeforeItWasKnown, BeforeTheRecord, UnknownAccount, UnknownOpportunity
from patchbook.ledger.lay import lift
from patchbook.ledger.tables import assignment, opportunity
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import UnknownPerson
from patchbook.territories.store import pool, seat

HOLDOVER = {"person_id": "bob", "kind": "holdover"}
STRANGER = Principal(person_id="stranger", grants=(Grant(Role.REP),))
VIEWER = Principal(person_id="finn", grants=(Grant(Role.VIEWER),))


def owner(tx, account="acme", on=MARCH, **named):
    return ask(tx, actions.owner, account, on=on, **named)


def says(answer):
    return [step.says for step in answer.chain]


def test_the_owner_is_who_staffs_the_seat_of_the_territory(market):
    answer = owner(market)

    assert (answer.person_id, answer.territory_id, answer.territory) == ("ann", "north-west", "North-West")
    assert answer.says == "On 2027-03-01 the owner of acme is Ann Bell."
    assert says(answer) == [
        "Account acme is in the territory North-West, from 2027-02-01 (publish publication-1): Plan 'Americas 2027'.",
        "Ann Bell has the owner seat of North-West, from 2026-01-01 (hire): first staffing.",
    ]


def test_an_override_goes_before_the_territory(market):
    change(market, overrule, [{"account_id": "acme", "person_id": "cyd", "valid_to": APRIL}])

    answer = owner(market)

    assert (answer.person_id, answer.territory_id) == ("cyd", "north-west")
    assert says(answer)[0] == (
        "Cyd Diaz is the owner of acme by an exception, whatever its territory,"
        " from 2027-02-01 until 2027-04-01 (exception exception-1): knows them since school."
    )
    assert [step.fact for step in answer.chain] == ["override", "assignment"]
    assert owner(market, on=APRIL).person_id == "ann"


def test_a_vacant_seat_is_owned_by_its_interim(market):
    told = because("Ann left", cause="departure", source="")
    change(market, staff, {"seat_id": "north-west-owner", "interim_id": "bob", "valid_from": MARCH, **told})

    answer = owner(market)

    assert answer.person_id == "bob"
    assert says(answer)[1] == (
        "The owner seat of North-West is vacant, and Bob Cole has it in the interim,"
        " from 2027-03-01 (departure): Ann left."
    )
    assert answer.chain[1].fact == "interim"


def test_a_vacant_seat_without_interim_is_owned_by_nobody_and_says_so(market):
    change(market, staff, {"seat_id": "north-west-owner"})

    answer = owner(market)

    assert (answer.person_id, answer.is_owned, answer.territory_id) == (None, False, "north-west")
    assert "is vacant, and nobody has it in the interim" in says(answer)[1]


def test_a_pool_can_own(market):
    change(market, lambda tx: tx.execute(insert(pool).values(pool_id="queue", name="Inbound", members=[])))
    change(market, staff, {"seat_id": "north-west-owner", "pool_id": "queue"})

    answer = owner(market)

    assert (answer.person_id, answer.pool_id, answer.pool, answer.is_owned) == (None, "queue", "Inbound", True)
    assert answer.says == "On 2027-03-01 the owner of acme is the pool Inbound."


def test_who_covers_acts_and_the_owner_stays(market):
    change(market, cover_for, "ann", "bob", since=MARCH, until=APRIL)

    answer = owner(market)

    assert (answer.person_id, answer.acting_id, answer.acting) == ("ann", "bob", "Bob Cole")
    assert answer.says == "On 2027-03-01 the owner of acme is Ann Bell, for whom Bob Cole acts."
    assert says(answer)[-1] == (
        "Ann Bell is on leave, and Bob Cole acts meanwhile, from 2027-03-01 until 2027-04-01 (leave): parental leave."
    )
    assert owner(market, on=APRIL).acting_id is None


def test_another_role_has_another_owner(market):
    market.execute(insert(seat).values(seat_id="nw-csm", territory_id="north-west", role="csm", made_at=NOW))
    change(market, staff, {"seat_id": "nw-csm", "person_id": "eve"})

    assert owner(market, role="csm").person_id == "eve"
    assert owner(market).person_id == "ann"


def test_an_earlier_belief_can_be_asked_for(market):
    before = owner(market).as_known_on
    change(market, assign, {"acme": "east"}, since=FEBRUARY)

    assert owner(market).person_id == "cyd"
    assert owner(market, as_known_on=before).person_id == "ann"


def test_an_answer_says_from_when_it_is_and_asking_with_that_gives_it_again(market):
    answer = owner(market, at=MAY, as_known_on=MAY)
    change(market, assign, {"acme": "east"}, since=FEBRUARY, at=MARCH)

    again = owner(market, at=MAY, as_known_on=answer.as_known_on)

    assert answer.as_known_on == NOW
    assert again == answer


def test_where_nothing_is_told_nobody_owns_it(market):
    change(market, lift, assignment, [{"account_id": "acme", "valid_from": MARCH, "valid_to": APRIL}], at=NOW)

    answer = owner(market)

    assert (answer.person_id, answer.territory_id, answer.chain) == (None, None, ())
    assert answer.says == "On 2027-03-01 the owner of acme is nobody."


def test_an_account_of_which_all_was_taken_back_is_nobodys(market):
    lifted = {"account_id": "acme", "valid_from": FEBRUARY}
    change(market, lift, assignment, [lifted], at=NOW + timedelta(days=1))

    answer = owner(market)

    assert (answer.person_id, answer.territory_id, answer.chain) == (None, None, ())
    assert owner(market, as_known_on=NOW).person_id == "ann"
    assert owner(market, as_known_on=NOW + timedelta(days=2)).person_id is None
    assert ask(market, actions.history, "acme").rows == ()
    (credit,) = ask(market, actions.credit, account_id="acme", on=MARCH)
    assert (credit.person_id, credit.because) == (None, "No fact gives it to anybody.")
    with pytest.raises(UnknownAccount):
        owner(market, by=EAST_MANAGER)


def test_an_account_imported_and_never_assigned_is_nobodys_for_whoever_sees_every_account(market):
    imports.accounts(market, b"id,name\nfresh,Fresh Foods\n", name="crm.csv", by=ADMIN, at=NOW)

    assert owner(market, "fresh").says == "On 2027-03-01 the owner of fresh is nobody."
    assert ask(market, actions.history, "fresh").rows == ()
    assert [one.person_id for one in ask(market, actions.credit, account_id="fresh", on=MARCH)] == [None]
    for question in (owner, lambda tx, account, by: ask(tx, actions.history, account, by=by)):
        with pytest.raises(UnknownAccount):
            question(market, "fresh", by=EAST_MANAGER)


def test_an_unknown_account_is_told_with_the_nearest(market):
    with pytest.raises(UnknownAccount, match=r"^There is no account 'acmee' in the ledger; the nearest are 'acme'\.$"):
        owner(market, "acmee")


def test_a_date_before_the_first_fact_is_told(market):
    sentence = r"^The record says nothing of account 'acme' on 2027-01-31; its facts begin on 2027-02-01\.$"

    with pytest.raises(BeforeTheRecord, match=sentence):
        owner(market, on=FEBRUARY - timedelta(days=1))


def test_a_state_of_knowledge_before_the_record_is_told(market):
    sentence = r"^Nothing was known of account 'acme' on 2026-06-01; its first fact was recorded on 2027-02-10\.$"

    with pytest.raises(BeforeItWasKnown, match=sentence):
        owner(market, as_known_on=HIRED.replace(month=6))


def test_a_manager_sees_her_own_subtree_alone(market):
    assert owner(market, "cedar", by=EAST_MANAGER).person_id == "cyd"
    with pytest.raises(UnknownAccount) as foreign:
        owner(market, "acme", by=EAST_MANAGER)
    with pytest.raises(UnknownAccount) as unknown:
        owner(market, "acmx", by=EAST_MANAGER)

    assert str(foreign.value) == "There is no account 'acme' in the ledger."
    assert str(unknown.value) == str(foreign.value).replace("acme", "acmx")


def test_a_foreign_account_is_unknown_on_every_date(market):
    for on in (HIRED, FEBRUARY - timedelta(days=1), MARCH):
        with pytest.raises(UnknownAccount):
            owner(market, "acme", on=on, by=EAST_MANAGER)
    with pytest.raises(UnknownAccount):
        owner(market, "acme", as_known_on=HIRED, by=EAST_MANAGER)


def test_a_rep_sees_what_she_owns_and_what_is_given_to_her(market):
    change(market, overrule, [{"account_id": "cedar", "person_id": "ann"}])

    assert owner(market, by=ANN).person_id == "ann"
    assert owner(market, "cedar", by=ANN).person_id == "ann"
    with pytest.raises(UnknownAccount):
        owner(market, "birch", by=ANN)
    with pytest.raises(UnknownAccount):
        owner(market, "acme", by=STRANGER)


def test_nobody_without_a_role_sees_anything(market):
    with pytest.raises(NotAllowed):
        owner(market, by=Principal(person_id="ann"))


def test_an_opportunity_is_owned_by_who_holds_it_over(market):
    market.execute(insert(opportunity), [{"opportunity_id": f"deal-{n}", "account_id": "acme"} for n in (1, 2)])
    change(
        market, overrule, [{"account_id": "acme", "opportunity_id": "deal-1", "person_id": "bob", "kind": "holdover"}]
    )

    held = ask(market, actions.owner_of_opportunity, "deal-1", on=MARCH)
    other = ask(market, actions.owner_of_opportunity, "deal-2", on=MARCH)

    assert (held.person_id, held.account_id, held.opportunity_id) == ("bob", "acme", "deal-1")
    assert says(held)[0].startswith("Bob Cole is the owner of the opportunity deal-1 as a holdover")
    assert other.person_id == owner(market).person_id == "ann"


def test_an_unknown_and_a_foreign_opportunity_read_the_same(market):
    change(market, lambda tx: tx.execute(insert(opportunity).values(opportunity_id="deal-1", account_id="acme")))

    for deal in ("deal-1", "deal-2"):
        with pytest.raises(UnknownOpportunity, match=f"^There is no opportunity '{deal}' in the record.$"):
            ask(market, actions.owner_of_opportunity, deal, on=MARCH, by=EAST_MANAGER)


def test_an_opportunity_of_an_account_never_assigned_is_nobodys_for_whoever_sees_every_account(market):
    imports.accounts(market, b"id,name\nfresh,Fresh Foods\n", name="crm.csv", by=ADMIN, at=NOW)
    change(market, lambda tx: tx.execute(insert(opportunity).values(opportunity_id="deal-1", account_id="fresh")))

    answer = ask(market, actions.owner_of_opportunity, "deal-1", on=MARCH)

    assert (answer.person_id, answer.account_id, answer.opportunity_id) == (None, "fresh", "deal-1")
    assert answer.says == "On 2027-03-01 the owner of fresh is nobody."
    assert [one.person_id for one in ask(market, actions.credit, opportunity_id="deal-1", on=MARCH)] == [None]
    with pytest.raises(UnknownOpportunity):
        ask(market, actions.owner_of_opportunity, "deal-1", on=MARCH, by=EAST_MANAGER)
    with pytest.raises(UnknownOpportunity):
        ask(market, actions.credit, opportunity_id="deal-2", on=MARCH)


def book(tx, who, **named):
    return ask(tx, actions.book, who, **{"on": MARCH, **named})


def ids(page):
    return [row.account_id for row in page.rows]


def test_a_book_is_what_the_seat_brings_without_what_is_given_away_and_with_what_is_given(market):
    change(
        market,
        overrule,
        [{"account_id": "apex", "person_id": "cyd"}, {"account_id": "birch", "person_id": "ann", "kind": "named"}],
    )

    found = {row.account_id: (row.because, row.territory_id, row.since) for row in book(market, "ann").rows}

    assert found == {"acme": ("staffing", "north-west", FEBRUARY), "birch": ("named", "south-west", FEBRUARY)}
    assert ids(book(market, "cyd")) == ["apex", "cedar"]


def test_who_covers_finds_the_accounts_in_their_book(market):
    change(market, cover_for, "ann", "bob", since=MARCH, until=APRIL)

    found = {row.account_id: (row.acting_for, row.acting_id) for row in book(market, "bob").rows}

    assert found == {"acme": ("ann", "bob"), "apex": ("ann", "bob"), "birch": (None, None)}
    assert {row.acting_id for row in book(market, "ann").rows} == {"bob"}
    assert ids(book(market, "bob", on=APRIL)) == ["birch"]


def test_an_interim_finds_the_accounts_of_the_vacant_seat(market):
    change(market, staff, {"seat_id": "east-owner", "interim_id": "bob"})

    assert {row.account_id: row.because for row in book(market, "bob").rows} == {
        "birch": "staffing",
        "cedar": "interim",
    }


def test_a_book_is_paged_without_gap_or_repetition(market):
    change(market, assign, {f"account-{number:03d}": "north-west" for number in range(25)})
    seen, after = [], None
    while True:
        page = book(market, "ann", limit=4, after=after)
        seen += ids(page)
        after = page.next_cursor
        if after is None:
            break

    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 27


def test_a_book_shows_what_the_reader_may_see(market):
    change(market, assign, {"acme": "east"})
    change(market, overrule, [{"account_id": "acme", "person_id": "ann"}])

    assert ids(book(market, "ann")) == ["acme", "apex"]
    assert ids(book(market, "ann", by=ANN)) == ["acme", "apex"]
    assert ids(book(market, "ann", by=EAST_MANAGER)) == ["acme"]


def test_nobody_learns_from_a_book_who_is_there(market):
    for who in ("nobody", "eve"):
        with pytest.raises(UnknownPerson, match=f"^There is no person '{who}'.$"):
            book(market, who, by=ANN)
    with pytest.raises(NotFound):
        book(market, "nobody")
    assert book(market, "eve").rows == ()


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_of_too_many_rows_is_refused(market, limit):
    with pytest.raises(BadPage, match=f"A page of {limit} rows was asked for; ask for 1 to 1000"):
        book(market, "ann", limit=limit)


def test_a_cursor_of_nothing_is_refused(market):
    with pytest.raises(BadPage, match="is no cursor of this list"):
        book(market, "ann", after="MTIz")
    with pytest.raises(BadPage, match="is no cursor of this list"):
        ask(market, actions.history, "acme", after="WyJhIl0")


def test_a_history_tells_every_change_of_owner(market):
    change(market, staff, {"seat_id": "north-west-owner", "interim_id": "bob", "valid_from": APRIL})
    change(market, overrule, [{"account_id": "acme", "person_id": "cyd", "valid_from": MARCH, "valid_to": MAY}])

    page = ask(market, actions.history, "acme")

    assert [(row.period.start, row.person_id) for row in page.rows] == [
        (FEBRUARY, "ann"),
        (MARCH, "cyd"),
        (MAY, "bob"),
    ]
    assert page.rows[-1].period.is_open
    assert page.rows[1].chain[0].cause == "exception"


def test_facts_that_change_no_owner_make_no_new_stretch(market):
    change(market, staff, {"seat_id": "north-west-owner", "person_id": "ann", "valid_from": APRIL, "reason": "again"})
    change(market, assign, {"acme": "north-west"}, since=MARCH)
    change(market, cover_for, "bob", "cyd", since=MARCH)

    assert len(ask(market, actions.history, "acme").rows) == 1


def test_a_history_is_paged(market):
    for number in range(9):
        since = FEBRUARY + timedelta(days=number)
        change(market, assign, {"acme": ("east", "south-west")[number % 2]}, since=since)
    whole = ask(market, actions.history, "acme").rows
    seen, after = [], None
    while True:
        page = ask(market, actions.history, "acme", limit=2, after=after)
        seen += page.rows
        after = page.next_cursor
        if after is None:
            break

    assert tuple(seen) == whole
    assert len(whole) == 9


def test_a_history_shows_the_stretches_the_reader_may_see(market):
    change(market, assign, {"acme": "east"}, since=MARCH)

    rows = ask(market, actions.history, "acme", by=EAST_MANAGER).rows

    assert [(row.period.start, row.person_id) for row in rows] == [(MARCH, "cyd")]
    with pytest.raises(UnknownAccount):
        ask(market, actions.history, "birch", by=EAST_MANAGER)


@pytest.mark.parametrize("by", [ADMIN, EAST_MANAGER], ids=["who sees all", "who sees a subtree"])
def test_every_answer_is_one_query(market, statements, by):
    change(market, lambda tx: tx.execute(insert(opportunity).values(opportunity_id="deal-1", account_id="cedar")))
    questions = {
        "owner": lambda: owner(market, "cedar", by=by),
        "owner of opportunity": lambda: ask(market, actions.owner_of_opportunity, "deal-1", on=MARCH, by=by),
        "book": lambda: book(market, "cyd", by=by),
        "history": lambda: ask(market, actions.history, "cedar", by=by),
        "credit": lambda: ask(market, actions.credit, account_id="cedar", on=MARCH, by=by),
        "credit for opportunity": lambda: ask(market, actions.credit, opportunity_id="deal-1", on=MARCH, by=by),
    }
    counts = {}
    for name, question in questions.items():
        with statements(market) as seen:
            question()
        counts[name] = len(seen)

    assert counts == dict.fromkeys(questions, 1)
