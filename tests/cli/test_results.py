"""What can be asked of results on the command line, and how it answers when there is nothing to tell."""

from __future__ import annotations

import json

import pytest

from builders.results import a_result
from patchbook.plans.out import write


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    above = tmp_path_factory.mktemp("results")
    return write(a_result(), above / "one"), write(a_result(summary={"seed": 2}), above / "two")


def test_why_tells_the_reason_of_an_account(patchbook_says, folders):
    code, printed, _ = patchbook_says("why", folders[0], "A1")

    assert code == 0
    assert printed.startswith("Company 1 (A1) is in West, with Ann")


def test_why_answers_an_unknown_account_with_the_nearest_and_exit_code_2(patchbook_says, folders):
    code, printed, complained = patchbook_says("why", folders[0], "A10")

    assert (code, printed) == (2, "")
    assert "No account of this result is called 'A10'; the nearest are A1 (Company 1)" in complained
    assert complained.count("\n") == 1


def test_compare_shows_both_results(patchbook_says, folders):
    code, printed, _ = patchbook_says("compare", *folders)

    assert code == 0
    assert "Largest deviation, potential" in printed
    assert "0 accounts of 9 (0.0\u00a0%) have another person." in printed


def test_compare_writes_a_page_and_json(patchbook_says, folders, tmp_path):
    code, printed, _ = patchbook_says("compare", *folders, "--json", "--report", tmp_path / "page.html")

    assert code == 0
    assert json.loads(printed)["accounts_in_common"] == 9
    assert "<h1>one" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_compare_with_a_folder_that_is_no_result_is_exit_code_2(patchbook_says, folders, tmp_path):
    code, _, complained = patchbook_says("compare", folders[0], tmp_path)

    assert code == 2
    assert "is not the result of a carve" in complained


def test_serve_of_an_empty_folder_is_one_sentence(patchbook_says, tmp_path):
    code, _, complained = patchbook_says("serve", tmp_path)

    assert code == 2
    assert "holds no result to show" in complained


def test_score_exits_with_1_when_the_plan_is_broken_and_0_when_it_is_kept(patchbook_says, tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,latitude,longitude,visits\nA1,43,-95,1\nA2,42,-95,1\n")
    (tmp_path / "plan.yaml").write_text(
        "plan: Two\naccounts: accounts.csv\nmeasures:\n  visits: {from: visits, tolerance: 5%}\n"
        "layers:\n  - carve: {name: Field, seats: 2, balance: [visits]}\n"
    )
    (tmp_path / "fair.csv").write_text("account_id,territory\nA1,North\nA2,South\n")
    (tmp_path / "unfair.csv").write_text("account_id,territory\nA1,North\nA2,North\n")

    fair, printed, _ = patchbook_says("score", tmp_path / "fair.csv", tmp_path / "plan.yaml", "--json")
    unfair, told, _ = patchbook_says("score", tmp_path / "unfair.csv", tmp_path / "plan.yaml")

    assert (fair, unfair) == (0, 1)
    assert json.loads(printed)["feasible"] is True
    assert "Not met: Field:" in told
