"""Who gets credit: splits, overlays and holdovers, on both engines."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import insert

from builders.ledger import ANN, EAST_MANAGER, FEBRUARY, MARCH, NOW, ask, change, cover_for, overrule, staff
from patchbook.errors import NotAllowed
from patchbook.ledger import actions
from patchbook.ledger.answers import UnknownAccount, UnknownOpportunity
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import Grant, Principal, Role
from patchbook.territories.store import seat, split

HOLDOVER = {"person_id": "bob", "kind": "holdover"}
VIEWER = Principal(person_id="finn", grants=(Grant(Role.VIEWER),))


def credit(tx, **named):
    found = ask(tx, actions.credit, **{"on": MARCH, **named})
    return {(each.role, each.person_id): each.percent for each in found}


def test_the_owner_has_all_the_credit_and_every_other_role_its_own(market):
    seats = [("nw-csm", "csm", 1, "eve"), ("nw-se-1", "se", 1, "bob"), ("nw-se-2", "se", 2, "cyd")]
    for name, role, number, who in seats:
        told = {"territory_id": "north-west", "role": role, "number": number, "made_at": NOW}
        market.execute(insert(seat).values(seat_id=name, **told))
        change(market, staff, {"seat_id": name, "person_id": who})
    change(market, cover_for, "ann", "bob", since=MARCH)

    assert credit(market, account_id="acme") == {
        ("owner", "ann"): 100,
        ("csm", "eve"): 100,
        ("se", "bob"): 100,
        ("se", "cyd"): 100,
    }


def test_a_split_shares_what_the_owner_would_have(market):
    shares = [{"person_id": "ann", "percent": 66.67}, {"person_id": "bob", "percent": 33.33}]
    of_territory = {"territory_id": "north-west", "role": "owner", "shares": shares}
    of_account = {**of_territory, "account_id": "apex", "shares": [{"person_id": "cyd", "percent": 100}]}
    of_territory["account_id"] = ""
    told = {"valid_from": FEBRUARY, "reason": "they work it together"}
    change(market, lay, split, [{**each, **told} for each in (of_territory, of_account)], at=NOW)

    assert credit(market, account_id="acme") == {("owner", "ann"): Decimal("66.67"), ("owner", "bob"): Decimal("33.33")}
    assert credit(market, account_id="apex") == {("owner", "cyd"): 100}
    found = ask(market, actions.credit, account_id="acme", on=MARCH)
    assert found[0].because == "The split of the territory North-West in the role owner: they work it together."


def test_a_holdover_goes_before_everything(market):
    market.execute(insert(opportunity).values(opportunity_id="deal-1", account_id="acme"))
    change(
        market, overrule, [{"account_id": "acme", "opportunity_id": "deal-1", "person_id": "bob", "kind": "holdover"}]
    )
    shares = [{"person_id": "cyd", "percent": 100}]
    told = {"territory_id": "north-west", "account_id": "acme", "role": "owner", "shares": shares}
    change(market, lay, split, [{**told, "valid_from": FEBRUARY, "reason": "agreed"}], at=NOW)

    assert credit(market, opportunity_id="deal-1") == {("owner", "bob"): 100}
    assert credit(market, account_id="acme") == {("owner", "cyd"): 100}


def test_an_exception_goes_before_the_split_of_the_territory(market):
    told = {"territory_id": "north-west", "account_id": "", "role": "owner"}
    shares = [{"person_id": "bob", "percent": 100}]
    change(market, lay, split, [{**told, "shares": shares, "valid_from": FEBRUARY, "reason": "agreed"}], at=NOW)
    change(market, overrule, [{"account_id": "acme", "person_id": "cyd"}])

    assert credit(market, account_id="acme") == {("owner", "cyd"): 100}


def test_nobody_gets_credit_for_a_vacant_seat_and_it_is_said(market):
    change(market, staff, {"seat_id": "north-west-owner"})

    (found,) = ask(market, actions.credit, account_id="acme", on=MARCH)

    assert (found.person_id, found.percent) == (None, 100)
    assert "is vacant" in found.because


def test_credit_is_not_for_everybody_to_see(market):
    with pytest.raises(NotAllowed):
        credit(market, account_id="acme", by=ANN)
    with pytest.raises(NotAllowed):
        credit(market, account_id="acme", by=VIEWER)
    with pytest.raises(UnknownAccount):
        credit(market, account_id="acme", by=EAST_MANAGER)
    with pytest.raises(UnknownOpportunity):
        credit(market, opportunity_id="deal-9")
