"""Plans in the record: started, carved, edited, cloned, shown to some and not to others, submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.plans import (
    ADA,
    ANN,
    DOCUMENT,
    MIA,
    MONDAY,
    PIA,
    ROOT,
    STRATEGIC,
    TUESDAY,
    a_carved_plan,
    a_draft,
    a_market,
)
from patchbook.approvals import actions as approvals
from patchbook.db import settings
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import UnknownPerson
from patchbook.period import Period, midnight
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.edits import Lock, Merge, Move, Remove, Rename, Staff, Vacate
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import NotCarved, Status, WrongStep
from patchbook.plans.problems import BadPlanFile

FAIR = "made for the test"


@pytest.fixture
def market(record):
    a_market(record)
    return record


@pytest.fixture
def carved(market):
    return a_carved_plan(market)


def state_of(record, plan_id):
    with record.reading() as tx:
        return plans.state(tx, plan_id, by=ADA, at=TUESDAY)


def edited(record, plan, *edits, by=ADA, at=TUESDAY):
    for one in edits:
        with record.writing() as tx:
            plan = plans.edit(tx, plan.plan_id, one, why=FAIR, revision=plan.revision, overrule=FAIR, by=by, at=at)
    return plan


def test_a_draft_keeps_its_document_and_the_files_it_names(market):
    draft = a_draft(market)

    with market.reading() as tx:
        assert plans.get(tx, draft.plan_id, by=ADA, at=MONDAY) == draft
        assert plans.files(tx, draft.plan_id, by=ADA, at=MONDAY) == {"strategic.csv": STRATEGIC}
    assert (draft.name, draft.status, draft.revision, draft.owner_id) == ("Field 2027", Status.DRAFT, 1, "ada")
    assert (draft.effective.isoformat(), draft.seconds, draft.result_id) == ("2027-02-01", 20.0, None)


def test_a_carve_gives_every_account_a_territory_and_pins_what_it_was_made_from(market, carved):
    state = state_of(market, carved.plan_id)

    assert carved.snapshot_id is not None
    assert carved.people_id is not None
    assert (carved.owners_at, carved.seed, carved.engine_version) == (MONDAY, 1, "0.1.0, engine 3")
    assert state.assignments.height == 24
    assert state.unassigned.height == 0
    assert set(state.territories["person"]) == {"mia", "ann", "bob", "cy"}
    assert set(state.assignments["previous_owner"].drop_nulls()) == {"ann", "bob", "cy"}
    assert state.territories["parent"].to_list() == ["Named", "Field", "Field", "Field"]
    assert state.measures == ("potential",)
    assert {"measure_potential", "family_id", "name", "locked"} <= set(state.assignments.columns)


def test_a_stale_revision_is_refused_naming_who_changed_what(market, carved):
    name = state_of(market, carved.plan_id).territories["territory"][1]
    edited(market, carved, Rename(territory=name, to="North"), by=PIA)

    with market.writing() as tx, pytest.raises(store.StalePlan) as refusal:
        plans.edit(tx, carved.plan_id, Lock(accounts=("A5",)), revision=carved.revision, by=ADA, at=TUESDAY)
    assert str(refusal.value) == (
        f"Plan 'Field 2027' is at revision 3, not 2: since then pia renamed {name!r} (2027-01-05 09:00:00+00:00). "
        "Look at it again and repeat the change."
    )
    with market.writing() as tx, pytest.raises(store.StalePlan, match="there is no revision 9 yet"):
        plans.submit(tx, carved.plan_id, revision=9, by=ADA, at=TUESDAY)
    with market.reading() as tx:
        assert [one.by for one in plans.journal(tx, carved.plan_id, by=ADA, at=TUESDAY).rows] == ["pia"]


def test_what_was_undone_stays_in_the_journal_and_can_be_redone_until_another_edit(market, carved):
    names = state_of(market, carved.plan_id).territories["territory"].to_list()
    plan = edited(market, carved, Rename(territory=names[1], to="North"), Rename(territory=names[2], to="South"))

    def now():
        return state_of(market, plan.plan_id).territories["territory"].to_list()[1:3]

    with market.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=plan.revision, by=PIA, at=TUESDAY)
    assert now() == ["North", names[2]]
    with market.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=None, by=PIA, at=TUESDAY)
        plans.redo(tx, plan.plan_id, revision=None, by=PIA, at=TUESDAY)
    assert now() == ["North", names[2]]
    with market.writing() as tx:
        plans.edit(tx, plan.plan_id, Rename(territory=names[2], to="Süd"), revision=None, by=ADA, at=TUESDAY)
        with pytest.raises(plans.NothingToUndo, match=r"^Plan 'Field 2027' has no edit to redo\.$"):
            plans.redo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)
    assert now() == ["North", "Süd"]
    with market.reading() as tx:
        journal = plans.journal(tx, plan.plan_id, by=ADA, at=TUESDAY).rows
        assert [(one.number, one.undone, one.undone_by) for one in journal] == [
            (1, False, None),
            (2, True, "pia"),
            (3, False, None),
        ]
        made = plans.changes(tx, plan.plan_id, by=ADA, at=TUESDAY).rows
    assert [one.what for one in made][-2:] == ["redid edit 1 (rename)", f"renamed {names[2]!r}"]


def test_undo_with_nothing_to_undo_says_so(market, carved):
    with market.writing() as tx, pytest.raises(plans.NothingToUndo, match=r"has no edit to undo\.$"):
        plans.undo(tx, carved.plan_id, revision=None, by=ADA, at=TUESDAY)


def test_an_edit_that_does_not_fit_leaves_nothing_behind(market, carved):
    with pytest.raises(NotFound, match="The plan has no territory 'Nowhere'"), market.writing() as tx:
        plans.edit(tx, carved.plan_id, Move(accounts=("A5",), to="Nowhere"), revision=None, by=ADA, at=TUESDAY)
    with pytest.raises(NotFound, match="The plan has no account 'A99'"), market.writing() as tx:
        plans.edit(tx, carved.plan_id, Lock(accounts=("A5", "A99")), revision=None, by=ADA, at=TUESDAY)
    with pytest.raises(UnknownPerson), market.writing() as tx:
        plans.edit(tx, carved.plan_id, Staff(territory="Strategic", person="zoe"), revision=None, by=ADA, at=TUESDAY)

    with market.reading() as tx:
        assert plans.get(tx, carved.plan_id, by=ADA, at=TUESDAY) == carved
        assert plans.journal(tx, carved.plan_id, by=ADA, at=TUESDAY).rows == ()


def test_a_move_beyond_a_guardrail_takes_a_reason(market, carved):
    state = state_of(market, carved.plan_id)
    names = state.territories["territory"].to_list()
    most = tuple(state.assignments.filter(state.assignments["territory"] == names[1])["account_id"])

    with market.writing() as tx, pytest.raises(Guarded):
        plans.edit(tx, carved.plan_id, Move(accounts=most, to=names[2]), revision=None, by=ADA, at=TUESDAY)
    with market.writing() as tx:
        moved = plans.edit(
            tx, carved.plan_id, Move(accounts=most, to=names[2]), revision=None, overrule=FAIR, by=ADA, at=TUESDAY
        )
    assert state_of(market, moved.plan_id).territories["accounts"][1] == 0
    with market.reading() as tx:
        (journal,) = plans.journal(tx, moved.plan_id, by=ADA, at=TUESDAY).rows
    assert (journal.payload["overruled"], journal.why) == (True, FAIR)


def test_a_clone_is_a_scenario_with_a_life_of_its_own(market, carved):
    name = state_of(market, carved.plan_id).territories["territory"][1]
    plan = edited(market, carved, Rename(territory=name, to="North"))
    with market.writing() as tx:
        scenario = plans.clone(tx, plan.plan_id, "Fewer moves", by=PIA, at=TUESDAY)

    assert (scenario.scenario_of, scenario.owner_id, scenario.status) == (plan.plan_id, "pia", Status.DRAFT)
    assert state_of(market, scenario.plan_id).assignments.equals(state_of(market, plan.plan_id).assignments)
    edited(market, scenario, Rename(territory="North", to="Nord"), by=PIA)
    assert "North" in state_of(market, plan.plan_id).territories["territory"].to_list()
    with market.reading() as tx:
        found = plans.plans(tx, scenario_of=plan.plan_id, by=ADA, at=TUESDAY)
    assert [one.name for one in found.rows] == ["Fewer moves", "Field 2027"]


def test_plans_are_listed_newest_first_page_by_page(market):
    made = []
    for day in range(5):
        with market.writing() as tx:
            made.append(
                plans.start(tx, f"Plan {day}", DOCUMENT, files={"strategic.csv": STRATEGIC}, by=ADA,
                            at=MONDAY + timedelta(days=day // 2)).plan_id
            )  # fmt: skip

    seen, after = [], None
    with market.reading() as tx:
        while True:
            page = plans.plans(tx, after=after, limit=2, by=ADA, at=TUESDAY)
            seen += [one.plan_id for one in page.rows]
            after = page.next_cursor
            if after is None:
                break
        with pytest.raises(BadInput, match="There is no status 'lost'; a plan is draft, in review"):
            plans.plans(tx, status="lost", by=ADA, at=TUESDAY)
        assert plans.plans(tx, status="active", by=ADA, at=TUESDAY).rows == ()
    assert sorted(seen) == sorted(made)
    assert seen[-2:] in (made[1::-1], made[:2])


def test_who_may_see_a_draft_and_who_may_not(market):
    open_draft = a_draft(market, name="Open")
    secret = a_draft(market, name="Secret", confidential=True)
    regional = Principal(person_id="lea", grants=(Grant(Role.VIEWER),))

    def sees(by):
        with market.reading() as tx:
            return {one.name for one in plans.plans(tx, by=by, at=MONDAY).rows}

    assert sees(ADA) == sees(ROOT) == {"Open", "Secret"}
    assert sees(PIA) == {"Open"}
    assert sees(MIA) == sees(ANN) == sees(regional) == set()
    for by, plan in ((PIA, secret), (MIA, open_draft), (ANN, open_draft)):
        with market.reading() as tx:
            with pytest.raises(NotFound) as forbidden:
                plans.get(tx, plan.plan_id, by=by, at=MONDAY)
            with pytest.raises(NotFound) as unknown:
                plans.get(tx, "plan-0", by=by, at=MONDAY)
        assert str(forbidden.value).replace(plan.plan_id, "plan-0") == str(unknown.value)

    with market.writing() as tx:
        assert plans.invite(tx, secret.plan_id, ["pia", "mia"], by=ADA, at=MONDAY) == ["mia", "pia"]
    assert (sees(PIA), sees(MIA)) == ({"Open", "Secret"}, {"Secret"})
    with market.writing() as tx:
        assert plans.uninvite(tx, secret.plan_id, "pia", by=ADA, at=MONDAY) == ["mia"]
        with pytest.raises(NotFound, match="'pia' is not invited"):
            plans.uninvite(tx, secret.plan_id, "pia", by=ADA, at=MONDAY)
        with pytest.raises(UnknownPerson):
            plans.invite(tx, secret.plan_id, ["zoe"], by=ADA, at=MONDAY)
    assert sees(PIA) == {"Open"}


def test_only_planners_change_plans(market, carved):
    for by in (MIA, ANN, Principal(person_id="lea", grants=(Grant(Role.FINANCE),))):
        with market.writing() as tx:
            with pytest.raises(NotAllowed):
                plans.start(tx, "Mine", DOCUMENT, files={"strategic.csv": STRATEGIC}, by=by, at=MONDAY)
            with pytest.raises(NotAllowed):
                plans.edit(tx, carved.plan_id, Lock(accounts=("A1",)), revision=None, by=by, at=MONDAY)
            with pytest.raises(NotAllowed):
                plans.prepare_carve(tx, carved.plan_id, by=by, at=MONDAY)
    with market.reading() as tx, pytest.raises(NotAllowed):
        plans.state(tx, carved.plan_id, by=ANN, at=MONDAY)


@pytest.mark.parametrize(
    ("document", "files", "message"),
    [
        ("plan: P\naccounts: a.csv\nlayers:\n  - hose: rest\n", {}, "plan.yaml line 4: 'hose' is not a kind of layer"),
        (DOCUMENT, {}, "plan.yaml line 8: the file 'strategic.csv' did not come with the plan; send its content along"),
        (
            "plan: P\naccounts: a.csv\njoin: [b.csv]\nlayers:\n  - house: rest\n",
            {},
            "plan.yaml line 3: b.csv is joined",
        ),
        ("plan: P\naccounts: a.csv\nlocks: l.csv\nlayers:\n  - house: rest\n", {}, "the file 'l.csv' did not come"),
        ("plan: P\naccounts: a.csv\nlayers:\n  - named: /etc/passwd\n", {}, "the file '/etc/passwd' did not come"),
        ("", {}, "the plan is empty"),
    ],
)
def test_a_document_that_cannot_be_meant_is_refused_with_its_line(sqlite_record, document, files, message):
    with sqlite_record.writing() as tx, pytest.raises(BadPlanFile) as refusal:
        plans.start(tx, None, document, files=files, by=ADA, at=MONDAY)

    assert message in str(refusal.value)
    with sqlite_record.reading() as tx:
        assert plans.plans(tx, by=ADA, at=MONDAY).rows == ()


def test_a_plan_needs_a_name_people_can_read(sqlite_record):
    with sqlite_record.writing() as tx:
        for name in ("", "  ", "x" * 201, "a\x00b"):
            with pytest.raises(plans.BadPlanName, match="A plan's name is 1 to 200 characters"):
                plans.start(tx, name, DOCUMENT, files={"strategic.csv": STRATEGIC}, by=ADA, at=MONDAY)


def test_a_plan_that_was_not_carved_has_nothing_to_show_or_submit(market):
    draft = a_draft(market)

    with market.writing() as tx:
        with pytest.raises(NotCarved):
            plans.state(tx, draft.plan_id, by=ADA, at=MONDAY)
        with pytest.raises(NotCarved):
            plans.submit(tx, draft.plan_id, revision=None, by=ADA, at=MONDAY)
        with pytest.raises(NotCarved):
            plans.edit(tx, draft.plan_id, Lock(accounts=("A1",)), revision=None, by=ADA, at=MONDAY)


def test_a_plan_with_unassigned_accounts_is_not_submitted(market):
    plan = a_carved_plan(market, DOCUMENT.replace("  - house: rest\n", "").replace(
        "name: Field,", "name: Field, where: \"state <> 'MA'\","
    ))  # fmt: skip

    with market.writing() as tx, pytest.raises(plans.Unassigned) as refusal:
        plans.submit(tx, plan.plan_id, revision=plan.revision, by=ADA, at=TUESDAY)
    assert str(refusal.value) == (
        "Plan 'Field 2027' leaves 1 account without a territory, first A13; move it, or add a house layer, which takes"
        " the rest."
    )


def test_a_submitted_plan_is_in_review_and_no_longer_edited(market, carved):
    with market.writing() as tx:
        sent = plans.submit(tx, carved.plan_id, revision=carved.revision, by=ADA, at=TUESDAY)

    assert (sent.status, sent.submitted_by, sent.submitted_at) == (Status.IN_REVIEW, "ada", TUESDAY)
    with market.writing() as tx:
        with pytest.raises(WrongStep, match="is in review; only a draft can be edited"):
            plans.edit(tx, carved.plan_id, Lock(accounts=("A1",)), revision=None, by=ADA, at=TUESDAY)
        with pytest.raises(WrongStep):
            plans.prepare_carve(tx, carved.plan_id, by=ADA, at=TUESDAY)


def test_a_plan_is_withdrawn_once_and_stays_readable(market, carved):
    with market.writing() as tx:
        gone = plans.withdraw(tx, carved.plan_id, revision=carved.revision, by=ADA, at=TUESDAY)
        with pytest.raises(WrongStep, match="is withdrawn; it can be withdrawn once"):
            plans.withdraw(tx, carved.plan_id, revision=None, by=ADA, at=TUESDAY)

    assert gone.status is Status.WITHDRAWN
    assert state_of(market, carved.plan_id).assignments.height == 24


def test_another_document_holds_from_the_next_carve(market, carved):
    document = DOCUMENT.replace("people: \"role = 'Rep'\"", "seats: 2").replace("plan: Field 2027", "plan: Two seats")
    with market.writing() as tx:
        plans.change_document(
            tx, carved.plan_id, document, name="Two seats", revision=carved.revision, by=ADA, at=TUESDAY
        )
    assert state_of(market, carved.plan_id).territories.height == 4
    kept = plans.carve_now(market, carved.plan_id, by=ADA, clock=lambda: TUESDAY)

    assert kept.plan.name == "Two seats"
    assert state_of(market, carved.plan_id).territories.height == 3


def test_a_deed_is_in_the_audit_trail_by_ids_alone(market, carved):
    from sqlalchemy import select

    from patchbook.audit.store import event

    name = state_of(market, carved.plan_id).territories["territory"][1]
    edited(market, carved, Vacate(territory=name, interim="bob"), Merge(territories=(name,), into="Strategic"))
    with market.reading() as tx:
        found = tx.execute(select(event.c.deed, event.c.by).where(event.c.subject == carved.plan_id)).all()
        told = "".join(str(row) for row in tx.execute(select(event)))

    assert [tuple(row) for row in found] == [("start", "ada"), ("carve", "ada"), ("edit", "ada"), ("edit", "ada")]
    assert "Bob Best" not in told
    assert FAIR not in told


def test_nobody_may_overrule_the_revision_of_another_engine(market, carved):
    with market.writing() as tx:
        store.save(tx, replace(carved, name="Other"), what="renamed it", by="pia", at=TUESDAY)
        with pytest.raises(store.StalePlan, match="since then pia renamed it"):
            store.save(tx, carved, what="renamed it", by="ada", at=TUESDAY)


def test_taking_away_and_merging_pass_the_guardrails_as_a_move_does(market, carved):
    names = state_of(market, carved.plan_id).territories["territory"].to_list()
    with market.writing() as tx:
        settings.change(tx, "accounts_per_territory", 1)
    for edit in (Remove(territory=names[1], to=names[2]), Merge(territories=(names[1],), into=names[2])):
        with pytest.raises(Guarded, match="one territory may hold"), market.writing() as tx:
            plans.edit(tx, carved.plan_id, edit, revision=None, by=ADA, at=TUESDAY)
        with market.writing() as tx:
            plans.edit(tx, carved.plan_id, edit, revision=None, overrule=FAIR, by=ADA, at=TUESDAY)
            plans.undo(tx, carved.plan_id, revision=None, by=ADA, at=TUESDAY)


def test_a_freeze_stops_every_kind_of_edit(market, carved):
    week = Period(midnight(TUESDAY.date()), midnight(TUESDAY.date()) + timedelta(days=7))
    with market.writing() as tx:
        approvals.freeze(tx, week, "Quarter end.", by=ADA, at=TUESDAY)
    names = state_of(market, carved.plan_id).territories["territory"].to_list()
    for edit in (Rename(territory=names[1], to="North"), Vacate(territory=names[1]), Lock(accounts=("A5",))):
        with pytest.raises(Guarded, match=r"^Plans are frozen until"), market.writing() as tx:
            plans.edit(tx, carved.plan_id, edit, revision=None, by=ADA, at=TUESDAY)
