"""`patchbook assign` and `patchbook rules impact` as a person meets them."""

from __future__ import annotations

import json

import polars as pl

from builders.assigning import a_plan_to_assign

OLD = """\
plan: Old
accounts: accounts.csv
measures: {size: potential}
layers:
  - rule: {territory: North, where: latitude > 41.5}
  - house: rest
"""


def test_accounts_are_assigned_and_each_layer_told(patchbook_says, tmp_path):
    plan = a_plan_to_assign(tmp_path, rules=3, rows=90)
    given = ("--accounts", tmp_path / "accounts", "--on", "2027-02-01")

    code, printed, complained = patchbook_says("assign", plan, *given, "--out", tmp_path / "out")

    assert (code, complained) == (0, "")
    assert f"Everything: 90 accounts, written to {tmp_path / 'out'}" in printed
    assert pl.read_parquet(tmp_path / "out/*.parquet").height == 90
    _, printed, _ = patchbook_says("assign", plan, *given, "--out", tmp_path / "again", "--json")
    told = json.loads(printed)
    assert (told["accounts"], told["layers"][0]) == (90, {"layer": "Named", "accounts": 2})


def test_what_is_no_date_or_no_engine_exits_with_2_and_a_sentence(patchbook_says, tmp_path):
    plan = a_plan_to_assign(tmp_path, rules=1, rows=9)
    given = (plan, "--accounts", tmp_path / "accounts", "--out", tmp_path / "out")

    code, _, complained = patchbook_says("assign", *given, "--engine", "dask")
    assert (code, complained) == (
        2,
        "There is no engine 'dask'; write embedded, local-spark or spark://HOST:PORT.\n",
    )
    code, _, complained = patchbook_says("assign", *given, "--on", "soon")
    assert code == 2
    assert "'soon' is no date" in complained


def test_a_change_of_rules_tells_who_would_move_before_it_is_saved(patchbook_says, grid):
    old, new = grid.parent / "old.yaml", grid.parent / "new.yaml"
    old.write_text(OLD)
    new.write_text(OLD.replace("41.5", "42.5").replace("North", "Far north"))

    code, printed, _ = patchbook_says("rules", "impact", old, new)

    assert code == 0
    assert [line.split() for line in printed.splitlines()] == [
        ["6", "of", "9", "accounts", "would", "move."],
        ["from", "to", "accounts", "for", "example"],
        ["North", "Far", "north", "3", "A1,", "A2,", "A3"],
        ["North", "House", "3", "A4,", "A5,", "A6"],
    ]
    _, printed, _ = patchbook_says("rules", "impact", old, old, "--json")
    assert json.loads(printed) == {"says": "None of 9 accounts would move.", "accounts": 9, "moved": 0, "moves": []}
