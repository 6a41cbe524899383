"""Reading the trail: newest first, page by page, and nobody sees what is not theirs to see."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from sqlalchemy import insert

from builders.roles import MONDAY, somebody
from patchbook import access
from patchbook.audit import actions as audit
from patchbook.errors import BadInput, NotAllowed
from patchbook.people.principal import Principal, Role, system
from patchbook.plans.store import plan


@pytest.fixture
def tx(company_tx):
    for number, (deed, subject, kind, by) in enumerate(DONE):
        audit.record(company_tx, deed, subject, kind=kind, by=by, at=MONDAY + timedelta(hours=number), why="=1+1")
    return company_tx


DONE = [
    ("rename", "east", "territory", "paul"),
    ("rename", "north", "territory", "paul"),
    ("change", "rob", "person", "paul"),
    ("change", "emil", "person", "paul"),
    ("grant", "rob", "person", "ada"),
    ("propose", "proposal-1", "proposal", "mia"),
    ("carve", "plan-1", "plan", "paul"),
    ("carve", "plan-2", "plan", "ada"),
]


def numbers(page):
    return [event.number for event in page.rows]


def told(tx, who, **asked):
    return audit.trail(tx, by=somebody(tx, who), at=MONDAY, **asked)


def a_plan(tx, plan_id, *, owner, confidential):
    values = {"name": plan_id, "status": "draft", "revision": 1, "document": "", "seed": 1, "seconds": 1.0}
    tx.execute(
        insert(plan).values(
            plan_id=plan_id, owner_id=owner, made_by=owner, made_at=MONDAY, confidential=confidential, **values
        )
    )


def test_an_admin_sees_all_newest_first_page_by_page(tx):
    first = told(tx, "ada", limit=3)
    second = told(tx, "ada", limit=3, after=first.next_cursor)
    third = told(tx, "ada", limit=3, after=second.next_cursor)

    assert numbers(first) + numbers(second) + numbers(third) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert third.next_cursor is None
    newest = first.rows[0]
    assert (newest.deed, newest.subject, newest.kind, newest.by, newest.why) == (
        *("carve", "plan-2", "plan", "ada"),
        "=1+1",
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"subject": "rob"}, [5, 3]),
        ({"kind": "territory"}, [2, 1]),
        ({"deed": "carve"}, [8, 7]),
        ({"person_id": "ada"}, [8, 5]),
        ({"since": MONDAY + timedelta(hours=6)}, [8, 7]),
        ({"until": MONDAY + timedelta(hours=1)}, [1]),
        ({"subject": "nothing"}, []),
    ],
)
def test_it_can_be_asked_for_a_part(tx, asked, found):
    assert numbers(told(tx, "ada", **asked)) == found


SEEN = {
    "mia": [6, 3, 1],  # what she did, and what was done to Rob and the east
    "eva": [4, 2],
    "rob": [3, 1],
    "paul": [7, 4, 3, 2, 1],  # all plans but confidential ones of others; not who was granted what
    "vic": [4, 3, 2, 1],
}


@pytest.mark.parametrize("who", SEEN)
def test_others_see_what_is_theirs_to_see(tx, who):
    a_plan(tx, "plan-1", owner="paul", confidential=False)
    a_plan(tx, "plan-2", owner="ada", confidential=True)

    assert numbers(told(tx, who)) == SEEN[who]


def test_who_has_no_role_sees_nothing(tx):
    with pytest.raises(NotAllowed):
        audit.trail(tx, by=Principal(person_id="nobody"), at=MONDAY)


def test_a_token_without_the_right_shows_what_others_see(tx):
    with_audit = Principal(person_id="ada", grants=somebody(tx, "ada").grants, token_scopes=frozenset({"see"}))

    assert numbers(audit.trail(tx, kind="person", by=with_audit, at=MONDAY)) == [5, 4, 3]  # her own deed is hers
    with pytest.raises(NotAllowed):
        audit.export(tx, None, by=with_audit, at=MONDAY)


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 1001}, {"after": "nonsense"}])
def test_pages_that_cannot_be_are_refused(tx, asked):
    with pytest.raises(BadInput):
        told(tx, "ada", **asked)


def test_the_export_runs_no_formula(tx, tmp_path):
    path = audit.export(tx, tmp_path / "trail.csv", by=somebody(tx, "ada"), at=MONDAY)

    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 9)]
    assert {row["why"] for row in rows} == {"'=1+1"}


def test_only_an_admin_exports(tx, tmp_path):
    with pytest.raises(NotAllowed, match="Only admins"):
        audit.export(tx, tmp_path / "trail.csv", by=somebody(tx, "paul"), at=MONDAY)
    assert not (tmp_path / "trail.csv").exists()


def test_every_deed_about_access_is_in_the_trail_and_names_nobody(tx):
    access.grant(tx, "rob", Role.PLANNER, by=system(), at=MONDAY)
    access.revoke(tx, "rob", Role.PLANNER, by=system(), at=MONDAY)
    access.set_password(tx, "rob", "four words do not", by=system(), at=MONDAY)
    token = access.make_token(tx, "nightly export of Rob", ["see"], by=somebody(tx, "rob"), at=MONDAY)
    access.revoke_token(tx, token.token.token_id, by=somebody(tx, "rob"), at=MONDAY)

    events = audit.trail(tx, limit=5, by=system(), at=MONDAY).rows
    assert [event.deed for event in reversed(events)] == [
        "grant",
        "revoke",
        "set password",
        "make token",
        "revoke token",
    ]
    assert "Canary" not in repr(events)
    assert "nightly" not in repr(events)
