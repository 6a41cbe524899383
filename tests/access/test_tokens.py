"""API tokens: limited, ending, and gone when their person is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from builders.roles import MONDAY, a_company, somebody
from patchbook import access
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.ledger.lay import lift
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Role, system
from patchbook.people.store import employment


@pytest.fixture
def tx(company_tx):
    return company_tx


def made(tx, who="paul", scopes=("see", "publish"), **more):
    return access.make_token(tx, "nightly", scopes, by=somebody(tx, who), at=MONDAY, **more)


def principal(tx, token, at=MONDAY):
    return access.token_principal(tx, token.secret, at=at)


def test_a_token_may_what_it_names_as_its_person_may(tx):
    by = principal(tx, made(tx))

    assert by.person_id == "paul"
    allow(tx, by, Deed.PUBLISH, at=MONDAY)
    with pytest.raises(NotAllowed, match="This token may not import"):
        allow(tx, by, Deed.IMPORT, at=MONDAY)


def test_a_token_gives_nobody_more_than_they_have(tx):
    by = principal(tx, made(tx, "rob", ["publish", "administer"]))

    for deed in (Deed.PUBLISH, Deed.ADMINISTER):
        with pytest.raises(NotAllowed, match="Only admins"):
            allow(tx, by, deed, at=MONDAY)


def test_its_secret_begins_so_that_a_leak_can_be_found_and_is_shown_once(tx):
    token = made(tx)

    assert token.secret.startswith("patchbook_")
    assert token.secret not in repr(token)
    assert token.secret not in repr(access.tokens(tx, by=somebody(tx, "paul"), at=MONDAY))


def test_a_token_ends(tx):
    token = made(tx, days=30)

    assert principal(tx, token, MONDAY + timedelta(days=30) - timedelta(seconds=1))
    assert principal(tx, token, MONDAY + timedelta(days=30)) is None


def test_a_token_revoked_is_nobodys(tx):
    token, other = made(tx), made(tx)
    access.revoke_token(tx, token.token.token_id, by=somebody(tx, "paul"), at=MONDAY)
    access.revoke_token(tx, token.token.token_id, by=somebody(tx, "paul"), at=MONDAY)

    assert principal(tx, token) is None
    assert principal(tx, other)
    revoked = {one.token_id: one.revoked_at for one in access.tokens(tx, by=somebody(tx, "paul"), at=MONDAY)}
    assert revoked == {token.token.token_id: MONDAY, other.token.token_id: None}


def test_who_leaves_takes_their_tokens_along(tx):
    token = made(tx)
    lift(tx, employment, [{"person_id": "paul", "valid_from": MONDAY + timedelta(days=1)}], at=MONDAY)

    assert principal(tx, token)
    assert principal(tx, token, MONDAY + timedelta(days=1)) is None


def test_a_role_lost_is_lost_to_tokens_too(tx):
    token = made(tx)
    access.revoke(tx, "paul", Role.PLANNER, by=system(), at=MONDAY)

    with pytest.raises(NotAllowed):
        allow(tx, principal(tx, token), Deed.PUBLISH, at=MONDAY)


def test_a_token_revokes_itself_and_none_that_may_more(tx):
    wide, narrow = made(tx), made(tx, scopes=("see",))
    with pytest.raises(NotFound, match="There is no token"):
        access.revoke_token(tx, wide.token.token_id, by=principal(tx, narrow), at=MONDAY)

    access.revoke_token(tx, narrow.token.token_id, by=principal(tx, narrow), at=MONDAY)

    assert principal(tx, wide)
    assert principal(tx, narrow) is None


def test_anothers_token_is_revoked_by_an_admin_and_unknown_to_others(tx):
    token_id = made(tx).token.token_id

    with pytest.raises(NotFound) as forbidden:
        access.revoke_token(tx, token_id, by=somebody(tx, "mia"), at=MONDAY)
    with pytest.raises(NotFound) as unknown:
        access.revoke_token(tx, "token-0", by=somebody(tx, "mia"), at=MONDAY)
    assert str(forbidden.value).replace(token_id, "token-0") == str(unknown.value)

    access.revoke_token(tx, token_id, by=somebody(tx, "ada"), at=MONDAY)


def test_an_admin_makes_and_lists_anothers_and_nobody_else_does(tx):
    token = made(tx, "ada", ["see"], person_id="rob")

    assert principal(tx, token).person_id == "rob"
    assert [one.name for one in access.tokens(tx, person_id="rob", by=somebody(tx, "ada"), at=MONDAY)] == ["nightly"]
    with pytest.raises(NotAllowed):
        made(tx, "paul", ["see"], person_id="rob")
    with pytest.raises(NotAllowed):
        access.tokens(tx, person_id="rob", by=somebody(tx, "paul"), at=MONDAY)


def test_a_token_makes_no_tokens(tx):
    by = principal(tx, made(tx, "ada", [deed.value for deed in Deed]))

    with pytest.raises(NotAllowed, match="A token makes no tokens"):
        access.make_token(tx, "another", ["see"], by=by, at=MONDAY)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"scopes": []}, "may do nothing"),
        ({"scopes": ["see", "fly"]}, "There is no deed 'fly'; a token is limited to some of administer, approve"),
        ({"days": 0}, "cannot be good for 0 days; choose 1 to 366"),
        ({"days": 367}, "cannot be good for 367 days"),
    ],
)
def test_a_token_that_cannot_be_is_refused(tx, changed, match):
    with pytest.raises(BadInput, match=match):
        made(tx, **changed)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_token_has_a_name(tx, name):
    with pytest.raises(BadInput, match="give it 1 to 200"):
        access.make_token(tx, name, ["see"], by=somebody(tx, "ada"), at=MONDAY)


def test_the_last_day_of_use_is_kept(record):
    with record.writing() as tx:
        a_company(tx)
        token = made(tx)
    for hour in (0, 5, 30):
        access.note_use(record, token.secret, at=MONDAY + timedelta(hours=hour))

    with record.reading() as tx:
        assert access.tokens(tx, by=somebody(tx, "paul"), at=MONDAY)[0].used_on == date(2027, 1, 5)


@pytest.mark.parametrize("secret", ["", "patchbook_", "patchbook_made-up", "\ud83d", "x" * 100_000])
def test_what_is_no_token_is_nobody(tx, secret):
    made(tx)

    assert access.token_principal(tx, secret, at=MONDAY) is None
