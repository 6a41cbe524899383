"""Jobs are done once each by whoever comes first, tried again when they break, and never by two at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import text

from patchbook.db.record import Record
from patchbook.errors import BadInput, NotAllowed
from patchbook.jobs import actions, runner, store
from patchbook.jobs.job import LEASE, MOST_ATTEMPTS, LostLease, NoJob, Outcome, Report, Running
from patchbook.jobs.kind import Kind
from patchbook.jobs.kinds import JOBS
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.people.principal import Grant, Principal, Role, system

START = datetime(2027, 3, 3, 12, tzinfo=UTC)
REP = Principal(person_id="ann", grants=(Grant(Role.REP),))


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


def a_kind(run, name="a-job", minutes=10) -> Kind:
    return Kind(name=name, meaning="A job.", schedule=Schedule(minutes=minutes), run=run)


def done(_: Turn) -> Report:
    return Report(says="Done.", counts={"things": 3})


def the_log(record: Record) -> list[tuple[str, str]]:
    with record.reading() as tx:
        return [(run.outcome.value, run.says) for run in reversed(store.runs(tx, limit=100))]


def test_a_job_is_done_when_due_and_the_log_says_what_came_of_it(record):
    clock, kinds = Clock(), (a_kind(done),)

    assert runner.work_once(record, kinds, clock, "one").outcome is Outcome.DONE
    assert runner.work_once(record, kinds, clock, "one") is None
    clock.passes(minutes=10)
    assert runner.work_once(record, kinds, clock, "two").counts == {"things": 3}

    with record.reading() as tx:
        first, second = reversed(store.runs(tx, limit=10))
    assert (first.worker, second.worker) == ("one", "two")
    assert (first.token, second.token) == (1, 2)
    assert first.ended == START


def test_many_workers_do_each_run_once(record):
    counted = []
    clock, kinds = (
        Clock(),
        tuple(a_kind(lambda turn: counted.append(turn.run.run_id) or done(turn), f"job-{n}") for n in range(3)),
    )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: [runner.work_once(record, kinds, clock, f"w{n}") for _ in range(3)], range(4)))

    assert len(counted) == len(set(counted)) == 3


def test_a_worker_that_stood_still_past_its_lease_may_write_nothing_more(record):
    clock, said = Clock(), []

    def stands_still(turn: Turn) -> Report:
        if turn.run.worker == "zombie":
            clock.passes(minutes=6)
            assert runner.work_once(record, kinds, clock, "other").outcome is Outcome.DONE
        try:
            with turn.writing() as tx:
                tx.execute(text("UPDATE setting SET value = value"))
                said.append(turn.run.worker)
        except LostLease:
            with pytest.raises(LostLease, match="lost its turn to run 2"), turn.deciding():
                said.append("never")
            raise
        return Report(says=f"Done by {turn.run.worker}.")

    kinds = (a_kind(stands_still),)
    assert runner.work_once(record, kinds, clock, "zombie").outcome is Outcome.ABANDONED

    assert said == ["other"]
    assert the_log(record) == [
        ("abandoned", "Its worker did not answer for 5 minutes; other took over."),
        ("done", "Done by other."),
    ]


def test_writing_renews_the_lease(record):
    clock = Clock()

    def slow(turn: Turn) -> Report:
        for _ in range(3):
            clock.passes(minutes=4)
            assert runner.work_once(record, kinds, clock, "other") is None
            with turn.writing():
                pass
        return Report(says="Slow.")

    kinds = (a_kind(slow),)
    assert runner.work_once(record, kinds, clock, "one").outcome is Outcome.DONE


def test_what_breaks_is_tried_again_ever_later_and_then_waits_its_turn(record):
    clock, kinds = Clock(), (a_kind(lambda _: 1 / 0, minutes=1_000),)
    waits = []
    for _ in range(MOST_ATTEMPTS):
        assert runner.work_once(record, kinds, clock, "one").outcome is Outcome.FAILED
        with record.reading() as tx:
            next_due = store.states(tx)["a-job"]["next_due"]
        waits.append((next_due - clock.at) / timedelta(minutes=1))
        clock.at = next_due

    assert waits[:-1] == [1, 2, 4, 8]
    assert waits[-1] > 60
    assert the_log(record)[0] == ("failed", "It broke with ZeroDivisionError.")


def test_what_a_rule_refuses_is_told_and_not_tried_again_at_once(record):
    def refuse(_: Turn) -> Report:
        raise BadInput("There is nothing to do it with.")

    clock, kinds = Clock(), (a_kind(refuse),)
    runner.work_once(record, kinds, clock, "one")

    assert the_log(record) == [("refused", "There is nothing to do it with.")]
    clock.passes(minutes=1)
    assert runner.work_once(record, kinds, clock, "one") is None


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_set_back_keeps_no_job_waiting(record, back):
    clock, kinds = Clock(), (a_kind(done),)
    runner.work_once(record, kinds, clock, "one")

    clock.at -= back

    assert runner.work_once(record, kinds, clock, "one") is not None
    assert runner.work_once(record, kinds, clock, "one") is None


def test_a_lease_from_a_time_the_clock_was_set_back_from_holds_nobody_up(record):
    clock, kinds = Clock(), (a_kind(done),)
    with record.writing() as tx:
        store.add(tx, "a-job", next_due=START)
        state = runner.state_of(tx, kinds[0], at=START)
        store.begin(tx, state, "gone", at=START + timedelta(days=1))

    assert runner.work_once(record, kinds, clock, "one").outcome is Outcome.DONE


def test_a_job_can_be_done_out_of_turn_unless_somebody_is_at_it(record):
    clock, kind = Clock(), a_kind(done)
    runner.run_now(record, kind, clock, "one", asked_by="pat")
    assert runner.run_now(record, kind, clock, "one", asked_by="pat").asked_by == "pat"

    with record.writing() as tx:
        state = runner.state_of(tx, kind, at=START)
        store.begin(tx, state, "other", at=START)
    with pytest.raises(Running, match="a-job is being run by other since 2027-03-03 12:00"):
        runner.run_now(record, kind, clock, "one", asked_by="pat")
    clock.passes(minutes=LEASE.seconds / 60)
    assert runner.run_now(record, kind, clock, "one", asked_by="pat").outcome is Outcome.DONE


def test_planners_look_at_jobs_ask_for_runs_and_set_when_they_are_due(record):
    by = system()
    with record.writing() as tx:
        assert [one.name for one in actions.jobs(tx, by=by, at=START)].count("rule-run") == 1
        asked = actions.ask(tx, "expiries", by=by, at=START)
        changed = actions.reschedule(tx, "rule-run", "every monday at 07:00 UTC", is_on=True, by=by, at=START)
        off = actions.reschedule(tx, "advance-plans", None, is_on=False, by=by, at=START)
    assert asked.asked_by == "system"
    assert str(changed.schedule) == "every monday at 07:00 UTC"
    assert changed.next_due == datetime(2027, 3, 8, 7, tzinfo=UTC)
    assert not off.is_due(START + timedelta(days=9))
    with record.reading() as tx, pytest.raises(NotAllowed):
        actions.jobs(tx, by=REP, at=START)
    with record.reading() as tx, pytest.raises(NoJob, match="did you mean expiries"):
        actions.get(tx, "expirys", by=by, at=START)


def test_every_job_there_is_does_its_work_on_an_empty_record(record):
    clock = Clock()
    for kind in JOBS:
        run = runner.run_now(record, kind, clock, "one", asked_by="pat")
        assert (run.outcome, kind.name) == (Outcome.DONE, kind.name), run.says
        assert run.says.endswith(".")


def test_a_worker_works_until_it_is_told_to_stop(record):
    stop, clock = Event(), Clock()

    def last(turn: Turn) -> Report:
        stop.set()
        return done(turn)

    runner.work(record, (a_kind(last),), clock, "one", stop=stop, poll_seconds=60)

    assert the_log(record) == [("done", "Done.")]


def test_a_state_that_is_off_is_due_only_when_asked(record):
    with record.reading() as tx:
        state = replace(runner.state_of(tx, a_kind(done), at=START), is_on=False)

    assert not state.is_due(START)
    assert replace(state, asked_by="pat").is_due(START)
