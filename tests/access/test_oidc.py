"""Signing in through a provider: who is honest comes in, and every lie is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from access.issuer import CLIENT, OTHER_KEY, SECRET, an_issuer, sign, signed_with_the_public_key, unsigned
from builders.roles import a_company
from patchbook import access
from patchbook.access import oidc, store
from patchbook.access.oidc import SignInFailed, begin, finish
from patchbook.access.providers import BadProvider, is_safe_url, providers
from patchbook.errors import BadInput, NotFound
from patchbook.people.principal import Role, system

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
BACK = "https://patchbook.example.com/sign-in/okta"


@pytest.fixture
def issuer(request, monkeypatch):
    """A provider the record of the test knows as `okta`."""
    names = {"record", "sqlite_record"} & set(request.fixturenames)
    record = request.getfixturevalue("record" if "record" in names else "sqlite_record")
    with an_issuer() as issuer:
        issuer.now = int(MONDAY.timestamp())
        issuer.person = {"sub": "subject-1", "name": "Nell Canary", "groups": ["sales-ops", "everybody"]}
        settings = {"issuer": issuer.url, "client_id": CLIENT, "roles": {"sales-ops": "planner", "sales": "rep"}}
        (record.folder / "sign-in.json").write_text(json.dumps({"okta": settings}))
        monkeypatch.setenv("PATCHBOOK_OIDC_SECRET_OKTA", SECRET)
        yield issuer


def come_back(record, okta, *, at=MONDAY, **changed):
    begun = begin(record, "okta", BACK, at=at)
    back = {**okta.approve(begun.url), **changed}
    return finish(record, "okta", back.pop("state"), back.pop("code"), at=at, **back)


def principal(record, signed_in, at=MONDAY):
    with record.reading() as tx:
        return access.session_principal(tx, signed_in.secret, at=at)


def test_who_is_new_comes_in_with_the_roles_of_their_groups(record, issuer):
    signed_in = come_back(record, issuer)

    by = principal(record, signed_in)
    assert by.person_id == signed_in.person_id
    assert by.roles == {Role.PLANNER}
    assert not by.token_scopes


def test_who_comes_again_is_the_same_person_with_the_roles_of_now(record, issuer):
    first = come_back(record, issuer)
    with record.writing() as tx:
        access.grant(tx, first.person_id, Role.VIEWER, by=system(), at=MONDAY)
    issuer.person = {"sub": "subject-1", "name": "Another Name", "groups": ["sales"]}

    second = come_back(record, issuer)

    assert second.person_id == first.person_id
    assert principal(record, second).roles == {Role.REP, Role.VIEWER}  # granted by hand stays
    assert principal(record, first).roles == {Role.REP, Role.VIEWER}  # lost at once, in older sessions too


def test_one_group_as_a_text_is_a_group(sqlite_record, issuer):
    issuer.person["groups"] = "sales"

    assert principal(sqlite_record, come_back(sqlite_record, issuer)).roles == {Role.REP}


def test_the_address_asks_for_a_code_with_pkce_and_tells_no_secret(sqlite_record, issuer):
    asked = dict(parse_qsl(urlsplit(begin(sqlite_record, "okta", BACK, at=MONDAY).url).query))

    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert SECRET not in asked.values()
    come_back(sqlite_record, issuer)
    assert issuer.asked[0]["code_verifier"] not in asked.values()


def test_somebody_linked_by_an_admin_is_who_they_were(record, issuer):
    with record.writing() as tx:
        a_company(tx)
        oidc.link(tx, "rob", issuer.url, "subject-1", by=access.principal(tx, "ada", at=MONDAY), at=MONDAY)
        oidc.link(tx, "rob", issuer.url, "subject-1", by=access.principal(tx, "ada", at=MONDAY), at=MONDAY)

    signed_in = come_back(record, issuer)

    assert signed_in.person_id == "rob"
    assert principal(record, signed_in).roles == {Role.REP, Role.PLANNER}


def refused(record, okta, match, **changed):
    with pytest.raises(SignInFailed, match=match):
        come_back(record, okta, **changed)
    with record.reading() as tx:
        assert store.person_of_identity(tx, okta.url, "subject-1") is None


LIES = {
    "another issuer": (lambda c: {**c, "iss": "https://evil.example.com"}, "iss"),
    "no issuer": (lambda c: {k: v for k, v in c.items() if k != "iss"}, "iss"),
    "for another client": (lambda c: {**c, "aud": "another-client"}, "aud"),
    "for nobody": (lambda c: {k: v for k, v in c.items() if k != "aud"}, "aud"),
    "for two, authorised for the other": (lambda c: {**c, "aud": [CLIENT, "b"], "azp": "b"}, "azp"),
    "for two, authorised for nobody": (lambda c: {**c, "aud": [CLIENT, "b"]}, "azp"),
    "another nonce": (lambda c: {**c, "nonce": "replayed"}, "nonce"),
    "no nonce": (lambda c: {k: v for k, v in c.items() if k != "nonce"}, "nonce"),
    "expired": (lambda c: {**c, "exp": c["iat"] - 61}, "expired"),
    "never expires": (lambda c: {k: v for k, v in c.items() if k != "exp"}, "exp"),
    "not good yet": (lambda c: {**c, "nbf": c["iat"] + 600}, "not yet valid"),
    "made in the future": (lambda c: {**c, "iat": c["iat"] + 600, "exp": c["exp"] + 600}, "iat|future|issued"),
    "of nobody": (lambda c: {k: v for k, v in c.items() if k != "sub"}, "sub"),
    "of an empty subject": (lambda c: {**c, "sub": ""}, "who somebody is"),
    "of a number": (lambda c: {**c, "sub": 7}, "sub|who somebody is"),
    "another access token": (lambda c: {**c, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
    "claims that are no text": (lambda c: {**c, "exp": "tomorrow"}, "not to be believed"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_something_wrong_is_refused(sqlite_record, issuer, lie):
    issuer.claims, match = LIES[lie]

    refused(sqlite_record, issuer, match)


FORGERIES = {
    "unsigned": unsigned,
    "a shared secret that is the public key": signed_with_the_public_key,
    "another key of the same name": lambda claims: sign(claims, key=OTHER_KEY),
    "its own key in the header": lambda claims: sign(claims, key=OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)),
    "an unknown key": lambda claims: sign(claims, kid="two"),
    "a changed payload": lambda claims: tampered(sign(claims)),
    "no token": lambda claims: "not.a.token",
    "nothing": lambda claims: "",
    "five parts": lambda claims: sign(claims) + ".a.b",
}


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(sqlite_record, issuer, forgery):
    issuer.signed = FORGERIES[forgery]

    refused(sqlite_record, issuer, "not to be believed|does not say who")


def test_an_answer_without_a_token_is_refused(sqlite_record, issuer):
    issuer.answer = lambda answer: {"access_token": "opaque"}

    refused(sqlite_record, issuer, "has no id_token")


def test_a_state_nobody_began_with_is_refused(sqlite_record, issuer):
    refused(sqlite_record, issuer, "was not begun here", state="made-up")


def test_a_state_is_good_once(record, issuer):
    begun = begin(record, "okta", BACK, at=MONDAY)
    back = issuer.approve(begun.url)
    finish(record, "okta", back["state"], back["code"], at=MONDAY)

    with pytest.raises(SignInFailed, match="is used already"):
        finish(record, "okta", back["state"], issuer.approve(begun.url)["code"], at=MONDAY)


def test_a_state_is_good_for_a_short_time(sqlite_record, issuer):
    begun = begin(sqlite_record, "okta", BACK, at=MONDAY)
    back = issuer.approve(begun.url)

    with pytest.raises(SignInFailed, match="took too long"):
        finish(sqlite_record, "okta", back["state"], back["code"], at=MONDAY + timedelta(minutes=10))


def test_a_state_of_one_provider_is_none_of_another(sqlite_record, issuer):
    file = sqlite_record.folder / "sign-in.json"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps({**settings, "evil": settings["okta"]}))
    back = issuer.approve(begin(sqlite_record, "okta", BACK, at=MONDAY).url)

    with pytest.raises(SignInFailed, match="was not begun here"):
        finish(sqlite_record, "evil", back["state"], back["code"], at=MONDAY)


def test_a_code_that_was_stolen_is_worth_nothing_to_who_began_another_sign_in(sqlite_record, issuer):
    """The thief puts the victim's code behind a state of their own: PKCE binds the code to the other one."""
    victims = issuer.approve(begin(sqlite_record, "okta", BACK, at=MONDAY).url)
    thiefs = begin(sqlite_record, "okta", BACK, at=MONDAY)

    with pytest.raises(SignInFailed, match="status 400"):
        finish(sqlite_record, "okta", thiefs.state, victims["code"], at=MONDAY)


