"""T4: a process killed at any point of a publish leaves the record as it was or as it should be, never between."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, select, text

from builders.killed import DONE, REFUSED, Nursery, a_nursery
from builders.postgres import Server, a_server
from builders.publishing import FEBRUARY, MARCH, NOW, PAT, a_plan, people
from patchbook.audit.verify import verify
from patchbook.db import Record, create_record, open_record
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity, override, staffing
from patchbook.plans import store as plan_store
from patchbook.publishing import actions as publishing
from patchbook.publishing import store
from patchbook.territories.store import place

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
SEEDS = (1, 2, 3) if TORTURE else (1,)
STATEMENTS = {"sqlite": None if TORTURE else 8, "postgresql": None if TORTURE else 4}
"""Kills at a statement beside those at crash points; every statement in the long form."""

KILLED = -9


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with a_nursery() as running:
        yield running


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be killed."""
    with a_server() as server:
        yield server


@dataclass
class Scene:
    """A record with one plan in force and another approved, to be copied for every kill."""

    folder: Path
    url: str | None
    plan_id: str
    server: Server | None
    made: list[str] = field(default_factory=list)

    def request(self, copy: tuple[Path, str | None], **more: Any) -> dict[str, Any]:
        return {
            "folder": str(copy[0]),
            "url": copy[1],
            "plan": self.plan_id,
            "on": MARCH.isoformat(),
            "now": NOW.isoformat(),
            **more,
        }

    def copy(self, to: Path) -> tuple[Path, str | None]:
        """The same scene elsewhere."""
        shutil.copytree(self.folder, to)
        url = self.server.new_database(like=self.url.rsplit("/", 1)[1]) if self.server and self.url else None
        return to, url

    def drop(self, copy: tuple[Path, str | None]) -> None:
        shutil.rmtree(copy[0])
        if self.server and copy[1]:
            self.server.drop(copy[1])


def a_scene(folder: Path, seed: int, server: Server | None) -> Scene:
    """Ten people, a plan in force since February with changes by people, and another approved for March."""
    chance = random.Random(seed)
    url = server.new_database() if server else None
    record = create_record(folder, url=url)
    staff = [f"rep{number}" for number in range(8)]
    accounts = [f"A{number}" for number in range(60)]
    with record.writing() as tx:
        people(tx, "max")
        people(tx, *staff, manager="max")
        first = a_plan(tx, "First", *a_division(chance, staff, accounts))
        publishing.publish(tx, first.plan_id, on=FEBRUARY, by=PAT, at=NOW)
        home = tx.execute(select(place.c.territory_id).where(place.c.name == "T0")).scalar_one()
        told = {"valid_from": MARCH, "cause": "move", "source": "", "reason": "by hand"}
        lay(tx, assignment, [{"account_id": one, "territory_id": home, **told} for one in accounts[:5]], at=NOW)
        tx.execute(insert(opportunity), [{"opportunity_id": f"O{one}", "account_id": one} for one in accounts[::7]])
        fact = {"role": "owner", "person_id": "max", "kind": "exception", **told}
        lay(tx, override, [{"account_id": one, **fact} for one in accounts[5:8]], at=NOW)
        second = a_plan(tx, "Second", *a_division(chance, staff, accounts), named={accounts[9]: "rep1"})
    record.close()
    return Scene(folder, url, second.plan_id, server)


