"""Leads of the demo workspace: how they are routed, and those that came in the last days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from patchbook.demo.people import FAMILY, GIVEN
from patchbook.demo.scene import PLANNER, Scene
from patchbook.engagement import acknowledging
from patchbook.leads import actions as leads
from patchbook.leads import routing
from patchbook.leads.fields import read_fields
from patchbook.leads.lane import Lane, deciding
from patchbook.leads.lead import Answered, Received
from patchbook.territories import pools
from patchbook.territories.territory import Member

ROUTING = """\
# How leads of the demo find their owner: that of the account, else whoever's turn it is in the inside teams.
routes:
  - name: Abroad
    for: {where: "country <> 'US'"}
    stages: [match, owner]
  - name: Large
    for: {where: "employees >= 20000"}
    stages:
      - match
      - partner of record
      - by motion
      - owner
      - pool: Enterprise desk
      - pool: {pool: Inbound desk, hours: anyway}
  - name: All others
    stages: [match, partner of record, by motion, owner, sticky, {pool: {pool: Inbound desk, hours: anyway}}]

pools:
  Inbound desk: {absent: catch up, catch_up_to: 3, counts: [owner]}

caps:
  - {name: a day, per: day, at_most: 60}

calendars:
  office: {time_zone: America/New_York, default: yes}

service_levels:
  inbound:
    kinds: [lead]
    accept_within: 60
    accept_reminder: 30
    touch_within: 480
    reassign: no

engagement:
  motions: {inbound: [sdr, owner], renewal: [csm, am, owner]}
  registrations: {days: 60, extension_days: 20}
  time_outs:
    - {days: 180, warning_days: 14, returns_to: House, territories: [Field]}
  claims: {territories: [House], in_force: 10, per_week: 5, cool_down_days: 30}
  deals:
    rules:
      - {name: Large deals, where: amount_usd >= 1000000, territory: Strategic East}
    locked_at: [Negotiation]
  handoffs: {seats: [csm], checklist: [Goals agreed, Contacts introduced], days: 5}
  notes: ["Call before you write."]
"""

POOLS = {"Inbound desk": ("P201", "P202", "P203", "P204"), "Enterprise desk": ("P205", "P206", "P207", "P208")}
COUNT = 60
"""So many leads came by now."""

DAYS = 6
"""In so many days."""

SOURCES = ("web form", "fair", "chat", "partner")
ABROAD = ("DE", "FR", "CA", "MX")
NEWCOMERS = (
    "Harbor Mills", "Juniper Freight", "Copperline", "Bluewater Labs", "Northfold", "Quarry Hill", "Sable Works",
    "Tandem Parts", "Larkspur Health", "Granite Peak", "Otter Creek Foods", "Silverbay", "Windrow", "Fernhill Energy",
)  # fmt: skip
"""Companies that are no accounts and exist nowhere, told apart by a number."""


def route(scene: Scene) -> None:
    """Set the routing document and its pools, take the leads of the last days in, and let people work them."""
    with scene.record.writing() as tx:
        who = scene.acting(tx, PLANNER, scene.day(-26, 15))
        for name, members in POOLS.items():
            pools.add_pool(tx, name, [Member(person_id=one) for one in members], **who)
        routing.set_routing(tx, ROUTING, why="Inbound goes by turns from this year on", **who)
        acknowledging.keep(tx, at=who["at"])
        for reader in ("M01", "P108"):
            acknowledging.acknowledge(tx, **scene.acting(tx, reader, scene.day(-25, 11)))
    made = made_up_leads(scene.data, scene.seed)
    rng = np.random.default_rng([scene.seed, COUNT])
    minutes = np.sort(rng.choice(DAYS * 24 * 60 - 10, size=COUNT, replace=False))
    for ago, number in zip(minutes[::-1].tolist(), range(1, COUNT + 1), strict=True):
        at = scene.at - timedelta(minutes=ago + 5)
        with deciding(scene.record, at=at) as lane:
            who = scene.acting(lane.company, PLANNER, at)
            answered = leads.receive(lane, next(made), **who)
            _worked(scene, lane, answered, number, at)


def made_up_leads(data: Path, seed: int, *, called: str = "demo") -> Iterator[Received]:
    """
    Leads without end: three in five from companies that are accounts, the others from newcomers, a few from abroad.

    No contact of theirs is a real person, and no address can be written to.

    Parameters
    ----------
    called
        What their ids begin with; under another name come other leads.
    """
    columns = ("name", "domain", "industry", "employees", "state")
    accounts = pl.read_csv(data / "accounts.csv", infer_schema=False).select(columns).drop_nulls("domain")
    rng = np.random.default_rng([seed, *called.encode()])
    number = 0
    while True:
        number += 1
        chance = rng.random()
        contact = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
        told: dict[str, object] = {"contact": contact}
        company = accounts.row(int(rng.integers(len(accounts))), named=True)
        if chance < 0.6:
            told |= {"company": company["name"], "website": company["domain"], "country": "US"}
            told |= {"industry": company["industry"], "employees": company["employees"]}
        else:
            name = f"{rng.choice(NEWCOMERS)} {int(rng.integers(2, 100))}"
            address = f"{contact.split()[0]}@{name.replace(' ', '-')}.example".lower()
            country = str(rng.choice(ABROAD)) if chance > 0.91 else "US"
            told |= {"company": name, "email": address, "country": country, "industry": company["industry"]}
            told["employees"] = int(10 ** rng.uniform(1.5, 4.6))
        read = read_fields({name: value for name, value in told.items() if value is not None})
        yield Received(
            source=str(rng.choice(SOURCES, p=[0.6, 0.1, 0.2, 0.1])),
            source_id=f"{called}-{number}",
            fields=read.fields,
            unread=read.unread,
        )


def _worked(scene: Scene, lane: Lane, answered: Answered, number: int, at: datetime) -> None:
    """What whoever got a lead does with it soon: every third takes it on, every fifth gets in touch, some give back."""
    lead = answered.lead
    if lead.person_id is None:
        return
    who = scene.acting(lane.company, lead.person_id, at + timedelta(minutes=3))
    if number % 13 == 5:
        leads.give_back(lane, lead.lead_id, "They asked for somebody else", **who)
    elif number % 5 == 0:
        leads.touch(lane, lead.lead_id, "call", **who)
    elif number % 3 == 0:
        leads.accept(lane, lead.lead_id, **who)
