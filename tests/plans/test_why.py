"""Every account can say why it is where it is."""

from __future__ import annotations

import polars as pl
import pytest

from builders.results import a_result
from patchbook.plans.why import UnknownAccount, why


def test_the_answer_names_place_reason_runner_up_and_what_would_change_it() -> None:
    assert why(a_result().assignments, "A2") == (
        "A2 is in Middle, with Bo, by the layer Field. Middle is nearest and has room. It moves from Ann. "
        "The next best was West, at an extra 25% of what an account costs on average. "
        "It would move if the seat were 20 % fuller."
    )


def test_an_account_that_stays_or_is_new_says_so() -> None:
    assignments = a_result().assignments

    assert "It stays with its owner." in why(assignments, "A1")
    assert "Nobody had it before." in why(assignments, "A9")


def test_a_vacant_seat_and_no_territory_are_said_plainly() -> None:
    assignments = a_result().assignments
    vacant = assignments.with_columns(person=pl.lit(None, dtype=pl.String))
    nowhere = assignments.with_columns(territory=pl.lit(None, dtype=pl.String))

    assert "with nobody yet: the seat is vacant" in why(vacant, "A1")
    assert why(nowhere, "A1").startswith("A1 has no territory.")


def test_a_name_will_do_where_only_one_account_has_it() -> None:
    named = a_result().assignments.with_columns(name=pl.concat_str(pl.lit("Company "), pl.col("account_id")))

    assert why(named, "company a3").startswith("Company A3 (A3) is in East")


def test_an_unknown_account_is_answered_with_the_nearest() -> None:
    named = a_result().assignments.with_columns(name=pl.concat_str(pl.lit("Company "), pl.col("account_id")))

    with pytest.raises(UnknownAccount, match=r"'A33'; the nearest are A3 \(Company A3\)"):
        why(named, "A33")
    with pytest.raises(UnknownAccount, match="the result holds no accounts"):
        why(named.clear(), "A1")


def test_a_result_explains_its_own_accounts() -> None:
    assert a_result().explain("A5").startswith("A5 is in Middle")