def a_division(chance: random.Random, staff: list[str], accounts: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    territories = [f"T{number}" for number in range(chance.randint(4, 9))]
    staffed = {one: chance.choice([*staff, None]) for one in territories}
    return staffed, {one: chance.choice(territories) for one in chance.sample(accounts, 50)}


def state_of(record: Record) -> dict[str, Any]:
    """Everything the deed writes, with names in place of ids that are made anew each time."""
    with record.reading() as tx:
        names = {row["territory_id"]: row["name"] for row in tx.execute(select(place)).mappings()}
        seats = {seat: names[where] for where, seat in store.owner_seats(tx).items()}
        books = [store.book(tx, on).select("account_id", "territory", "person").sort("account_id").rows()
                 for on in (FEBRUARY, MARCH)]  # fmt: skip
        facts = {
            table.name: Counter(
                (row.get("account_id") or seats.get(row.get("seat_id")), names.get(row.get("territory_id")),
                 row.get("person_id"), row["valid_from"], row["valid_to"], row["recorded_to"].year, row["cause"])
                for row in tx.execute(select(table)).mappings()
            )
            for table in (assignment, staffing, override)
        }  # fmt: skip
        plans = Counter(
            (plan.name, plan.status, plan.revision) for plan in plan_store.with_status(tx, *plan_store.Status)
        )
        events = Counter(tx.execute(text("SELECT deed FROM event")).scalars())
        published = len(store.standing(tx))
        assert verify(tx, record.folder).what is None
    return {"books": books, "facts": facts, "plans": plans, "events": events, "published": published}


def looked_at(copy: tuple[Path, str | None]) -> dict[str, Any]:
    """The state of a record after whatever happened to it, opened anew as after a restart."""
    record = open_record(copy[0], url=copy[1])
    try:
        return state_of(record)
    finally:
        record.close()


def every_kill(scene: Scene, nursery: Nursery, folder: Path, seed: int) -> Iterator[dict[str, Any]]:
    """First and last hit of each crash point, and kills at statements."""
    trace, count = folder / "trace", folder / "count"
    copy = scene.copy(folder / "traced")
    assert nursery.run(scene.request(copy, trace=str(trace), count=str(count), statement=10**9)) == DONE
    scene.drop(copy)
    hits = Counter(trace.read_text().split("\n")[:-1])
    for point, number in hits.items():
        for hit in sorted({1, number} if not TORTURE else set(range(1, number + 1))):
            yield {"at": f"{point}:{hit}"}
    statements = range(1, int(count.read_text()) + 1)
    most = STATEMENTS["postgresql" if scene.server else "sqlite"]
    chosen = statements if most is None else random.Random(seed).sample(statements, most)
    yield from ({"statement": one} for one in sorted(chosen))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_kill_leaves_the_old_plan_or_the_new_one_and_never_a_mix(request, tmp_path, nursery, engine, seed):
    server = request.getfixturevalue("postgresql_server") if engine == "postgresql" else None
    scene = a_scene(tmp_path / "scene", seed, server)
    old = looked_at((scene.folder, scene.url))
    whole = scene.copy(tmp_path / "whole")
    assert nursery.run(scene.request(whole)) == DONE
    new = looked_at(whole)
    scene.drop(whole)
    assert old != new
    ends: Counter[str] = Counter()
    kills = list(every_kill(scene, nursery, tmp_path, seed))
    if engine == "postgresql" and not TORTURE:
        kills = [*kills[:: max(1, len(kills) // 8)], {"at": "after commit:1"}]
    for number, kill in enumerate(kills):
        copy = scene.copy(tmp_path / f"copy{number}")
        assert nursery.run(scene.request(copy, **kill)) == KILLED, kill

        found = looked_at(copy)
        assert found in (old, new), f"a mix after {kill}"
        ends["old" if found == old else "new"] += 1
        if TORTURE or number % 4 == 0:
            assert nursery.run(scene.request(copy)) == DONE
            assert looked_at(copy) == new, f"published again after {kill}"
        scene.drop(copy)

    assert ends["old"] > 5
    assert ends["new"] >= 1
    print(f"\n{engine}, seed {seed}: {ends.total()} kills, {ends['old']} left the old plan, {ends['new']} the new")


def test_a_kill_of_the_server_process_leaves_the_old_plan(tmp_path, nursery, own_server):
    scene = a_scene(tmp_path / "scene", 1, own_server)
    old = looked_at((scene.folder, scene.url))
    for number, statement in enumerate((5, 20, 40) if not TORTURE else range(2, 60, 2)):
        copy = scene.copy(tmp_path / f"copy{number}")
        assert nursery.run(scene.request(copy, statement=statement, backend=True)) == REFUSED
        wait_until_up(own_server)

        assert looked_at(copy) == old
        assert nursery.run(scene.request(copy)) == DONE
        assert looked_at(copy)["published"] == 2
        scene.drop(copy)


def test_what_was_acknowledged_outlives_a_server_stopped_at_once(tmp_path, nursery, own_server):
    scene = a_scene(tmp_path / "scene", 2, own_server)
    copy = scene.copy(tmp_path / "copy")
    assert nursery.run(scene.request(copy)) == DONE
    new = looked_at(copy)

    own_server.stop("immediate")
    own_server.start()

    assert looked_at(copy) == new


def test_a_roll_back_that_is_killed_is_done_or_not_done(tmp_path, nursery):
    scene = a_scene(tmp_path / "scene", 1, None)
    record = open_record(scene.folder)
    with record.writing() as tx:
        made = publishing.publish(tx, scene.plan_id, on=MARCH, by=PAT, at=NOW)
    record.close()
    old = looked_at((scene.folder, None))
    more = {"publication": made.publication_id}
    whole = scene.copy(tmp_path / "whole")
    trace = tmp_path / "trace"
    assert nursery.run(scene.request(whole, **more, trace=str(trace))) == DONE
    new = looked_at(whole)

    for point in sorted(set(trace.read_text().splitlines())):
        copy = scene.copy(tmp_path / f"copy-{point}")
        assert nursery.run(scene.request(copy, **more, at=f"{point}:1")) == KILLED
        assert looked_at(copy) in (old, new), point


def wait_until_up(server: Server) -> None:
    """The server starts anew by itself after one of its processes was killed."""
    patience = threading.Event()
    for _ in range(600):
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            patience.wait(0.05)
        else:
            return
    raise AssertionError("the server did not come back")
