"""Every opportunity has a territory: its account's, or a rule's; where two rules take one, somebody chooses."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from builders.engagement import RULES, a_field, after, set_rules
from builders.together import ADA, ANN, CEM, MAX, MIA, MONDAY
from patchbook.engagement import deals
from patchbook.engagement.deal import NoDeal, NotChosen, Status
from patchbook.imports import actions as imports
from patchbook.ledger.tables import opportunity


def a_deal(tx, number: int, account: str = "A1", amount: float = 5_000.0, name: str = "Deal", stage: str = "New"):
    told = {"name": name, "stage": stage, "amount_usd": amount, "owner_id": "ann", "opened": MONDAY}
    tx.execute(insert(opportunity).values(opportunity_id=f"D{number}", account_id=account, **told))


def found(tx, by=ADA, **narrowed) -> dict[str, tuple[str | None, str, str]]:
    rows = deals.deals(tx, by=by, at=after(1), **narrowed).rows
    return {one.opportunity_id: (one.territory_id, one.status.value, one.because) for one in rows}


def a_field_of_deals(tx) -> None:
    a_field(tx)
    a_deal(tx, 1)
    a_deal(tx, 2, amount=200_000.0)
    a_deal(tx, 3, amount=200_000.0, name="Named one")
    a_deal(tx, 4, account="A9")


def test_a_deal_goes_by_rule_or_with_its_account_and_a_tie_waits_for_somebody(record):
    with record.writing() as tx:
        a_field_of_deals(tx)

        run = deals.assign(tx, MONDAY)

        assert run.says == "2 opportunities assigned, 2 to look at, 0 locked."
        assert found(tx) == {
            "D1": ("west", "assigned", "With its account A1"),
            "D2": ("east", "assigned", "By 'Large deals' (East)"),
            "D3": (
                None, "review",
                "Taken by 'Large deals' (East) and 'Named deals' (Middle); somebody has to choose",
            ),
            "D4": (None, "review", "No rule takes it, and its account A9 is in no territory"),
        }  # fmt: skip
        assert deals.assign(tx, after(1)).says == "0 opportunities assigned, 0 to look at, 0 locked."
        assert list(found(tx, status=Status.REVIEW)) == ["D3", "D4"]
        assert list(found(tx, by=ANN)) == ["D1", "D2", "D3", "D4"], "her own deals"
        assert list(found(tx, by=CEM)) == ["D2"]


def test_somebody_who_decides_there_chooses_and_the_choice_stands(record):
    with record.writing() as tx:
        a_field_of_deals(tx)
        deals.assign(tx, MONDAY)

        with pytest.raises(NotChosen, match="West is none of the territories whose rules take D3"):
            deals.choose(tx, "D3", "West", "Mine.", by=MIA, at=after(1))
        with pytest.raises(NotChosen, match="D1 is assigned: With its account A1; there is nothing to choose"):
            deals.choose(tx, "D1", "West", "Mine.", by=MIA, at=after(1))
        with pytest.raises(NoDeal):
            deals.choose(tx, "D3", "East", "Ours.", by=MAX, at=after(1))
        chosen = deals.choose(tx, "D3", "Middle", "The buyer sits there.", by=MIA, at=after(1))
        deals.assign(tx, after(2))

        assert (chosen.territory_id, chosen.because) == ("middle", "Chosen by mia: The buyer sits there.")
        assert found(tx)["D3"][:2] == ("middle", "chosen")


def test_from_a_stage_on_or_once_closed_the_territory_stays(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field_of_deals(tx)
        deals.assign(tx, MONDAY)
        tx.execute(update(opportunity).where(opportunity.c.opportunity_id == "D1").values(stage="contract"))
        tx.execute(update(opportunity).where(opportunity.c.opportunity_id == "D2").values(closed=after(1), won=1))

        run = deals.assign(tx, after(1))
        every = "{name: All, where: amount_usd > 0, territory: Middle}"
        set_rules(tx, f"engagement: {{deals: {{locked_at: [Contract], rules: [{every}]}}}}")
        deals.assign(tx, after(2))

        assert run.locked == 2
        assert found(tx)["D1"] == ("west", "locked", "With its account A1; locked, as it is in contract")
        assert found(tx)["D2"] == ("east", "locked", "By 'Large deals' (East); locked, as it is closed")
        assert found(tx)["D3"][:2] == ("middle", "assigned")


def test_rules_see_the_fields_of_the_account_and_the_first_may_win(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field_of_deals(tx)
        imports.accounts(tx, b"account_id,name,country\nA1,Acme,DE\n", name="a.csv", by=ADA, at=MONDAY)
        rules = RULES.replace("where: amount_usd >= 100000", "where: \"country = 'DE'\"")
        set_rules(tx, rules.replace("  deals:\n", "  deals:\n    first_rule_wins: yes\n"))

        deals.assign(tx, MONDAY)

        assert {one: told[0] for one, told in found(tx).items()} == {
            "D1": "east",
            "D2": "east",
            "D3": "east",
            "D4": None,
        }
        assert found(tx)["D3"][2].startswith("By 'Large deals' (East), the first of")