def test_a_code_of_another_place_to_come_back_to_is_refused(sqlite_record, issuer):
    begun = begin(sqlite_record, "okta", BACK, at=MONDAY)
    back = issuer.approve(begun.url)
    issuer.codes[back["code"]]["redirect_uri"] = "https://evil.example.com/"

    with pytest.raises(SignInFailed, match="status 400"):
        finish(sqlite_record, "okta", back["state"], back["code"], at=MONDAY)


def test_a_made_up_code_is_refused(sqlite_record, issuer):
    refused(sqlite_record, issuer, "status 400", code="made-up")


def test_an_answer_of_another_issuer_is_refused(sqlite_record, issuer):
    refused(sqlite_record, issuer, "the answer is from", issuer="https://evil.example.com")


def test_who_promises_to_say_who_answers_has_to(sqlite_record, issuer):
    issuer.discovery = {"authorization_response_iss_parameter_supported": True}

    refused(sqlite_record, issuer, "does not say who it is from")
    assert come_back(sqlite_record, issuer, issuer=issuer.url).person_id


@pytest.mark.parametrize(
    ("discovery", "match"),
    [
        ({"issuer": "https://evil.example.com"}, "it says that it is"),
        ({"token_endpoint": "http://evil.example.com/token"}, "its token_endpoint is .* not https"),
        ({"jwks_uri": "file:///etc/passwd"}, "its jwks_uri is .* not https"),
        ({"jwks_uri": None}, "its jwks_uri is None"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "its authorization_endpoint is"),
        ({"redirect_to": "http://127.0.0.1:1/"}, "answered with status 302"),
    ],
)
def test_what_a_provider_says_of_itself_is_checked(sqlite_record, issuer, discovery, match):
    issuer.discovery = discovery

    refused(sqlite_record, issuer, match)


