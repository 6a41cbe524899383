"""Leads in the record: taken in once, decided at once with the reason, worked, given back, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from builders.leads import (
    ANN,
    BOB,
    HIRED,
    MIA,
    NOW,
    PAT,
    ROOT,
    a_lead,
    minutes,
    nobody_in_the_pool,
    publish,
    receive,
)
from patchbook.changes.leave import leave
from patchbook.db.page import Page
from patchbook.errors import NotAllowed
from patchbook.leads import actions, compiled, looking, replaying, routing, store
from patchbook.leads.actions import NoReason, NotMerged
from patchbook.leads.knowledge import knowledge_of
from patchbook.leads.lane import NOTHING_TO_GO_BY, deciding
from patchbook.leads.lead import AnotherLead, BadLead, Cause, IsClosed, NotAssigned, Received, Status, UnknownLead
from patchbook.ledger.lay import lay
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import UnknownPerson
from patchbook.period import Period
from patchbook.territories.store import insert_territories, place


def test_a_lead_of_an_account_goes_to_its_owner_and_says_why(company):
    got = receive(company, a_lead())

    assert (got.lead.person_id, got.lead.account_id, got.lead.status) == ("ann", "A1", Status.ASSIGNED)
    with company.reading() as tx:
        (told,) = looking.decisions(tx, got.lead.lead_id, by=PAT, at=NOW)
    assert "Ann Archer" in told.says
    assert told.version.plan_id is not None
    assert told.cause is Cause.RECEIVED


def test_a_lead_of_nobody_we_know_goes_where_its_territory_is(company):
    got = receive(company, a_lead(company="Unheard Of", country="US", employees="30", domain="unheard.example"))

    assert (got.lead.person_id, got.lead.account_id) == ("bob", None)


@pytest.mark.parametrize("host", ["bolt.io", "mail.bolt.io"])
def test_a_domain_the_document_calls_free_mail_matches_no_account_even_one_that_has_it(company, host):
    def matched(number: int) -> str | None:
        return receive(company, a_lead(number, email=f"joe@{host}", country="US")).lead.account_id

    def written(text: str) -> None:
        with company.writing() as tx:
            routing.set_routing(tx, text, by=PAT, at=NOW)

    assert matched(1) == "A2"
    written("free_mail: [bolt.io]\n")
    assert matched(2) is None
    written("free_mail: [other.io]\n")
    assert matched(3) == "A2"
    with company.reading() as tx:
        assert replaying.verify(tx, by=PAT, at=NOW).equal == 3


def test_a_group_of_the_same_name_takes_no_lead_from_a_territory(company):
    with company.writing() as tx:
        insert_territories(tx, ["zz-group"], NOW)
        told = {"territory_id": "zz-group", "parent_id": None, "name": "East", "kind": "group", "reason": "a layer"}
        lay(tx, place, [{**told, "valid_from": HIRED}], at=NOW)
    got = receive(company, a_lead(company="Unheard Of", country="US", employees="30", domain="unheard.example"))

    assert got.lead.person_id == "bob"


def test_a_territory_of_a_pool_shares_its_leads(company):
    went = [
        receive(company, a_lead(n, company=f"Firma {n}", country="DE", domain=f"firma{n}.example")).lead.person_id
        for n in range(6)
    ]

    assert sorted(went) == ["cyd", "cyd", "dan", "dan", "eve", "eve"]


def test_the_same_lead_again_is_answered_as_the_first_time(company):
    first = receive(company, a_lead())
    with deciding(company) as lane:
        actions.assign(lane, first.lead.lead_id, "bob", "ann is full", by=PAT, at=NOW)
    again = receive(company, a_lead(), at=NOW + minutes(5))

    assert first.is_new
    assert not again.is_new
    assert again.decision.decision_id == first.decision.decision_id
    assert again.lead.person_id == "bob"  # what was decided then, and where it is now
    assert again.lead.decisions == 2


def test_another_lead_under_the_same_id_is_refused(company):
    receive(company, a_lead())
    with pytest.raises(AnotherLead, match="came before as lead-"):
        receive(company, a_lead(company="Other", country="US"))

    assert receive(company, a_lead(source="other form", company="Other", country="US")).is_new


def test_a_lead_without_any_usable_field_waits_in_the_queue_and_says_so(company):
    got = receive(company, a_lead(revenue="lots", note="  "))

    assert got.lead.status is Status.QUEUED
    assert got.decision.says == NOTHING_TO_GO_BY
    assert [one.field for one in got.unread] == ["revenue_usd"]


def test_a_lead_needs_an_id_of_its_source():
    with pytest.raises(BadLead, match="source_id is empty"):
        Received(source="form", source_id=" ")


def test_a_pool_with_nobody_queues_with_one_clear_reason(company):
    nobody_in_the_pool(company, until=NOW + timedelta(days=30))
    got = receive(company, a_lead(company="Firma", country="DE"))

    assert got.lead.status is Status.QUEUED
    assert any("Desk" in step.says for step in got.decision.decision.steps)


def test_everybody_of_a_pool_on_leave_brings_it_to_who_acts_for_them(company):
    away = Period(NOW - timedelta(days=1), NOW + timedelta(days=3))
    with company.writing() as tx:
        for who in ("cyd", "dan", "eve"):
            leave(tx, who, "ann", period=away, by=PAT, at=NOW)
    got = receive(company, a_lead(company="Firma", country="DE"))

    assert got.lead.person_id == "ann"


def test_the_queue_tells_ages_and_is_swept(company):
    nobody_in_the_pool(company, until=NOW + minutes(120))
    waits = receive(company, a_lead(company="Firma", country="DE"))
    later = NOW + minutes(90)
    with company.reading() as tx:
        queue = looking.queue(tx, by=PAT, at=later)
    assert (queue.waiting, queue.oldest_at) == (1, NOW)
    assert queue.page.rows[0].age_seconds == 5400
    with deciding(company) as lane:
        assert actions.sweep(lane, by=PAT, at=later).assigned == 0
    with company.reading() as tx:
        assert len(store.decisions(tx, waits.lead.lead_id)) == 1  # nothing new to tell
    with deciding(company) as lane:
        swept = actions.sweep(lane, by=PAT, at=NOW + minutes(130))

    assert (swept.looked_at, swept.assigned, swept.waiting) == (1, 1, 0)
    with company.reading() as tx:
        assert looking.queue(tx, by=PAT, at=later).page == Page(())


def test_accepting_touching_and_closing_are_kept_and_counted_for_speed(company):
    lead_id = receive(company, a_lead()).lead.lead_id
    with deciding(company) as lane:
        actions.accept(lane, lead_id, by=ANN, at=NOW + minutes(2))
        actions.accept(lane, lead_id, by=ANN, at=NOW + minutes(3))
        actions.touch(lane, lead_id, "call", by=ANN, at=NOW + minutes(4))
        actions.touch(lane, lead_id, "mail", by=ANN, at=NOW + minutes(9))
        closed = actions.close(lane, lead_id, "won", by=ANN, at=NOW + minutes(60))
    with company.reading() as tx:
        events = [one.what for one in looking.events(tx, lead_id, by=ANN, at=NOW)]
        speed = looking.speed(tx, since=NOW, until=NOW + minutes(60), by=PAT, at=NOW)

    assert events == ["accepted", "touched", "touched", "closed"]
    assert (closed.accepted_at, closed.touched_at) == (NOW + minutes(2), NOW + minutes(4))
    assert (speed.received, speed.to_assigned.median_seconds) == (1, 0.0)
    assert (speed.to_accepted.median_seconds, speed.to_touched.p90_seconds) == (120, 240)
    with deciding(company) as lane, pytest.raises(IsClosed, match="was closed on"):
        actions.close(lane, lead_id, "again", by=ANN, at=NOW + minutes(61))


def test_a_lead_given_back_goes_to_somebody_else_and_the_turn_is_credited(company):
    first = receive(company, a_lead(1, company="Firma", country="DE"))
    who = first.lead.person_id
    with deciding(company) as lane:
        again = actions.give_back(lane, first.lead.lead_id, "a student", by=PAT, at=NOW + minutes(1))
    assert again.lead.person_id not in (who, None)
    assert any(one.person_id == who and "gave it back before" in one.why for one in again.decision.decision.skipped)
    with company.reading() as tx:
        ((state, taken),) = store.every_turn(tx).values()
    given = {person_id: given for person_id, _, _, _, given, _ in state["members"]}
    assert given[who] == 0
    assert given[again.lead.person_id] == 1
    assert taken == 2
    with deciding(company) as lane, pytest.raises(NoReason):
        actions.give_back(lane, first.lead.lead_id, " ", by=PAT, at=NOW)


def test_a_lead_in_the_queue_cannot_be_given_back_or_accepted(company):
    lead_id = receive(company, a_lead(note="-")).lead.lead_id
    with deciding(company) as lane:
        with pytest.raises(NotAssigned, match="with nobody"):
            actions.give_back(lane, lead_id, "why not", by=PAT, at=NOW)
        with pytest.raises(NotAssigned):
            actions.accept(lane, lead_id, by=PAT, at=NOW)


def test_reps_see_and_work_their_own_managers_their_peoples(company):
    anns = receive(company, a_lead(1)).lead.lead_id
    bobs = receive(company, a_lead(2, company="Cog", domain="cog.com", country="US")).lead.lead_id
    desks = receive(company, a_lead(3, company="Firma", country="DE")).lead.lead_id
    with company.reading() as tx:
        seen = {
            who.person_id: {one.lead_id for one in looking.leads(tx, by=who, at=NOW).rows}
            for who in (ANN, BOB, MIA, PAT)
        }
        with pytest.raises(UnknownLead):
            looking.get(tx, bobs, by=ANN, at=NOW)
    assert seen == {"ann": {anns}, "bob": {bobs}, "mia": {anns, bobs}, "pat": {anns, bobs, desks}}
    with deciding(company) as lane:
        with pytest.raises(UnknownLead):
            actions.accept(lane, bobs, by=ANN, at=NOW)
        with pytest.raises(NotAllowed):
            actions.assign(lane, anns, "bob", "please", by=ANN, at=NOW)
        with pytest.raises(NotAllowed):
            actions.receive(lane, a_lead(9), by=MIA, at=NOW)
        with pytest.raises(UnknownPerson):
            actions.assign(lane, anns, "nobody", "please", by=MIA, at=NOW)
        assert actions.assign(lane, anns, "bob", "ann is full", by=MIA, at=NOW).lead.person_id == "bob"


def test_the_leave_of_an_owner_brings_the_lead_to_who_acts_for_them(company):
    with company.writing() as tx:
        leave(tx, "ann", "bob", period=Period(NOW - timedelta(days=1), NOW + timedelta(days=9)), by=PAT, at=NOW)

    assert receive(company, a_lead()).lead.person_id == "bob"


def test_every_decision_is_made_from_one_version_and_comes_out_the_same_again(company):
    said = {"country": "US", "employees": "300"}
    before = receive(company, a_lead(1, company="New", **said))
    publish(company, "Second", {"West": "ann", "East": "bob", "Abroad": None}, on=NOW, at=NOW, least=200)
    during = receive(company, a_lead(2, company="Newer", **said), at=NOW + minutes(1))
    assert knowledge_of(company).compiler.is_idle.wait(30)
    after = receive(
        company,
        a_lead(3, company="Newest", **said),
        at=NOW + minutes(2),
    )

    assert (before.lead.person_id, after.lead.person_id) == ("bob", "ann")
    assert before.decision.version.publication_id != after.decision.version.publication_id
    versions = {one.decision.version.publication_id: one.lead.person_id for one in (before, after)}
    assert during.lead.person_id == versions[during.decision.version.publication_id]
    with company.reading() as tx:
        verified = replaying.verify(tx, by=PAT, at=NOW)
    assert (verified.equal, verified.otherwise) == (3, ())


def test_erasing_a_lead_takes_what_it_says_of_a_person_and_keeps_what_was_decided(company):
    said = {"company": "Acme", "email": "carl@acme.com", "contact": "Carl Cole", "phone": "+1 202 555 0143"}
    got = receive(company, a_lead(1, **said))
    with company.writing() as tx:
        erased = actions.erase(tx, got.lead.lead_id, by=ROOT, at=NOW)
    assert dict(erased.fields) == {"name": "Acme"}
    with company.reading() as tx:
        for table in ("lead", "decision", "lead_event"):
            rows = [str(tuple(row)) for row in tx.execute(text(f"SELECT * FROM {table}"))]
            assert not [row for row in rows if "carl" in row.lower() or "2025550143" in row]
        assert replaying.verify(tx, by=PAT, at=NOW).erased == 1
    with pytest.raises(AnotherLead):
        receive(company, a_lead(1, **said))


def test_a_lead_given_by_hand_counts_as_a_turn_where_the_pool_says_so(company):
    document = """\
