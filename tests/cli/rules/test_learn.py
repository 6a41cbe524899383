"""`patchbook rules learn` as people and programs use it."""

from __future__ import annotations

import json

import pytest

ROWS = "account_id,name,state,patch\n" + "".join(
    f"A{number},Company {number},{('GA', 'FL', 'TX')[number % 3]},{('East', 'South', 'West')[number % 3]}\n"
    for number in range(1, 31)
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text(ROWS.replace("A7,Company 7,FL,South", "A7,Company 7,FL,East"))
    return path


def test_the_rules_are_told_and_written_as_a_plan_that_can_be_carved(patchbook_says, file, tmp_path):
    code, printed, complained = patchbook_says(
        "rules", "learn", file, "--territory", "patch", "--fidelity", "95%", "--out", tmp_path / "rules.yaml"
    )

    assert (code, complained) == (0, "")
    assert "2 rules place 96.67% of the accounts right; 1 exception." in printed
    assert "1. East: takes 10\n   state = 'GA'" in printed
    assert (tmp_path / "rules-exceptions.csv").read_text().splitlines() == ["account_id,territory", "A7,East"]
    code, printed, complained = patchbook_says("carve", tmp_path / "rules.yaml", "--out", tmp_path / "out")
    assert (code, complained) == (0, "")


def test_programs_get_json(patchbook_says, file):
    code, printed, _ = patchbook_says("rules", "learn", file, "--territory", "patch", "--fidelity", "0.9", "--json")

    told = json.loads(printed)
    assert code == 0
    assert told["exceptions"] == [{"account_id": "A7", "territory": "East", "learned": "South"}]
    assert told["rules"][0] == {
        "territory": "East", "where": "state = 'GA'", "says": "East: state is GA", "takes": 10, "right": 10,
    }  # fmt: skip
    assert told["written"] == []


def test_what_is_not_reached_is_said(patchbook_says, file):
    code, printed, _ = patchbook_says(
        "rules", "learn", file, "--territory", "patch", "--fidelity", "1", "--fields", "state"
    )

    assert code == 0
    assert "96.67% of the accounts right (asked for: 1; the fields tell no more)" in printed


@pytest.mark.parametrize("most", ["0", "1"])
def test_where_the_number_of_rules_stopped_it_that_is_said(patchbook_says, file, most):
    asked = ("rules", "learn", file, "--territory", "patch", "--fidelity", "1", "--most-rules", most)

    printed = patchbook_says(*asked)[1]

    assert f"it stopped at {most} rule{'s' if most == '0' else ''}, the most allowed)" in printed
    assert "tell no more" not in printed
    assert json.loads(patchbook_says(*asked, "--json")[1])["why_not_reached"].startswith("it stopped at")


@pytest.mark.parametrize("share", ["much", "0%", "150%"])
def test_an_unclear_share_is_one_sentence(patchbook_says, file, share):
    code, printed, complained = patchbook_says("rules", "learn", file, "--territory", "patch", "--fidelity", share)

    assert (code, printed) == (2, "")
    assert complained.count("\n") == 1
    assert f"--fidelity '{share}' is not clear" in complained
