"""T24: publish, let people change things, roll back. What they changed stays and is listed; all else is as before."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from builders.publishing import APRIL, FEBRUARY, MARCH, NOW, PAT, a_plan, people
from patchbook.changes.change import SplitOverTeam
from patchbook.changes.departure import departure
from patchbook.ledger.actions import owners_of
from patchbook.ledger.lay import KEYS, lay, lift
from patchbook.ledger.tables import assignment, override, staffing
from patchbook.people.store import employment
from patchbook.period import FOREVER
from patchbook.plans import store as plan_store
from patchbook.plans.life import Status
from patchbook.publishing import actions as publishing
from patchbook.publishing import store
from patchbook.publishing.publication import NotRolledBack
from patchbook.territories.store import by_name

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
EXAMPLES = {"sqlite": 2000 if TORTURE else 25, "postgresql": 500 if TORTURE else 8}

PEOPLE = ("ann", "bob", "cyd")
TERRITORIES = ("West", "East", "North")
ACCOUNTS = ("A1", "A2", "A3", "A4")
JUNE = datetime(2027, 6, 1, tzinfo=APRIL.tzinfo)
MOMENTS = (FEBRUARY, MARCH, APRIL, JUNE)
LATER = timedelta(days=20)

someone = st.sampled_from([*PEOPLE, None])
division = st.tuples(
    st.dictionaries(st.sampled_from(TERRITORIES), someone, min_size=1),
    st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(0, 2), min_size=1),
    st.dictionaries(st.sampled_from(ACCOUNTS), st.sampled_from(PEOPLE), max_size=1),
)
span = st.tuples(st.sampled_from(MOMENTS), st.sampled_from([*MOMENTS[1:], FOREVER])).filter(
    lambda ends: ends[0] < ends[1]
)
human = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(ACCOUNTS), st.integers(0, 2), span),
    st.tuples(st.just("end"), st.sampled_from(ACCOUNTS), st.none(), span),
    st.tuples(st.just("staff"), st.sampled_from(TERRITORIES), someone, span),
    st.tuples(st.just("exception"), st.sampled_from(ACCOUNTS), st.sampled_from(PEOPLE), span),
)


class Undo(Exception):
    """Ends an example without leaving anything in the record."""


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_previous_owners_come_back_except_where_people_changed_them(request, engine):
    record = request.getfixturevalue(f"{engine}_record")

    @settings(max_examples=EXAMPLES[engine])
    @given(
        first=division,
        second=division,
        before=st.lists(human, max_size=2),
        since=st.lists(human, max_size=4),
        on=st.sampled_from((MARCH, APRIL)),
        back=st.sampled_from((NOW + LATER, MARCH + LATER, APRIL + LATER)),
        keep=st.booleans(),
    )
    def examples(first, second, before, since, on, back, keep):
        with suppress(Undo), record.writing() as tx:
            story(tx, first, second, before, since, on, back, keep)
            raise Undo

    examples()


def story(tx, first, second, before, since, on, back, keep):
    people(tx, *PEOPLE)
    a_published(tx, "First", first, FEBRUARY)
    for deed in before:
        done_by_people(tx, deed)
    made = a_published(tx, "Second", second, on, keep)
    for deed in since:
        done_by_people(tx, deed)
    starts = max(on, back)
    last = {table.name: everything(tx, table) for table in (assignment, staffing, override)}

    undone = publishing.rollback(tx, made.publication_id, by=PAT, at=back)

    listed = {(one.table, one.key) for one in undone.changed_since}
    for table in (assignment, staffing, override):
        changed = set()
        facts, now = last[table.name], everything(tx, table)
        for key in {key_of(table, fact) for fact in now}:
            for at in sorted({starts, *moments(now, made)}):
                was = believed(table, facts, key, at, known=made.recorded, before=True)
                wrote = believed(table, facts, key, at, known=made.recorded_to)
                stood = believed(table, facts, key, at)
                found = believed(table, now, key, at)
                by_plan = wrote is not None and wrote["source"] == made.publication_id
                if at >= starts and by_plan and not same(stood, wrote):
                    changed.add(key)
                still = at >= starts and by_plan and same(stood, wrote)
                emptied = table is staffing and still and nobody(was) and not nobody(stood)
                if emptied and relied_on(tx, last["assignment"], key[0], at, made):
                    changed.add(key)
                    assert meant(table, found) == meant(table, stood), (table.name, key, at)
                    continue
                if at >= starts and (by_plan or (wrote is None and was is not None)) and same(stood, wrote):
                    assert meant(table, found) == meant(table, was, gone=table is staffing), (table.name, key, at)
                else:
                    assert meant(table, found) == meant(table, stood), (table.name, key, at)
        assert {key for name, key in listed if name == table.name} == {key[0] for key in changed}


def nobody(fact):
    return fact is None or not any(fact[name] for name in ("person_id", "interim_id", "pool_id"))


def relied_on(tx, assignments, seat_id, at, made):
    """Whether an account came to the territory of a seat since the publication and is there at an instant."""
    seats = store.owner_seats(tx)
    return any(
        seats.get(fact["territory_id"]) == seat_id
        and fact["source"] != made.publication_id
        and fact["recorded_to"] == FOREVER
        and fact["recorded_from"] > made.recorded_to
        and fact["valid_from"] <= at < fact["valid_to"]
        for fact in assignments
    )


def a_published(tx, name, divided, on, keep=True):
    staffed, numbers, named = divided
    territories = list(staffed)
    placed = {account: territories[number % len(territories)] for account, number in numbers.items()}
    named = {account: person for account, person in named.items() if account in placed}
    plan = a_plan(tx, name, staffed, placed, named=named)
    return publishing.publish(tx, plan.plan_id, on=on, keep_exceptions=keep, by=PAT, at=NOW)


def done_by_people(tx, deed):
    what, which, value, (start, end) = deed
    told = {"valid_from": start, "valid_to": end, "cause": what, "source": "", "reason": "by hand"}
    ids = sorted(by_name(tx, MARCH).items())
    if what == "move":
        lay(tx, assignment, [{"account_id": which, "territory_id": ids[value % len(ids)][1], **told}], at=NOW)
    elif what == "end":
        lift(tx, assignment, [{"account_id": which, "valid_from": start, "valid_to": end}], at=NOW)
    elif what == "exception":
        fact = {"account_id": which, "role": "owner", "person_id": value, "kind": "exception"}
        lay(tx, override, [{**fact, **told}], at=NOW)
    elif which in dict(ids) and (seat_id := store.owner_seats(tx).get(dict(ids)[which])):
        lay(tx, staffing, [{"seat_id": seat_id, "person_id": value, **told}], at=NOW)


def everything(tx, table):
    return [dict(row) for row in tx.execute(select(table)).mappings()]


def key_of(table, fact):
    return tuple(fact[name] for name in KEYS[table.name])


def moments(facts, made):
    return sorted({MARCH, APRIL, JUNE, made.effective} | {fact["valid_from"] for fact in facts})


def believed(table, facts, key, at, *, known=None, before=False):
    """The fact of a key that held at an instant, as believed now, at the instant `known`, or just before it."""
    for fact in facts:
        if key_of(table, fact) != key or not fact["valid_from"] <= at < fact["valid_to"]:
            continue
        start, end = fact["recorded_from"], fact["recorded_to"]
        if (end == FOREVER) if known is None else (start < known <= end if before else start <= known < end):
            return fact
    return None


def same(one, other):
    told = ("source", "cause", "territory_id", "person_id", "interim_id", "kind")
    return [one and one.get(name) for name in told] == [other and other.get(name) for name in told]


def meant(table, fact, *, gone=False):
    """What a fact says; a seat of which nothing was believed is vacant after a roll back."""
    columns = {
        "assignment": ("territory_id",),
        "staffing": ("person_id", "interim_id", "pool_id"),
        "override": ("person_id", "kind"),
    }[table.name]
    if fact is None:
        return tuple(None for _ in columns) if gone else None
    return tuple(fact[name] for name in columns)


def test_without_changes_the_tree_and_all_owners_are_as_they_were(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        a_published(tx, "First", ({"West": "ann", "East": "bob"}, {"A1": 0, "A2": 1}, {}), FEBRUARY)
        tree, book = by_name(tx, MARCH), store.book(tx, MARCH).sort("account_id").rows()
        second = ({"West": "cyd", "North": "ann"}, {"A1": 1, "A2": 1, "A3": 0}, {"A1": "bob"})
        made = a_published(tx, "Second", second, MARCH)
        assert store.book(tx, MARCH).sort("account_id").rows() != book

        undone = publishing.rollback(tx, made.publication_id, by=PAT, at=NOW)

        assert undone.changed_since == ()
        assert by_name(tx, MARCH) == tree
        assert store.book(tx, MARCH).sort("account_id").rows() == book


def test_who_was_given_accounts_since_keeps_their_seat_so_that_these_have_an_owner(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        divided = ({"West": "ann", "East": "bob", "North": "cyd"}, {"A1": 0, "A2": 1, "A3": 2}, {})
        made = a_published(tx, "First", divided, FEBRUARY)
        departure(tx, "ann", on=APRIL, default=SplitOverTeam(("bob",)), by=PAT, at=NOW)

        undone = publishing.rollback(tx, made.publication_id, by=PAT, at=MARCH)

        assert owners_of(tx, ["A1", "A2", "A3"], on=APRIL) == {"A1": "bob"}
        (kept,) = [one for one in undone.changed_since if one.cause == "kept"]
        assert (kept.table, kept.territory, kept.valid_from, kept.valid_to) == ("staffing", "East", APRIL, FOREVER)
        assert kept.why == "Kept: accounts that came here since would have nobody"
        assert undone.publication.counts["changed since"] == len(undone.changed_since)


def test_the_plan_is_approved_again_and_the_one_before_holds_again(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        one = a_published(tx, "First", ({"West": "ann"}, {"A1": 0}, {}), FEBRUARY)
        two = a_published(tx, "Second", ({"West": "bob"}, {"A1": 0}, {}), MARCH)
        publishing.advance(tx, APRIL)

        undone = publishing.rollback(tx, two.publication_id, by=PAT, at=APRIL)

        assert undone.reinstated == one.plan_id
        assert plan_store.get(tx, one.plan_id).status is Status.ACTIVE
        assert plan_store.get(tx, two.plan_id).status is Status.APPROVED
        assert [store.book(tx, on)["person"][0] for on in (FEBRUARY, MARCH, APRIL)] == ["ann", "bob", "ann"]
        again = publishing.publish(tx, two.plan_id, on=JUNE, by=PAT, at=APRIL)
        assert again.is_new


def test_who_has_left_meanwhile_does_not_come_back(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        a_published(tx, "First", ({"West": "ann"}, {"A1": 0}, {}), FEBRUARY)
        made = a_published(tx, "Second", ({"West": "bob"}, {"A1": 0}, {}), MARCH)
        gone = {"person_id": "ann", "valid_from": APRIL, "valid_to": FOREVER}
        lift(tx, employment, [gone], at=NOW)

        publishing.rollback(tx, made.publication_id, by=PAT, at=NOW)

        assert [store.book(tx, on)["person"][0] for on in (MARCH, APRIL)] == ["ann", None]


def test_what_cannot_be_rolled_back_says_why(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        one = a_published(tx, "First", ({"West": "ann"}, {"A1": 0}, {}), FEBRUARY)
        two = a_published(tx, "Second", ({"West": "bob"}, {"A1": 0}, {}), MARCH)

        with pytest.raises(NotRolledBack, match="'Second' was published from 2027-03-01 over it"):
            publishing.rollback(tx, one.publication_id, by=PAT, at=APRIL)
        undone = publishing.rollback(tx, two.publication_id, by=PAT, at=APRIL)
        with pytest.raises(NotRolledBack, match="rolled back already"):
            publishing.rollback(tx, two.publication_id, by=PAT, at=APRIL)
        with pytest.raises(NotRolledBack, match="cannot be rolled back; publish the plan again"):
            publishing.rollback(tx, undone.publication.publication_id, by=PAT, at=APRIL)


def test_a_plan_a_scheduled_one_builds_on_is_not_rolled_back_before_it(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        one = a_published(tx, "First", ({"West": "ann"}, {"A1": 0}, {}), FEBRUARY)
        two = a_published(tx, "Second", ({"West": "ann"}, {"A1": 0, "A2": 0}, {}), MARCH)

        with pytest.raises(NotRolledBack, match="'Second' was published from 2027-03-01 over it; roll that back first"):
            publishing.rollback(tx, one.publication_id, by=PAT, at=NOW)
        publishing.rollback(tx, two.publication_id, by=PAT, at=NOW)
        publishing.rollback(tx, one.publication_id, by=PAT, at=NOW)

        assert store.book(tx, APRIL).is_empty()


def test_a_plan_published_for_sooner_goes_on_when_the_later_one_is_taken_back(record):
    with record.writing() as tx:
        people(tx, *PEOPLE)
        a_published(tx, "First", ({"West": "ann"}, {"A1": 0}, {}), FEBRUARY)
        later = a_published(tx, "Later", ({"East": "cyd"}, {"A1": 0}, {}), APRIL)
        a_published(tx, "Sooner", ({"North": "bob"}, {"A1": 0}, {}), MARCH)
        assert [store.book(tx, on)["territory"][0] for on in (FEBRUARY, MARCH, APRIL)] == ["West", "North", "East"]

        publishing.rollback(tx, later.publication_id, by=PAT, at=NOW)

        assert [store.book(tx, on)["territory"][0] for on in (FEBRUARY, MARCH, APRIL)] == ["West", "North", "North"]
