"""What a signed message brings, and messages that bring nothing that can be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from patchbook.connectors.webhooks import BadSignature, Message
from patchbook.webhooks.incoming import MOST_BYTES, BadMessage, TooLong, leads_of
from patchbook.webhooks.webhook import Source

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SITE = Source(name="site")


def message(body):
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", NOW, text),
    }
    return Message(url="https://patchbook.example.com/api/v1/hooks/site", headers=headers, body=text.encode())


def brought(body, source=SITE):
    return [(one.source_id, dict(one.fields)) for one in leads_of(message(body), source, [SECRET], at=NOW)]


def test_fields_stand_in_data_or_at_the_top():
    fields = {"company": "Acme", "employees": 40, "partner": True, "products": ["CRM", "ERP"], "notes": None}
    told = {"company": "Acme", "employees": "40", "partner": "true", "products": "CRM; ERP"}

    assert brought({"type": "lead.created", "data": fields}) == [("msg_1", told)]
    assert brought(fields) == [("msg_1", told)]


def test_hubspots_properties_are_taken_out_of_their_wrapping():
    contact = {"vid": 77, "properties": {"email": {"value": "a@acme.example"}, "company": {"value": "Acme"}}}

    assert brought(contact, Source(name="hub", id="vid")) == [("77", {"email": "a@acme.example", "company": "Acme"})]


def test_the_settings_say_where_things_stand():
    source = Source(name="site", items="batch", id="ref.no", fields={"name": "who.company", "country": "who.places.0"})
    body = {
        "batch": [
            {"ref": {"no": 7}, "who": {"company": "Acme", "places": ["US", "DE"]}},
            {"who": {"company": "Bolt"}},
        ]
    }

    assert brought(body, source) == [("7", {"name": "Acme", "country": "US"}), ("msg_1/1", {"name": "Bolt"})]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "holds no object"),
        ("7", "holds no object"),
        ('["a"]', "holds no object"),
        (json.dumps([{}] * 1_001), "1,001 leads"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(body, says):
    with pytest.raises(BadMessage, match=says):
        brought(body)


def test_too_long_a_message_is_refused_before_its_signature_is_looked_at():
    with pytest.raises(TooLong, match="262,144"):
        leads_of(Message(url="", headers={}, body=b" " * (MOST_BYTES + 1)), SITE, [SECRET], at=NOW)


def test_an_unsigned_message_is_refused_before_it_is_read():
    with pytest.raises(BadSignature):
        leads_of(Message(url="", headers={}, body=b"{"), SITE, [SECRET], at=NOW)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "value", "a"]), inner),
        max_leaves=20,
    )
)
def test_whatever_is_sent_is_read_or_refused_with_a_sentence(body):
    try:
        found = brought(body)
    except BadMessage as refusal:
        found, said = [], str(refusal)
    else:
        said = "It was read."

    assert said.endswith(".")
    assert all(isinstance(value, str) and value for _, fields in found for value in fields.values())
