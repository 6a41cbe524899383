"""`patchbook plan`: new, check and show, as a planner meets them."""

from __future__ import annotations

import pytest

ACCOUNTS = """\
account_id,name,state,country,employees,open_opportunities,owner
A1,Ash,GA,US,10,0,P1
A2,Birch,GA,US,20,1,P1
A3,Cedar,FL,US,30,0,P2
"""
PEOPLE = "person_id,name,role\nP1,Ann,rep\nP2,Bob,rep\n"
PLAN = """\
plan: Small
accounts: accounts.csv
measures: {size: employees}
layers:
  - carve: {name: South, where: "state IN ('GA', 'FL') AND NOT employees < 20", seats: 2}
  - house: rest
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("template", [None, "field", "inside", "enterprise"])
def test_a_new_plan_is_written_and_passes_its_check(patchbook_says, folder, template):
    options = ["--template", template] if template else []
    out = folder / "new.yaml"

    code, printed, complained = patchbook_says(
        "plan", "new", folder / "accounts.csv", folder / "people.csv", "--out", out, *options
    )
    assert (code, complained) == (0, "")
    assert "new.yaml is written" in printed

    code, printed, complained = patchbook_says("plan", "check", out)
    assert (code, complained) == (0, "")
    assert "New plan: 3 accounts, 2 people" in printed


def test_a_new_plan_elsewhere_names_its_files_from_there(patchbook_says, folder):
    (folder / "plans").mkdir()

    patchbook_says("plan", "new", folder / "accounts.csv", "--out", folder / "plans" / "new.yaml")

    assert "accounts: ../accounts.csv\n" in (folder / "plans" / "new.yaml").read_text(encoding="utf-8")


def test_a_new_plan_without_a_file_is_printed(patchbook_says, folder):
    code, printed, _ = patchbook_says("plan", "new", folder / "accounts.csv", "--name", "Mine")

    assert code == 0
    assert "\nplan: Mine\n" in printed


def test_a_column_chosen_by_hand_is_written_into_the_plan(patchbook_says, folder):
    (folder / "other.csv").write_text(ACCOUNTS.replace("account_id,name", "label,Number"), encoding="utf-8")

    code, printed, _ = patchbook_says("plan", "new", folder / "other.csv", "--column", "account_id=label")
    assert code == 0
    assert "columns:\n  account_id: label\n" in printed

    code, _, complained = patchbook_says("plan", "new", folder / "other.csv", "--column", "label")
    assert (code, complained.count("\n")) == (2, 1)


def test_an_existing_file_is_not_overwritten(patchbook_says, folder):
    code, _, complained = patchbook_says("plan", "new", folder / "accounts.csv", "--out", folder / "plan.yaml")

    assert code == 2
    assert "is there already" in complained
    assert (folder / "plan.yaml").read_text(encoding="utf-8") == PLAN


def test_a_good_plan_says_what_its_layers_take(patchbook_says, folder):
    assert patchbook_says("plan", "check", folder / "plan.yaml") == (
        0,
        "Small: 3 accounts, 0 people\n  South: 2 accounts\n  House: 1 account\n",
        "",
    )


def test_every_problem_of_a_plan_is_a_line_with_exit_code_2(patchbook_says, folder):
    (folder / "plan.yaml").write_text(PLAN.replace("seats: 2", "seat: 2, travel: x"), encoding="utf-8")

    code, printed, complained = patchbook_says("plan", "check", folder / "plan.yaml")

    assert (code, printed) == (2, "")
    assert complained.splitlines() == [
        "plan.yaml line 5: 'seat' is not a setting of a carve; did you mean 'seats'?",
        "plan.yaml line 5: travel: 'x' is not a number; write it as 1800 or 0.5",
    ]


def test_a_field_the_accounts_lack_is_exit_code_2(patchbook_says, folder):
    (folder / "plan.yaml").write_text(PLAN.replace("NOT employees", "NOT emploees"), encoding="utf-8")

    code, _, complained = patchbook_says("plan", "check", folder / "plan.yaml")

    assert code == 2
    assert "no field is called 'emploees'; did you mean 'employees'?" in complained


def test_a_plan_is_shown_with_what_each_layer_inherits_from_its_groups(patchbook_says, folder):
    (folder / "grouped.yaml").write_text(
        "plan: Grouped\naccounts: accounts.csv\n"
        "groups:\n  South: {where: \"state IN ('GA', 'FL')\", catch_all: Rest of the South}\n"
        "layers:\n  - rule: {territory: Large, where: employees >= 20 AND created_on >= today - 90, under: South}\n"
    )

    code, printed, _ = patchbook_says("plan", "show", folder / "grouped.yaml")

    assert code == 0
    assert [line for line in printed.splitlines() if line.startswith("#")] == [
        "# Large takes accounts where state is GA or FL, and employees is at least 20, and created_on is on or after "
        "the day 90 days before today.",
        "# Rest of the South takes what nothing under South takes, where state is GA or FL.",
    ]


def test_a_plan_is_shown_as_understood_with_its_conditions_in_words(patchbook_says, folder):
    code, printed, _ = patchbook_says("plan", "show", folder / "plan.yaml")

    assert code == 0
    assert printed.startswith("plan: Small\naccounts: accounts.csv\n")
    assert printed.endswith("# South takes accounts where state is GA or FL, and employees is at least 20.\n")
