"""T14: what was acknowledged is on the disk, whenever the power goes."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError

from builders.powercut import Disk, a_record_on
from builders.publishing import MARCH, NOW, a_plan, people
from patchbook.audit import actions as audit
from patchbook.audit.verify import verify
from patchbook.db import create_record, open_record
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.people.store import person
from patchbook.plans import results
from patchbook.territories.store import territory

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
CUTS = 1000 if TORTURE else 40
ACCOUNTS = 4


@dataclass
class Outcome:
    """What came of one power cut."""

    acknowledged: int
    found: int

    @property
    def lost(self) -> int:
        return max(0, self.acknowledged - self.found)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A record with one territory, to be copied for every cut."""
    folder = tmp_path_factory.mktemp("power") / "data"
    record = create_record(folder)
    with record.writing() as tx:
        tx.execute(insert(territory).values(territory_id="west", made_at=NOW))
        tx.execute(insert(territory).values(territory_id="east", made_at=NOW))
    record.close()
    return folder


def deeds(record, number, acknowledged):
    """So many deeds, each a person, a few assignments and an event; those done are noted when they are acknowledged."""
    for one in range(number):
        with record.writing() as tx:
            tx.execute(insert(person).values(person_id=f"p{one}", name="P" * 200))
            where = ("west", "east")[one % 2]
            told = {"valid_from": MARCH, "cause": "move", "source": f"deed-{one}", "reason": "r" * 100}
            facts = [{"account_id": f"A{n}", "territory_id": where, **told} for n in range(ACCOUNTS)]
            lay(tx, assignment, facts, at=NOW)
            audit.record(tx, "move", f"p{one}", kind="person", by="pat", at=NOW)
        acknowledged.append(one)


def a_cut(made: Path, folder: Path, seed: int, *, synchronous: str = "FULL", check: bool = True) -> Outcome:
    """Do deeds until the power goes, and look at what is found when it is back."""
    chance = random.Random(seed)
    number = chance.randint(3, 12)
    disk = Disk(chance)
    here, after = folder / f"{seed}-before", folder / f"{seed}-after"
    shutil.copytree(made, here)
    disk.cut_at = chance.randint(1, 26 * number)
    acknowledged: list[int] = []
    try:
        with a_record_on(disk, here, synchronous=synchronous) as record:
            try:
                deeds(record, number, acknowledged)
            except SQLAlchemyError:
                assert disk.is_dead
            disk.is_dead = True
    except Exception:
        if not disk.is_dead:
            raise
    after.mkdir()
    disk.after(after)
    for name in ("audit.key", "audit.anchor"):
        if (here / name).exists():
            shutil.copy(here / name, after / name)
    found = looked_at(after, check=check)
    shutil.rmtree(here)
    shutil.rmtree(after)
    return Outcome(acknowledged=len(acknowledged), found=found)


def looked_at(folder: Path, *, check: bool) -> int:
    """How many deeds are there; none of them by half, and the trail holds together."""
    record = open_record(folder)
    with record.reading() as tx:
        assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        events, people = (
            int(tx.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()) for name in ("event", "person")
        )
        laid = int(tx.execute(text("SELECT count(*) FROM assignment")).scalar_one())
        assert (events, laid) == (people, people * ACCOUNTS)
        if check:
            assert verify(tx, folder).what is None
    record.close()
    return events


def test_no_acknowledged_deed_is_lost_in_a_power_cut(made, tmp_path):
    outcomes = [a_cut(made, tmp_path, seed) for seed in range(CUTS)]

    acknowledged = sum(one.acknowledged for one in outcomes)
    print(f"\n{CUTS} power cuts, {acknowledged} deeds acknowledged, {sum(one.lost for one in outcomes)} lost")
    assert acknowledged > CUTS
    assert [one for one in outcomes if one.lost] == []
    assert all(one.found <= one.acknowledged + 1 for one in outcomes)


def test_the_anchor_and_the_files_of_a_plan_are_synced_before_they_count(sqlite_record, monkeypatch):
    synced = set()
    sync = os.fsync

    def noted(handle):
        synced.add(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    with sqlite_record.writing() as tx:
        people(tx, "ann")
        plan = a_plan(tx, "2027", {"West": "ann"}, {"A1": "West"})
        files = results.files_of(sqlite_record.folder, plan.result_id)
        assert {file.stat().st_ino for file in (*files, files[0].parent)} <= synced  # before the commit

    assert sqlite_record.anchor.file.stat().st_ino in synced


def test_with_a_weaker_setting_deeds_are_lost_so_the_test_can_fail(made, tmp_path):
    outcomes = [a_cut(made, tmp_path, seed, synchronous="NORMAL", check=False) for seed in range(20)]

    assert sum(one.lost for one in outcomes) > 0
