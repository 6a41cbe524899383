"""While the demo is looked at, leads arrive through the desk, and stop at once when it is closed."""

from __future__ import annotations

import time
from itertools import islice
from threading import Event, Thread

from builders.demo_workspace import DEMO_NOW
from patchbook.demo.arrivals import arrive
from patchbook.demo.inbound import made_up_leads
from patchbook.leads import looking
from patchbook.people.principal import system


def live(record):
    with record.reading() as tx:
        leads = looking.leads(tx, limit=100, by=system(), at=DEMO_NOW).rows
    return [lead for lead in leads if lead.source_id.startswith("live-")]


def test_leads_arrive_until_told_to_stop(demo_record):
    stop = Event()
    keywords = {"every_seconds": 0.01, "seed": 1, "clock": lambda: DEMO_NOW}
    thread = Thread(target=arrive, args=(demo_record, stop), kwargs=keywords)

    thread.start()
    until = time.monotonic() + 20
    while len(live(demo_record)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    thread.join(timeout=10)

    assert not thread.is_alive()
    came = live(demo_record)
    assert len(came) >= 3
    assert all(lead.decisions for lead in came)
    assert not [name for name in _threads() if name in ("patchbook-leads", "patchbook-arrivals")]


def test_nothing_arrives_when_it_is_stopped_before_the_first(demo_record):
    stop = Event()
    stop.set()

    assert arrive(demo_record, stop, every_seconds=60, seed=1, clock=lambda: DEMO_NOW) == 0
    assert live(demo_record) == []


def test_the_same_seed_makes_up_the_same_leads(demo_workspace):
    data = demo_workspace.record.parent / "data"
    first, again, other = (list(islice(made_up_leads(data, seed), 20)) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert [one.fields for one in first] != [one.fields for one in islice(made_up_leads(data, 1, called="live-1"), 20)]
    assert not [
        lead for lead in first if "@" in str(lead.fields.get("email")) and not lead.fields["email"].endswith(".example")
    ]


def _threads():
    from threading import enumerate as running

    return [thread.name for thread in running()]
