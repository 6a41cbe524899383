"""Messages to others: written with the decision, sent at least once, tried again, and never given up in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from builders.company import NOW
from builders.receiver import receiver
from patchbook.errors import NotAllowed
from patchbook.people.principal import Grant, Principal, Role, system
from patchbook.webhooks import actions as webhooks
from patchbook.webhooks import store
from patchbook.webhooks.webhook import RETRIES, Status, Target, Webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADMIN = system()


def test_a_message_arrives_signed_and_its_receiver_can_tell(record):
    now = datetime.now(UTC)
    with receiver() as (port, seen):
        sent_to, settings = to(port)
        announced(record, sent_to, at=now)
        sent = webhooks.deliver(record, sent_to, at=now, settings=settings)

    assert sent.says == "1 delivered, 0 to be tried again, 0 given up."
    ((_, headers, body),) = seen
    assert Webhook(SECRET).verify(body, headers)["data"] == {"person_id": "ann"}
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "B" * 32).verify(body, headers)
    assert states(record) == [(Status.DELIVERED, 1, 200)]


def test_a_message_that_fails_is_tried_again_as_long_as_the_standard_says_then_shown_as_dead(record):
    with receiver(503) as (port, seen):
        sent_to, settings = to(port)
        announced(record, sent_to)
        at = NOW
        for wait in RETRIES:
            webhooks.deliver(record, sent_to, at=at, settings=settings)
            assert webhooks.deliver(record, sent_to, at=at + wait - timedelta(seconds=1), settings=settings).later == 0
            at += wait
        last = webhooks.deliver(record, sent_to, at=at, settings=settings)

    assert last.dead == 1
    assert len(seen) == len(RETRIES) + 1
    assert len({headers["webhook-id"] for _, headers, _ in seen}) == 1
    assert states(record) == [(Status.DEAD, len(RETRIES) + 1, 503)]


def test_a_receiver_that_asks_for_time_gets_it(record):
    with receiver(429, **{"Retry-After": "3600"}) as (port, seen):
        sent_to, settings = to(port)
        announced(record, sent_to)
        webhooks.deliver(record, sent_to, at=NOW, settings=settings)
        webhooks.deliver(record, sent_to, at=NOW + timedelta(minutes=59), settings=settings)

    assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "url", "settings", "says"),
    [
        (410, None, {}, "The answer was 410."),
        (200, "https://10.0.0.1/in", {}, "not a public address"),
        (200, None, {"PATCHBOOK_WEBHOOK_SECRET_CRM": ""}, "set PATCHBOOK_WEBHOOK_SECRET_CRM"),
        (200, None, {"PATCHBOOK_WEBHOOK_SECRET_CRM": "short"}, "base64 of 24 to 64 bytes"),
    ],
)
def test_what_can_never_arrive_is_given_up_at_once_with_the_reason(record, status, url, settings, says):
    with receiver(status) as (port, _):
        sent_to, known = to(port, url=url)
        announced(record, sent_to)
        sent = webhooks.deliver(record, sent_to, at=NOW, settings=known | settings)

    assert sent.dead == 1
    with record.reading() as tx:
        (dead,) = webhooks.deliveries(tx, status=Status.DEAD, by=ADMIN, at=NOW).rows
    assert says in dead.problem


def test_a_redirect_is_a_failure(record):
    with receiver(302, Location="http://127.0.0.1/") as (port, seen):
        sent_to, settings = to(port)
        announced(record, sent_to)
        assert webhooks.deliver(record, sent_to, at=NOW, settings=settings).later == 1
    assert len(seen) == 1


def test_a_dead_message_is_sent_again_when_somebody_asks(record):
    with receiver(410) as (port, _):
        sent_to, settings = to(port)
        announced(record, sent_to)
        webhooks.deliver(record, sent_to, at=NOW, settings=settings)
    with record.writing() as tx:
        (dead,) = webhooks.deliveries(tx, by=ADMIN, at=NOW).rows
        webhooks.send_again(tx, dead.delivery_id, by=ADMIN, at=NOW)
        with pytest.raises(webhooks.StillOnItsWay, match="is pending"):
            webhooks.send_again(tx, dead.delivery_id, by=ADMIN, at=NOW)
    with receiver() as (port, seen):
        sent_to, settings = to(port)
        assert webhooks.deliver(record, sent_to, at=NOW, settings=settings).delivered == 1
    assert seen[0][1]["webhook-id"] == dead.delivery_id


def test_who_dies_while_sending_leaves_the_message_to_the_next_with_the_same_id(record):
    sent_to, settings = to(1)
    announced(record, sent_to)

    def dies(*_, **__):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        webhooks.deliver(record, sent_to, at=NOW, settings=settings, send=dies)
    with receiver() as (port, seen):
        sent_to, settings = to(port)
        assert webhooks.deliver(record, sent_to, at=NOW + timedelta(minutes=1), settings=settings).delivered == 0
        assert webhooks.deliver(record, sent_to, at=NOW + webhooks.LEASE, settings=settings).delivered == 1
    assert len(seen) == 1


def test_whoever_comes_back_after_the_lease_changes_nothing(record):
    """A sender that slept through its lease finds that another attempt was made meanwhile."""
    with receiver() as (port, seen):
        sent_to, settings = to(port)
        announced(record, sent_to)

        def sleeps(*arguments, **named):
            later = NOW + webhooks.LEASE
            assert webhooks.deliver(record, sent_to, at=later, settings=settings).delivered == 1
            raise OSError("woken up, and the line is dead")

        from patchbook.connectors.webhooks.outside import Unreachable

        def woken(*arguments, **named):
            try:
                return sleeps(*arguments, **named)
            except OSError as error:
                raise Unreachable("hooks.example.com does not answer") from error

        sent = webhooks.deliver(record, sent_to, at=NOW, settings=settings, send=woken)

    assert (sent.delivered, sent.later) == (0, 0)
    assert states(record) == [(Status.DELIVERED, 2, 200)]
    assert len(seen) == 1


def test_a_target_hears_only_of_what_it_asked_for(record):
    two = Webhooks(
        targets=(
            Target(name="all", url="https://hooks.example.com/a"),
            Target(name="few", url="https://hooks.example.com/b", events=("lead.queued",)),
        )
    )

    assert announced(record, two) == 1
    assert announced(record, two, event="lead.queued") == 2


def test_there_is_no_message_of_what_was_not_kept(record):
    sent_to, _ = to(1)

    def fails():
        with record.deciding() as tx:
            webhooks.announce(tx, sent_to, "lead.assigned", "lead-1", {}, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    assert states(record) == []


def test_only_administrators_see_messages_and_send_them_again(record):
    sent_to, _ = to(1)
    announced(record, sent_to)
    rep = Principal(person_id="ann", grants=(Grant(Role.REP),))
    with record.reading() as tx, pytest.raises(NotAllowed):
        webhooks.deliveries(tx, by=rep, at=NOW)
    with record.writing() as tx, pytest.raises(NotAllowed):
        webhooks.send_again(tx, "msg-1", by=rep, at=NOW)


def test_lists_of_messages_are_paged(record):
    sent_to, _ = to(1)
    for minute in range(5):
        announced(record, sent_to, at=NOW + timedelta(minutes=minute))
    with record.reading() as tx:
        first = webhooks.deliveries(tx, limit=3, by=ADMIN, at=NOW)
        second = webhooks.deliveries(tx, limit=3, after=first.next_cursor, by=ADMIN, at=NOW)

    times = [one.made_at for one in (*first.rows, *second.rows)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5


def to(port, *, url=None):
    """A target that listens here, and the settings that allow it."""
    target = Target(name="crm", url=url or f"http://127.0.0.1:{port}/in")
    settings = {"PATCHBOOK_WEBHOOK_SECRET_CRM": SECRET, "PATCHBOOK_WEBHOOK_INSIDE": f"127.0.0.1:{port}"}
    return Webhooks(targets=(target,)), settings


def announced(record, webhooks_, *, event="lead.assigned", at=NOW):
    with record.deciding() as tx:
        return webhooks.announce(tx, webhooks_, event, "lead-1", {"person_id": "ann"}, at=at)


def states(record):
    with record.reading() as tx:
        return [(one.status, one.attempts, one.answer) for one in store.listed(
            tx, status=None, target=None, after=None, limit=10)]  # fmt: skip
