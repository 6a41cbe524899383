"""Two results side by side: figures, winners, and who would change hands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from builders.results import a_result, result_of
from patchbook.plans.compare import NothingInCommon, compare
from patchbook.plans.out import Stored, read, write
from patchbook.plans.report import render_comparison
from patchbook.plans.result import Result


def stored(result: Result, folder: Path) -> Stored:
    return read(write(result, folder))


def by_rows() -> Result:
    """The grid cut in rows instead of columns: less travel for nobody, and other people for six accounts."""
    result = a_result()
    territory: list[str | None] = [name for name in ("West", "Middle", "East") for _ in range(3)]
    person: dict[str, str | None] = {"West": "Ann", "Middle": "Bo", "East": "Cem"}
    return result_of(replace(result.plan, name="Rows"), result.accounts, territory, person)


def test_a_result_compared_with_itself_has_no_winner(tmp_path: Path) -> None:
    one = stored(a_result(), tmp_path / "one")

    comparison = compare(one, one)

    assert [side.winner for side in comparison.sides] == [None] * len(comparison.sides)
    assert comparison.different_person == 0


def test_the_better_figure_wins(tmp_path: Path) -> None:
    comparison = compare(stored(a_result(), tmp_path / "one"), stored(by_rows(), tmp_path / "two"))
    sides = {(side.measure, side.of): side for side in comparison.sides}

    # A degree of longitude is shorter than one of latitude in Iowa, so rows travel less than columns.
    assert sides["travel", None].winner == 1
    assert sides["coverage", "accounts"].winner is None
    assert sides["deviation", "potential"].first == pytest.approx(0.2)
    assert sides["disruption", "accounts"].first == pytest.approx(3 / 8)
    assert sides["disruption", "accounts"].winner == 0


def test_accounts_with_another_person_are_counted_by_number_and_by_measure(tmp_path: Path) -> None:
    comparison = compare(stored(a_result(), tmp_path / "one"), stored(by_rows(), tmp_path / "two"))

    assert comparison.different_person == 6
    assert comparison.different_share == pytest.approx({"accounts": 6 / 9, "potential": 7 / 10})
    assert {row.territory: row.accounts_in_common for row in comparison.territories} == dict.fromkeys(
        ("East", "Middle", "West"), 1
    )


def test_accounts_in_only_one_result_are_told(tmp_path: Path) -> None:
    result = a_result()
    fewer = replace(result, assignments=result.assignments.head(7), accounts=result.accounts.head(7))

    comparison = compare(stored(result, tmp_path / "one"), stored(fewer, tmp_path / "two"))

    assert (comparison.accounts_in_common, comparison.only_first, comparison.only_second) == (7, 2, 0)


def test_results_of_other_accounts_are_refused(tmp_path: Path) -> None:
    result = a_result()
    others = replace(result, assignments=result.assignments.with_columns(pl.col("account_id") + "-other"))

    with pytest.raises(NothingInCommon, match="have no account in common"):
        compare(stored(result, tmp_path / "one"), stored(others, tmp_path / "two"))


def test_two_carves_of_one_plan_are_called_by_their_folders(tmp_path: Path) -> None:
    comparison = compare(stored(a_result(), tmp_path / "mine"), stored(a_result(), tmp_path / "yours"))

    assert comparison.names == ("mine", "yours")


def test_the_comparison_is_a_page_too(tmp_path: Path) -> None:
    html = render_comparison(compare(stored(a_result(), tmp_path / "one"), stored(by_rows(), tmp_path / "two")))

    assert "6 accounts have another person in Rows." in html
    assert "Mean travel" in html
