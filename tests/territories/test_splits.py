"""Splits of credit sum to one whole, and pools keep their members."""

from __future__ import annotations

import pytest

from builders.company import DEED, START, a_company, day
from patchbook.changes import departure
from patchbook.errors import Conflict
from patchbook.people.profile import NotEmployed, StaleRevision, UnknownPerson
from patchbook.period import Period
from patchbook.territories import pools, splits
from patchbook.territories.territory import BadSplit, BadTerritory, Member, Share, UnknownTerritory


def shares(**percent: float) -> list[Share]:
    return [Share(person_id=who, percent=value) for who, value in percent.items()]


def test_credit_is_shared_for_a_period_and_for_one_account_in_it(record):
    with record.writing() as tx:
        here = a_company(tx).territory["North 1"]
        splits.split(tx, here, shares(ann=33.34, bob=66.66), period=Period(day(2), day(9)), **DEED)
        splits.split(tx, here, shares(ann=100), account_id="North 1/0", period=Period(day(3)), **DEED)
        splits.end_split(tx, here, period=Period(day(6)), **DEED)
        told = splits.splits(tx, here, on=START, **DEED)

    assert [(one.account_id, str(one.valid)) for one in told] == [
        ("", "[2027-02-01, 2027-06-01)"),
        ("North 1/0", "[2027-03-01, open)"),
    ]
    assert [share.percent for share in told[0].shares] == [33.34, 66.66]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (shares(ann=60, bob=41), r"sum to 101 % \(ann 60 %, bob 41 %\); they must sum to 100 %"),
        (shares(ann=33.33, bob=33.33, cyd=33.33), "sum to 99.99 %"),
        (shares(ann=0, bob=100), "ann has 0 % of a split; a share is above 0"),
        (shares(ann=33.333, bob=66.667), "with two decimals"),
        (shares(ann=float("nan")), "ann has nan % of a split"),
        ([*shares(ann=50), *shares(ann=50)], "names somebody twice"),
        ([], "sum to 0 %"),
    ],
)
def test_shares_that_make_no_whole_are_refused_in_a_sentence(record, parts, says):
    with record.writing() as tx:
        here = a_company(tx).territory["North 1"]
        with pytest.raises(BadSplit, match=says):
            splits.split(tx, here, parts, period=Period(day(2)), **DEED)

        assert splits.splits(tx, here, on=START, **DEED) == ()


def test_nobody_has_a_share_who_is_not_there(record):
    with record.writing() as tx:
        here = a_company(tx).territory["North 1"]
        with pytest.raises(UnknownPerson, match="no person 'nobody'"):
            splits.split(tx, here, shares(nobody=100), period=Period(day(2)), **DEED)
        departure(tx, "zoe", on=day(2), **DEED)
        with pytest.raises(NotEmployed, match="zoe is not employed on 2027-03-01"):
            splits.split(tx, here, shares(zoe=100), period=Period(day(3)), **DEED)
        with pytest.raises(UnknownTerritory, match="no territory 'atlantis'"):
            splits.split(tx, "atlantis", shares(ann=100), period=Period(day(2)), **DEED)


def test_a_pool_that_somebody_changed_since_is_not_overwritten(record):
    with record.writing() as tx:
        a_company(tx)
        pool = pools.add_pool(tx, "Inbound", [Member(person_id="ann")], **DEED)
        pools.change_pool(tx, pool.pool_id, 1, members=[Member(person_id="bob", weight=0.5)], **DEED)

        with pytest.raises(StaleRevision, match="The pool 'Inbound' is at revision 2, and you read revision 1; pat"):
            pools.change_pool(tx, pool.pool_id, 1, name="Outbound", **DEED)
        assert pools.change_pool(tx, pool.pool_id, 2, name="Outbound", **DEED).revision == 3


@pytest.mark.parametrize(
    ("members", "error", "says"),
    [
        ([], BadTerritory, "has no members"),
        ([Member(person_id="ann"), Member(person_id="ann")], BadTerritory, "names ann twice"),
        ([Member(person_id="ann", weight=0)], BadTerritory, "weights are above 0"),
        ([Member(person_id="nobody")], UnknownPerson, "no person 'nobody'"),
    ],
)
def test_a_pool_that_cannot_share_is_refused(record, members, error, says):
    with record.writing() as tx:
        a_company(tx)
        with pytest.raises(error, match=says):
            pools.add_pool(tx, "Inbound", members, **DEED)


def test_two_pools_never_have_one_name(record):
    with record.writing() as tx:
        a_company(tx)
        pools.add_pool(tx, "Inbound", [Member(person_id="ann")], **DEED)
        with pytest.raises(Conflict, match="a pool called 'Inbound' already"):
            pools.add_pool(tx, "Inbound", [Member(person_id="bob")], **DEED)
