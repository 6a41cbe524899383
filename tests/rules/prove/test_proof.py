"""Each kind of finding, on rules small enough to prove by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from patchbook.rules.context import Context, ValueList
from patchbook.rules.functions import MissingField
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.case import Limits
from patchbook.rules.prove.finding import Kind, Severity
from patchbook.rules.prove.proof import FINDINGS, prove

SCHEMA = {"north": "count", "east": "count", "state": "text", "name": "text", "industry": "text", "tier": "text"}
ACCOUNTS = pl.DataFrame(
    {
        "account_id": [f"A{n}" for n in range(1, 10)],
        "north": [1, 1, 1, 2, 2, 2, 3, 3, 3],
        "east": [1, 2, 3] * 3,
        "industry": ["Retail", "Energy", "energy", "Retail", "Retail", "Energy", "Health", "Retail", "Retail"],
        "tier": ["A"] + [None] * 8,
    }
)
"""The 3×3 grid everyone knows by heart: A5 stands in the middle."""


def told(rules, accounts=None, kind=None, **changes):
    proof = prove(OrderedRules.of(rules, SCHEMA, **changes), accounts)
    return [finding for finding in proof.findings if kind is None or finding.kind is kind]


def test_a_rule_that_no_record_meets_is_an_error_with_what_was_likely_meant():
    low, swapped, both = told(
        [
            ("A", "north > 5 AND north < 3"),
            ("B", "north BETWEEN 9 AND 2"),
            ("C", "state = 'GA' AND state = 'FL' AND north = 1"),
        ],
        kind=Kind.CONTRADICTORY,
    )

    assert low.severity is Severity.ERROR
    assert low.says == "Rule 1 (A) is never true: in no record north is above 5, and north is below 3."
    assert low.condition == "north > 5 OR north < 3"
    assert swapped.condition == "north BETWEEN 2 AND 9"
    assert both.condition == "north = 1 AND state IN ('GA', 'FL')"


@pytest.mark.parametrize(
    "condition", ["FALSE", "north > 2 AND NOT north > 2", "north IS NULL AND north = 1", "north > 1 AND north < 2"]
)
def test_contradictions_of_every_form_are_found(condition):
    assert told({"A": condition})[0].kind is Kind.CONTRADICTORY


def test_an_alternative_that_is_never_true_is_a_warning():
    (found,) = told({"A": "north = 1 OR (north > 5 AND north < 3)"}, kind=Kind.CONTRADICTORY)

    assert found.severity is Severity.WARNING
    assert found.says == "A part of rule 1 (A) is never true: in no record north is above 5, and north is below 3."


def test_a_rule_that_one_earlier_rule_covers_never_wins():
    (found,) = told({"Top": "north <= 2", "Middle": "north = 2 AND east = 2"}, ACCOUNTS, Kind.SHADOWED)

    assert found.severity is Severity.ERROR
    assert found.rules == (2, 1)
    assert found.witness.account_id == "A5"
    assert found.accounts == 1
    assert found.fix == "Move it before rule 1 (Top), make that narrower, or remove it."


def test_a_rule_that_only_several_together_cover_never_wins():
    (found,) = told(
        {"Low": "north < 2", "High": "north > 2", "Two": "north = 2", "All": "north IS NOT NULL"}, kind=Kind.SHADOWED
    )

    assert found.rules == (4, 1, 2, 3)
    assert found.says.endswith(
        "rule 1 (Low), rule 2 (High) and rule 3 (Two) together come before it and take all that it would take."
    )
    assert found.witness.record["north"] is not None


def test_a_covered_rule_of_the_same_territory_is_only_a_warning():
    (found,) = told([("Top", "north <= 2"), ("Top", "north = 1")], kind=Kind.SHADOWED)

    assert found.severity is Severity.WARNING
    assert found.fix == "Remove it: its accounts go to the same place without it."


def test_values_of_a_list_that_earlier_rules_take_are_named_with_the_rule_without_them():
    (found,) = told({"GA": "state = 'GA'", "South": "state IN ('GA', 'FL', 'AL')"}, kind=Kind.PARTLY_SHADOWED)

    assert found.says == "Of rule 2 (South), 1 value of 3 of state never wins (GA): rule 1 (GA) comes first."
    assert found.condition == "state IN ('FL', 'AL')"


def test_a_gap_is_a_box_that_reads_easily_with_a_real_account_in_it():
    (found,) = told({"Top": "north < 3", "Corner": "north = 3 AND east = 1"}, ACCOUNTS, Kind.GAP)[:1]

    assert (
        found.says
        == (
            "No rule takes records where (east is below 1 or east is at least 2, or east is empty)"
            ", and (north is at least 3, or north is empty) (2 accounts)."
        )
        or found.accounts == 2
    )
    assert found.witness.account_id == "A8"
    assert found.severity is Severity.WARNING


def test_what_a_house_takes_is_a_note_and_a_rule_for_all_leaves_no_gap():
    (found,) = told({"Top": "north < 4"}, ACCOUNTS, Kind.GAP, rest="House")
    assert found.says == "No rule takes records where north is at least 4, or north is empty (no account today);" + (
        " they go to House."
    )
    assert prove(OrderedRules.of({"Known": "north IS NOT NULL", "Rest": "north IS NULL"})).has_no_gap
    assert prove(OrderedRules.of({"All": "TRUE"})).has_no_gap


def test_between_two_whole_numbers_there_is_no_gap_and_between_two_others_there_is():
    rules = {"Low": "north <= 5", "High": "north >= 6", "None": "north IS NULL"}

    assert prove(OrderedRules.of(rules, SCHEMA)).has_no_gap
    (gap,) = prove(OrderedRules.of(rules, {"north": "number"})).of(Kind.GAP)
    assert 5 < gap.witness.record["north"] < 6


def test_an_overlap_names_who_wins_and_counts_the_accounts():
    (found,) = told({"Top": "north = 1", "Left": "east = 1"}, ACCOUNTS, Kind.OVERLAP)

    assert found.rules == (2, 1)
    assert found.accounts == 1
    assert found.witness.account_id == "A1"
    assert (
        "Rule 1 (Top) and rule 2 (Left) both take records where east is 1, and north is 1, 1 account today"
        in found.says
    )
    assert found.fix == "If Left should have them, move rule 2 (Left) before rule 1 (Top)."


def test_rules_of_one_territory_and_a_rule_for_the_rest_do_not_overlap():
    assert told([("Top", "north = 1"), ("Top", "east = 1"), ("Rest", "TRUE")], kind=Kind.OVERLAP) == []


def test_a_part_that_decides_nothing_is_left_out_of_the_rule():
    (found,) = told({"A": "north > 5 AND north > 3 AND east = 1"}, kind=Kind.REDUNDANT)
    assert found.condition == "north > 5 AND east = 1"

    (found,) = told({"A": "north <= 3 OR north IS NULL", "B": "north > 3 AND east = 2"}, kind=Kind.REDUNDANT)
    assert found.condition == "east = 2"
    assert found.witness.record["north"] is None or found.witness.record["north"] <= 3


def test_a_field_that_most_accounts_leave_empty_is_a_warning():
    (found,) = told({"A": "tier = 'A'", "B": "tier IS NULL"}, ACCOUNTS, Kind.EMPTY_FIELD)

    assert found.says == "tier is empty for 89% of the accounts, and 1 rule asks for a value of it (rule 1)."
    assert found.witness.account_id == "A2"


def test_a_misspelt_value_is_told_with_the_nearest_that_accounts_have():
    misspelt, other = told(
        {"A": "industry = 'Retial'", "B": "industry IN ('Health', 'Mining')"}, ACCOUNTS, Kind.UNKNOWN_VALUE
    )

    assert misspelt.severity is Severity.WARNING
    assert misspelt.says == "In rule 1 (A), no account has 'Retial' in industry."
    assert (misspelt.fix, misspelt.condition) == ("Did you mean 'Retail'?", "industry = 'Retail'")
    assert other.severity is Severity.NOTE
    assert other.says == "In rule 2 (B), of 2 values of industry, 1 is in no account: 'Mining'."


def test_patterns_that_no_account_fits_are_told():
    found = told({"A": "industry LIKE 'Min%'", "B": "industry LIKE '%tail'", "C": "industry LIKE '%x%'"}, ACCOUNTS)

    assert [one.says for one in found if one.kind is Kind.UNKNOWN_VALUE] == [
        "In rule 1 (A), no account has a industry like 'Min%'.",
        "In rule 3 (C), no account has a industry like '%x%'.",
    ]


def test_values_that_accounts_have_and_no_rule_names_are_counted():
    (found,) = told({"A": "industry = 'Energy'", "B": "industry LIKE 'H%'"}, ACCOUNTS, Kind.UNUSED_VALUE)

    assert found.says == "2 values of industry are named by no rule: Retail (5 accounts) and energy (1 account)."
    assert found.fix == "Correct the accounts where 'energy' may be 'Energy'."
    assert found.witness.account_id == "A1"


def test_patterns_that_no_proof_covers_are_shown_by_a_record_or_not_told():
    rules = {"Banks": "name LIKE '%bank%'", "Two": "name LIKE '%a%b%'", "Exact": "name = 'Midbank'"}

    proof = prove(OrderedRules.of(rules, SCHEMA))

    assert [finding.rules for finding in proof.of(Kind.SHADOWED)] == [(3, 1)]
    (overlap,) = proof.of(Kind.OVERLAP)
    assert "bank" in overlap.witness.record["name"]


def test_what_a_function_computes_is_proved_beside_accounts_and_never_made_up():
    context = Context(lists={"targets": ValueList.of(["Acme"])})
    texts = [
        ("Targets", "in_list(name, 'targets')"),
        ("Again", "in_list(name, 'targets') AND north = 1"),
        ("Row", "north = 1"),
    ]
    rules = OrderedRules.of(texts, SCHEMA, context=context)
    accounts = pl.DataFrame({"account_id": ["A1", "A2"], "name": ["Acme", "Other"], "north": [1, 1]})

    assert [finding.rules for finding in prove(rules).of(Kind.SHADOWED)] == [(2, 1)]
    assert prove(rules).of(Kind.OVERLAP) == ()
    (overlap,) = prove(rules, accounts).of(Kind.OVERLAP)
    assert overlap.witness.account_id == "A1"


def test_findings_beyond_the_limit_are_counted():
    rules = [(f"T{n}", f"north >= {n} AND east = {n}") for n in range(9)] + [("Low", "north < 0 OR north > 99")]

    proof = prove(OrderedRules.of(rules, SCHEMA), limits=Limits(most=2))

    assert len(proof.of(Kind.OVERLAP)) == 2
    assert proof.left_out[Kind.OVERLAP] == 7


def test_accounts_without_a_field_that_rules_ask_are_refused():
    with pytest.raises(MissingField, match="'state'"):
        prove(OrderedRules.of({"A": "state = 'GA'"}), ACCOUNTS)


def test_every_search_is_listed_once():
    assert len(set(FINDINGS)) == len(FINDINGS) == 9


def test_every_kind_of_finding_is_on_its_page():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rule-findings.md").read_text(encoding="utf-8")

    assert [kind for kind in Kind if f"| `{kind}` |" not in page] == []
