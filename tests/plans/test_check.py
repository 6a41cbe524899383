"""A plan is held beside its data, and what does not fit is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchbook.plans.check import check, check_with_data
from patchbook.plans.file import load, loads

SCHEMA = {"account_id": "text", "state": "text", "employees": "number", "grade": "text", "language": "text"}
PEOPLE = {"person_id": "text", "role": "text", "languages": "text"}

PLAN = """\
plan: Small
accounts: accounts.csv
people: people.csv
measures:
  size: {from: employees, tolerance: 10%}
layers:
  - carve:
      name: All
      where: state = 'GA'
      people: role = 'rep'
      by: grade
      require: {language: languages}
      keep: {protect: employees > 500}
  - house: rest
"""

ACCOUNTS = "account_id,name,state,country,employees,grade\nA1,Ash,GA,US,10,x\nA2,Birch,GA,US,20,y\nA3,Cedar,FL,US,,x\n"
REPS = "person_id,name,role\nP1,Ann,rep\nP2,Bob,manager\n"


def said(text: str) -> list[str]:
    plan = loads(text, file=Path("plan.yaml"), files=False)
    return [f"{problem.severity}: {problem}" for problem in check(plan, SCHEMA, PEOPLE)]


def test_a_plan_that_fits_its_data_has_no_problem():
    assert said(PLAN) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("from: employees", "from: emploees", "error: line 5: At character 1 of 'emploees': no field is called"),
        ("from: employees", "from: state", "error: line 5: At character 1 of 'state': state is text"),
        ("state = 'GA'", "stat = 'GA'", "no field is called 'stat'; did you mean 'state'?"),
        (
            "state = 'GA'",
            "state = 30",
            "error: line 9: At character 9 of 'state = 30': state is text and 30 is a number",
        ),
        (
            "role = 'rep'",
            "roll = 'rep'",
            "error: line 10: At character 1 of \"roll = 'rep'\": no field is called 'roll'",
        ),
        ("by: grade", "by: grades", "error: line 11: the accounts have no field 'grades'; did you mean 'grade'?"),
        ("by: grade", "together: owner", "error: line 11: the accounts have no field 'owner'"),
        ("by: grade", "mix: owner", "error: line 11: the accounts have no field 'owner'"),
        ("language: languages", "lang: languages", "error: line 12: the accounts have no field 'lang'"),
        ("language: languages", "language: tongues", "error: line 12: the people have no field 'tongues'"),
        ("employees > 500", "employees > 'x'", "error: line 13: At character 13"),
        ("tolerance: 10%", "tolerance: 0%", "warning: line 5: size must be balanced exactly, which is seldom possible"),
        ("  - house: rest\n", "", "warning: line 6: accounts that no layer takes are reported as unassigned"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(old, new, expected):
    [problem] = said(PLAN.replace(old, new))

    assert expected in problem


def test_a_measure_no_layer_uses_is_a_warning():
    text = PLAN.replace("layers:", "  other: employees * 2\nlayers:").replace("by: grade", "balance: [size]")

    assert said(text) == ["warning: line 6: no layer uses the measure 'other'; add it to a balance or drop it"]


@pytest.fixture
def a_folder(tmp_path):
    def write(plan: str = PLAN, accounts: str = ACCOUNTS, people: str = REPS) -> Path:
        plan = plan.replace("      require: {language: languages}\n", "")
        for name, text in {"plan.yaml": plan, "accounts.csv": accounts, "people.csv": people}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "plan.yaml"

    return write


def test_a_plan_beside_its_data_says_how_many_accounts_each_layer_takes(a_folder):
    checked = check_with_data(load(a_folder()))

    assert checked.is_good
    assert (checked.accounts, checked.people, checked.taken) == (3, 2, (2, 1))
    assert [str(problem) for problem in checked.problems] == [
        "line 5: 1 of 3 accounts count as 0 in size: employees is empty"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("state = 'GA'", "state = 'TX'", "line 7: the layer 'All' takes no account: none is left that it wants"),
        ("role = 'rep'", "role = 'seller'", "line 10: nobody of the 2 people meets \"role = 'seller'\""),
        ("by: grade", "apart: [[A1, A9]]", "line 11: apart names account 'A9', which the accounts do not have"),
        ("layers:", "locks: [{account: A7, seat: All 1}]\nlayers:", "line 6: a lock names account 'A7'"),
        (
            "layers:",
            "layers:\n  - rule: {territory: T, where: 'TRUE', person: P9}",
            "line 7: nobody has the person_id 'P9'",
        ),
        ("  - house: rest\n", "", "line 6: 1 of 3 accounts are taken by no layer"),
        ("from: employees", "from: 0 - employees", "Measure 'size' (0 - employees) is negative for 2 accounts"),
        ("from: employees", "from: 0 * employees", "is 0 for all 3 accounts"),
    ],
)
def test_data_that_do_not_serve_the_plan_are_told(a_folder, old, new, expected):
    checked = check_with_data(load(a_folder(PLAN.replace(old, new))))

    assert any(expected in str(problem) for problem in checked.problems), checked.problems


def test_a_hand_picked_account_that_is_not_there_is_a_warning(a_folder, tmp_path):
    (tmp_path / "named.csv").write_text("account_id,territory\nA1,T\nA8,T\n", encoding="utf-8")
    checked = check_with_data(load(a_folder(PLAN.replace("layers:", "layers:\n  - named: named.csv"))))

    assert checked.is_good
    assert checked.taken == (1, 1, 1)
    assert "line 7: 1 hand-picked accounts are not among the accounts: A8" in [str(p) for p in checked.problems]


def test_a_column_that_was_read_as_a_field_is_told_by_the_fields_name(a_folder):
    accounts = ACCOUNTS.replace("employees", "headcount").replace("grade", "tier")
    plan = PLAN.replace("from: employees", "from: headcount + 1").replace("by: grade", "by: tier")
    plan = plan.replace("employees > 500", "employees > 5 AND Headcount < 9")

    checked = check_with_data(load(a_folder(plan, accounts)))

    assert [problem.message.partition(": ")[2] or problem.message for problem in checked.problems] == [
        "no field is called 'headcount'; the column 'headcount' was read as 'employees', so write employees",
        "the accounts have no field 'tier'; the column 'tier' was read as 'segment', so write segment",
        "no field is called 'Headcount'; the column 'Headcount' was read as 'employees', so write employees",
    ]
