"""`patchbook demo` leaves both results and their data behind."""

from __future__ import annotations

import json

import pytest

from patchbook.cli.demo import PLANS


def test_the_demo_carves_both_plans_and_leaves_their_reports(patchbook_says, tmp_path):
    code, printed, _ = patchbook_says("demo", "--no-serve", "--out", tmp_path / "demo-out")

    assert code == 0
    assert printed.count("every constraint met") == len(PLANS)
    for name in PLANS:
        figures = json.loads((tmp_path / "demo-out" / name / "summary.json").read_text())
        assert figures["feasible"] is True
        assert figures["unassigned"] == 0
        for measure in figures["measures"].values():
            assert measure["max_deviation"] <= measure["tolerance"] < measure["max_deviation_before"]
        assert (tmp_path / "demo-out" / name / "report.html").exists()


def test_a_second_run_replaces_the_first(patchbook_says, tmp_path):
    for seed in (1, 2):
        patchbook_says("demo", "--no-serve", "--out", tmp_path, "--seed", seed, "--seconds", 1)

    assert {json.loads((tmp_path / name / "summary.json").read_text())["seed"] for name in PLANS} == {2}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["data", *PLANS])


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_cannot_be_is_refused(patchbook_says, tmp_path, port):
    code, _, complained = patchbook_says("demo", "--out", tmp_path, "--port", port)

    assert code == 2
    assert "--port" in complained
    assert list(tmp_path.iterdir()) == []
