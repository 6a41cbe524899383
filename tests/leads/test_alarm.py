"""A lead that waits in the orphan queue for too long is told of, once for each wait."""

from __future__ import annotations

from sqlalchemy import select

from builders.leads import NOW, PAT, a_lead, minutes, receive
from patchbook.db import settings
from patchbook.jobs import runner
from patchbook.jobs.kinds import orphan_sweep
from patchbook.leads import actions, looking, routing
from patchbook.leads.lane import deciding
from patchbook.webhooks.store import delivery

TOLD = "webhooks: {out: {crm: {url: 'https://crm.example.com/in'}}}\n"


def a_queued_lead(record, number=1) -> str:
    return receive(record, a_lead(number, note="-")).lead.lead_id


def sweep(record, at):
    run = runner.run_now(record, orphan_sweep.KIND, lambda: at, "one", asked_by="pat")
    return run.counts["alarmed"], run.says


def events(record, lead_id) -> list[str]:
    with record.reading() as tx:
        return [one.what for one in looking.events(tx, lead_id, by=PAT, at=NOW)]


def messages(record) -> list[dict]:
    with record.reading() as tx:
        query = select(delivery.c.payload).where(delivery.c.event == "queue.alarm")
        return [one["data"] for one in tx.execute(query).scalars()]


def queue(record, at):
    with record.reading() as tx:
        return looking.queue(tx, by=PAT, at=at)


def test_a_lead_that_waits_for_an_hour_gives_one_alarm(company):
    with company.writing() as tx:
        routing.set_routing(tx, TOLD, by=PAT, at=NOW)
    lead_id = a_queued_lead(company)

    assert sweep(company, NOW + minutes(59)) == (0, "1 looked at, 0 assigned, 1 still waiting.")
    alarmed, says = sweep(company, NOW + minutes(61))
    assert alarmed == 1
    assert says.endswith("Alarm: 1 lead waits for longer than is allowed.")
    assert sweep(company, NOW + minutes(120))[0] == 0

    assert events(company, lead_id) == ["alarmed"]
    (told,) = messages(company)
    assert (told["lead_id"], told["minutes"], told["holds_until"]) == (lead_id, 61, None)
    assert "orphan queue" in told["says"]


def test_a_lead_that_comes_back_waits_anew(company):
    lead_id = a_queued_lead(company)
    assert sweep(company, NOW + minutes(61))[0] == 1
    with deciding(company) as lane:
        actions.assign(lane, lead_id, "ann", "hers", by=PAT, at=NOW + minutes(70))
    assert sweep(company, NOW + minutes(200))[0] == 0
    with deciding(company) as lane:
        actions.give_back(lane, lead_id, "not mine", by=PAT, at=NOW + minutes(300))
    with deciding(company) as lane:
        actions.reroute(lane, lead_id, by=PAT, at=NOW + minutes(330))

    assert sweep(company, NOW + minutes(359))[0] == 0
    found = queue(company, NOW + minutes(359))
    assert (found.overdue, found.page.rows[0].age_seconds) == (0, 59 * 60)
    assert sweep(company, NOW + minutes(360))[0] == 1
    assert sweep(company, NOW + minutes(700))[0] == 0
    assert events(company, lead_id).count("alarmed") == 2


def test_the_queue_says_how_much_waits_too_long(company):
    assert queue(company, NOW).says == "Nothing waits: every lead you may see has an owner."
    a_queued_lead(company, 1)
    assert queue(company, NOW + minutes(5)).says == "1 lead waits for an owner, none longer than 60 minutes."
    receive(company, a_lead(2, note="-"), at=NOW + minutes(30))

    found = queue(company, NOW + minutes(65))

    assert found.says == "Alarm: 2 leads wait for an owner, 1 of them longer than 60 minutes."
    assert (found.is_alarm, found.overdue) == (True, 1)
    assert [one.is_overdue for one in found.page.rows] == [True, False]


def test_the_time_is_a_setting_and_nought_is_never(company):
    a_queued_lead(company)
    for allowed, alarmed, says in (
        (0, 0, "1 lead waits for an owner."),
        (10**15, 0, "1 lead waits for an owner, none longer than 1,000,000,000,000,000 minutes."),
        (15, 1, "Alarm: 1 lead waits for an owner, 1 of them longer than 15 minutes."),
    ):
        with company.writing() as tx:
            settings.change(tx, "queue_alarm_minutes", allowed)
        assert queue(company, NOW + minutes(20)).says == says
        assert sweep(company, NOW + minutes(20))[0] == alarmed
