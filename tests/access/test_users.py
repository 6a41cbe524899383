"""Who can come in, and jobs that are stopped, on both databases."""

from __future__ import annotations

from builders.web_company import NOW, a_company, principal_of
from patchbook import access
from patchbook.access.users import Which, end_all_sessions, sessions, users
from patchbook.db.sizes import bytes_of_database, rows_of
from patchbook.jobs import actions as jobs
from patchbook.leads.fairness import pools
from patchbook.leads.feed import Came, feed
from patchbook.people.principal import Role

ADA = {"by": principal_of("ada"), "at": NOW}


def test_users_are_found_by_how_they_come_in_and_page_by_page(record):
    a_company(record)
    with record.writing() as tx:
        access.set_password(tx, "ron", "correct horse battery", **ADA)
        access.begin(tx, "ron", how="test", at=NOW)
    with record.reading() as tx:
        first = users(tx, limit=4, **ADA)
        second = users(tx, limit=10, after=first.next_cursor, **ADA)
        (ron,) = users(tx, which=Which.SIGNING_IN, search="ron", role=Role.REP, **ADA).rows
        sizes = rows_of(tx, {"People": "person", "Seats": "seat"})
        assert bytes_of_database(tx) > 0

    assert [one.person_id for one in (*first.rows, *second.rows)] == sorted(
        ["ada", "boss", "finn", "nora", "pia", "rita", "ron", "sam", "sven", "vera"]
    )
    assert (ron.sessions, ron.last_used, ron.can_sign_in) == (1, NOW, True)
    assert sizes == {"People": 10, "Seats": 6}
    with record.writing() as tx:
        assert end_all_sessions(tx, "ron", **ADA) == 1
        assert sessions(tx, "ron", **ADA) == ()


def test_feeds_pools_and_jobs_of_an_empty_record_are_empty(record):
    a_company(record)
    with record.reading() as tx:
        assert feed(tx, came=Came.ASSIGNED, since=NOW, **ADA).rows == ()
        assert pools(tx, **ADA) == ()
        assert jobs.last_runs(tx, **ADA) == {}
    with record.writing() as tx:
        jobs.ask(tx, "webhooks", **ADA)
        assert jobs.stop(tx, "webhooks", **ADA).asked_by is None
