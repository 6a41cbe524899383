"""An account nobody works on is warned of, goes back after the warning, and never sooner."""

from __future__ import annotations

from sqlalchemy import insert

from builders.engagement import RULES, a_field, after
from builders.together import ADA, ANN, BO, CEM, MAX, MIA, a_deal
from patchbook.engagement import claiming, outreach, timing_out
from patchbook.engagement.idle import Idle, Notice, What, due
from patchbook.ledger import actions as ledger
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import opportunity, override
from patchbook.people.principal import system
from patchbook.routing.engagement import TimeOut

RULE = TimeOut(days=30, warning_days=10, returns_to="House")


def owner(tx, account: str, on) -> str | None:
    return ledger.owner(tx, account, on=on, by=system(), at=on).person_id


def told(found) -> dict[str, str]:
    return {one.account_id: one.what.value for one in found}


def test_an_idle_account_is_warned_of_once_then_returned_after_the_warning_with_the_reason(record):
    with record.writing() as tx:
        a_field(tx)
        first = timing_out.enforce(tx, after(0))
        again = timing_out.enforce(tx, after(1))
        before = owner(tx, "A1", after(1))

        last = timing_out.enforce(tx, after(10))

        assert (first.warned, again.warned, again.returned) == (8, 0, 0)
        assert first.says == "8 owners warned, 0 accounts returned, 0 warnings lifted."
        assert (before, last.returned, owner(tx, "A1", after(11))) == ("ann", 8, None)
        answer = ledger.owner(tx, "A1", on=after(11), by=ADA, at=after(11))
        assert answer.territory == "House"
        assert "No activity for 378 days" in str([step.reason for step in answer.chain])
        assert owner(tx, "A1", after(5)) == "ann", "history stays as it was"


def test_work_on_it_lifts_the_warning(record):
    with record.writing() as tx:
        a_field(tx)
        timing_out.enforce(tx, after(0))
        outreach.note(tx, "A1", "call", "They are well.", by=ANN, at=after(5))
        a_deal(tx, "A3", "cem")
        values = {"opportunity_id": "won", "account_id": "A6", "opened": after(-400), "closed": after(3), "won": 1}
        tx.execute(insert(opportunity).values(**values))

        run = timing_out.enforce(tx, after(12))

        assert (run.active, run.returned) == (3, 5)
        assert [owner(tx, account, after(13)) for account in ("A1", "A3", "A6", "A2")] == ["ann", "cem", "cem", None]
        assert told(timing_out.due(tx, after(5 + 19))) == {"A6": "warn"}
        assert told(timing_out.due(tx, after(5 + 20))) == {"A1": "warn", "A6": "warn"}
        statuses = {
            one.account_id: one.status for one in timing_out.notices(tx, status=None, by=ADA, at=after(13)).rows
        }
        assert (statuses["A1"], statuses["A2"]) == ("active", "returned")


def test_what_was_agreed_by_name_does_not_time_out_and_a_claim_does(record):
    with record.writing() as tx:
        a_field(tx)
        agreed = {"account_id": "A1", "role": "owner", "person_id": "bo", "kind": "exception", "cause": "exception"}
        lay(tx, override, [{**agreed, "valid_from": after(-300), "source": "e", "reason": "agreed"}], at=after(-1))
        made = claiming.claim(tx, "H1", "Mine.", by=ANN, at=after(0))
        timing_out.enforce(tx, after(0))

        assert owner(tx, "A1", after(40)) == "bo"
        warned = timing_out.enforce(tx, after(20))
        assert (warned.warned, warned.returned) == (1, 7)
        notice = timing_out.notices(tx, by=ANN, at=after(21)).rows[0]
        assert notice.says.startswith(
            "Nothing was done on H1 since 2027-01-04 09:00:00+00:00; it goes back to House on"
        )
        assert timing_out.enforce(tx, after(30)).returned == 1
        assert [owner(tx, account, after(30)) for account in ("A1", "H1")] == ["bo", None]
        returned = claiming.claims(tx, by=ADA, at=after(31)).rows[0]
        assert (returned.claim_id, returned.status) == (made.claim_id, "returned")


def test_a_run_that_was_missed_costs_nobody_an_account(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)

        late = timing_out.enforce(tx, after(200))

        assert (late.warned, late.returned) == (8, 0)
        assert timing_out.enforce(tx, after(209.9)).returned == 0
        assert timing_out.enforce(tx, after(210)).returned == 8


def test_where_there_is_no_such_territory_the_account_stays_and_the_run_says_so(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx, rules=RULES.replace("returns_to: House", "returns_to: Nowhere"))
        timing_out.enforce(tx, after(0))

        run = timing_out.enforce(tx, after(10))

        assert (run.returned, len(run.left), owner(tx, "A1", after(11))) == (0, 8, "ann")
        assert run.left[0] == "There is no territory 'Nowhere', so A1 stays with ann."
    assert due([], [], at=after(0)) == ()


def test_each_sees_the_warnings_of_their_own(record):
    with record.writing() as tx:
        a_field(tx)
        timing_out.enforce(tx, after(0))

        def seen(by):
            return {one.account_id for one in timing_out.notices(tx, by=by, at=after(1)).rows}

        assert [len(seen(by)) for by in (ADA, MIA, ANN, MAX, CEM, BO)] == [8, 6, 6, 2, 2, 0]


def test_an_owner_who_changed_is_warned_anew():
    idle = Idle(account_id="A", person_id="bo", territory_id="t", since=after(0), rule=RULE, returns_to="House")
    notice = Notice(
        notice_id="n", account_id="A", person_id="ann", idle_since=after(-50), warned_at=after(-20),
        due_at=after(-10), returns_to="House",
    )  # fmt: skip

    found = due([idle], [notice], at=after(25))

    assert [(one.what, one.person_id) for one in found] == [(What.CLEAR, "ann"), (What.WARN, "bo")]
    assert found[1].due_at == after(35)
    assert found[1].says(after(25)) == (
        "A of bo has been without activity for 25 days; it goes back to House on 2027-02-08 09:00:00+00:00."
    )
