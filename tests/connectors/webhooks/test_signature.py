"""Signatures of webhooks: ours are accepted by the schemes' own clients, and theirs by us."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from patchbook.connectors.webhooks import BadSignature, Message, verify
from patchbook.connectors.webhooks.standard import BadSecret, key_of, signed

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://patchbook.example.com/api/v1/hooks/site?x=a%3Ab"


def standard(body=b"{}", *, at=NOW, **headers):
    return Message(url=URL, body=body, headers={**signed(SECRET, "msg_1", body, at=at), **headers})


def hubspot(body="{}", *, at=NOW, secret="app-secret", url=URL):
    stamp = str(int(at.timestamp() * 1000))
    plain = url.replace("%3A", ":")
    signature = Signature.get_signature(secret, body, "v3", plain, "POST", stamp)
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp}
    return Message(url=url, body=body.encode(), headers=headers)


@given(body=st.text())
def test_what_we_sign_the_schemes_own_client_accepts(body):
    now = datetime.now(UTC)
    text = json.dumps({"text": body})

    assert Webhook(SECRET).verify(text, signed(SECRET, "msg_1", text.encode(), at=now)) == {"text": body}


def test_what_the_schemes_own_client_signs_we_accept():
    headers = {
        "webhook-id": "msg_9",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1,bm90IGl0 " + Webhook(SECRET).sign("msg_9", NOW, '{"a": 1}'),
    }

    assert verify("standard", Message(url=URL, body=b'{"a": 1}', headers=headers), [SECRET], at=NOW) == "msg_9"


def test_what_hubspots_own_client_signs_we_accept_even_where_the_address_was_encoded_on_the_way():
    message = hubspot('{"email": "a@b.example"}')

    assert verify("hubspot", message, ["app-secret"], at=NOW).startswith("hubspot-")
    assert verify("hubspot", message, ["app-secret"], at=NOW) == verify("hubspot", message, ["app-secret"], at=NOW)


@pytest.mark.parametrize(("scheme", "message"), [("standard", standard()), ("hubspot", hubspot())])
def test_a_message_is_refused_after_five_minutes_and_from_the_future(scheme, message):
    secrets = [SECRET, "app-secret"] if scheme == "hubspot" else [SECRET]
    assert verify(scheme, message, secrets, at=NOW + timedelta(minutes=5))

    for late in (timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)):
        with pytest.raises(BadSignature, match="5 minutes"):
            verify(scheme, message, secrets, at=NOW + late)


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        ("standard", standard(**{"webhook-id": "msg_2"})),
        ("standard", standard(**{"webhook-signature": "v1,AAAA"})),
        ("standard", standard(**{"webhook-signature": "v1a,AAAA"})),
        ("standard", Message(url=URL, body=b"{} ", headers=standard().headers)),
        ("hubspot", hubspot(secret="another")),
        ("hubspot", Message(url=URL + "&y=1", body=b"{}", headers=hubspot().headers)),
        ("hubspot", Message(url=URL, body=b"[]", headers=hubspot().headers)),
        ("hubspot", Message(url=URL, body=b"{}", headers=hubspot().headers, method="PUT")),
    ],
)
def test_a_message_changed_on_the_way_or_signed_by_another_is_refused(scheme, message):
    with pytest.raises(BadSignature, match="not signed with the secret"):
        verify(scheme, message, [SECRET] if scheme == "standard" else ["app-secret"], at=NOW)


def test_a_new_secret_is_accepted_beside_the_old_one():
    other = "whsec_" + "B" * 32

    assert verify("standard", standard(), [other, SECRET], at=NOW) == "msg_1"


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing):
    with pytest.raises(BadSignature, match=f"no header {missing}"):
        verify("standard", standard(**{missing: ""}), [SECRET], at=NOW)


@pytest.mark.parametrize("stamp", ["now", "1e9", "-5", "９", "1" * 13])
def test_a_timestamp_that_is_none_is_refused(stamp):
    with pytest.raises(BadSignature, match="no number of seconds"):
        verify("standard", standard(**{"webhook-timestamp": stamp}), [SECRET], at=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_not base64!", "whsec_" + "A" * 120])
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret):
    with pytest.raises(BadSecret) as refused:
        key_of(secret)

    assert secret in ("", "whsec_") or secret not in str(refused.value)


def test_the_published_example_of_hubspot_is_accepted():
    body = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":'
        b'"company.propertyChange","attemptNumber":0,"objectId":123,"propertyName":"hubspot_owner_id","propertyValue":'
        b'"41629779","changeSource":"CRM_UI","appId":54321}]'
    )
    message = Message(
        url="https://tm.example.com/hooks/hubspot",
        body=body,
        headers={
            "x-hubspot-signature-v3": "BrZfkr1p2SdWvBPF42CxX+jzchd7GPOTphaXj2IQ25Y=",
            "x-hubspot-request-timestamp": "1564113600123",
        },
    )

    assert verify(
        "hubspot", message, ["yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"], at=datetime.fromtimestamp(1564113601, UTC)
    )
