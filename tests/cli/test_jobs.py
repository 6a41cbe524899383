"""Jobs and live changes on the command line."""

from __future__ import annotations

import json


def test_jobs_are_listed_run_scheduled_and_logged(patchbook_says, at_home):
    patchbook_says("init")

    code, printed, _ = patchbook_says("jobs", "run", "expiries")
    assert code == 0
    assert printed.startswith("expiries done: 0 holdovers and 0 exceptions ended since ")
    assert patchbook_says("jobs", "schedule", "expiries", "every monday at 07:00 Europe/Berlin")[1] == (
        "expiries runs every monday at 07:00 Europe/Berlin.\n"
    )
    assert patchbook_says("jobs", "schedule", "rule-run", "--off")[1] == "rule-run is off.\n"
    done = patchbook_says("jobs", "work", "--once")[1]
    assert "service-levels done: " in done
    assert "rule-run" not in done
    (run,) = json.loads(patchbook_says("jobs", "log", "expiries", "--json")[1])["rows"]
    assert run["outcome"] == "done"
    assert "every monday at 07:00 Europe/Berlin" in patchbook_says("jobs", "list")[1]


def test_a_job_or_a_schedule_that_is_none_is_told_in_one_sentence(patchbook_says, at_home):
    patchbook_says("init")

    assert patchbook_says("jobs", "run", "expirys")[::2] == (2, "There is no job 'expirys'; did you mean expiries?\n")
    code, _, complained = patchbook_says("jobs", "schedule", "expiries", "hourly")
    assert (code, complained.startswith("'hourly' cannot be followed: it is no schedule; write every 15")) == (2, True)


def test_rules_run_on_a_record_without_a_plan_moves_nothing(patchbook_says, at_home):
    patchbook_says("init")

    assert patchbook_says("rules", "run", "--dry-run")[1].startswith("Nothing was written. 0 accounts changed")
    assert patchbook_says("rules", "run")[1].startswith("0 accounts changed")
    assert patchbook_says("rules", "changes")[1] == "No account changed so that it would be elsewhere.\n"
    assert patchbook_says("rules", "changes", "--status", "gone")[2].startswith("There is no status 'gone'")
    assert patchbook_says("rules", "accept", "live-1")[2] == "There is no live change 'live-1'.\n"