pools:
  Desk: {counts: [manual]}
routes:
  - name: all
    stages: [pool: Desk]
"""
    with company.writing() as tx:
        routing.set_routing(tx, document, by=PAT, at=NOW)
    first = receive(company, a_lead(1, country="DE", company="Eins"))
    with deciding(company) as lane:
        actions.assign(lane, first.lead.lead_id, "dan", "Knows them", by=ROOT, at=NOW)
    rest = [receive(company, a_lead(number, country="DE", company=f"Firma {number}")) for number in (2, 3, 4)]

    assert first.lead.person_id == "cyd"
    assert [one.lead.person_id for one in rest] == ["eve", "cyd", "dan"]


def test_a_plan_that_breaks_when_it_is_first_made_ready_leaves_leads_to_the_queue_with_the_reason(company, monkeypatch):
    def breaks(*_, **__):
        raise RuntimeError("no such column")

    with monkeypatch.context() as broken:
        broken.setattr(compiled, "placer_of", breaks)
        got = receive(company, a_lead(company="Firma", country="DE"))

    assert got.lead.status is Status.QUEUED
    assert any("could not be made ready (RuntimeError)" in step.says for step in got.decision.decision.steps)


def test_what_decisions_are_made_from_is_ready_before_the_turn_begins(company, monkeypatch):
    began, made = [], compiled.compile_held

    def seen(tx, *rest):
        began.append(in_turn[0])
        return made(tx, *rest)

    in_turn = [False]
    monkeypatch.setattr(compiled, "compile_held", seen)
    with deciding(company, at=NOW) as lane:
        in_turn[0] = True
        actions.receive(lane, a_lead(), by=PAT, at=NOW)

    assert began == [False]


def test_a_lead_is_worked_within_the_roles_that_may_and_only_looked_at_within_the_others(company):
    lead_id = receive(company, a_lead()).lead.lead_id
    looks = Principal(person_id="bob", grants=(Grant(Role.REP), Grant(Role.VIEWER)))
    with company.reading() as tx:
        assert looking.get(tx, lead_id, by=looks, at=NOW).person_id == "ann"
    for deed in (
        lambda lane: actions.accept(lane, lead_id, by=looks, at=NOW),
        lambda lane: actions.give_back(lane, lead_id, "mine", by=looks, at=NOW),
        lambda lane: actions.close(lane, lead_id, "lost", by=looks, at=NOW),
        lambda lane: actions.reroute(
            lane, lead_id, by=replace(looks, grants=(Grant(Role.MANAGER), Grant(Role.FINANCE))), at=NOW
        ),
    ):
        with pytest.raises(UnknownLead), deciding(company) as lane:
            deed(lane)


def test_erasing_a_lead_takes_fields_of_ones_own_too(company):
    sent = {"company": "Acme", "country": "US", "first_name": "Carl", "mobile": "+1 404 555 0100", "product": "Pumps"}
    lead_id = receive(company, a_lead(**sent)).lead.lead_id
    with company.writing() as tx:
        left = actions.erase(tx, lead_id, by=ROOT, at=NOW)

    assert left.fields == {"name": "Acme", "country": "US", "product": "Pumps"}


def test_a_lead_that_is_erased_while_it_is_decided_about_stays_erased(postgresql_sellers):
    company = postgresql_sellers
    lead_id = receive(company, a_lead()).lead.lead_id
    erased = Thread(target=_erase, args=(company, lead_id))
    with deciding(company) as lane:
        known = store.get(lane.tx, lead_id)
        erased.start()
        erased.join(0.5)  # it waits for the turn that has begun, however long that takes
        store.save(lane.tx, known.accept(NOW))
    erased.join(30)

    with company.reading() as tx:
        left = store.get(tx, lead_id)
    assert (left.accepted_at, left.contact) == (NOW, None)
    assert "email" not in left.fields


def _erase(company, lead_id):
    with company.writing() as tx:
        actions.erase(tx, lead_id, by=ROOT, at=NOW)


def test_people_and_pools_that_a_document_names_and_nobody_knows_are_told_when_it_is_set(sqlite_sellers):
    text = """\
