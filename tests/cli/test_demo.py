"""`patchbook demo` leaves both results, their data and a workspace behind."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from builders.demo_workspace import copied
from patchbook.cli import main
from patchbook.cli.demo import PLANS
from patchbook.db import open_record
from patchbook.demo.workspace import found
from patchbook.people.principal import system
from patchbook.plans import actions as plans


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """The folder of a demo that was run once with the first seed."""
    folder = tmp_path_factory.mktemp("demo") / "demo-out"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["patchbook", "demo", "--no-serve", "--out", str(folder)])
        with pytest.raises(SystemExit) as left:
            main()
    assert not left.value.code
    return folder


@pytest.fixture
def again(patchbook_says, first_run, tmp_path):
    """Runs the demo again in a copy of that folder: the folder, and what it says."""

    def run(*arguments):
        shutil.copytree(first_run, tmp_path / "demo-out")
        _, printed, _ = patchbook_says("demo", "--no-serve", "--out", tmp_path / "demo-out", *arguments)
        return tmp_path / "demo-out", printed

    return run


def test_the_demo_carves_both_plans_and_leaves_their_reports(first_run):
    for name in PLANS:
        figures = json.loads((first_run / name / "summary.json").read_text())
        assert figures["feasible"] is True
        assert figures["unassigned"] == 0
        for measure in figures["measures"].values():
            assert measure["max_deviation"] <= measure["tolerance"] < measure["max_deviation_before"]
        assert (first_run / name / "report.html").exists()
    assert found(first_run).seed == 1


def test_the_same_seed_makes_the_same_territories_on_any_day(first_run, demo_workspace, tmp_path):
    def divided(workspace):
        record = open_record(workspace.record)
        now = {"by": system(), "at": workspace.at}
        with record.reading() as tx:
            (plan,) = (one for one in plans.plans(tx, **now).rows if one.name == "Field 2027")
            found = plans.state(tx, plan.plan_id, **now).assignments
        record.close()
        return found.select("account_id", "territory", "person", "previous_owner").rows()

    assert divided(found(first_run)) == divided(copied(demo_workspace, tmp_path / "demo"))


def test_a_second_run_leaves_the_workspace_as_it_was_left(first_run, again):
    folder, printed = again("--seconds", 1)

    assert printed.count("every constraint met") == len(PLANS)
    assert "as you left it" in printed
    assert found(folder).at == found(first_run).at


def test_a_run_with_another_seed_replaces_the_first(again):
    folder, _ = again("--seed", 2, "--seconds", 1)

    assert {json.loads((folder / name / "summary.json").read_text())["seed"] for name in PLANS} == {2}
    assert sorted(path.name for path in folder.iterdir()) == sorted(["data", "record", *PLANS])
    assert found(folder).seed == 2


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_cannot_be_is_refused(patchbook_says, tmp_path, port):
    code, _, complained = patchbook_says("demo", "--out", tmp_path, "--port", port)

    assert code == 2
    assert "--port" in complained
    assert list(tmp_path.iterdir()) == []
