"""Who belongs under whom, by whatever the file names parents, and around every loop."""

from __future__ import annotations

import polars as pl

from patchbook.accounts.hierarchy import Hierarchy


def test_everything_under_an_account_is_found_however_deep():
    hierarchy = Hierarchy.of(
        pl.DataFrame({"account_id": [f"A{n}" for n in range(500)], "parent_id": [None, *(f"A{n}" for n in range(499))]})
    )

    assert len(hierarchy.below("A0")) == 500
    assert hierarchy.below("A498") == {"A498", "A499"}


def test_a_parent_may_be_called_by_its_name_or_be_missing_from_the_file():
    accounts = pl.DataFrame(
        {"account_id": ["A", "B", "C"], "parent_id": [None, "acme", "elsewhere"], "name": ["Acme", "Bolt", "Cog"]}
    )
    hierarchy = Hierarchy.of(accounts)

    assert hierarchy.below("A") == {"A", "B"}
    assert hierarchy.below("elsewhere") == {"elsewhere", "C"}


def test_a_loop_of_parents_is_one_family_and_ends():
    hierarchy = Hierarchy.of(pl.DataFrame({"account_id": ["A", "B", "C"], "parent_id": ["C", "A", "B"]}))

    assert hierarchy.below("B") == {"A", "B", "C"}


def test_accounts_without_parents_stand_alone():
    assert Hierarchy.of(pl.DataFrame({"account_id": ["A"]})).below("A") == {"A"}
    nobody = pl.DataFrame({"account_id": ["A"], "parent_id": [None]}, schema_overrides={"parent_id": pl.String})
    assert Hierarchy.of(nobody).below("A") == {"A"}