def test_a_provider_that_never_stops_talking_is_cut_off(sqlite_record, issuer):
    issuer.huge = True

    refused(sqlite_record, issuer, "more than 1000000 bytes")


def test_keys_that_are_none_are_refused(sqlite_record, issuer):
    issuer.keys = [{"kty": "oct", "k": "AAAA"}, {"kty": "nonsense"}]

    refused(sqlite_record, issuer, "not to be believed")


def test_a_wrong_client_secret_is_refused(sqlite_record, issuer, monkeypatch):
    monkeypatch.setenv("PATCHBOOK_OIDC_SECRET_OKTA", "wrong")

    refused(sqlite_record, issuer, "status 401")


def test_the_secret_goes_into_the_form_where_the_provider_wants_it_there(sqlite_record, issuer):
    issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert come_back(sqlite_record, issuer).person_id
    assert issuer.asked[0]["client_secret"] == SECRET


def test_whose_groups_have_no_role_stays_out(sqlite_record, issuer):
    issuer.person["groups"] = ["everybody"]

    refused(sqlite_record, issuer, "none of the person's groups has a role here")


@pytest.mark.parametrize("is_verified", [True, False, "true", None])
def test_an_email_address_alone_makes_nobody_somebody(record, issuer, is_verified):
    """Who controls a provider's directory, or a recycled mailbox, must not become the admin of that address."""
    with record.writing() as tx:
        a_company(tx)
    issuer.person |= {"email": "ADA@example.com", "email_verified": is_verified}

    if is_verified is True:
        refused(record, issuer, "an admin has to link the two")
    else:
        signed_in = come_back(record, issuer)
        assert signed_in.person_id != "ada"
        assert principal(record, signed_in).roles == {Role.PLANNER}


def test_who_left_does_not_come_in_any_more(record, issuer):
    from patchbook.ledger.lay import lift
    from patchbook.people.store import employment

    first = come_back(record, issuer)
    with record.writing() as tx:
        lift(tx, employment, [{"person_id": first.person_id, "valid_from": MONDAY}], at=MONDAY)

    assert principal(record, first) is None
    with pytest.raises(SignInFailed, match="is not employed here now"):
        come_back(record, issuer)


def test_nothing_secret_of_a_sign_in_is_stored(record, issuer):
    begun = begin(record, "okta", BACK, at=MONDAY)
    asked = dict(parse_qsl(urlsplit(begun.url).query))

    with record.reading() as tx:
        rows = repr(tx.execute(store.sign_in_begun.select()).all())

    assert not any(secret in rows for secret in (begun.state, asked["nonce"], asked["code_challenge"], SECRET))
    assert begun.state not in repr(begun)
    assert SECRET not in repr(providers(record.folder))


def test_an_unknown_provider_is_not_found(sqlite_record):
    with pytest.raises(NotFound, match=r"no sign-in provider 'okta'; none is set up in sign-in\.json"):
        begin(sqlite_record, "okta", BACK, at=MONDAY)


@pytest.mark.parametrize("place", ["http://patchbook.example.com/", "//evil", "javascript:alert(1)", "https://a@b/"])
def test_nobody_is_sent_back_to_where_others_listen(sqlite_record, issuer, place):
    with pytest.raises(BadInput, match="cannot be sent back to"):
        begin(sqlite_record, "okta", place, at=MONDAY)


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ("[", "must be JSON"),
        ("[]", "must be an object"),
        ('{"Okta!": {}}', "small letters"),
        ('{"okta": []}', "must be an object with issuer"),
        ('{"okta": {"issuer": "https://a.example.com"}}', "client_id must be a text"),
        ('{"okta": {"issuer": "http://a.example.com", "client_id": "c"}}', "must begin with https://"),
        ('{"okta": {"issuer": "https://a.example.com", "client_id": "c", "client_secret": "s"}}', "does not belong"),
        ('{"okta": {"issuer": "https://a.example.com", "client_id": "c", "colour": "s"}}', "'colour' is not known"),
        ('{"okta": {"issuer": "https://a.example.com", "client_id": "c", "roles": {"g": "king"}}}', "roles must map"),
    ],
)
def test_bad_settings_are_explained(tmp_path, told, match):
    (tmp_path / "sign-in.json").write_text(told)

    with pytest.raises(BadProvider, match=match):
        providers(tmp_path)


def test_this_machine_itself_needs_no_https():
    assert is_safe_url("http://127.0.0.1:8000/x")
    assert is_safe_url("http://[::1]:8000/x")
    assert not is_safe_url("http://127.0.0.1.evil.example.com/")
    assert not is_safe_url("http://[::1")
