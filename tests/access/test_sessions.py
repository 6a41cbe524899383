"""Sessions end: by rest, by age, by signing out, by leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from builders.roles import MONDAY, a_company
from patchbook import access
from patchbook.access import sessions, store
from patchbook.ledger.lay import lift
from patchbook.people.principal import Role, system
from patchbook.people.store import employment


@pytest.fixture
def company(record):
    with record.writing() as tx:
        a_company(tx)
    return record


def begun(record, who="paul", at=MONDAY):
    with record.writing() as tx:
        return sessions.begin(tx, who, how="test", at=at)


def who(record, secret, at):
    with record.reading() as tx:
        found = access.session_principal(tx, secret, at=at)
    return found and found.person_id


def test_a_session_ends_after_twelve_hours_of_rest(company):
    session = begun(company)

    assert who(company, session.secret, MONDAY + timedelta(hours=11, minutes=59)) == "paul"
    assert who(company, session.secret, MONDAY + timedelta(hours=12)) is None


def test_a_session_in_use_lasts_seven_days_and_no_longer(company):
    session = begun(company)
    for hour in range(0, 24 * 7, 6):
        at = MONDAY + timedelta(hours=hour)
        assert who(company, session.secret, at) == "paul"
        access.note_use(company, session.secret, at=at)

    assert who(company, session.secret, MONDAY + timedelta(days=7)) is None


def test_use_is_written_down_only_now_and_then(company):
    session = begun(company)
    writes = 0
    for minute in range(60):
        before = used_at(company)
        access.note_use(company, session.secret, at=MONDAY + timedelta(minutes=minute))
        writes += used_at(company) != before

    assert writes == 3


def used_at(record):
    with record.reading() as tx:
        return tx.execute(select(store.session.c.used_at)).scalar()


def test_the_use_of_what_is_unknown_is_not_written_down(company):
    begun(company)
    before = used_at(company)

    access.note_use(company, "made up", at=MONDAY + timedelta(hours=1))

    assert used_at(company) == before is not None


def test_signing_out_ends_it(company):
    one, other = begun(company), begun(company)
    with company.writing() as tx:
        access.sign_out(tx, one.secret, at=MONDAY)
        access.sign_out(tx, one.secret, at=MONDAY)
        access.sign_out(tx, "made up", at=MONDAY)

    assert who(company, one.secret, MONDAY) is None
    assert who(company, other.secret, MONDAY) == "paul"


def test_all_of_somebody_end_at_once(company):
    mine, another = [begun(company), begun(company)], begun(company, "mia")
    with company.writing() as tx:
        assert access.end_sessions(tx, "paul") == 2

    assert [who(company, session.secret, MONDAY) for session in mine] == [None, None]
    assert who(company, another.secret, MONDAY) == "mia"


def test_who_leaves_is_out_at_that_instant(company):
    leaving = MONDAY + timedelta(hours=3)
    session = begun(company)
    with company.writing() as tx:
        lift(tx, employment, [{"person_id": "paul", "valid_from": leaving}], at=MONDAY)

    assert who(company, session.secret, leaving - timedelta(seconds=1)) == "paul"
    assert who(company, session.secret, leaving) is None


def test_a_role_taken_away_is_gone_in_sessions_begun_before(company):
    session = begun(company)
    with company.writing() as tx:
        access.revoke(tx, "paul", Role.PLANNER, by=system(), at=MONDAY)

    with company.reading() as tx:
        assert access.session_principal(tx, session.secret, at=MONDAY).grants == ()


@pytest.mark.parametrize("secret", ["", "made up", "x" * 100_000, "\ud83d", "\0", "' OR 1=1 --"])
def test_what_is_no_secret_is_nobody(sqlite_record, secret):
    assert who(sqlite_record, secret, MONDAY) is None


def test_sessions_that_ended_are_forgotten(company):
    for day in range(3):
        begun(company, at=MONDAY + timedelta(days=day))

    with company.reading() as tx:
        assert tx.execute(select(func.count()).select_from(store.session)).scalar() == 1


def test_secrets_are_long_and_never_the_same(company):
    secrets = {begun(company).secret for _ in range(20)}

    assert len(secrets) == 20
    assert min(map(len, secrets)) >= 43  # 256 bits
