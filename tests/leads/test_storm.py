"""Promises P8 to P10: whatever is sent again, out of order, from many threads and processes, with some of them killed,
each lead is assigned once, turns are fair, counters are those of the decisions, and each decision can be made again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from builders import leadstorm
from builders.leads import NOW, PAT
from patchbook.db import Record
from patchbook.leads import replaying, store
from patchbook.leads.tables import decision, lead

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
LEADS = 100_000 if TORTURE else 40
TIMES = 5 if TORTURE else 2
PROCESSES = 3
THREADS = 32 if TORTURE else 6
POINTS = ("lead decided", "lead kept", "before commit of leads", "after commit of leads")
KILLED = [(engine, point) for engine in ("sqlite", "postgresql") for point in POINTS]
SHORT = [("sqlite", "lead kept"), ("postgresql", "after commit of leads")]


def storm(record: Record, request: Mapping[str, Any]) -> subprocess.Popen[str]:
    """A process that sends leads, begun."""
    tests = Path(__file__).parent.parent
    url = [record.engine.url.render_as_string(hide_password=False)] if record.is_postgresql else []
    process = subprocess.Popen(
        [sys.executable, "-m", "builders.leadstorm", str(record.folder), *url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), *sys.path]), "POLARS_MAX_THREADS": "1"},
    )  # fmt: skip
    assert process.stdin
    process.stdin.write(json.dumps(request))
    process.stdin.close()
    return process


def told(process: subprocess.Popen[str]) -> list[tuple[int, str, str]]:
    """What the process was answered: a lead's number, its id, and who got it."""
    assert process.stdout
    lines = process.stdout.read().splitlines()
    process.stdout.close()
    process.wait()
    return [tuple(json.loads(line)) for line in lines if line.endswith("]")]


@pytest.mark.parametrize(("engine", "point"), KILLED if TORTURE else SHORT)
def test_no_lead_is_lost_or_assigned_twice_whatever_is_killed(request, engine, point):
    company: Record = request.getfixturevalue(f"{engine}_sellers")
    points = {"at": f"{point}:{LEADS // 9 + 1}"}
    common = {"leads": list(range(LEADS)), "times": TIMES, "threads": THREADS}
    begun = [
        storm(company, {**common, "seed": seed, **(points if seed == 0 else {})})
        for seed in range(PROCESSES if TORTURE else 2)
    ]
    answered = [one for process in begun for one in told(process)]
    # The source sends what it was not told of once more.
    leadstorm.send(company, {**common, "times": 1, "seed": 99}, answered.append)

    assert_each_once(company, answered)
    assert_fair_and_counted(company)


def assert_each_once(company: Record, answered: list[tuple[int, str, str]]) -> None:
    """Each lead is there once, with one decision, which is what everybody was told who was told anything."""
    said: dict[int, set[tuple[str, str]]] = {}
    for number, lead_id, person_id in answered:
        said.setdefault(number, set()).add((lead_id, person_id))
    assert set(said) == set(range(LEADS))
    assert {number: len(answers) for number, answers in said.items()} == dict.fromkeys(range(LEADS), 1)
    with company.reading() as tx:
        leads = tx.execute(select(lead.c.source_id, lead.c.lead_id, lead.c.person_id, lead.c.decisions)).all()
        decisions = Counter(tx.execute(select(decision.c.lead_id)).scalars())
    assert len(leads) == LEADS
    assert {(int(one.source_id), one.lead_id, one.person_id) for one in leads} == {
        (number, *answer) for number, answers in said.items() for answer in answers
    }
    assert all(one.decisions == 1 and decisions[one.lead_id] == 1 for one in leads)


def assert_fair_and_counted(company: Record) -> None:
    """The counters are those of the decisions, nobody is a turn ahead, and every decision comes out again."""
    with company.reading() as tx:
        ((state, taken),) = store.every_turn(tx).values()
        went = Counter(tx.execute(select(decision.c.person_id)).scalars())
        verified = replaying.verify(tx, by=PAT, at=NOW)
        assert tx.execute(text("SELECT count(*) FROM lead WHERE person_id IS NULL")).scalar() == 0
    assert {person_id: given for person_id, _, _, _, given, _ in state["members"]} == dict(went)
    assert taken == state["number"] == sum(went.values()) == LEADS
    assert max(went.values()) - min(went.values()) <= 1
    assert (verified.equal, verified.otherwise) == (LEADS, ())
