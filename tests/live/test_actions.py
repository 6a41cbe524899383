"""A plan kept alive: accounts whose fields changed are moved, proposed or left, and never flap."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from builders.leads import ACCOUNTS, ANN, MIA, NOW, PAT, ROOT
from patchbook.approvals import actions as approvals
from patchbook.db.record import Record
from patchbook.errors import NotAllowed
from patchbook.exceptions import actions as exceptions
from patchbook.imports import actions as imports
from patchbook.ledger import actions as ledger
from patchbook.live import actions as live
from patchbook.live.change import NoReason, NotOpen, Reviewed, Status
from patchbook.live.policy import Answer, Policy
from patchbook.people.principal import Principal
from patchbook.period import Period

ACT = Policy(default=Answer.ACT, new_accounts=Answer.ACT, hold_days=0, rest_days=30, margin_percent=1_000)
DAY = timedelta(days=1)
GREW = ("A3,Cog,cog.com,US,40", "A3,Cog,cog.com,US,600")
SHRANK = ("A1,Acme,acme.com,US,1200", "A1,Acme,acme.com,US,499")


@pytest.fixture
def company(sellers: Record) -> Record:
    return sellers


def take(record: Record, *changed: tuple[str, str], at: datetime = NOW, more: str = "") -> None:
    text = ACCOUNTS + more
    for before, now in changed:
        assert before in text
        text = text.replace(before, now)
    with record.writing() as tx:
        imports.accounts(tx, text.encode(), name="accounts.csv", by=PAT, at=at)


def review(record: Record, policy: Policy, *, at: datetime = NOW, preview: bool = False) -> Reviewed:
    with record.writing() as tx:
        return live.review(tx, policy, preview=preview, by=PAT, at=at)


def owner(record: Record, account_id: str, at: datetime) -> str | None:
    with record.reading() as tx:
        return ledger.owner(tx, account_id, on=at, by=PAT, at=at).person_id


def test_where_nothing_changed_nothing_moves(company):
    assert review(company, ACT).says.startswith("0 accounts changed and 0 would be elsewhere")


def test_an_account_that_grew_moves_with_a_reason_and_the_rest_stays(company):
    take(company, GREW)

    done = review(company, ACT)

    assert (done.changed, done.moved) == (1, 1)
    assert owner(company, "A3", NOW) == "ann"
    assert owner(company, "A3", NOW - DAY) == "bob"
    (last,) = done.changes
    assert last.reason.startswith("It meets the condition of layer 1, West")
    assert last.fields == {"employees": (40, 600)}
    assert review(company, ACT).would_move == 0


def test_a_preview_tells_how_many_would_move_and_moves_none(company):
    take(company, GREW, SHRANK)

    seen = review(company, ACT, preview=True)

    assert (seen.would_move, seen.moved) == (2, 2)
    assert owner(company, "A3", NOW) == "bob"


def test_a_change_has_to_hold_before_anything_moves(company):
    policy = Policy(default=Answer.ACT, hold_days=7, margin_percent=5_000)
    take(company, GREW)

    assert review(company, policy).waiting == 1
    assert review(company, policy, at=NOW + 6 * DAY).waiting == 1
    assert review(company, policy, at=NOW + 7 * DAY).moved == 1


def test_a_number_that_changed_by_far_does_not_have_to_hold(company):
    take(company, GREW)

    assert review(company, Policy(default=Answer.ACT, hold_days=7, margin_percent=100)).moved == 1


def test_what_flaps_never_moves(company):
    policy = Policy(default=Answer.ACT, hold_days=7, margin_percent=5_000)
    for week in range(4):
        at = NOW + week * 8 * DAY
        take(company, GREW, at=at)
        assert review(company, policy, at=at).waiting == 1
        take(company, at=at + 4 * DAY)
        assert review(company, policy, at=at + 4 * DAY).went_back == 1

    assert owner(company, "A3", NOW + 40 * DAY) == "bob"


def test_an_account_moves_once_in_its_rest_and_back_after_it(company):
    take(company, GREW)
    assert review(company, ACT).moved == 1
    take(company, at=NOW + DAY)

    assert review(company, ACT, at=NOW + DAY).waiting == 1
    assert owner(company, "A3", NOW + DAY) == "ann"
    assert review(company, ACT, at=NOW + 30 * DAY).moved == 1
    assert owner(company, "A3", NOW + 30 * DAY) == "bob"


def test_each_field_and_each_rule_has_its_policy(company):
    take(company, GREW)
    for policy, counts in (
        (Policy(default=Answer.IGNORE), (0, 0, 1)),
        (Policy(fields={"employees": Answer.IGNORE}), (0, 0, 1)),
        (Policy(fields={"employees": Answer.IGNORE}, rules={"West": Answer.PROPOSE}, hold_days=0), (0, 1, 0)),
        (Policy(fields={"employees": Answer.ACT}, hold_days=0), (1, 0, 0)),
    ):
        seen = review(company, policy, preview=True)
        assert (seen.moved, seen.proposed, seen.ignored) == counts


def test_what_is_proposed_is_accepted_or_rejected_with_a_word_of_why(company):
    take(company, GREW, SHRANK)
    first, second = review(company, Policy(hold_days=0)).changes
    by_account = {one.account_id: one for one in (first, second)}
    with company.writing() as tx:
        live.accept(tx, by_account["A3"].change_id, by=PAT, at=NOW)
        with pytest.raises(NoReason):
            live.reject(tx, by_account["A1"].change_id, " ", by=PAT, at=NOW)
        live.reject(tx, by_account["A1"].change_id, "It will grow again", by=PAT, at=NOW)
        with pytest.raises(NotOpen, match="The change of A3 was made on 2027-03-03"):
            live.reject(tx, by_account["A3"].change_id, "No", by=PAT, at=NOW)

    assert (owner(company, "A3", NOW), owner(company, "A1", NOW)) == ("ann", "ann")
    assert review(company, ACT, at=NOW + DAY).ignored == 1
    with company.reading() as tx:
        assert len(live.changes(tx, status=Status.REJECTED, by=PAT, at=NOW).rows) == 1


def test_nothing_moves_during_a_freeze(company):
    take(company, GREW)
    with company.writing() as tx:
        approvals.freeze(tx, Period(NOW - DAY, NOW + 3 * DAY), "Quarter end", by=PAT, at=NOW - 2 * DAY)

    frozen = review(company, ACT)

    assert (frozen.waiting, frozen.moved) == (1, 0)
    assert frozen.changes[0].says == "Nothing moves during a freeze: Quarter end."
    assert review(company, ACT, at=NOW + 3 * DAY).moved == 1


def test_an_account_that_is_new_gets_a_territory(company):
    take(company, more="A9,New,new.example,US,20\n")

    done = review(company, ACT)

    assert (done.changed, done.moved) == (1, 1)
    assert owner(company, "A9", NOW) == "bob"


def test_an_exception_is_respected(company):
    with company.writing() as tx:
        asked = exceptions.request(
            tx, "A3", "cyd", kind="other", reason="A friend", starts=NOW, expires=NOW + 20 * DAY, by=PAT, at=NOW
        )
        for step in asked.steps:
            asked = exceptions.approve(tx, asked.exception_id, "yes", by=_who(step.approver_id), at=NOW)
    take(company, GREW)

    assert review(company, ACT, at=NOW + DAY).changes[0].says == "Somebody has it by an exception; that must end first."


def test_only_planners_run_it(company):
    with company.writing() as tx, pytest.raises(NotAllowed):
        live.review(tx, ACT, by=ANN, at=NOW)


def _who(approver: str | None) -> Principal:
    return MIA if approver == "mia" else ROOT
