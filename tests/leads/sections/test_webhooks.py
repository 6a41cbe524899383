"""The section of the routing document that names who sends and who is told."""

from __future__ import annotations

import pytest

from patchbook.leads.document import BadRouting, loads
from patchbook.webhooks.webhook import EVENTS, NoWebhook, Source, Target


def test_without_the_section_nobody_sends_and_nobody_is_told():
    assert loads("")["webhooks"].sources == ()
    with pytest.raises(NoWebhook, match="no webhook 'site'"):
        loads("")["webhooks"].source("site")


def test_the_section_names_who_sends_and_who_is_told():
    found = loads(
        "webhooks:\n  in:\n    site:\n    hub: {signed: hubspot, id: vid, fields: {email: properties.email.value}}\n"
        "  out:\n    crm: {url: 'https://crm.example.com/in'}\n"
    )["webhooks"]

    assert found.sources == (
        Source(name="site"),
        Source(name="hub", signed="hubspot", id="vid", fields={"email": "properties.email.value"}),
    )
    assert found.targets == (Target(name="crm", url="https://crm.example.com/in", events=tuple(EVENTS)),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("webhooks: yes", "write in: and out:"),
        ("webhooks: {inn: {}}", "'inn' is neither in nor out"),
        ("webhooks: {in: [a]}", "write a name for each"),
        ("webhooks: {in: {A B: {}}}", "small letters, digits and hyphens"),
        ("webhooks: {in: {a: {signed: sha1}}}", "standard"),
        ("webhooks: {out: {crm: {events: lead.queued}}}", "needs 'url'"),
        ("webhooks: {out: {crm: {url: 'http://crm.example.com'}}}", "must begin with https"),
        ("webhooks: {out: {crm: {url: 'https://10.0.0.7/'}}}", "must name a public host"),
        ("webhooks: {out: {crm: {url: 'https://crm.example.com', events: [lead.lost]}}}", "lead.assigned"),
        ("webhooks: {in: {a: {fields: [email]}}}", "write pairs"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text, says):
    with pytest.raises(BadRouting, match=says) as refused:
        loads(text)

    assert refused.value.problems[0].line == 1
