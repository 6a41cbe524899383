"""A planner's own assumptions and cases, from a file."""

from __future__ import annotations

import pytest

from patchbook.measures.sales import BadAssumption
from patchbook.plans.sales import read_assumptions


def read(tmp_path, text):
    path = tmp_path / "assumptions.yaml"
    path.write_text(text, encoding="utf-8")
    return read_assumptions(path)


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path):
    found = read(
        tmp_path,
        "assumptions:\n"
        "  lost: [0%, 5%, 10%]\n"
        "  hours: 900\n"
        "  elasticity: {low: 0.1, base: 0.2, high: 0.3, source: our 2025 experiment}\n"
        "cases:\n"
        "  crisis: {won_share: 70%, elasticity: low}\n"
        "  as planned: base\n",
    )
    by_name = {one.name: one for one in found.assumptions}

    assert (by_name["lost"].low, by_name["lost"].base, by_name["lost"].high) == (0.0, 0.05, 0.1)
    assert by_name["hours"].low == by_name["hours"].high == 900
    assert by_name["elasticity"].source == "our 2025 experiment"
    assert by_name["km_an_hour"].base == 65
    assert [(case.name, dict(case.values)) for case in found.cases] == [
        ("crisis", {"won_share": 0.7, "elasticity": 0.1}), ("as planned", {}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("assumptions:\n  lost: [5%, 10%]\n", r"line 2: lost has 2 values; write its low, base and high"),
        ("assumptions:\n  lost: [20%, 10%, 5%]\n", r"line 2: The assumption lost is 0.2, 0.1 and 0.05"),
        ("assumptions:\n  elastic: 1\n", r"line 2: There is no assumption 'elastic'"),
        ("assumptions:\n  lost: much\n", r"line 2: lost: 'much' is not a number"),
        ("assumptions:\n  lost: {low: 1%}\n", r"line 2: lost needs low, base and high"),
        ("assumptions: many\n", r"line 1: a text stands here; write assumptions by name"),
        ("assume:\n  lost: 1%\n", r"line 2: 'assume' is not known; write assumptions or cases"),
        ("cases:\n  bad: {lots: 3}\n", r"line 2: there is no assumption 'lots'"),
        ("cases:\n  bad: {lost: 3}\n", r"line 2: lost is 3; it must be at least 0 and at most 1"),
        ("\tassumptions:\n", "tab"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(BadAssumption, match=message):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(BadAssumption, match=r"no file assumptions\.yaml beside the plan"):
        read_assumptions(tmp_path / "assumptions.yaml")
