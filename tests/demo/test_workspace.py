"""The demo workspace is a company to look around in: every page has something to show, and it holds together."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from builders.demo_workspace import DEMO_NOW
from patchbook import access, changes
from patchbook.audit.verify import verify
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.demo.scene import PLANNER
from patchbook.demo.staff import HIRED
from patchbook.demo.today import AWAY, COVER, LEAVING
from patchbook.demo.workspace import NotTheDemos, build, found
from patchbook.engagement import acknowledging
from patchbook.exceptions import actions as exceptions
from patchbook.holdovers import actions as holdovers
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.leads import looking
from patchbook.ledger import actions as ledger
from patchbook.people import actions as people
from patchbook.people.principal import Role, system
from patchbook.plans import actions as plans
from patchbook.plans.life import Status
from patchbook.proposals import actions as proposals
from patchbook.territories import actions as territories

NOW = {"by": system(), "at": DEMO_NOW}


@pytest.fixture
def tx(demo_record):
    with demo_record.reading() as tx:
        yield tx


def owners(tx, on):
    rows = [batch.to_pylist() for batch in ledger.company(tx, on=on, **NOW)]
    return {row["account_id"]: row["person_id"] for batch in rows for row in batch}


def the_plan(tx, name):
    return next(plan for plan in plans.plans(tx, **NOW).rows if plan.name == name)


def test_everybody_signs_in_with_their_role(tx, demo_workspace):
    for role, person_id in demo_workspace.people.items():
        assert Role(role) in access.principal(tx, person_id, at=DEMO_NOW).roles


def test_a_manager_and_a_rep_see_their_part_only(tx, demo_workspace):
    def accounts(person_id):
        who = access.principal(tx, person_id, at=DEMO_NOW)
        return {
            row["account_id"]
            for batch in ledger.company(tx, on=DEMO_NOW, by=who, at=DEMO_NOW)
            for row in batch.to_pylist()
        }

    everything, managed, own = (accounts(demo_workspace.people[role]) for role in ("planner", "manager", "rep"))

    assert own < managed < everything
    assert len(own) > 20


def test_every_account_has_an_owner_today_and_as_the_plans_go_on(tx):
    newest = imports.latest(tx, Kind.ACCOUNTS)
    today = owners(tx, DEMO_NOW)

    assert len(today) == newest.rows - newest.rejected
    assert None not in today.values()
    assert changes.uncovered(tx, on=DEMO_NOW) == []


def test_many_accounts_had_another_owner_last_year(tx):
    before, now = owners(tx, DEMO_NOW - timedelta(days=200)), owners(tx, DEMO_NOW)

    assert sum(before[account] != now[account] for account in now) > 300
    assert max(Counter(before.values()).values()) > 1.5 * max(Counter(now.values()).values())


def test_plans_are_in_every_stage_somebody_wants_to_see(tx):
    stages = {plan.name: plan.status for plan in plans.plans(tx, **NOW).rows}

    assert stages == {
        "Field 2026": Status.SUPERSEDED,
        "Field 2027": Status.ACTIVE,
        "Segments 2027": Status.DRAFT,
        "Field 2027, lighter Boston": Status.DRAFT,
        "Field 2027, potential first": Status.DRAFT,
        "Inside 2027": Status.IN_REVIEW,
    }
    assert all(plan.result_id for plan in plans.plans(tx, **NOW).rows)


def test_the_scenarios_differ_from_the_plan_they_are_of(tx):
    active, by_hand, other = (
        the_plan(tx, name) for name in ("Field 2027", "Field 2027, lighter Boston", "Field 2027, potential first")
    )
    edits = [one.kind for one in plans.journal(tx, by_hand.plan_id, **NOW).rows]

    assert by_hand.scenario_of == other.scenario_of == active.plan_id
    assert edits == ["lock", "move", "move", "move"]
    assert other.result_id != active.result_id
    assert comments.comments(tx, "plan", by_hand.plan_id, **NOW).rows


def test_proposals_challenges_exceptions_and_extensions_wait_for_somebody(tx):
    assert Counter(one.made_by for one in proposals.proposals(tx, **NOW).rows) == {"M01": 1, "M02": 1}
    assert [one.filed_by for one in challenges.challenges(tx, **NOW).rows] == ["P205"]
    waits, holds = sorted(exceptions.register(tx, **NOW).rows, key=lambda one: one.status, reverse=True)
    assert (holds.status, holds.expires) == ("approved", DEMO_NOW + timedelta(days=20))
    assert waits.status == "requested"
    assert holdovers.holdovers(tx, on=DEMO_NOW, **NOW).rows
    assert len(holdovers.extensions(tx, is_open=True, **NOW).rows) == 1


def test_people_are_away_leave_and_are_hired(tx):
    def who_has(account, days):
        return ledger.owner(tx, account, on=DEMO_NOW + timedelta(days=days), **NOW)

    theirs = {person: next(a for a, one in owners(tx, DEMO_NOW).items() if one == person) for person in (AWAY, LEAVING)}

    assert who_has(theirs[AWAY], 0).acting_id == COVER
    assert who_has(theirs[AWAY], 15).acting_id is None
    assert [who_has(theirs[LEAVING], days).person_id for days in (0, 20, 40)] == [LEAVING, "M01", HIRED]
    assert not people.get(tx, "P901", **NOW).employed[-1].contains(DEMO_NOW)


def test_the_tree_has_teams_with_the_territories_of_their_reps(tx):
    tree = territories.tree(tx, on=DEMO_NOW, **NOW)
    below = Counter(node.path[-2] for node in tree if node.depth == 3)

    assert len(below) == 2
    assert sum(below.values()) == 24


def test_leads_were_assigned_worked_on_given_back_and_some_wait(tx):
    leads = looking.leads(tx, limit=100, **NOW).rows
    given_back = [
        one for one in leads if any(event.what == "returned" for event in looking.events(tx, one.lead_id, **NOW))
    ]

    assert len(leads) == 60
    assert sum(one.touched_at is not None for one in leads) >= 5
    assert sum(one.accepted_at is not None and one.touched_at is None for one in leads) >= 5
    assert given_back
    assert 1 <= looking.queue(tx, **NOW).waiting <= 20
    assert DEMO_NOW - timedelta(days=7) < min(one.received_at for one in leads)
    assert max(one.received_at for one in leads) <= DEMO_NOW


def test_the_rules_of_engagement_are_told_and_read_by_some(tx):
    assert "180 days" in acknowledging.document(tx, **NOW).markdown


def test_nothing_was_written_past_the_audit_trail(tx, demo_record):
    verified = verify(tx, demo_record.folder)

    assert verified.is_whole
    assert verified.events > 100


def test_a_workspace_is_found_again(demo_workspace):
    assert found(demo_workspace.record.parent) == demo_workspace
    assert demo_workspace.planner == PLANNER


def test_an_unfinished_workspace_is_not_found(tmp_path):
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "demo.json").touch()

    assert found(tmp_path) is None


def test_a_record_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ABOUT.md").touch()
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "patchbook.db").write_bytes(b"theirs")

    with pytest.raises(NotTheDemos, match="--out"):
        build(tmp_path, at=DEMO_NOW)

    assert (tmp_path / "record" / "patchbook.db").read_bytes() == b"theirs"
