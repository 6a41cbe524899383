"""`patchbook carve` writes a whole result or nothing, and its exit code says how it went."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import polars as pl

INTERRUPT_WHEN_SEARCHING = """
import signal, sys
from patchbook.carving import solve
from patchbook.cli import main

def interrupt(frame, event, _):
    if event == "call" and frame.f_code.co_name == "solve":
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

sys.setprofile(interrupt)
main()
"""


def test_a_carve_writes_every_file_and_prints_before_and_after(patchbook_says, grid):
    code, printed, complained = patchbook_says("carve", grid, "--out", grid.parent / "result", "--seconds", 1)

    assert (code, complained) == (0, "")
    assert "Grid: 9 accounts in 3 territories, every constraint met." in printed
    written = {path.name for path in (grid.parent / "result").iterdir()}
    assert {"assignments.csv", "territories.csv", "summary.json", "report.html", "territories.geojson"} <= written
    assert pl.read_csv(grid.parent / "result" / "territories.csv")["accounts"].to_list() == [3, 3, 3]


def test_json_is_that_of_the_summary_and_nothing_else(patchbook_says, grid):
    code, printed, _ = patchbook_says("carve", grid, "--out", grid.parent / "result", "--json")

    assert code == 0
    assert json.loads(printed) == json.loads((grid.parent / "result" / "summary.json").read_text())


def test_a_seed_gives_the_same_bytes_again(patchbook_says, grid):
    for name in ("one", "two"):
        patchbook_says("carve", grid, "--out", grid.parent / name, "--seed", 7)

    one, two = (
        {path.name: path.read_bytes() for path in (grid.parent / name).iterdir() if path.suffix in {".csv", ".parquet"}}
        for name in ("one", "two")
    )
    assert len(one) > 4
    assert one == two


def test_an_infeasible_plan_exits_with_1_and_writes_the_best_there_is(patchbook_says, grid):
    grid.write_text(grid.read_text().replace("30%", "5%").replace("seats: 3", "seats: 4"))

    code, printed, _ = patchbook_says("carve", grid, "--out", grid.parent / "result", "--seconds", 1)

    assert code == 1
    assert "not every constraint can be met" in printed
    assert "Field cannot meet together: ±5.0% of potential." in printed
    assert "Not met: Field" in printed
    assert json.loads((grid.parent / "result" / "summary.json").read_text())["feasible"] is False


def test_a_folder_with_other_things_in_it_is_refused_before_any_work(patchbook_says, grid):
    code, printed, complained = patchbook_says("carve", grid, "--out", grid.parent)

    assert (code, printed) == (2, "")
    assert complained.count("\n") == 1
    assert "plan.yaml" in complained


def test_a_folder_that_cannot_be_written_is_one_sentence(patchbook_says, grid):
    code, _, complained = patchbook_says("carve", grid, "--out", grid.parent / "accounts.csv" / "result")

    assert code == 2
    assert complained.count("\n") == 1


def test_ctrl_c_in_the_middle_leaves_nothing_behind(grid):
    command = [sys.executable, "-c", INTERRUPT_WHEN_SEARCHING, "carve", str(grid), "--out", str(grid.parent / "result")]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "Interrupted; nothing was half-written.\n"
    assert sorted(path.name for path in grid.parent.iterdir()) == ["accounts.csv", "plan.yaml"]


INTERRUPT_WHEN_WRITING = INTERRUPT_WHEN_SEARCHING.replace('"solve"', '"_swap"')


def test_ctrl_c_while_the_result_is_written_leaves_the_earlier_one(patchbook_says, grid):
    patchbook_says("carve", grid, "--out", grid.parent / "result")
    before = {path.name: path.read_bytes() for path in (grid.parent / "result").iterdir()}
    command = [sys.executable, "-c", INTERRUPT_WHEN_WRITING, "carve", str(grid), "--out", str(grid.parent / "result")]

    done = subprocess.run([*command, "--seed", "9"], capture_output=True, text=True)

    assert done.returncode == 128 + signal.SIGINT
    assert {path.name: path.read_bytes() for path in (grid.parent / "result").iterdir()} == before
    assert sorted(path.name for path in grid.parent.iterdir()) == ["accounts.csv", "plan.yaml", "result"]


def test_a_folder_below_a_file_is_refused_before_the_accounts_are_read(patchbook_says, grid):
    (grid.parent / "accounts.csv").write_text("")

    code, _, complained = patchbook_says("carve", grid, "--out", grid.parent / "plan.yaml" / "deep" / "result")

    assert code == 2
    assert "plan.yaml is a file" in complained
    assert complained.count("\n") == 1


def test_a_seed_below_0_is_exit_code_2(patchbook_says, grid):
    code, _, complained = patchbook_says("carve", grid, "--out", grid.parent / "result", "--seed", "-3")

    assert code == 2
    assert "--seed" in complained
    assert not (grid.parent / "result").exists()


def test_what_conflicts_and_what_would_do_are_printed(patchbook_says, grid):
    grid.write_text(grid.read_text().replace("30%", "5%").replace("seats: 3", "seats: 4"))

    code, printed, complained = patchbook_says("carve", grid, "--out", grid.parent / "result")

    assert (code, complained) == (1, "")
    assert "Field cannot meet together: ±5.0% of potential." in printed
    assert "Field: Every other demand can be met with ±33.4% of potential." in printed
