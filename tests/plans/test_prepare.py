"""What a plan is carved from: accounts with measures, and remarks for the planner."""

from __future__ import annotations

import pytest

from patchbook.plans.file import load
from patchbook.plans.prepare import BadMeasure, prepare

PLAN = """\
plan: Grid
accounts: accounts.csv
measures:
  potential: {from: SOURCE}
layers:
  - carve: {name: Field, seats: 2}
"""


@pytest.fixture
def prepared(tmp_path):
    """Prepares a plan over accounts with this potential, from the file's own column."""

    def prepare_with(
        *potential: str, source: str = "potential", column: str = "potential", parents: tuple[str, ...] = ()
    ):
        parents = parents or ("",) * len(potential)
        rows = [f"A{n},{value},{parent}" for n, (value, parent) in enumerate(zip(potential, parents, strict=True), 1)]
        (tmp_path / "accounts.csv").write_text("\n".join([f"account_id,{column},parent_id", *rows, ""]))
        (tmp_path / "plan.yaml").write_text(PLAN.replace("SOURCE", source))
        return prepare(load(tmp_path / "plan.yaml"))

    return prepare_with


def test_a_few_odd_cells_do_not_turn_a_column_into_text(prepared):
    found = prepared("1", "2", "lots", "4", "about five")

    assert found.accounts["measure_potential"].to_list() == [1.0, 2.0, 0.0, 4.0, 0.0]
    assert found.rejected.select("line", "found").rows() == [(4, "lots"), (6, "about five")]
    assert [remark.kind for remark in found.remarks] == ["measure missing"]


@pytest.mark.parametrize("cell", ["inf", "-inf", "∞"])
def test_an_infinite_cell_stops_the_carve_and_the_message_names_the_line(prepared, cell):
    with pytest.raises(BadMeasure, match=r"line 3 of accounts\.csv: found '.*'; it must be 0 or more"):
        prepared("1", cell, "3", "4", "5", "6")


@pytest.mark.parametrize("cell", ["-5", "(1.200)", "-$3.2M", "−7"])
def test_a_negative_amount_stops_the_carve_too_when_reading_has_taken_it_out(prepared, cell):
    with pytest.raises(BadMeasure, match="is negative"):
        prepared("1", cell, "3", "4", "5", "6", source="revenue_usd", column="revenue_usd")


def test_a_column_of_words_is_no_measure_and_the_message_names_the_line(prepared):
    with pytest.raises(BadMeasure, match=r"plan\.yaml line 4 \(measures\.potential\): .*potential is text"):
        prepared("much", "little", "3")


def test_an_expression_over_an_unknown_column_names_the_line(prepared):
    with pytest.raises(BadMeasure, match=r"plan\.yaml line 4 .*no field is called 'potentail'"):
        prepared("1", "2", source="potentail")


def test_parents_in_a_loop_are_remarked_and_the_accounts_stay(prepared):
    found = prepared("1", "2", "3", parents=("A2", "A1", ""))

    assert found.accounts.height == 3
    assert [(remark.kind, remark.account_id) for remark in found.remarks] == [("parent loop", "A1")]
