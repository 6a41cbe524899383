"""`patchbook rules check`: a plan's rules tested like code."""

from __future__ import annotations

import csv
import json

import pytest

ACCOUNTS = """\
account_id,name,state,country,employees,industry,visits
A1,Ash,GA,US,10,Retail,1
A2,Birch,GA,US,900,Energy,1
A3,Cedar,FL,US,30,Retail,1
A4,Date,TX,US,700,Retail,1
A5,Elm,NY,US,40,Retail,1
"""
PLAN = """\
plan: Small
accounts: accounts.csv
measures: {workload: visits}
layers:
  - named: named.csv
  - rule: {territory: Enterprise, where: employees >= 500}
  - rule: {territory: South, where: "state IN ('GA', 'FL')"}
"""
SHADOWED = "  - rule: {territory: Georgia, where: \"state = 'GA'\"}\n"
REST = "  - carve: {name: Field, seats: 1}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "named.csv").write_text("account_id,territory\nA4,Key\n", encoding="utf-8")
    return tmp_path


def written(folder, text):
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return folder / "plan.yaml"


def test_a_rule_that_never_wins_is_an_error_with_its_line_and_an_account(patchbook_says, folder):
    code, printed, complained = patchbook_says("rules", "check", written(folder, PLAN + SHADOWED + REST))

    assert (code, complained) == (1, "")
    assert "error: plan.yaml line 8: Rule 4 (Georgia) never wins: rule 3 (South) comes before it" in printed
    assert "    Shown by account A1: name 'Ash', employees 10, state 'GA'." in printed
    assert printed.endswith("Small: 4 rules, 4 accounts: 1 error, 0 warnings, 2 notes, 0 assertions broken.\n")


def test_rules_without_errors_exit_with_0_and_with_warnings_only_where_they_count(patchbook_says, folder):
    plan = written(folder, PLAN)

    code, printed, _ = patchbook_says("rules", "check", plan)
    assert code == 0
    assert "warning: plan.yaml: No rule takes records where" in printed
    assert "Shown by account A5" in printed
    assert patchbook_says("rules", "check", plan, "--strict")[0] == 1
    assert patchbook_says("rules", "check", written(folder, PLAN + REST), "--strict")[0] == 0


def test_a_broken_assertion_exits_with_1_here_and_after_a_carve(patchbook_says, folder):
    plan = written(folder, PLAN + REST + "assert:\n  - {no: territories, where: accounts > 1, why: For the test.}\n")

    code, printed, _ = patchbook_says("rules", "check", plan)
    assert code == 0
    assert "not yet: plan.yaml line 10: No territories where accounts is above 1: only a carve can tell." in printed

    code, printed, _ = patchbook_says("carve", plan, "--out", folder / "result")
    assert code == 1
    assert "Broken: No territories where accounts is above 1: 1 territory breaks it" in printed.replace("\n", " ")

    code, printed, _ = patchbook_says("rules", "check", plan, "--result", folder / "result")
    assert code == 1
    assert "broken: plan.yaml line 10: No territories where accounts is above 1: 1 territory breaks it" in printed
    assert printed.rstrip().endswith("1 assertion broken.")


def test_everything_is_there_for_a_program_and_for_a_spreadsheet(patchbook_says, folder):
    code, printed, _ = patchbook_says(
        "rules", "check", written(folder, PLAN + SHADOWED), "--json", "--fields", "--csv", folder / "findings.csv"
    )

    told = json.loads(printed)
    assert code == 1
    assert (told["good"], told["rules"], told["accounts"]) == (False, 3, 4)
    first = told["findings"][0]
    assert (first["kind"], first["severity"], first["rules"], first["line"]) == ("shadowed", "error", [4, 3], 8)
    assert first["witness"]["account_id"] == "A1"
    assert {one["field"] for one in told["fields"]["fields"]} == {"employees", "state"}
    with (folder / "findings.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == [finding["kind"] for finding in told["findings"]]
    assert rows[0]["rules"] == "4 3"


def test_what_each_field_adds_is_told_where_it_is_asked(patchbook_says, folder):
    _, printed, _ = patchbook_says("rules", "check", written(folder, PLAN + REST), "--fields")

    assert "Without state, which 1 rule asks, 2 accounts (50.0%) would land elsewhere." in printed


def test_more_findings_than_are_told_are_counted(patchbook_says, folder):
    rules = "".join(f"  - rule: {{territory: T{n}, where: employees > {n} AND state = 'S{n}'}}\n" for n in range(4))

    _, printed, _ = patchbook_says("rules", "check", written(folder, PLAN + rules), "--most", "1")

    assert "are not told; --most tells more." in printed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plan: P\naccounts: accounts.csv\nlayers:\n  - rule: {territory: T, were: x}\n", "plan.yaml line 4: 'were'"),
        (
            "plan: P\naccounts: accounts.csv\nlayers:\n  - rule: {territory: T, where: employes > 5}\n",
            "did you mean 'employees'",
        ),
        (
            "plan: P\naccounts: none.csv\nlayers:\n  - rule: {territory: T, where: employees > 5}\n",
            "none.csv",
        ),
    ],
)
def test_a_plan_that_cannot_be_read_exits_with_2(patchbook_says, folder, text, said):
    code, printed, complained = patchbook_says("rules", "check", written(folder, text))

    assert (code, printed) == (2, "")
    assert said in complained


def test_a_result_of_another_plan_is_refused(patchbook_says, folder):
    plan = written(folder, PLAN + REST)
    patchbook_says("carve", plan, "--out", folder / "result")
    plan = written(folder, PLAN + REST + "assert:\n  - {no: territories, where: accounts > 1}\n")

    code, _, complained = patchbook_says("rules", "check", plan, "--result", folder / "result")

    assert code == 2
    assert "knows 0 assertions and 'Small' has 1; carve it again." in complained
