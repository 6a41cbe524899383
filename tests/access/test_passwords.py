"""Passwords: good ones are taken, guessed ones run out of tries, and nobody learns who is here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import extract_parameters

from builders.roles import MONDAY, a_company, somebody
from patchbook import access
from patchbook.access import passwords, store
from patchbook.access.grants import NoSuchPerson
from patchbook.access.passwords import TooManyTries, WeakPassword, WrongPassword, refuse_weak
from patchbook.errors import NotAllowed
from patchbook.ledger.lay import lift
from patchbook.people.principal import Principal, Role, system
from patchbook.people.store import employment

GOOD = "violet anvil drifts sideways"


@pytest.fixture
def company(sqlite_record):
    return a_company_with_a_password(sqlite_record)


def a_company_with_a_password(record):
    with record.writing() as tx:
        a_company(tx)
        access.set_password(tx, "rob", GOOD, by=system(), at=MONDAY)
    return record


def signed_in(record, email="rob@example.com", password=GOOD, at=MONDAY, **more):
    return access.sign_in(record, email, password, at=at, **more)


def who(record, session, at=MONDAY):
    with record.reading() as tx:
        found = access.session_principal(tx, session.secret, at=at)
    return found and found.person_id


def test_who_knows_the_password_is_signed_in(record):
    company = a_company_with_a_password(record)

    session = signed_in(company)

    assert session.person_id == "rob"
    assert who(company, session) == "rob"
    assert session.ends_at == MONDAY + timedelta(days=7)


@pytest.mark.parametrize("email", ["ROB@Example.com", "  rob@example.com "])
def test_an_address_is_the_same_in_capitals(company, email):
    assert signed_in(company, email).person_id == "rob"


def test_a_password_typed_on_another_keyboard_is_the_same(company):
    with company.writing() as tx:
        access.set_password(tx, "rob", "Zu\u0308rich liegt am Fjord", by=system(), at=MONDAY)

    assert signed_in(company, password="Z\u00fcrich liegt am Fjord").person_id == "rob"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rob@example.com", "violet anvil drifts sidewayS"),
        ("rob@example.com", ""),
        ("rob@example.com", "x" * 2_000_000),
        ("rob@example.com", "half \ud83d"),
        ("mia@example.com", GOOD),  # is here, has no password
        ("nobody@example.com", GOOD),
        ("", GOOD),
        ("%", GOOD),
        ("rob@example.com' OR 1=1 --", GOOD),
        ("\ud83d", GOOD),
        ("rob\0@example.co", GOOD),
    ],
)
def test_everything_wrong_is_refused_in_the_same_words(company, email, password):
    with pytest.raises(WrongPassword) as refused:
        signed_in(company, email, password)

    assert str(refused.value) == "The e-mail address or the password is wrong; an admin can set a new password."


def test_an_unknown_address_costs_as_much_work_as_a_known_one(company, monkeypatch):
    """Counted in hashes compared, and not by the clock: the time of one is the time of the other."""
    compared = []
    is_right = passwords._is_right
    monkeypatch.setattr(passwords, "_is_right", lambda kept, typed: compared.append(kept) or is_right(kept, typed))

    for email in ("rob@example.com", "mia@example.com", "nobody@example.com"):
        with pytest.raises(WrongPassword):
            signed_in(company, email, "a wrong one")

    assert len(compared) == 3
    assert all(extract_parameters(kept) == extract_parameters(compared[0]) for kept in compared)


def test_a_password_is_kept_as_argon2id_with_19_mib_and_two_passes(company):
    with company.reading() as tx:
        kept = extract_parameters(store.password_hash(tx, "rob"))

    assert (kept.type.name, kept.memory_cost, kept.time_cost, kept.parallelism) == ("ID", 19 * 1024, 2, 1)


def fails(record, times, email="rob@example.com", at=MONDAY):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            signed_in(record, email, "a wrong one", at=at)


def test_after_five_failures_also_the_right_password_waits(record):
    company = a_company_with_a_password(record)
    fails(company, 5)

    with pytest.raises(
        TooManyTries, match="5 sign-ins in this name have failed; try again after 2027-01-04 09:15:00 UTC"
    ):
        signed_in(company, at=MONDAY + timedelta(minutes=14))
    assert signed_in(company, at=MONDAY + timedelta(minutes=15, seconds=1)).person_id == "rob"


def test_waiting_is_the_same_for_who_is_not_here(company):
    fails(company, 5, "nobody@example.com")

    with pytest.raises(TooManyTries):
        signed_in(company, "NOBODY@example.com")


def test_tries_while_waiting_do_not_lengthen_the_wait(company):
    fails(company, 5)
    for minute in range(1, 15):
        with pytest.raises(TooManyTries):
            signed_in(company, at=MONDAY + timedelta(minutes=minute))

    assert signed_in(company, at=MONDAY + timedelta(minutes=15, seconds=1)).person_id == "rob"


def test_a_success_forgets_the_failures_before_it(company):
    fails(company, 4)
    signed_in(company)
    fails(company, 4)

    assert signed_in(company).person_id == "rob"


def test_one_name_does_not_make_another_wait(company):
    fails(company, 5, "nobody@example.com")

    assert signed_in(company).person_id == "rob"


def test_many_tries_at_once_gain_nothing(record):
    """Twenty guesses start before any has failed: still no more than five are compared."""
    company = a_company_with_a_password(record)

    def guess(_):
        try:
            signed_in(company, password="a wrong one")
        except (WrongPassword, TooManyTries) as refused:
            return type(refused)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(guess, range(20)))

    assert outcomes.count(WrongPassword) == 5
    assert outcomes.count(TooManyTries) == 15


def test_who_left_cannot_sign_in(company):
    with company.writing() as tx:
        unseated(tx, "rob")

    with pytest.raises(WrongPassword):
        signed_in(company)


def unseated(tx, person_id):
    from patchbook.ledger.lay import lay
    from patchbook.ledger.tables import staffing

    vacant = {"valid_from": MONDAY, "cause": "departure", "source": "x", "reason": "left", "interim_id": "mia"}
    lay(tx, staffing, [{"seat_id": "seat-east", **vacant}], at=MONDAY)
    lift(tx, employment, [{"person_id": person_id, "valid_from": MONDAY}], at=MONDAY)


def test_signing_in_ends_the_session_it_replaces(company):
    planted = signed_in(company)
    session = signed_in(company, replaces=planted.secret)

    assert who(company, planted) is None
    assert who(company, session) == "rob"


def test_one_changes_ones_own_with_the_old_one(company):
    session = signed_in(company)
    with company.writing() as tx:
        rob = somebody(tx, "rob")
        access.set_password(tx, "rob", "another anvil drifts home", old=GOOD, by=rob, at=MONDAY)

    assert who(company, session) is None  # whoever had the old one is out
    assert signed_in(company, password="another anvil drifts home").person_id == "rob"
    with pytest.raises(WrongPassword):
        signed_in(company)


@pytest.mark.parametrize("old", [None, "", "a wrong one"])
def test_nobody_changes_theirs_without_the_old_one(company, old):
    with company.writing() as tx, pytest.raises(WrongPassword):
        access.set_password(tx, "rob", "another anvil drifts home", old=old, by=somebody(tx, "rob"), at=MONDAY)

    assert signed_in(company).person_id == "rob"


def test_nobody_but_an_admin_sets_somebody_elses(company):
    with company.writing() as tx:
        for other in ("mia", "paul", "rita"):
            with pytest.raises(NotAllowed, match="Only admins may grant roles"):
                access.set_password(tx, "rob", "another anvil drifts home", by=somebody(tx, other), at=MONDAY)
        access.set_password(tx, "rob", "another anvil drifts home", by=somebody(tx, "ada"), at=MONDAY)


def test_a_token_changes_no_password(company):
    with company.writing() as tx:
        rob = Principal(person_id="rob", grants=somebody(tx, "rob").grants, token_scopes=frozenset({"see"}))
        with pytest.raises(NotAllowed, match="This token may not grant roles"):
            access.set_password(tx, "rob", "another anvil drifts home", old=GOOD, by=rob, at=MONDAY)


def test_a_password_for_nobody_is_refused(company):
    with company.writing() as tx, pytest.raises(NoSuchPerson, match="no person"):
        access.set_password(tx, "nobody", GOOD, by=somebody(tx, "ada"), at=MONDAY)


WEAK = {
    "short": "too short",
    "": "too short",
    "x" * 1001: "too long",
    "password": "among the first",
    "Password123": "among the first",
    "P@ssw0rd2027!": "among the first",
    "QWERTZuiop": "among the first",
    "12345678": "among the first",
    "1qaz2wsx": "among the first",
    "aaaaaaaaaaaa": "among the first",
    "abababababab": "among the first",
    "abcdefghijkl": "among the first",
    "987654321098": "among the first",
    "Welcome1!": "among the first",
    "Summer2026": "among the first",
    "patchbook2027": "among the first",
    "correct horse battery staple": "among the first",
    "robcanary": "among the first",
    "Rob Canary 2027": "among the first",
    "rob@example.com": "among the first",
}


@pytest.mark.parametrize("password", WEAK)
def test_weak_passwords_are_refused_with_a_better_idea(password):
    about = frozenset({"Rob Canary", "Rob", "Canary", "rob@example.com"})

    with pytest.raises(WeakPassword, match=WEAK[password]):
        refuse_weak(password, about=about)


@pytest.mark.parametrize(
    "password", [GOOD, "Tr0ub4dor&3x", "zwölf Boxkämpfer", "kX9#mQ2$vL", "東京都渋谷区神南一丁目", "🗺️📐🧭🏔️🏝️🏜️🛤️🌋"]
)
def test_others_are_taken(password):
    refuse_weak(password, about=frozenset({"Rob Canary"}))


def test_the_first_admin_has_no_password_until_one_is_set(record):
    with record.writing() as tx:
        ann = access.first_admin(tx, "Ann Smith", "ann@example.com", at=MONDAY)
    with pytest.raises(WrongPassword):
        signed_in(record, "ann@example.com", "")
    with record.writing() as tx:
        access.set_password(tx, ann, GOOD, by=access.principal(tx, ann, at=MONDAY), at=MONDAY)

    assert signed_in(record, "ann@example.com").person_id == ann
    with record.reading() as tx:
        assert access.principal(tx, ann, at=MONDAY).roles == {Role.ADMIN}