pools:
  Desk: {choose: turn}
  Dsk: {choose: turn}
caps:
  - {name: slow, per: day, at_most: 1, people: [ann, zoe]}
calendars:
  berlin: {time_zone: Europe/Berlin, people: [yan]}
routes:
  - name: all
    stages: [match, {pool: Desk}, {pool: Night}, {person: xan}]
"""
    with sqlite_sellers.writing() as tx:
        made = routing.set_routing(tx, text, by=PAT, at=NOW)

    assert made.warnings == (
        "There is no pool of that name or id: the section pools has rules for 'Dsk'.",
        "There is no pool of that name or id: the route 'all' goes to 'Night'.",
        "There is nobody of that id: the route 'all' goes to 'xan'.",
        "There is nobody of that id: the cap 'slow' is for 'zoe'.",
        "There is nobody of that id: the calendar 'berlin' is for 'yan'.",
    )


def test_a_lead_merged_into_another_is_closed_and_gives_it_what_only_it_says(company):
    first = receive(company, a_lead(1)).lead
    second = receive(company, a_lead(2, company="Acme", phone="+1 415 555 2671", country="US")).lead

    with deciding(company) as lane:
        closed = actions.merge(lane, second.lead_id, first.lead_id, by=ROOT, at=NOW + minutes(5))

    with company.reading() as tx:
        kept = looking.get(tx, first.lead_id, by=ROOT, at=NOW)
        told = [(one.what, dict(one.detail)) for one in looking.events(tx, second.lead_id, by=ROOT, at=NOW)]
    assert (closed.status, kept.status) == (Status.CLOSED, Status.ASSIGNED)
    assert kept.fields["email"] == first.fields["email"]
    assert kept.fields["phone"] == second.fields["phone"]
    assert told == [("merged", {"into": first.lead_id})]


def test_leads_are_merged_by_admins_only_and_into_one_that_can_take_it(company):
    first, second = (receive(company, a_lead(number)).lead for number in (1, 2))
    with company.writing() as tx:
        actions.erase(tx, first.lead_id, by=ROOT, at=NOW)

    for by, into, refusal in (
        (PAT, first.lead_id, NotAllowed),
        (ROOT, second.lead_id, NotMerged),
        (ROOT, first.lead_id, NotMerged),
        (ROOT, "nothing", UnknownLead),
    ):
        with deciding(company) as lane, pytest.raises(refusal):
            actions.merge(lane, second.lead_id, into, by=by, at=NOW)
