"""Publishing: what is written, what is refused, what stays, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from builders.publishing import APRIL, FEBRUARY, MARCH, NOW, PAT, ROOT, a_plan, people
from patchbook.approvals.review import SamePerson
from patchbook.audit.store import event
from patchbook.db import settings
from patchbook.errors import NotAllowed, NotFound
from patchbook.ledger.actions import owner
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity, override, staffing
from patchbook.people.principal import Grant, Principal, Role, system
from patchbook.people.store import employment
from patchbook.period import FOREVER
from patchbook.plans import store as plan_store
from patchbook.plans.life import Status
from patchbook.publishing import actions as publishing
from patchbook.publishing import store
from patchbook.publishing.intent import NotInTheRecord
from patchbook.publishing.publication import NoReason, NotPublishable, NotRolledBack
from patchbook.territories.store import by_name, leaves_by_name, path

DEED = {"by": PAT, "at": NOW}


def owners(tx, on):
    return dict(store.book(tx, on).select("account_id", "person").iter_rows())


def places(tx, on):
    return dict(store.book(tx, on).select("account_id", "territory").iter_rows())


def a_published_plan(tx, *, on=FEBRUARY, name="2027", at=NOW, staffed=None, placed=None, **more):
    plan = a_plan(tx, name, staffed or {"West": "ann", "East": "bob"}, placed or {"A1": "West", "A2": "East"})
    return plan, publishing.publish(tx, plan.plan_id, on=on, by=PAT, at=at, **more)


def test_publishing_says_who_owns_every_account_from_the_date_on(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan, made = a_published_plan(tx, on=FEBRUARY)

        assert owners(tx, FEBRUARY) == {"A1": "ann", "A2": "bob"}
        assert owners(tx, NOW) == {}
        answer = owner(tx, "A1", on=MARCH, by=ROOT, at=NOW)
        assert (answer.person_id, answer.territory) == ("ann", "West")
        assert {step.source for step in answer.chain} == {made.publication_id}
        assert plan_store.get(tx, plan.plan_id).status is Status.SCHEDULED
        assert "2 assignments" in made.says


def test_a_territory_keeps_its_id_from_plan_to_plan_and_hangs_below_its_layer(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)
        first = by_name(tx, FEBRUARY)
        a_published_plan(tx, on=MARCH, name="2028", staffed={"West": "bob", "North": "ann"}, placed={"A1": "North"})
        second = by_name(tx, MARCH)

        assert {first["West"]} == {second["West"]}
        assert [one.name for one in path(tx, second["North"], MARCH)] == ["Company", "Field", "North"]


def test_the_territories_of_a_plan_are_found_by_name_and_groups_are_none(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)

        assert set(leaves_by_name(tx, FEBRUARY)) == {"West", "East"}
        assert leaves_by_name(tx, FEBRUARY).items() <= by_name(tx, FEBRUARY).items()


def test_publishing_twice_changes_nothing_and_says_so(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan, first = a_published_plan(tx)
        count = select(func.count()).select_from(assignment)
        before = tx.execute(count).scalar(), tx.execute(select(func.count()).select_from(event)).scalar()

        again = publishing.publish(tx, plan.plan_id, on=FEBRUARY, **DEED)

        assert not again.is_new
        assert "nothing was changed" in again.says
        assert again.publication_id == first.publication_id
        assert set(again.counts.values()) == {0}
        assert before == (tx.execute(count).scalar(), tx.execute(select(func.count()).select_from(event)).scalar())


def test_the_same_division_in_another_plan_writes_no_fact(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)
        _, made = a_published_plan(tx, on=MARCH, name="Same")

        assert set(made.counts.values()) == {0}


def test_a_plan_for_another_date_has_to_be_rolled_back_first(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan, _ = a_published_plan(tx, on=FEBRUARY)

        with pytest.raises(NotPublishable, match="published from 2027-02-01 already; roll that back"):
            publishing.publish(tx, plan.plan_id, on=MARCH, **DEED)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_only_an_approved_plan_is_published(record, status):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West"}, status=status)

        with pytest.raises(NotPublishable, match=f"is {status}; only an approved plan"):
            publishing.publish(tx, plan.plan_id, on=FEBRUARY, **DEED)
        assert owners(tx, FEBRUARY) == {}


def test_whoever_may_not_publish_is_told_who_may(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West"})
        rep = Principal(person_id="ann", grants=(Grant(Role.REP),))

        with pytest.raises(NotAllowed, match="Only admins and planners may publish"):
            publishing.publish(tx, plan.plan_id, on=FEBRUARY, by=rep, at=NOW)


def test_who_approved_alone_does_not_publish_what_moves_many(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West"}, moved=True)
        settings.change(tx, "two_person_above", 0)

        with pytest.raises(SamePerson):
            publishing.publish(tx, plan.plan_id, on=FEBRUARY, by=ROOT, at=NOW)
        assert publishing.publish(tx, plan.plan_id, on=FEBRUARY, by=PAT, at=NOW).is_new


def test_a_plan_nobody_knows_is_not_found(record):
    with record.writing() as tx, pytest.raises(NotFound, match="There is no plan 'plan-x'"):
        publishing.publish(tx, "plan-x", on=FEBRUARY, **DEED)


def test_people_the_record_does_not_know_are_named_and_nothing_is_written(record):
    with record.writing() as tx:
        people(tx, "ann")
        plan = a_plan(tx, "2027", {"West": "ann", "East": "Zed"}, {"A1": "West"})

        with pytest.raises(NotInTheRecord, match=r"gives 'East' to 'Zed'.*import the people first"):
            publishing.publish(tx, plan.plan_id, on=FEBRUARY, **DEED)
        assert by_name(tx, FEBRUARY) == {}


def test_a_later_plan_stays_and_the_earlier_one_holds_until_then(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=MARCH, name="Later", placed={"A1": "East"})
        a_published_plan(tx, on=FEBRUARY, name="Sooner", placed={"A1": "West", "A2": "West"})

        assert places(tx, FEBRUARY) == {"A1": "West", "A2": "West"}
        assert places(tx, MARCH) == {"A1": "East", "A2": "West"}


def test_what_people_decided_for_a_later_date_still_happens(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)
        east = by_name(tx, FEBRUARY)["East"]
        move = {"account_id": "A1", "territory_id": east, "valid_from": APRIL, "cause": "move", "source": "proposal-1"}
        lay(tx, assignment, [{**move, "reason": "by hand"}], at=NOW)
        a_published_plan(tx, on=MARCH, name="Next", staffed={"North": "ann"}, placed={"A1": "North", "A2": "North"})

        assert places(tx, MARCH) == {"A1": "North", "A2": "North"}
        assert places(tx, APRIL) == {"A1": "East", "A2": "North"}


def test_a_seat_is_the_persons_while_employed_and_the_managers_after(record):
    with record.writing() as tx:
        people(tx, "max")
        people(tx, "bob", manager="max")
        people(tx, "ann", manager="max", until=MARCH)
        a_published_plan(tx, on=FEBRUARY)

        assert owners(tx, FEBRUARY)["A1"] == "ann"
        assert owners(tx, MARCH)["A1"] == "max"


def test_a_departure_decided_before_keeps_its_replacement(record):
    with record.writing() as tx:
        people(tx, "ann", "bob", "cyd")
        a_published_plan(tx, on=FEBRUARY)
        seat_id = store.owner_seats(tx)[by_name(tx, FEBRUARY)["West"]]
        hire = {"seat_id": seat_id, "person_id": "cyd", "valid_from": APRIL, "cause": "departure", "source": ""}
        lay(tx, staffing, [{**hire, "reason": "Ann leaves"}], at=NOW)
        lay(tx, employment, [{"person_id": "ann", "valid_from": NOW, "valid_to": APRIL, "reason": "leaves"}], at=NOW)
        a_published_plan(tx, on=MARCH, name="Next")

        assert (owners(tx, MARCH)["A1"], owners(tx, APRIL)["A1"]) == ("ann", "cyd")


def test_a_vacant_territory_keeps_whom_people_hired_into_it(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY, staffed={"West": None, "East": "bob"})
        seat_id = store.owner_seats(tx)[by_name(tx, FEBRUARY)["West"]]
        hire = {"seat_id": seat_id, "person_id": "ann", "valid_from": FEBRUARY, "cause": "hire", "source": ""}
        lay(tx, staffing, [{**hire, "reason": "hired"}], at=NOW)
        a_published_plan(tx, on=MARCH, name="Next", staffed={"West": None, "East": "bob"})

        assert owners(tx, MARCH)["A1"] == "ann"


def test_accounts_named_to_somebody_are_theirs_while_the_territory_is_anothers(record):
    with record.writing() as tx:
        people(tx, "ann", "bob", "max")
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West", "A2": "West"}, named={"A2": "max"})
        publishing.publish(tx, plan.plan_id, on=FEBRUARY, **DEED)
        assert owners(tx, FEBRUARY) == {"A1": "ann", "A2": "max"}

        a_published_plan(tx, on=MARCH, name="Next", staffed={"West": "ann"}, placed={"A1": "West", "A2": "West"})
        assert owners(tx, MARCH) == {"A1": "ann", "A2": "ann"}
        assert owners(tx, FEBRUARY) == {"A1": "ann", "A2": "max"}


@pytest.mark.parametrize("keeps", [True, False])
def test_an_exception_goes_before_the_plan_unless_it_is_overruled(record, keeps):
    with record.writing() as tx:
        people(tx, "ann", "bob", "max")
        exception = {"account_id": "A1", "role": "owner", "person_id": "max", "kind": "exception", "valid_from": NOW}
        lay(tx, override, [{**exception, "cause": "exception", "source": "x", "reason": "knows them"}], at=NOW)
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West"})
        foreseen = publishing.dry_run(tx, plan.plan_id, on=FEBRUARY, keep_exceptions=keeps, **DEED)
        publishing.publish(tx, plan.plan_id, on=FEBRUARY, keep_exceptions=keeps, **DEED)

        who = "max" if keeps else "ann"
        assert owners(tx, FEBRUARY) == {"A1": who}
        assert foreseen.changes["to_person"].to_list() == [who]
        kind = "exception kept" if keeps else "exception overruled"
        assert [one.count for one in foreseen.warnings if one.kind == kind] == [1]


def test_a_territory_the_next_plan_does_not_have_closes_and_its_seat_falls_vacant(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)
        _, made = a_published_plan(
            tx, on=MARCH, name="Next", staffed={"West": "ann"}, placed={"A1": "West", "A2": "West"}
        )

        assert made.counts["territories closed"] == 1
        assert "East" not in by_name(tx, MARCH)
        assert "East" in by_name(tx, FEBRUARY)


def test_accounts_the_next_plan_does_not_have_stay_where_they_are(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, on=FEBRUARY)
        plan = a_plan(tx, "Next", {"West": "ann"}, {"A1": "West", "A3": None})
        foreseen = publishing.dry_run(tx, plan.plan_id, on=MARCH, **DEED)
        publishing.publish(tx, plan.plan_id, on=MARCH, **DEED)

        assert owners(tx, MARCH) == {"A1": "ann", "A2": "bob"}
        kinds = {one.kind: one for one in foreseen.warnings}
        assert kinds["unassigned"].examples == ("A3",)
        assert kinds["not in the plan"].examples == ("A2",)
        assert kinds["closing with accounts"].examples == ("East",)


def test_the_house_belongs_to_nobody(record):
    with record.writing() as tx:
        people(tx, "max")
        people(tx, "ann", manager="max")
        a_published_plan(tx, staffed={"West": "ann", "House": None}, placed={"A1": "West", "A2": "House"})

        assert owners(tx, FEBRUARY) == {"A1": "ann", "A2": None}


def test_plans_become_active_and_superseded_as_their_dates_come(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        first, _ = a_published_plan(tx, on=FEBRUARY)
        second, _ = a_published_plan(tx, on=MARCH, name="Next")

        def statuses():
            return [plan_store.get(tx, plan.plan_id).status for plan in (first, second)]

        assert publishing.advance(tx, NOW) == []
        assert statuses() == [Status.SCHEDULED, Status.SCHEDULED]
        assert publishing.is_behind(tx, FEBRUARY)
        assert publishing.advance(tx, FEBRUARY) == [first.plan_id]
        assert not publishing.is_behind(tx, FEBRUARY)
        assert statuses() == [Status.ACTIVE, Status.SCHEDULED]
        assert set(publishing.advance(tx, MARCH)) == {first.plan_id, second.plan_id}
        assert statuses() == [Status.SUPERSEDED, Status.ACTIVE]
        assert publishing.advance(tx, APRIL) == []


def test_one_event_tells_of_a_publish_with_its_counts(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan, made = a_published_plan(tx)

        told = tx.execute(select(event).where(event.c.deed == "publish")).mappings().all()
        assert len(told) == 1
        assert told[0]["subject"] == plan.plan_id
        assert told[0]["after"]["publication"] == made.publication_id
        assert told[0]["after"]["assignments"] == 2


def test_publications_are_listed_newest_first_in_pages(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        _, first = a_published_plan(tx, on=FEBRUARY)
        _, second = a_published_plan(tx, on=MARCH, name="Next")
        undone = publishing.rollback(tx, second.publication_id, **DEED)

        page = publishing.publications(tx, limit=2, **DEED)
        rest = publishing.publications(tx, limit=2, after=page.next_cursor, **DEED)

        ids = [one.publication_id for one in (*page.rows, *rest.rows)]
        assert ids == [undone.publication.publication_id, second.publication_id, first.publication_id]
        assert [one.is_rolled_back for one in (*page.rows, *rest.rows)] == [False, True, False]
        assert rest.next_cursor is None


def test_a_million_is_not_needed_to_see_that_a_dry_run_writes_nothing(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        plan = a_plan(tx, "2027", {"West": "ann", "East": "bob"}, {"A1": "West", "A2": "East"})
    with record.reading() as tx:
        found = publishing.dry_run(tx, plan.plan_id, on=FEBRUARY, **DEED)

    assert found.by_cause == {"new": 2}
    assert found.changes.rows()[0] == (
        *("A1", None, None, "West", "ann", "new"), "West is nearest and has room",
    )  # fmt: skip
    assert found.by_person.rows() == [("ann", 0, 1, 0, 1), ("bob", 0, 1, 0, 1)]


def test_a_dry_run_foresees_every_change_of_owner(record):
    with record.writing() as tx:
        people(tx, "max")
        people(tx, "ann", "bob", manager="max")
        people(tx, "cyd", manager="max", until=FEBRUARY)
        a_published_plan(tx, on=FEBRUARY, staffed={"West": "ann", "East": "bob"},
                         placed={"A1": "West", "A2": "East", "A3": "East", "A4": "West"})  # fmt: skip
        tx.execute(
            insert(opportunity),
            [{"opportunity_id": f"O{n}", "account_id": f"A{n}", "stage": "Won", "amount_usd": 10.0} for n in (1, 2)],
        )
        plan = a_plan(
            tx, "Next", {"West": "bob", "East": "bob", "South": "cyd", "Far": None},
            {"A1": "West", "A2": "East", "A3": "South", "A4": "Far"}, families={"A1": "F", "A3": "F", "A2": "G"},
        )  # fmt: skip
        before = owners(tx, MARCH)
        found = publishing.dry_run(tx, plan.plan_id, on=MARCH, **DEED)
        publishing.publish(tx, plan.plan_id, on=MARCH, **DEED)
        after = owners(tx, MARCH)

        differs = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
        foreseen = {row[0]: (row[2], row[4]) for row in found.changes.rows() if row[2] != row[4]}
        assert foreseen == differs == {"A1": ("ann", "bob"), "A3": ("bob", "max"), "A4": ("ann", "max")}
        kinds = {one.kind: one for one in found.warnings}
        assert kinds["open opportunities"].amount_usd == 10.0
        assert kinds["family torn"].examples == ("F",)
        assert kinds["inactive person"].examples == ("cyd",)
        assert kinds["vacant seat"].count == 2
        assert found.unchanged == 1


def test_scheduled_plans_are_told_of_in_a_dry_run(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        later, _ = a_published_plan(tx, on=MARCH)
        plan = a_plan(tx, "Sooner", {"West": "ann"}, {"A1": "West"})

        found = publishing.dry_run(tx, plan.plan_id, on=FEBRUARY, by=system(), at=NOW)

        warning = next(one for one in found.warnings if one.kind == "later plan")
        assert warning.examples == (later.plan_id,)
        assert "2027-03-01" in warning.message


def test_every_seat_has_a_fact_from_the_day_it_is_made(record):
    with record.writing() as tx:
        people(tx, "ann", "bob", until=APRIL)
        a_published_plan(tx, on=FEBRUARY)

        facts = tx.execute(select(staffing).where(staffing.c.recorded_to == FOREVER)).mappings().all()
        for seat_id in store.owner_seats(tx).values():
            mine = sorted((one["valid_from"], one["valid_to"]) for one in facts if one["seat_id"] == seat_id)
            assert mine == [(FEBRUARY, APRIL), (APRIL, FOREVER)]


def test_a_dry_run_tells_which_territories_come_go_and_change_hands(record):
    with record.writing() as tx:
        people(tx, "ann", "bob", "cyd")
        a_published_plan(tx)
        later = a_plan(tx, "2028", {"West": "cyd", "North": "bob", "South": None}, {"A1": "West", "A2": "North"})

        found = publishing.dry_run(tx, later.plan_id, on=MARCH, **DEED).territories

    assert found.rows() == [
        ("East", "closes", "bob", None),
        ("North", "new", None, "bob"),
        ("South", "new", None, None),
        ("West", "other person", "ann", "cyd"),
    ]


def test_a_dry_roll_back_tells_what_the_roll_back_then_does_and_writes_nothing(record):
    with record.writing() as tx:
        people(tx, "ann", "bob", "cyd")
        first, _ = a_published_plan(tx, name="2026", on=NOW)
        _, made = a_published_plan(tx, staffed={"West": "cyd", "East": "bob"}, placed={"A1": "East", "A2": "East"})
        before = owners(tx, MARCH)

        run = publishing.dry_rollback(tx, made.publication_id, **DEED)

        assert owners(tx, MARCH) == before
        assert (run.takes_back, run.changed_since, run.reinstated) == (
            {"assignment": 1, "staffing": 1, "override": 0}, (), first.plan_id,
        )  # fmt: skip
        undone = publishing.rollback(tx, made.publication_id, why="Too soon.", **DEED)
        assert undone.publication.counts["assignments"] == 1
        assert publishing.rolled_back_by(tx, made.publication_id) == undone.publication.publication_id
        assert tx.execute(select(event.c.why).order_by(event.c.number.desc())).scalar() == "Too soon."
        with pytest.raises(NotRolledBack):
            publishing.dry_rollback(tx, made.publication_id, **DEED)


def test_what_takes_a_publication_back_says_why_or_nothing_at_all(record):
    with record.writing() as tx:
        people(tx, "ann", "bob")
        _, made = a_published_plan(tx)

        with pytest.raises(NoReason, match="say why in 1 to 2,000 characters"):
            publishing.rollback(tx, made.publication_id, why=" ", **DEED)
        assert publishing.rollback(tx, made.publication_id, **DEED).publication.kind == "rollback"


def test_publishing_tells_what_it_is_doing(record):
    told = []
    with record.writing() as tx:
        people(tx, "ann", "bob")
        a_published_plan(tx, progress=told.append)

    assert told == [
        "Working out what changes", "Writing territories and seats", "Writing who gets 2 accounts", "Writing it down",
    ]  # fmt: skip
